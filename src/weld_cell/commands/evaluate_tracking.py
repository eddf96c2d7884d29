"""`weld_cell evaluate tracking`: accuracy of seam tracking while the workpiece moves."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

import cv2
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from weld_cell.commands.joint_types import add_types_argument
from weld_cell.commands.seed import add_seed_argument
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.evaluation.tracking import ARC, TrackingEvaluation, evaluate_tracking
from weld_cell.evaluation.tracking_graph import FOLDER, NONE_MS, GraphTrackingEvaluation, evaluate_tracking_graph
from weld_cell.option_types import existing_file, folder_to_write, jobs, number, whole_number
from weld_cell.report.page import Picture
from weld_cell.wording import counted

LENGTH_MM, JOBS = 100.0, 2
LEAST_LENGTH_MM = 50.0
"""A seam must be longer than the sensor looks ahead and the weld needs to begin and end."""

EXAMPLES = """Examples:
  weld_cell evaluate tracking --json out/tracking.json
  weld_cell evaluate tracking --report out/tracking        also a page, with the true and the corrected course
  weld_cell evaluate tracking --types v butt --runs 2
  weld_cell evaluate tracking --length 200 --jobs 4        longer seams, four welds at a time
  weld_cell evaluate tracking --arc 1.0                    as much spatter and arc light as there can be
  weld_cell evaluate tracking --graph --json out/graph.json   in the running graph, in real time

Straight and curved seams take turns, and three ways in which a workpiece moves by 3 mm at up to 1 mm/s: it creeps
with the heat, a clamp slips, a bend opens. The sensor looks 30 mm ahead of the wire (config/rig_tracking.yaml): the
last 30 mm of a seam are welded without its sight, and reported separately. Six welds of 100 mm take about half a
minute on two cores.

With --graph each weld is a "weld_cell run --track" of 200 mm, one after the other (six take about 8 minutes); the
figures are those of the worst weld, the latency that of the whole graph. The runs with their pages stay in --out.

Exit code 0 if every weld came to its end, 1 if one was stopped; the table says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--graph', action='store_true', help='weld in the running graph instead of in simulated time (needs ROS 2)'
    )
    parser.add_argument(
        '--out', type=folder_to_write, default=FOLDER, help='with --graph: folder of its runs (default: %(default)s)'
    )
    parser.add_argument('--params', type=existing_file, help='with --graph: parameter file, as of weld_cell run')
    parser.add_argument(
        '--runs', type=whole_number(1), default=1, help='welds of each joint type (default: %(default)d)'
    )
    parser.add_argument(
        '--length',
        type=number(LEAST_LENGTH_MM, 1000.0, 'mm'),
        metavar='MM',
        help=f'of the seams, in mm (default: {LENGTH_MM:g}); not with --graph',
    )
    parser.add_argument(
        '--jobs', type=jobs, metavar='N', help=f'welds at a time, a process each (default: {JOBS}); not with --graph'
    )
    parser.add_argument(
        '--arc',
        type=number(0.0, 1.0),
        default=ARC,
        help='dial of spatter and arc light, 0 to 1 (default: %(default)g)',
    )
    add_types_argument(parser)
    add_seed_argument(parser, 7, 'all scenes come from it')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for."""
    if arguments.graph:
        return _run_graph(arguments)
    if arguments.params is not None:
        raise ValueError('--params was not expected without --graph')
    cv2.setNumThreads(1)
    with threadpool_limits(1), tqdm(total=arguments.runs * len(arguments.types), unit='weld') as bar:
        found = evaluate_tracking(
            arguments.runs,
            arguments.seed,
            arguments.arc,
            bar.update,
            arguments.types,
            1e-3 * (arguments.length or LENGTH_MM),
            arguments.jobs or JOBS,
        )
    figures = found.as_dict()
    print(_text(figures), end='')
    pictures = _pictures(found, arguments.report) if arguments.report else []
    EvaluationOutput.of(arguments.command_line, figures).write(
        arguments, 'evaluation_tracking.html.j2', pictures=pictures
    )
    return _code(figures)


def _run_graph(arguments: argparse.Namespace) -> int:
    if arguments.length is not None or arguments.jobs is not None:
        raise ValueError('--graph: neither --length nor --jobs was expected: 200 mm, one weld after the other')
    with tqdm(total=arguments.runs * len(arguments.types), unit='weld') as bar:
        found = evaluate_tracking_graph(
            arguments.types,
            runs_per_joint=arguments.runs,
            seed=arguments.seed,
            arc=arguments.arc,
            folder=arguments.out,
            params=arguments.params,
            progress=lambda weld: bar.update(),
        )
    figures = found.as_dict()
    print(_graph_text(figures), end='')
    pictures = _graph_pictures(found, arguments.report) if arguments.report else []
    EvaluationOutput.of(arguments.command_line, figures).write(
        arguments, 'evaluation_tracking_graph.html.j2', pictures=pictures
    )
    return _code(figures)


def _code(figures: dict[str, Any]) -> int:
    """Exit code 1 where a weld was stopped; says how many."""
    stopped = len(figures['stopped'])
    if stopped:
        print(f'weld_cell: {stopped} of {counted(figures["total"], "weld")} stopped; see above.', file=sys.stderr)
    return 1 if stopped else 0


def _graph_pictures(found: GraphTrackingEvaluation, folder: Path) -> list[Picture]:
    """Of each weld, from the page of its run."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for weld in found.welds:
        if weld.picture is not None:
            file = f'{weld.name.replace(" ", "_")}.png'
            shutil.copyfile(weld.picture, folder / file)
            pictures.append(Picture(file, f'{weld.name}, {"curved" if weld.curved else "straight"}, {weld.drift}'))
    return pictures


