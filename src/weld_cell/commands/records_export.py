"""`weld_cell records export`: export records as CSV, JSON, weldx or PDF."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from weld_cell.commands.records import add_filters, add_folder_argument, code_of, find, open_records, wanted
from weld_cell.errors import RecordError
from weld_cell.option_types import file_to_write, whole_number
from weld_cell.traceability.chain import Entry
from weld_cell.traceability.store import write_whole
from weld_cell.traceability.tables import csv_of, json_of
from weld_cell.traceability.verify import wrong_with

EXAMPLES = """Examples:
  weld_cell records export --csv shift.csv --since 2026-11-29T06 --until 2026-11-29T14
  weld_cell records export 12 --pdf weld12.pdf
  weld_cell records export 12 13 --weldx files/        files/record_000012.wx and so on
  weld_cell records export --json all.json --pdf reports/

A name that ends with .pdf or .wx takes one record; any other one is a folder with a file for each. A file is whole or
not there. Exit codes: 0 written, 1 a record or a picture cannot be read (what can be is written) or a file not be
written, 2 wrong usage, 3 none fits what was asked for, 4 a record was altered: nothing is written."""
ALTERED = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        'numbers', nargs='*', type=whole_number(1), metavar='NUMBER', help='of records (default: all)'
    )
    parser.add_argument('--csv', type=file_to_write, metavar='FILE', help='a line for each seam')
    parser.add_argument('--json', type=file_to_write, metavar='FILE', help='the records as they are kept')
    parser.add_argument('--weldx', type=Path, metavar='FILE|FOLDER', help='needs: pip install weld_cell[weldx]')
    parser.add_argument('--pdf', type=Path, metavar='FILE|FOLDER', help='reports as a quality department files them')
    add_folder_argument(parser)
    add_filters(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the files.

    Raises:
        ValueError: no file is asked for, or one for several records.
        RecordError: a record cannot be read or a file not written.
    """
    if not any((arguments.csv, arguments.json, arguments.weldx, arguments.pdf)):
        raise ValueError('name what to write: --csv, --json, --weldx or --pdf')
    folder = open_records(arguments)
    found = find(folder, wanted(arguments, arguments.numbers))
    if not found:
        return code_of(folder, found)
    entries = [folder.entry(row) for row in found]
    altered = [str(entry.number) for entry in entries if not entry.whole]
    if altered:
        print(f'weld_cell: altered: record {", ".join(altered)}. See "weld_cell records verify".', file=sys.stderr)
        return ALTERED
    if arguments.csv:
        _written(arguments.csv, csv_of(entries))
    if arguments.json:
        _written(arguments.json, json_of(entries))
    if arguments.weldx:
        _each(entries, arguments.weldx, '.wx', _weldx_writer(folder.folder))
    if arguments.pdf:
        _each(entries, arguments.pdf, '.pdf', _pdf_writer(folder.folder))
        if _tell_pictures(entries, folder.folder):
            return 1
    return code_of(folder, found)


def _tell_pictures(entries: list[Entry], folder: Path) -> bool:
    """Each picture that a report lacks, for people; whether there is one."""
    lacking = [
        f'record {entry.number}: its picture {picture.file} {wrong}'
        for entry in entries
        for picture in entry.record.pictures
        if (wrong := wrong_with(folder, picture))
    ]
    for line in lacking:
        print(f'weld_cell: {line}; its report says so. See "weld_cell records verify".', file=sys.stderr)
    return bool(lacking)


def _written(path: Path, content: str) -> None:
    write_whole(path, content.encode())
    print(path)


def _each(entries: list[Entry], target: Path, suffix: str, write: Callable[[Entry, Path], None]) -> None:
    single = target.suffix == suffix
    if single and len(entries) > 1:
        raise ValueError(f'{target}: one file for {len(entries)} records; name a folder, or one record')
    for entry in entries:
        path = target if single else target / f'record_{entry.number:06d}{suffix}'
        write(entry, path)
        print(path)


def _pdf_writer(folder: Path) -> Callable[[Entry, Path], None]:
    from weld_cell.traceability.pdf import write_pdf  # matplotlib takes a second

    return lambda entry, path: write_pdf(entry, folder, path)


def _weldx_writer(folder: Path) -> Callable[[Entry, Path], None]:
    try:
        from weld_cell.traceability.weldx_file import write_weldx
    except ImportError as error:
        raise RecordError(
            f'weldx files need the package weldx ({error}).', 'pip install "weldx==0.8.2", or "weld_cell[weldx]".'
        ) from error
    return lambda entry, path: write_weldx(entry, folder, path)
