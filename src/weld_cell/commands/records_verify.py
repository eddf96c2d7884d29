"""`weld_cell records verify`: detect records and pictures that were altered, removed or moved."""

import argparse
import re
import sys
from collections.abc import Iterable

from tqdm import tqdm

from weld_cell.commands.records import add_folder_argument
from weld_cell.traceability.chain import Entry
from weld_cell.traceability.folder import rebuild_index
from weld_cell.traceability.verify import verify
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell records verify
  weld_cell records verify --folder out/run/records
  weld_cell records verify --head 3f9a...      the sum of a record, as a report or this command has printed it
  weld_cell records verify --rebuild-index     also make the index again from the lines

Whoever can write the whole folder can make the whole chain again: note the sum that this prints where the cell
cannot write, and give it as --head later. Exit codes: 0 whole, 1 there are no records or they cannot be read, 4 not
as they were written."""
NOT_WHOLE = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_folder_argument(parser)
    parser.add_argument('--head', type=_sum, metavar='SHA256', help='sum of a record that must be there')
    parser.add_argument('--rebuild-index', action='store_true', help='make the index again, if all is whole')


def _sum(text: str) -> str:
    if not re.fullmatch('[0-9a-fA-F]{64}', text):
        raise argparse.ArgumentTypeError(f'{text!r} is no SHA-256: give all its 64 digits, 0 to 9 and a to f')
    return text.lower()


def _with_progress(entries: Iterable[Entry]) -> Iterable[Entry]:
    shown: Iterable[Entry] = tqdm(entries, unit='records', disable=not sys.stderr.isatty())
    return shown


def run(arguments: argparse.Namespace) -> int:
    """Look at every record and picture."""
    found = verify(arguments.folder, arguments.head or '', _with_progress)
    for finding in found.findings:
        print(finding, file=sys.stdout if finding.harmless else sys.stderr)
    if found.records:
        print(f'{counted(found.records, "record")}, the last one has the sum {found.head}')
    if not found.whole:
        print(f'weld_cell: {arguments.folder} is not as it was written. Restore a backup.', file=sys.stderr)
        return NOT_WHOLE
    if arguments.rebuild_index:
        print(f'The index holds {counted(rebuild_index(arguments.folder), "record")}.')
    return 0