def _graph_text(figures: dict[str, Any]) -> str:
    """The figures as a table for people."""
    columns = ('RMS', 'worst', 'uncorrected', 'p50, ms', 'p99, ms', 'load', 'end')
    lines = [f'{"tool from the true seam, mm":<34}' + ''.join(f'{name:>13}' for name in columns)]
    for name, weld in figures['welds'].items():
        latency = weld['correction_latency_ms'] or NONE_MS
        shape, end = 'curved' if weld['curved'] else 'straight', weld['last_stage']
        distances = weld['tool_rms_mm'], weld['tool_worst_mm'], weld['uncorrected_rms_mm']
        lines.append(_row(f'{name}, {shape}, {weld["drift"]}', *distances, *latency.values(), weld['load'], end))
    lines += [
        *_worst_rows(figures),
        _row('  of it: image to seam point', *figures['seam_point_age_ms'].values()),
        _row('  of it: correction', *figures['correction_work_ms'].values()),
    ]
    return '\n'.join(lines + _stopped_lines(figures)) + '\n'


def _pictures(found: TrackingEvaluation, folder: Path) -> list[Picture]:
    """One of each way of moving, of the first joint types that have it."""
    from weld_cell.report.tracking_picture import draw_tracking

    folder.mkdir(parents=True, exist_ok=True)
    pictures, drawn = [], set[tuple[str, bool]]()
    for run in found.runs:
        if (run.drift, run.curved) in drawn or run.failure or not len(run.errors_mm):
            continue
        drawn.add((run.drift, run.curved))
        shape = 'curved' if run.curved else 'straight'
        file = f'{run.drift}_{shape}.png'
        draw_tracking(run.along_mm, run.told_mm, run.errors_mm, run.uncorrected_mm, run.blind_from, folder / file)
        pictures.append(Picture(file, f'{run.joint_type}, {shape}, {run.drift}'))
    return pictures


def _text(figures: dict[str, Any]) -> str:
    """The figures as a table for people."""
    columns = ('RMS', 'worst', 'unseen end', 'uncorrected', 'welded')
    lines = [f'{"tool from the true seam, mm":<34}' + ''.join(f'{name:>13}' for name in columns)]
    for group in ('per_joint', 'per_drift'):
        for name, row in figures[group].items():
            lines.append(
                _row(
                    name,
                    row['rms_mm'],
                    row['worst_mm'],
                    row['blind_rms_mm'],
                    row['uncorrected_rms_mm'],
                    f'{row["welded"]}/{row["total"]}',
                )
            )
    return '\n'.join([*lines, *_worst_rows(figures), *_stopped_lines(figures)]) + '\n'


def _worst_rows(figures: dict[str, Any]) -> list[str]:
    """Of all welds together."""
    return [
        _row('straight, RMS', figures['rms_mm_straight']),
        _row('curved, RMS', figures['rms_mm_curved']),
        _row('worst', figures['worst_mm']),
        _row('speed, largest error, %', figures['speed_error_pct']),
        _row('image to changed course, ms', *figures['latency_ms'].values()),
    ]


def _stopped_lines(figures: dict[str, Any]) -> list[str]:
    return [f'stopped: {name}: {reason}' for name, reason in figures['stopped'].items()]


def _row(name: str, *values: object) -> str:
    return f'{name:<34}' + ''.join(f'{_number(value):>13}' for value in values)


def _number(value: object) -> str:
    return '-' if value is None else f'{value:.3f}' if isinstance(value, float) else str(value)
