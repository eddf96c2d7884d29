"""The records of welds for the page: the list, one of them, its pictures, its report."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weld_cell.errors import RecordError
from weld_cell.traceability.chain import Entry
from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import IndexRow, Wanted
from weld_cell.traceability.pdf import write_pdf
from weld_cell.traceability.text import groups_of
from weld_cell.traceability.verify import wrong_with

MOST = 100
"""Records that are sent at a time."""


class Welds:
    """Reads a folder of records anew with each call; every call may raise a RecordError.

    Args:
        folder: Of the records; empty: there are none.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def newest(self, below: int = 0) -> dict[str, Any]:
        """The newest records in short, newest first, and whether there are older ones.

        Args:
            below: Only those with a smaller number; 0: of all.
        """
        with self._open() as folder:
            rows = folder.find(Wanted(below=below), MOST + 1)
            told = [_short(row) for row in reversed(rows[-MOST:])]
            return {'records': told, 'older': len(rows) > MOST, 'warnings': folder.warnings}

    def record(self, number: int) -> dict[str, Any]:
        """One record: its facts by groups, what its pictures show, and what is wrong with them."""
        with self._open() as folder:
            row, entry = _entry(folder, number)
            return {
                **_short(row),
                'whole': entry.whole and entry.sha256 == row.sha256,
                'groups': [{'title': title, 'facts': facts} for title, facts in groups_of(entry)],
                'pictures': [
                    {'what': picture.what, 'wrong': wrong_with(folder.folder, picture)}
                    for picture in entry.record.pictures
                ],
            }

    def picture(self, number: int, place: int) -> bytes:
        """One picture of a record, PNG."""
        with self._open() as folder:
            pictures = _entry(folder, number)[1].record.pictures
            if not 0 <= place < len(pictures):
                raise RecordError(f'Record {number} has {len(pictures)} pictures.', 'Ask for one of them.')
            path = (folder.folder / pictures[place].file).resolve()
            if not path.is_relative_to(folder.folder.resolve()):
                raise RecordError(f'{path}: lies outside the folder of records.', 'See "weld_cell records verify".')
            try:
                return path.read_bytes()
            except OSError as error:
                raise RecordError(f'{path}: cannot be read ({error.strerror}).', 'Restore the backup.') from error

    def report(self, number: int) -> bytes:
        """The report of a record, PDF."""
        with self._open() as folder, tempfile.TemporaryDirectory() as made:
            path = Path(made) / 'report.pdf'
            write_pdf(_entry(folder, number)[1], folder.folder, path)
            return path.read_bytes()

    @contextmanager
    def _open(self) -> Iterator[RecordFolder]:
        if not self._folder:
            raise RecordError('No records are kept.', 'Name their folder: records:= of cell.launch.xml.')
        folder = RecordFolder(Path(self._folder))
        try:
            yield folder
        finally:
            folder.close()


def _entry(folder: RecordFolder, number: int) -> tuple[IndexRow, Entry]:
    (row,) = folder.find(Wanted((number,)))
    return row, folder.entry(row)


def _short(row: IndexRow) -> dict[str, Any]:
    return {
        'number': row.number,
        'began': row.began,
        'lasted_s': row.lasted_s,
        'part': row.part,
        'joint_types': row.joint_types,
        'length_mm': row.length_mm,
        'armed': bool(row.armed),
        'outcome': row.outcome,
        'verdict': row.verdict,
        'reason': row.reason,
    }
