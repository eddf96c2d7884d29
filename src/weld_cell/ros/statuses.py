"""Statuses <-> diagnostic_msgs/DiagnosticStatus: the one codec of the records in `weld_cell.records.status`.

Keys are field names, types come from the annotations. Arrays are written as `u v u v`, mappings as `field.name`.
"""

import math
import re
from collections.abc import Callable, Hashable
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from weld_cell.errors import MessageError
from weld_cell.records import FloatArray

T = TypeVar('T')
_REMEDY = 'Who else publishes it?'
_WHOLE = re.compile(r'-?[0-9]{1,19}', re.ASCII)


def make_status(
    name: str,
    values: dict[str, Any],
    level: bytes = DiagnosticStatus.OK,
    message: str = 'ok',
    hardware: str = '',
) -> DiagnosticStatus:
    """A DiagnosticStatus with its key-value pairs; floats are written with six significant digits."""
    pairs = [KeyValue(key=key, value=_text(value)) for key, value in values.items()]
    return DiagnosticStatus(level=level, name=name, message=message, hardware_id=hardware, values=pairs)


def _text(value: Any) -> str:
    return f'{value:.6g}' if isinstance(value, float) else str(value)


def status_values(message: DiagnosticStatus) -> dict[str, str]:
    """The key-value pairs of a status."""
    return {pair.key: pair.value for pair in message.values}


def status_to_message(
    name: str, status: Any, level: bytes = DiagnosticStatus.OK, message: str = 'ok'
) -> DiagnosticStatus:
    """A status record as a message."""
    return make_status(name, key_values(status), level, message)


def key_values(status: Any) -> dict[str, Any]:
    """The keys of a status record that it has something to say about, with what it says."""
    values: dict[str, Any] = {}
    for field in _fields(type(status)):
        value = getattr(status, field.name)
        if value is not None:
            values |= field.written(value)
    return values


def status_from_message(kind: type[T], message: DiagnosticStatus) -> T:
    """A status record out of a message; keys that it does not know are left out.

    Raises:
        MessageError: a key is missing, or its value is none of its type.
    """
    values = status_values(message)
    found = {}
    for field in _fields(kind):
        texts = {key: text for key, text in values.items() if field.owns(key)}
        if texts:
            found[field.name] = field.read(texts)
        elif field.needed:
            raise MessageError(f'A status "{message.name}" without {field.name}.', _REMEDY)
    return kind(**found)


@dataclass(frozen=True)
class _Single:
    """A field that is one key.

    Attributes:
        name: Its key.
        needed: Whether it has no default.
        parse: Its value out of a text; raises ValueError where it is none.
        form: How each number of an array is written; empty: it is no array.
    """

    name: str
    needed: bool
    parse: Callable[[str], Any]
    form: str = ''

    def owns(self, key: str) -> bool:
        return key == self.name

    def written(self, value: Any) -> dict[str, Any]:
        return {self.name: ' '.join(format(number, self.form) for number in np.ravel(value)) if self.form else value}

    def read(self, texts: dict[str, str]) -> Any:
        return _parsed(self.parse, self.name, texts[self.name])


@dataclass(frozen=True)
class _Mapping:
    """A field that is a key `name.entry` for each of its entries; `parse_key` and `parse` read an entry."""

    name: str
    needed: bool
    parse_key: Callable[[str], Any]
    parse: Callable[[str], Any]

    def owns(self, key: str) -> bool:
        return key.startswith(f'{self.name}.')

    def written(self, value: dict[Any, Any]) -> dict[str, Any]:
        return {f'{self.name}.{key}': entry for key, entry in value.items()}

    def read(self, texts: dict[str, str]) -> dict[Any, Any]:
        return {
            _parsed(self.parse_key, key, key.removeprefix(f'{self.name}.')): _parsed(self.parse, key, text)
            for key, text in texts.items()
        }


def _parsed(parse: Callable[[str], Any], key: str, text: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise MessageError(f'A status with {key} = "{text}": {error}.', _REMEDY) from error


def _fields(kind: type) -> tuple[_Single | _Mapping, ...]:
    return _fields_once(cast(Hashable, kind))  # mypy looks for the hash of its instances


@cache
def _fields_once(kind: Any) -> tuple[_Single | _Mapping, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(field.name, field.default is MISSING, hints[field.name]) for field in fields(kind))


def _field(name: str, needed: bool, hint: Any) -> _Single | _Mapping:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is Annotated:
        digits = hint.__metadata__[0]
        return _Single(name, needed, lambda text: _numbers(text, digits.columns), digits.form)
    if get_origin(hint) is dict:
        return _Mapping(name, needed, *map(_parser, get_args(hint)))
    return _Single(name, needed, _parser(hint))


def _parser(kind: Any) -> Callable[[str], Any]:
    if issubclass(kind, Enum):
        return lambda text: _member(kind, text)
    return _PARSERS[kind]


def _member(kind: type[Enum], text: str) -> Enum:
    members = {str(member): member for member in kind}
    if text not in members:
        raise ValueError(f'expected one of {", ".join(members)}')
    return members[text]


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError('expected a whole number')
    return int(text)


def _finite(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError('expected a finite number')
    return value


def _numbers(text: str, columns: int) -> FloatArray:
    numbers = np.array([_finite(word) for word in text.split()], dtype=float)
    if columns == 0:
        return numbers
    if len(numbers) % columns:
        raise ValueError(f'expected rows of {columns} numbers')
    return numbers.reshape(-1, columns)


_PARSERS: dict[type, Callable[[str], Any]] = {int: _whole, float: _finite, str: str}
