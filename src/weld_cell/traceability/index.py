"""The SQLite index of a records folder, for queries by part, joint type, verdict or time.

It holds nothing that the lines do not hold, and is made again from them where it is missing or damaged; only that it
knows of more records than there are lines tells that the last ones were removed.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from weld_cell.errors import RecordIndexError
from weld_cell.traceability.chain import Entry
from weld_cell.traceability.record import WeldRecord

INDEX_FILE = 'index.sqlite'
_BUSY_S = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, start INTEGER, cycle TEXT, sha256 TEXT, began TEXT, ended TEXT, outcome TEXT,
    part TEXT, joint_types TEXT, verdict TEXT, seams INTEGER, length_mm REAL, armed INTEGER, reason TEXT);
CREATE INDEX IF NOT EXISTS cycles ON records (cycle);
PRAGMA user_version = 1;
"""


@dataclass(frozen=True)
class IndexRow:
    """A record in short.

    Attributes:
        number: Of the record.
        start: Byte of the file at which its line begins.
        cycle: Its identifier.
        sha256: Of the record.
        began: ISO 8601.
        ended: The same.
        outcome: See `Outcome`.
        part: Code; empty without one.
        joint_types: With a space between.
        verdict: See `Verdict`.
        seams: How many.
        length_mm: Of all their paths.
        armed: Whether the arc might be struck at one of them.
        reason: Why it is not done.
    """

    number: int
    start: int
    cycle: str
    sha256: str
    began: str
    ended: str
    outcome: str
    part: str
    joint_types: str
    verdict: str
    seams: int
    length_mm: float
    armed: int
    reason: str

    @property
    def lasted_s(self) -> str:
        """Seconds from its begin to its end, for people."""
        try:
            ends = [datetime.fromisoformat(time) for time in (self.began, self.ended)]
        except ValueError:
            return '-'
        return f'{(ends[1] - ends[0]).total_seconds():.0f}'


@dataclass(frozen=True)
class Wanted:
    """Which records are asked for; what is empty is not asked.

    Attributes:
        numbers: One of these.
        part: Code.
        joint_type: Of one seam at least.
        verdict: See `Verdict`.
        outcome: See `Outcome`.
        since: ISO 8601, or its beginning: begun then or later.
        until: The same: begun then or earlier.
        below: With a smaller number.
    """

    numbers: tuple[int, ...] = ()
    part: str = ''
    joint_type: str = ''
    verdict: str = ''
    outcome: str = ''
    since: str = ''
    until: str = ''
    below: int = 0

    def where(self) -> tuple[str, list[Any]]:
        """The condition in SQL and its values."""
        tests: list[tuple[str, Any]] = [
            ('part = ?', self.part),
            ("' ' || joint_types || ' ' LIKE '% ' || ? || ' %'", self.joint_type),
            ('verdict = ?', self.verdict),
            ('outcome = ?', self.outcome),
            ('began >= ?', self.since),
            ('number < ?', self.below),
            ('began <= ?', self.until and self.until + '~'),  # whole days and hours; ~ comes after all digits
        ]
        asked = [(test, value) for test, value in tests if value]
        marks = f'number IN ({",".join("?" * len(self.numbers))})' if self.numbers else '1'
        return ' AND '.join([marks, *(test for test, _ in asked)]), [*self.numbers, *(value for _, value in asked)]


