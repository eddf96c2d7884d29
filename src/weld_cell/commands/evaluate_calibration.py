"""`weld_cell evaluate calibration`: accuracy of calibrations on real and simulated data sets."""

import argparse
from pathlib import Path

from tqdm import tqdm

from weld_cell.commands.seed import add_seed_argument
from weld_cell.evaluation.calibration import CalibrationSize, evaluate_calibration, steps
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.option_types import whole_number

EXAMPLES = """Examples:
  weld_cell evaluate calibration --json out/calibration.json
  weld_cell evaluate calibration --sets 20        a quick look

Intrinsics, hand-eye and eye-to-hand of other people's photographs, where the folder of --data has them, and simulated
hand-eye calibrations whose truth is known."""
DATA = Path('../shared/data/calibration')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    size = CalibrationSize()
    parser.add_argument(
        '--sets', type=whole_number(1), default=size.sets, help='simulated calibrations (default: %(default)d)'
    )
    parser.add_argument('--data', type=Path, default=DATA, help='real sets, if any (default: %(default)s)')
    add_seed_argument(parser, size.seed, 'of the simulated sets')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for.

    Raises:
        WeldCellError: a real set cannot be read.
    """
    size = CalibrationSize(arguments.sets, arguments.seed)
    with tqdm(total=steps(size, arguments.data), unit='step') as bar:
        figures = evaluate_calibration(size, arguments.data, bar.update)
    for name, value in figures.items():
        print(f'{name:<26}{value:.4f}' if isinstance(value, float) else f'{name:<26}{value}')
    if 'chessboard_f' not in figures:
        print(f'real sets left out: they are not in {arguments.data}')
    EvaluationOutput.of(arguments.command_line, figures).write(arguments)
    return 0
