"""The chain of a records folder: each line holds its own SHA-256 and that of the line before.

A line is the JSON of `number`, `previous`, `record` and `sha256` with sorted keys and without spaces; `sha256` is
that of the same JSON without it. So an altered record is not what its sum says, and one that was altered with its sum
is not what the next line says of it. Who can write the whole folder can make the whole chain again: the sum of the
last record, noted elsewhere, shows that.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from weld_cell.errors import RecordError
from weld_cell.traceability.record import WeldRecord, record_from_plain, to_json

FIRST = '0' * 64
"""What the first record holds for the sum of its predecessor."""
_KEYS = {'number', 'previous', 'record', 'sha256'}


@dataclass(frozen=True)
class Entry:
    """A line.

    Attributes:
        number: From 1, without gaps.
        previous: SHA-256 of the record before it.
        sha256: Its own.
        plain: The record as JSON holds it.
        whole: Whether it is what its sum says, written as this program writes.
    """

    number: int
    previous: str
    sha256: str
    plain: dict[str, Any]
    whole: bool = True

    @property
    def record(self) -> WeldRecord:
        """The record.

        Raises:
            RecordError: it is of another version, or no record.
        """
        try:
            return record_from_plain(self.plain)
        except RecordError as error:
            raise RecordError(f'Record {self.number}: {error.message}', error.remedy) from error


@dataclass(frozen=True)
class Sealed:
    """A record that was given its place in the chain.

    Attributes:
        number: Of it.
        sha256: Of it.
        line: With its end.
    """

    number: int
    sha256: str
    line: bytes


def seal(record: WeldRecord, number: int, previous: str) -> Sealed:
    """A record as the next entry of the chain."""
    content = {'number': number, 'previous': previous, 'record': record}
    total = sha256(to_json(content)).hexdigest()
    return Sealed(number, total, to_json({**content, 'sha256': total}) + b'\n')


def line_of(entry: Entry) -> bytes:
    """The line of an entry, without its end."""
    return to_json(
        {'number': entry.number, 'previous': entry.previous, 'record': entry.plain, 'sha256': entry.sha256}
    )


def parse(line: bytes) -> Entry:
    """The entry of a line.

    Args:
        line: With or without its end.

    Raises:
        ValueError: it is no entry.
    """
    try:
        content = json.loads(line)
    except UnicodeDecodeError as error:
        raise ValueError('it is no text') from error
    except json.JSONDecodeError as error:
        raise ValueError(f'it is no JSON at character {error.pos + 1}: {error.msg}') from error
    if not isinstance(content, dict) or content.keys() != _KEYS or not isinstance(content['record'], dict):
        raise ValueError('expected the keys ' + ', '.join(sorted(_KEYS)))
    if type(content['number']) is not int:
        raise ValueError('expected a whole number')
    unsigned = {name: value for name, value in content.items() if name != 'sha256'}
    as_written = to_json(content) == line.rstrip(b'\n')
    whole = as_written and content['sha256'] == sha256(to_json(unsigned)).hexdigest()
    return Entry(content['number'], str(content['previous']), str(content['sha256']), content['record'], whole)
