"""Validated reading of configuration files: each value is checked, and errors name file, line and key."""

import datetime
import math
from typing import Any

import numpy as np

from weld_cell.config import LocatedDict, require_key
from weld_cell.errors import ConfigurationError
from weld_cell.records import FloatArray


class Section:
    """A mapping of a YAML file whose values are read with their form checked, or refused with file, line and key.

    Args:
        mapping: As `config.load_yaml` reads it.
        path: The file, for the messages.
        remedy: What a person can do about a wrong value.
        name: Where the mapping stands in the file: empty, or the keys that lead to it, each with a full stop.
    """

    def __init__(self, mapping: LocatedDict, path: str, remedy: str, name: str = '') -> None:
        self._mapping, self._path, self._remedy, self._name = mapping, path, remedy, name
        self._read: set[str] = set()
        self._sections: list[Section] = []

    def __contains__(self, key: str) -> bool:
        return key in self._mapping

    @property
    def name(self) -> str:
        """The keys that lead to the mapping, with full stops between; empty for the whole file."""
        return self._name.removesuffix('.')

    def refuse_unread(self) -> None:
        """A key that nothing reads is a misspelt one, or one that somebody believes in.

        Raises:
            ConfigurationError: there is one, here or in a section below.
        """
        unread = [key for key in self._mapping if key not in self._read]
        if unread:
            raise ConfigurationError(f'{self.where(unread[0])}: unknown key.', self._remedy)
        for section in self._sections:
            section.refuse_unread()

    def where(self, key: str) -> str:
        """File, line and key as a message begins with them."""
        line = self._mapping.lines.get(key)
        return f'{self._path}: ' + (f'line {line}: ' if line else '') + f'"{self._name}{key}"'

    def refusal(self, key: str, expected: str) -> ConfigurationError:
        """The error that says what was expected of a key and what came."""
        return ConfigurationError(f'{self.where(key)}: expected {expected}, got {self._value(key)!r}.', self._remedy)

    def _value(self, key: str) -> Any:
        self._read.add(key)
        section = f' section "{self._name[:-1]}"' if self._name else ''
        return require_key(self._mapping, key, f'{self._path}:{section}')

    def section(self, key: str) -> 'Section':
        """A mapping below this one."""
        value = self._value(key)
        if not isinstance(value, LocatedDict):
            raise self.refusal(key, 'a mapping')
        return self._below(value, key)

    def sections(self, key: str) -> 'list[Section]':
        """A list of mappings."""
        value = self._value(key)
        if not isinstance(value, list) or not all(isinstance(item, LocatedDict) for item in value):
            raise self.refusal(key, 'a list of mappings')
        return [self._below(item, f'{key}[{number}]') for number, item in enumerate(value)]

    def _below(self, mapping: LocatedDict, key: str) -> 'Section':
        self._sections.append(Section(mapping, self._path, self._remedy, f'{self._name}{key}.'))
        return self._sections[-1]

    def text(self, key: str) -> str:
        """A name, not empty."""
        value = self._value(key)
        if not isinstance(value, str) or not value:
            raise self.refusal(key, 'a name')
        return value

    def prose(self, key: str) -> str:
        """Any text, also none."""
        value = self._value(key)
        if not isinstance(value, str):
            raise self.refusal(key, 'a text')
        return value

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self._value(key)
        if value not in options:
            raise self.refusal(key, f'one of {", ".join(options)}')
        return str(value)

    def date(self, key: str) -> datetime.date:
        """A day, in ISO's form."""
        try:
            return datetime.date.fromisoformat(str(self._value(key)))
        except ValueError:
            raise self.refusal(key, 'a date such as "2026-11-20"') from None

    def numbers(self, key: str, count: int) -> FloatArray:
        """(count,) finite numbers."""
        value = self._value(key)
        if not isinstance(value, list) or len(value) != count or not all(_is_finite(v) for v in value):
            raise self.refusal(key, f'a row of {count} numbers')
        return np.array(value, dtype=float)

    def has_row(self, key: str, count: int) -> bool:
        """Whether a key stands for a row of so many values."""
        value = self._mapping.get(key)
        return isinstance(value, list) and len(value) == count

    def number(self, key: str, low: float, high: float) -> float:
        """A number from low to high, both included."""
        value = self._value(key)
        if not _is_finite(value) or not low <= value <= high:
            raise self.refusal(key, f'a number from {low:g} to {high:g}')
        return float(value)

    def residual(self, key: str) -> float:
        """A number from 0."""
        value = self._value(key)
        if not _is_finite(value) or value < 0:
            raise self.refusal(key, 'a number from 0')
        return float(value)

    def size(self, key: str) -> tuple[int, int]:
        """Width and height in whole pixels."""
        width, height = self.numbers(key, 2)
        if min(width, height) < 1 or width % 1 or height % 1:
            raise self.refusal(key, 'width and height in whole pixels')
        return int(width), int(height)


def _is_finite(value: Any) -> bool:
    """Whether it is a number that a double holds; numpy does not say so of whole numbers beyond 64 bits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
