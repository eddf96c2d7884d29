"""Verification of a records folder: records that were altered, removed or moved."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from weld_cell.errors import RecordError
from weld_cell.traceability.chain import FIRST, Entry, parse
from weld_cell.traceability.index import INDEX_FILE, RecordIndex
from weld_cell.traceability.lines import LINES_FILE, UNENDED, Line, no_records, read_lines
from weld_cell.traceability.record import PictureRecord
from weld_cell.traceability.store import OPEN

_CYCLE, _NUMBER = re.compile(rb'"cycle":"([^"]+)"'), re.compile(rb'{"number":(\d+),')


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written.

    Attributes:
        number: Of the record; None where it is not one record's.
        what: For people.
        harmless: Nothing was lost by it.
    """

    number: int | None
    what: str
    harmless: bool = False

    def __str__(self) -> str:
        return f'record {self.number}: {self.what}' if self.number is not None else self.what


@dataclass(frozen=True)
class Verification:
    """What was found of a folder.

    Attributes:
        records: How many lines are records.
        head: SHA-256 of the last one.
        findings: What is not as it was written.
    """

    records: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was altered, removed or put elsewhere."""
        return all(finding.harmless for finding in self.findings)


Progress = Callable[[Iterable[Entry]], Iterable[Entry]]


def verify(folder: Path, head: str = '', progress: Progress = iter) -> Verification:
    """Look at every record and every picture of a folder.

    Args:
        folder: Of the records.
        head: SHA-256 of a record that must be there, as it was noted elsewhere; empty: none is asked for.
        progress: Goes through the records, and may tell how far it is.

    Raises:
        RecordError: there are no records, or they cannot be read.
    """
    if not (folder / LINES_FILE).is_file():
        raise RecordError(f'{folder}: there are no records ({LINES_FILE}).', 'Name the folder of the records.')
    findings: list[Finding] = []
    entries = []
    for entry in progress(_entries(folder, findings)):
        findings += _pictures(folder, entry)
        entries.append(replace(entry, plain={}))  # the records of years do not fit into memory
    findings += _chain(entries)
    lost = {finding.number for finding in findings} - {None}
    what = '; '.join(finding.what.rstrip('.') for finding in findings) or f'{LINES_FILE} is empty'
    findings += [finding for finding in _ends(folder, entries) if finding.number not in lost]
    if not entries and all(finding.number is None for finding in findings):
        raise RecordError(f'{folder}: there are no records: {what}.', 'Restore the backup, if there were any.')
    if head and head not in {entry.sha256 for entry in entries}:
        findings.append(Finding(None, f'no record has the sum {head}, which was noted'))
    findings.sort(key=lambda finding: (finding.number is None, finding.number or 0))
    return Verification(len(entries), entries[-1].sha256 if entries else FIRST, tuple(findings))


def _entries(folder: Path, findings: list[Finding]) -> Iterator[Entry]:
    strange: list[tuple[int, str]] = []
    for line in read_lines(folder):
        if line.half:
            findings.append(_half(folder, line))
            break
        try:
            entry = parse(line.content)
        except ValueError as error:
            strange.append((line.start, str(error)))
            continue
        if line.unended:
            findings.append(Finding(None, UNENDED, harmless=True))
        yield entry
    if strange:
        findings.append(Finding(None, no_records(strange)))


def _half(folder: Path, line: Line) -> Finding:
    """A draft in open/ is whole, and is finished by who begins next; without one the record is lost."""
    cycle, number = _CYCLE.search(line.content), _NUMBER.match(line.content)
    drafts = sorted((folder / OPEN).glob('*.json'))
    draft = next((file for file in drafts if cycle is None or file.stem.encode() == cycle[1]), None)
    what = f'the last line is half written ({len(line.content)} bytes)'
    if draft is not None:
        return Finding(None, f'{what}: its writer was killed; {OPEN}/{draft.name} has the cycle', harmless=True)
    lost = f'{what}, and {OPEN}/ has no cycle to finish it from: it is lost'
    return Finding(int(number[1]) if number else None, lost)


def _chain(entries: list[Entry]) -> Iterator[Finding]:
    """Each record against its sum, its number and the record before it."""
    numbers = {entry.number for entry in entries}
    expected, before = 1, None
    for entry in entries:
        if not entry.whole:
            yield Finding(entry.number, 'was altered: it is not what its SHA-256 says')
        if entry.number < expected:
            yield Finding(entry.number, f'stands after record {expected - 1}: twice, or put elsewhere')
            continue
        removed = [number for number in range(expected, entry.number) if number not in numbers]
        for number in removed:
            yield Finding(number, 'was removed')
        if entry.number == expected and entry.previous != (before.sha256 if before else FIRST):
            yield _broken(entry, before)
        expected, before = entry.number + 1, entry


def _broken(entry: Entry, before: Entry | None) -> Finding:
    if before is None:
        return Finding(entry.number, 'is not the first of its chain')
    return Finding(before.number, f'was altered with its SHA-256: record {entry.number} holds another one of it')


def _pictures(folder: Path, entry: Entry) -> Iterator[Finding]:
    try:
        pictures = entry.record.pictures
    except RecordError as error:
        yield Finding(entry.number, f'cannot be read: {error.message}')
        return
    for picture in pictures:
        if wrong := wrong_with(folder, picture):
            yield Finding(entry.number, f'its picture {picture.file} {wrong}')


def wrong_with(folder: Path, picture: PictureRecord) -> str:
    """What is wrong with a picture that a record names; empty: nothing."""
    path = folder / picture.file
    if not path.is_file():
        return 'is gone'
    return '' if sha256(path.read_bytes()).hexdigest() == picture.sha256 else 'was altered'


def _ends(folder: Path, entries: list[Entry]) -> Iterator[Finding]:
    """What the index knows of records that came after the last line."""
    last = max((entry.number for entry in entries), default=0)
    if not (folder / INDEX_FILE).is_file():
        yield Finding(None, 'there is no index: records that were removed from the end would not show', harmless=True)
        return
    try:
        index = RecordIndex(folder, read_only=True)
    except RecordError as error:
        yield Finding(None, error.message, harmless=True)
        return
    sums = index.sums()
    for number in sorted(sums):
        if number > last:
            yield Finding(number, 'was removed from the end: the index knows it')
    if entries and entries[-1].whole and sums.get(last, entries[-1].sha256) != entries[-1].sha256:
        yield Finding(last, 'is another one than the index knows')
    index.close()
