"""`weld_cell evaluate seam`: accuracy of seam points and paths in simulated scans."""

import argparse
from typing import Any

import cv2
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from weld_cell.commands.joint_types import add_types_argument
from weld_cell.commands.seed import add_seed_argument
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.evaluation.seam import evaluate_seam
from weld_cell.option_types import number, whole_number

EXAMPLES = """Examples:
  weld_cell evaluate seam --json out/seam.json
  weld_cell evaluate seam --report out/seam           also a page
  weld_cell evaluate seam --nominal --scenes 4
  weld_cell evaluate seam --types v filler_layer --seed 11

Straight and curved seams take turns. The sensor is held wrongly by up to 10 degrees and 20 mm, and every hard effect
is drawn at random; --nominal takes the effects of an ordinary clean cell. The published figures are those that are
stated of an ABB robot with a TH6D seam sensor. Exit code 1 if every path was refused."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--scenes', type=whole_number(1), default=8, help='workpieces of each type (default: %(default)d)'
    )
    effects = parser.add_mutually_exclusive_group()
    effects.add_argument('--nominal', action='store_true', help='the effects of a clean cell')
    effects.add_argument(
        '--hardness',
        type=number(0.0, 1.0),
        default=1.0,
        help='greatest dial of every effect, 0 to 1 (default: %(default)g)',
    )
    add_types_argument(parser)
    add_seed_argument(parser, 7, 'all scenes come from it')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for."""
    cv2.setNumThreads(1)
    hardness = None if arguments.nominal else arguments.hardness
    with threadpool_limits(1), tqdm(total=arguments.scenes * len(arguments.types), unit='scan') as bar:
        figures = evaluate_seam(arguments.scenes, arguments.seed, hardness, bar.update, arguments.types).as_dict()
    print(_text(figures), end='')
    EvaluationOutput.of(arguments.command_line, figures).write(arguments, 'evaluation_seam.html.j2')
    return 0 if figures['fitted'] else 1


def _text(figures: dict[str, Any]) -> str:
    """The figures as a table for people."""
    columns = ('straight', 'curved', 'worst', 'covered', 'fitted')
    lines = [f'{"distance from the true seam, mm":<34}' + ''.join(f'{name:>10}' for name in columns)]
    for name, row in figures['per_joint'].items():
        lines.append(
            _row(
                name,
                row['rms_mm_straight'],
                row['rms_mm_curved'],
                row['max_mm'],
                row['covered'],
                f'{row["fitted"]}/{row["total"]}',
            )
        )
    lines.append(
        _row(
            'all, RMS',
            figures['rms_mm_straight'],
            figures['rms_mm_curved'],
            None,
            None,
            f'{figures["fitted"]}/{figures["total"]}',
        )
    )
    lines += [
        f'refused: {name} {scene}: {reason}'
        for name, row in figures['per_joint'].items()
        for scene, reason in row['refused'].items()
    ]
    lines.append(f'seam point of one image: {_number(figures["locate_ms_median"])} ms (median)')
    return '\n'.join(lines) + '\n'


def _row(name: str, *values: object) -> str:
    return f'{name:<34}' + ''.join(f'{_number(value):>10}' for value in values)


def _number(value: object) -> str:
    return '-' if value is None else f'{value:.3f}' if isinstance(value, float) else str(value)
