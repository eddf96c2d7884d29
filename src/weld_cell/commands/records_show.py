"""`weld_cell records show`: print one record in full."""

import argparse

from weld_cell.commands.records import add_folder_argument, open_records
from weld_cell.option_types import whole_number
from weld_cell.traceability.index import Wanted
from weld_cell.traceability.tables import json_of
from weld_cell.traceability.text import text_of

EXAMPLES = """Examples:
  weld_cell records show 12
  weld_cell records show 12 --folder out/run/records
  weld_cell records show 12 --json

Exit codes: 0 shown and whole, 1 there is no such record, 4 it is shown, but was altered."""
ALTERED = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('number', type=whole_number(1), help='of the record')
    parser.add_argument('--json', action='store_true', help='as it is kept, with every point of path and trajectory')
    add_folder_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show it."""
    folder = open_records(arguments)
    (row,) = folder.find(Wanted((arguments.number,)))
    entry = folder.entry(row)
    print(json_of([entry]) if arguments.json else text_of(entry), end='')
    return 0 if entry.whole and entry.sha256 == row.sha256 else ALTERED
