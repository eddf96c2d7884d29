"""`weld_cell evaluate tracking`: accuracy of seam tracking while the workpiece moves."""

import argparse
from pathlib import Path
from typing import Any

import cv2
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from weld_cell.commands.joint_types import add_types_argument
from weld_cell.commands.seed import add_seed_argument
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.evaluation.tracking import ARC, TrackingEvaluation, evaluate_tracking
from weld_cell.records import JointType
from weld_cell.report.page import Picture

LENGTH_MM = 100.0

EXAMPLES = """Examples:
  weld_cell evaluate tracking --json out/tracking.json
  weld_cell evaluate tracking --report out/tracking        also a page, with the true and the corrected course
  weld_cell evaluate tracking --types v butt --runs 2
  weld_cell evaluate tracking --length 200 --jobs 4        longer seams, four welds at a time
  weld_cell evaluate tracking --arc 1.0                    as much spatter and arc light as there can be

Straight and curved seams take turns, and three ways in which a workpiece moves by 3 mm at up to 1 mm/s: it creeps
with the heat, a clamp slips, a bend opens. The sensor looks 30 mm ahead of the wire (config/rig_tracking.yaml): the
last 30 mm of a seam are welded without its sight, and reported separately. Six welds of 100 mm take about 10 minutes
on two cores."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('--runs', type=int, default=1, help='welds of each joint type (default: %(default)d)')
    parser.add_argument(
        '--length', type=float, default=LENGTH_MM, metavar='MM', help='of the seams, in mm (default: %(default)g)'
    )
    parser.add_argument('--jobs', type=int, default=2, help='welds at a time, a process each (default: %(default)d)')
    parser.add_argument(
        '--arc', type=float, default=ARC, help='dial of spatter and arc light, 0 to 1 (default: %(default)g)'
    )
    add_types_argument(parser)
    add_seed_argument(parser, 7, 'all scenes come from it')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for."""
    cv2.setNumThreads(1)
    with threadpool_limits(1), tqdm(total=arguments.runs * len(arguments.types), unit='weld') as bar:
        found = evaluate_tracking(
            arguments.runs,
            arguments.seed,
            arguments.arc,
            bar.update,
            map(JointType, arguments.types),
            1e-3 * arguments.length,
            arguments.jobs,
        )
    figures = found.as_dict()
    print(_text(figures), end='')
    pictures = _pictures(found, arguments.report) if arguments.report else []
    EvaluationOutput.of(arguments.command_line, figures).write(
        arguments, 'evaluation_tracking.html.j2', pictures=pictures
    )
    return 0


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
    lines += [
        _row('straight, RMS', figures['rms_mm_straight']),
        _row('curved, RMS', figures['rms_mm_curved']),
        _row('worst', figures['worst_mm']),
        _row('speed, largest error, %', figures['speed_error_pct']),
        _row('image to changed course, ms', *figures['latency_ms'].values()),
    ]
    lines += [f'stopped: {name}: {reason}' for name, reason in figures['stopped'].items()]
    return '\n'.join(lines) + '\n'


def _row(name: str, *values: object) -> str:
    return f'{name:<34}' + ''.join(f'{_number(value):>13}' for value in values)


def _number(value: object) -> str:
    return '-' if value is None else f'{value:.3f}' if isinstance(value, float) else str(value)