class RecordIndex:
    """The index of a folder.

    Args:
        folder: Of the records; None keeps the index in memory.
        read_only: Nothing is written, and nothing made again.

    Raises:
        RecordIndexError: it cannot be opened.
    """

    def __init__(self, folder: Path | None, read_only: bool = False) -> None:
        self._path = folder / INDEX_FILE if folder is not None else None
        if self._path is not None and read_only:
            self._open_to_read(self._path)
            return
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._begin_again(error)

    def _open(self) -> None:
        self._database = sqlite3.connect(self._path or ':memory:', timeout=_BUSY_S)
        self._database.executescript(_SCHEMA)
        self._database.execute('SELECT number, reason FROM records LIMIT 1')

    def _open_to_read(self, path: Path) -> None:
        """As it stands, on a read-only disk too.

        Raises:
            RecordIndexError: it is missing or damaged.
        """
        try:
            self._database = sqlite3.connect(f'{path.absolute().as_uri()}?mode=ro', uri=True, timeout=_BUSY_S)
            self._database.execute('SELECT number, reason FROM records LIMIT 1')
        except sqlite3.DatabaseError as error:
            raise _unusable(path, 'read', error) from error

    def _begin_again(self, error: sqlite3.Error) -> None:
        """Make a damaged index again; who opened it fills it from the lines.

        Raises:
            RecordIndexError: it cannot be written.
        """
        busy_or_readonly = isinstance(error, sqlite3.OperationalError)
        if self._path is None or busy_or_readonly:
            raise _unusable(self._path, 'written', error) from error
        self._database.close()
        self._path.unlink(missing_ok=True)
        self._open()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def end(self) -> tuple[int, int]:
        """Number of the last record that it knows and the byte at which its line begins; (0, 0) of none."""
        newest = 'SELECT number, start FROM records ORDER BY number DESC LIMIT 1'
        with closing(self._database.execute(newest)) as found:
            last = found.fetchone()
        return (int(last[0]), int(last[1])) if last else (0, 0)

    def missing(self) -> list[int]:
        """Numbers below that of the last record of which it knows no record."""
        sums, (last, _) = self.sums(), self.end()
        return [number for number in range(1, last) if number not in sums]

    def knows(self, cycle: str) -> bool:
        """Whether there is a record of a cycle."""
        with closing(self._database.execute('SELECT 1 FROM records WHERE cycle = ?', (cycle,))) as found:
            return found.fetchone() is not None

    def sums(self) -> dict[int, str]:
        """SHA-256 of each record by its number."""
        with closing(self._database.execute('SELECT number, sha256 FROM records')) as found:
            return dict(found.fetchall())

    def find(self, wanted: Wanted, newest: int = 0) -> list[IndexRow]:
        """The records that are asked for, by number; with `newest` at most so many, the last ones."""
        names = ', '.join(field.name for field in fields(IndexRow))
        test, values = wanted.where()
        query = f'SELECT {names} FROM records WHERE {test} ORDER BY number DESC LIMIT ?'
        with closing(self._database.execute(query, [*values, newest or -1])) as found:
            return [IndexRow(*line) for line in found][::-1]

    def put(self, entries: Iterable[tuple[int, Entry, WeldRecord]]) -> None:
        """Take in entries, each with the byte at which its line begins and its record.

        Raises:
            RecordIndexError: the index cannot be written.
        """
        marks = ', '.join('?' * len(fields(IndexRow)))
        try:
            with self._database:
                for start, entry, record in entries:
                    found = _row(start, entry, record)
                    values = [getattr(found, field.name) for field in fields(IndexRow)]
                    self._database.execute(f'INSERT OR REPLACE INTO records VALUES ({marks})', values)
        except sqlite3.Error as error:
            raise _unusable(self._path, 'written', error) from error

    def clear(self) -> None:
        """Forget everything."""
        with self._database:
            self._database.execute('DELETE FROM records')


def _unusable(path: Path | None, what: str, error: sqlite3.Error) -> RecordIndexError:
    return RecordIndexError(
        f'{path}: the index of the records cannot be {what} ({error}).',
        'Check the folder, its permissions and the free space; the lines themselves are whole.',
    )


def _row(start: int, entry: Entry, record: WeldRecord) -> IndexRow:
    return IndexRow(
        entry.number,
        start,
        record.cycle,
        entry.sha256,
        record.began_utc,
        record.ended_utc or '',
        record.outcome or '',
        record.part.code if record.part else '',
        ' '.join(record.joint_types),
        record.verdict,
        len(record.seams),
        sum(seam.path.length_mm for seam in record.seams if seam.path is not None),
        int(any(seam.arc is not None and seam.arc.armed for seam in record.seams)),
        record.reason,
    )
