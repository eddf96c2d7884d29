"""Options and output that the record commands share."""

import argparse
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from weld_cell.records import JointType
from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import IndexRow, Wanted
from weld_cell.traceability.record import Outcome, Verdict

DEFAULT_FOLDER = Path('out/records')
NOTHING_FOUND = 3
"""Exit code where no record fits what was asked for."""
_TIME = re.compile(r'(?P<time>\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?)?)?)?)(?P<zone>Z|[+-]\d\d:\d\d)?')
_LEAST = '0001-01-01T00:00:00'


def add_folder_argument(parser: argparse.ArgumentParser) -> None:
    """--folder, by default where the supervisor keeps them."""
    parser.add_argument(
        '--folder',
        type=Path,
        default=DEFAULT_FOLDER,
        help='of the records (default: %(default)s; of a run OUT/records)',
    )


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Which records are asked for."""
    asked = parser.add_argument_group('which records (all that are given must fit)')
    asked.add_argument('--part', default='', metavar='CODE', help='of this part')
    asked.add_argument('--joint', default='', choices=[str(each) for each in JointType], help='with such a seam')
    asked.add_argument(
        '--verdict', default='', choices=[each.value for each in Verdict], help='of the spot welds: the worst of them'
    )
    asked.add_argument('--outcome', default='', choices=[each.value for each in Outcome], help='how the cycle ended')
    asked.add_argument(
        '--since',
        type=_time,
        metavar='TIME',
        help='begun then or later: 2026-11-29T10 (UTC), 2026-11-29T10:00+01:00',
    )
    asked.add_argument('--until', type=_time, metavar='TIME', help='begun then or earlier: 2026-11 is all of it')


def _time(text: str) -> str:
    """As records hold it: UTC, as exactly as it was given."""
    told = _TIME.fullmatch(text.replace(' ', 'T', 1))
    least = {None: '', 'Z': '2026-11-29T10'}
    if not told or len(told['time']) < len(least.get(told['zone'], '2026-11-29T10:30')):
        raise argparse.ArgumentTypeError(
            f'{text!r}: write it as 2026-11-29T10:30 (UTC), 2026-11-29T10:30+01:00, or the beginning of that'
        )
    plain, zone = told['time'], told['zone'] or 'Z'
    try:
        moment = datetime.fromisoformat(plain + _LEAST[len(plain) :] + zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f'{text!r}: there is no such time ({error})') from error
    return moment.replace(tzinfo=None).isoformat('T', 'microseconds')[: len(plain)]


def wanted(arguments: argparse.Namespace, numbers: Iterable[int] = ()) -> Wanted:
    """What is asked for."""
    asked = arguments
    since, until = asked.since or '', asked.until or ''
    return Wanted(tuple(numbers), asked.part, asked.joint, asked.verdict, asked.outcome, since, until)


def open_records(arguments: argparse.Namespace) -> RecordFolder:
    """The folder; what is wrong with it is printed at once.

    Raises:
        RecordError: there are no records.
    """
    folder = RecordFolder(arguments.folder)
    for note in folder.notes:
        print(f'weld_cell: note: {note}', file=sys.stderr)
    for warning in folder.warnings:
        print(f'weld_cell: {warning}', file=sys.stderr)
    return folder


def code_of(folder: RecordFolder, found: list[IndexRow]) -> int:
    """Exit code of a command that went through the records: what cannot be read outweighs that none fits."""
    if folder.warnings:
        return 1
    return 0 if found else NOTHING_FOUND


def find(folder: RecordFolder, asked: Wanted, newest: int = 0) -> list[IndexRow]:
    """The records that are asked for, with `newest` the last so many of them; prints a line if there are none.

    Raises:
        RecordError: a number was asked for that there is not.
    """
    found = folder.find(asked, newest)
    if not found:
        print('weld_cell: no record fits what was asked for.', file=sys.stderr)
    return found
