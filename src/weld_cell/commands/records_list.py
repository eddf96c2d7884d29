"""`weld_cell records list`: list the records of a folder."""

import argparse

from weld_cell.commands.printing import table
from weld_cell.commands.records import add_filters, add_folder_argument, code_of, find, open_records, wanted
from weld_cell.traceability.index import IndexRow
from weld_cell.traceability.text import in_one_line

EXAMPLES = """Examples:
  weld_cell records list --last 20
  weld_cell records list --folder out/run/records --joint fillet --outcome done
  weld_cell records list --part A-R --since 2026-11-29T06 --until 2026-11-29T14

Exit codes: 0 found, 1 there are no records or a part of them cannot be read, 2 wrong usage, 3 none fits what was
asked for."""
_HEADS = ['record', 'began (UTC)', 's', 'part', 'joint types', 'seams', 'mm', 'arc', 'spot welds', 'outcome']
_REASON_LETTERS = 60

MOST = 2**31
"""More records than a folder can hold."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('--last', type=_count, default=0, metavar='N', help='the newest N of them (default: all)')
    add_folder_argument(parser)
    add_filters(parser)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'expected a whole number from 1, got {text!r}')
    return min(int(text), MOST)


def run(arguments: argparse.Namespace) -> int:
    """List them."""
    folder = open_records(arguments)
    found = find(folder, wanted(arguments), arguments.last)
    if found:
        print(table(_HEADS, [_row(row) for row in found]))
    return code_of(folder, found)


def _row(row: IndexRow) -> list[str]:
    reason = in_one_line(row.reason)
    if len(reason) > _REASON_LETTERS:
        reason = f'{reason[: _REASON_LETTERS - 3]}...'
    return [
        str(row.number),
        row.began[:19].replace('T', ' '),
        row.lasted_s,
        in_one_line(row.part) or '-',
        row.joint_types or '-',
        str(row.seams),
        f'{row.length_mm:.1f}',
        'armed' if row.armed else '-',
        row.verdict,
        f'{row.outcome} {reason}'.rstrip(),
    ]
