"""Reading a records folder, by its index if possible, else by its lines."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from weld_cell.errors import RecordError, RecordIndexError
from weld_cell.traceability.chain import Entry, parse
from weld_cell.traceability.index import INDEX_FILE, IndexRow, RecordIndex, Wanted
from weld_cell.traceability.lines import LINES_FILE, UNENDED, line_at, no_records, read_lines
from weld_cell.traceability.record import WeldRecord


@dataclass(frozen=True)
class Remarks:
    """What was seen of the lines on the way, for people.

    Attributes:
        warnings: Of what cannot be read, or is not as it should be.
        notes: Of what nothing is lost by.
    """

    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class RecordFolder:
    """The records of a folder, for who reads them; nothing of it is changed but the index.

    Args:
        folder: Of the records.

    Attributes:
        warnings: What is not as it should be, for people.
        notes: What nothing is lost by, for people.

    Raises:
        RecordError: there are no records.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / LINES_FILE).is_file():
            raise RecordError(
                f'{folder}: there are no records ({LINES_FILE}).',
                'Name the folder of the parameter records.folder; of "weld_cell run" it is OUT/records.',
            )
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self._index = self._open_index()
        if not self._index.end()[0]:
            raise RecordError(
                f'{folder}: there are no records: {" ".join(self.warnings) or f"{LINES_FILE} is empty."}',
                'See "weld_cell records verify"; restore the backup if there were any.',
            )

    def _open_index(self) -> RecordIndex:
        """The index of the folder; one in memory where that is behind and read-only, or lacks a record."""
        try:
            index = self._caught_up(_index_of(self.folder))
            if not index.missing():
                return index
            self.warnings, self.notes = [], []  # all lines say why
        except RecordIndexError as error:
            self.notes.append(f'{error.message} All lines are read instead.')
        except RecordError as error:
            self.warnings.append(error.message)
        index = self._caught_up(RecordIndex(None))
        if missing := index.missing():
            self.warnings.append(f'{LINES_FILE} lacks record {", ".join(map(str, missing))}, or it cannot be read.')
        return index

    def _caught_up(self, index: RecordIndex) -> RecordIndex:
        refuse_cut(self.folder, index)
        remarks = catch_up(self.folder, index)
        self.warnings += remarks.warnings
        self.notes += remarks.notes
        return index

    def find(self, wanted: Wanted, newest: int = 0) -> list[IndexRow]:
        """The records that are asked for, in short; with `newest` at most so many, the last ones.

        Raises:
            RecordError: a number was asked for that there is not.
        """
        found = self._index.find(wanted, newest)
        missing = sorted(set(wanted.numbers) - {row.number for row in self._index.find(Wanted(wanted.numbers))})
        if missing:
            raise RecordError(
                f'{self.folder}: there is no record {", ".join(map(str, missing))}.', 'See "weld_cell records list".'
            )
        return found

    def entry(self, row: IndexRow) -> Entry:
        """The whole record.

        Raises:
            RecordError: the line is not the one that the index knows, or no record.
        """
        content = line_at(self.folder, row.start)
        try:
            return parse(content)
        except ValueError as error:
            raise RecordError(
                f'Record {row.number} cannot be read ({error}).',
                'See "weld_cell records verify"; restore the backup.',
            ) from error

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()


def _index_of(folder: Path) -> RecordIndex:
    """The index of a folder, as it stands where it cannot be written.

    Raises:
        RecordIndexError: it cannot be read either.
    """
    try:
        return RecordIndex(folder)
    except RecordIndexError:
        if not (folder / INDEX_FILE).is_file():
            raise
    return RecordIndex(folder, read_only=True)


def catch_up(folder: Path, index: RecordIndex) -> Remarks:
    """Take the lines into an index that it lacks; what is to be said of them.

    Raises:
        RecordIndexError: the index lacks lines and cannot be written.
    """
    number, start = index.end()
    remarks = Remarks()
    index.put(_readable(folder, number, start, remarks))
    return remarks


def _readable(folder: Path, number: int, start: int, remarks: Remarks) -> Iterator[tuple[int, Entry, WeldRecord]]:
    strange: list[tuple[int, str]] = []
    for line in read_lines(folder, start):
        if line.half:
            remarks.warnings.append(f'The last line of {LINES_FILE} is half written, or cut.')
            break
        try:
            entry = parse(line.content)
            if line.unended:
                remarks.notes.append(UNENDED)
            if entry.number > number:
                yield line.start, entry, entry.record
        except ValueError as error:
            strange.append((line.start, str(error)))
        except RecordError as error:
            remarks.warnings.append(error.message)
    if strange:
        remarks.warnings.append(no_records(strange))


def refuse_cut(folder: Path, index: RecordIndex) -> None:
    """Lines that do not hold the last record that the index knows were removed or changed.

    Raises:
        RecordError: it is so.
    """
    number, start = index.end()
    if not number:
        return
    try:
        there = parse(line_at(folder, start))
        if there.number == number and there.sha256 == index.sums()[number]:
            return
    except ValueError:
        pass
    raise RecordError(
        f'{folder / LINES_FILE}: record {number}, which the index knows, is not where it was.',
        'See "weld_cell records verify"; restore the backup, or begin a new folder (records.folder).',
    )


def rebuild_index(folder: Path) -> int:
    """Make the index again from the lines; how many records it holds.

    Raises:
        RecordError: it cannot be written.
    """
    try:
        index = RecordIndex(folder)
        index.clear()
    except sqlite3.Error as error:
        raise RecordError(f'{folder}: the index cannot be written ({error}).', 'Check its permissions.') from error
    try:
        catch_up(folder, index)
        return len(index.sums())
    finally:
        index.close()
