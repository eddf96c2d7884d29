"""`weld_cell parts check`: report parts of the library that can be confused."""

import argparse
import json
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from weld_cell.commands.parts import add_library_argument, open_library, write_picture
from weld_cell.commands.printing import table
from weld_cell.option_types import file_to_write, folder_to_write
from weld_cell.part_library.comparison import CLOSE_PCT, SAME_PCT, Comparison, Verdict, compare_all
from weld_cell.report.part_overlay import draw_difference

EXAMPLES = f"""Examples:
  weld_cell parts check
  weld_cell parts check --pictures out/pairs --json out/pairs.json

All pairs of parts are laid on each other as well as they can be. "differ" is the area that only one of them covers,
in percent of the first one's, and F the score of the second in the first's template (Zhang et al. 2023). Below
{SAME_PCT:g} % two parts cannot be told apart, below {CLOSE_PCT:g} % only in good light and focus. Mirrored pairs are
named, and parts that are their own mirror image: a left and a right of such a part are one part under two codes.

Exit code 1 if parts cannot be told apart, or one is damaged."""
_HEADS = ['part', 'other', 'differ %', 'mm2', 'F', 'verdict']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--pictures', type=folder_to_write, metavar='FOLDER', help='write the differing pixels of close pairs'
    )
    parser.add_argument('--json', type=file_to_write, metavar='FILE', help='write all figures to this file')
    add_library_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print, and write what was asked for."""
    library = open_library(arguments)
    found = list(compare_all(library.parts, _track))
    pairs = [c for c in found if not c.mirrored]
    if pairs:
        print(table(_HEADS, [_row(c) for c in sorted(pairs, key=lambda c: c.differing_pct)]))
    print('\n'.join(_sentences(found)))
    if arguments.pictures:
        for c in pairs:
            if c.verdict is not Verdict.CLEAR:
                write_picture(arguments.pictures / f'{c.first.code}_{c.second.code}.png', draw_difference(c))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps([_figures(c) for c in found], indent=1) + '\n', encoding='utf-8')
    return 1 if library.faults or any(c.verdict is Verdict.SAME for c in pairs) else 0


def _sentences(found: list[Comparison]) -> list[str]:
    """What the figures mean."""
    same = {(c.first.code, c.second.code) for c in found if not c.mirrored and c.verdict is Verdict.SAME}
    mirrored = [c for c in found if c.mirrored and c.verdict is Verdict.SAME]
    lines = []
    for c in mirrored:
        first, second = c.first.code, c.second.code
        if c.first is c.second:
            lines.append(f'{first} is its own mirror image: it has no hand.')
        elif (first, second) in same:
            lines.append(f'{first} and {second} are a symmetric pair: one part under two codes. Keep one of them.')
        else:
            lines.append(f'{first} and {second} are a mirrored pair.')
    pairs = {(c.first.code, c.second.code) for c in mirrored}
    lines += [f'{a} and {b} cannot be told apart. Keep one of them.' for a, b in sorted(same - pairs)]
    return lines if same else [*lines, 'All parts can be told apart.']


def _row(c: Comparison) -> list[str]:
    numbers = [f'{c.differing_pct:.2f}', f'{c.differing_mm2:.1f}', f'{c.score:.2e}']
    return [c.first.code, c.second.code, *numbers, str(c.verdict)]


def _figures(c: Comparison) -> dict[str, Any]:
    return {
        'part': c.first.code,
        'other': c.second.code,
        'mirrored': c.mirrored,
        'differing_pct': round(c.differing_pct, 4),
        'differing_mm2': round(c.differing_mm2, 3),
        'score': c.score,
        'verdict': str(c.verdict),
    }


def _track(pairs: Iterable[Any], total: int) -> Iterable[Any]:
    bar: Iterable[Any] = tqdm(pairs, total=total, unit='pair')
    return bar
