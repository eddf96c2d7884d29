"""`weld_cell evaluate parts`: identification of simulated sheet-metal parts, compared with Zhang et al. 2023."""

import argparse
from typing import Any

import cv2
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from weld_cell.commands.seed import add_seed_argument
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.evaluation.part_images import CATEGORIES, SheetMetal
from weld_cell.evaluation.parts import SUBSET, PartsSize, evaluate_parts
from weld_cell.option_types import whole_number

EXAMPLES = """Examples:
  weld_cell evaluate parts --json out/parts.json
  weld_cell evaluate parts --places 1 --turns 3 --library 20

Ten parts in five mirrored pairs whose hands differ in 0.34, 0.3 and 0.15 % of the area, and a library of different
parts. Each photograph shows another piece than the template, anywhere near the middle and at any turn; it is then
disturbed by salt and pepper, blur and contrast. benchmarks/parts.py takes all of the paper's 9720 images."""

OF_PAPER = {'msd': 85.6, 'ncc': 89.5, 'ssda': 82.5, 'sub_ncc': 93.5, 'emsd_as_written': 97.1}
"""Totals of Zhang et al. 2023, table 4, in percent."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--places',
        type=whole_number(1),
        default=SUBSET.places,
        help='disturbed photographs of each part (default: %(default)d)',
    )
    parser.add_argument(
        '--turns',
        type=whole_number(1),
        default=SUBSET.turns,
        help='photographs of each over half a turn (default: %(default)d)',
    )
    parser.add_argument(
        '--library',
        type=whole_number(1),
        default=SUBSET.library,
        help='parts of the large library (default: %(default)d)',
    )
    parser.add_argument(
        '--pairs',
        type=whole_number(1, 10),
        default=SUBSET.pairs,
        help='mirrored pairs, ten at most (default: %(default)d)',
    )
    add_seed_argument(parser, 7, 'everything comes from it')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for."""
    cv2.setNumThreads(1)
    size = PartsSize(arguments.places, arguments.turns, arguments.library, arguments.pairs)
    with threadpool_limits(1), tqdm(total=size.images, unit='image') as bar:
        figures = evaluate_parts(SheetMetal(), size, arguments.seed, bar.update)
    print(table(figures), end='')
    EvaluationOutput.of(arguments.command_line, figures).write(arguments)
    return 0


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    columns = (*CATEGORIES, 'total_plain', 'total_weighted')
    rows = [f'{"right, %":<18}' + ''.join(f'{name:>16}' for name in (*columns, "paper's total"))]
    rows.append(_row('EMSD, this cell', figures['accuracy'], columns, OF_PAPER['emsd_as_written']))
    rows += [_row(name, row, columns, OF_PAPER[name]) for name, row in figures['other_scores'].items()]
    ms, speed = figures['ms_match'], figures['speedup_vs_ncc']
    among = ', '.join(f'{ms_} ms among {number}' for number, ms_ in figures['ms_identify'].items())
    library = figures['images']['library']
    near = {word: figures[f'{word}_0_15'] for word in ('accuracy', 'ambiguous', 'wrong')}
    hands = f'{near["accuracy"]} % right, {near["ambiguous"]} % ambiguous, {near["wrong"]} % wrong'
    lines = [
        *rows,
        f'hands that differ in 0.30 %: {figures["accuracy_0_30"]} % right; in 0.15 %: {hands}',
        f'{library} different parts: {figures[f"accuracy_{library}"]} % right',
        f'95 of 100 within {figures["angle_p95_deg"]} deg and {figures["position_p95_px"]} px',
        f'one match: {ms["prior"]} ms alone on the table, {ms["general"]} ms in any scene,',
        f'{ms["ncc_pyramid"]} ms by NCC in the same pyramid: {speed["prior"]} and {speed["general"]} times as fast',
        f'identify: {among}',
    ]
    return '\n'.join(lines) + '\n'


def _row(name: str, row: dict[str, float], columns: tuple[str, ...], paper: object) -> str:
    return f'{name:<18}' + ''.join(f'{value:>16}' for value in (*(row[column] for column in columns), paper))
