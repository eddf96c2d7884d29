"""The file of records: JSON lines, of which the last may be partial if its writer was killed."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from weld_cell.errors import RecordError
from weld_cell.traceability.chain import FIRST, parse

LINES_FILE = 'records.jsonl'
UNENDED = f'The last line of {LINES_FILE} lacks its end (a newline); its record is whole.'
_BEGIN = b'{"number":'
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Line:
    """A line of the file.

    Attributes:
        start: Byte at which it begins.
        content: With its end, where it has one.
    """

    start: int
    content: bytes

    @property
    def unended(self) -> bool:
        """Whether it lacks its end: only the last one may."""
        return not self.content.endswith(b'\n')

    @property
    def half(self) -> bool:
        """Whether it is the begin of a record, and not all of it."""
        return self.unended and _BEGIN.startswith(self.content[: len(_BEGIN)]) and not _is_entry(self.content)


def _is_entry(content: bytes) -> bool:
    try:
        parse(content)
    except ValueError:
        return False
    return True


def read_lines(folder: Path, start: int = 0) -> Iterator[Line]:
    """The lines of a folder from a byte on.

    Raises:
        RecordError: the file cannot be read.
    """
    path = folder / LINES_FILE
    try:
        if not path.exists():
            return
        with path.open('rb') as stream:
            stream.seek(start)
            for content in stream:
                yield Line(start, content)
                start += len(content)
    except OSError as error:
        raise cannot(path, 'read', error) from error


def line_at(folder: Path, start: int) -> bytes:
    """The line that begins at a byte; empty where the file is shorter."""
    return next((line.content for line in read_lines(folder, start)), b'')


@dataclass(frozen=True)
class Tail:
    """How a file of records ends.

    Attributes:
        number: Of the last whole record; 0 where there is none.
        sha256: Of it.
        start: Byte at which its line begins.
        end: Byte after it.
        half: What is half written after it.
        unended: Whether it lacks its end.
    """

    number: int
    sha256: str
    start: int
    end: int
    half: bytes
    unended: bool = False


def read_tail(folder: Path) -> Tail:
    """How the file of a folder ends.

    Raises:
        RecordError: it cannot be read, or its last line is no record.
    """
    path = folder / LINES_FILE
    try:
        content = path.read_bytes() if path.exists() and path.stat().st_size < _BLOCK else _last_lines(path)
    except OSError as error:
        raise cannot(path, 'read', error) from error
    size = path.stat().st_size if path.exists() else 0
    whole, _, half = content.rpartition(b'\n')
    end = size - len(half)
    if half and _is_entry(half):
        entry = parse(half)
        return Tail(entry.number, entry.sha256, end, size, b'', unended=True)
    if end == 0:
        return Tail(0, FIRST, 0, 0, half)
    last = whole.rpartition(b'\n')[2]
    try:
        entry = parse(last)
    except ValueError as error:
        raise RecordError(
            f'{path}: its last line is no record ({error}).', 'See "weld_cell records verify"; restore the backup.'
        ) from error
    return Tail(entry.number, entry.sha256, end - len(last) - 1, end, half)


def _last_lines(path: Path) -> bytes:
    """The end of the file with one whole line, or all of it."""
    if not path.exists():
        return b''
    with path.open('rb') as stream:
        at = stream.seek(0, os.SEEK_END)
        content = b''
        while at > 0 and content.count(b'\n') < 2:
            step = min(_BLOCK, at)
            at -= step
            stream.seek(at)
            content = stream.read(step) + content
    return content


def no_records(lines: Sequence[tuple[int, str]]) -> str:
    """That lines are no records, for people: the byte at which each begins, and why."""
    (start, reason), *others = lines
    if not others:
        return f'The line at byte {start} of {LINES_FILE} is no record ({reason}).'
    return f'{len(lines)} lines of {LINES_FILE} are no records, the first at byte {start} ({reason}).'


def cannot(path: Path, what: str, error: OSError) -> RecordError:
    """The error of a file or folder that cannot be read or written."""
    return RecordError(
        f'{path}: cannot be {what} ({error.strerror or error}).',
        'Check the folder (records.folder), its permissions and the free space on its disk.',
    )
