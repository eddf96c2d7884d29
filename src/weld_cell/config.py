"""Declaration of settings: each once, with default, range, unit and meaning.

A stage's settings are a frozen dataclass whose fields are made by `bounded`, `choice`, `text` or `switch`
and which derives from `Settings`. The offline pipeline reads them from YAML (`settings_from_mapping`);
`weld_cell.ros.parameters` declares exactly the same fields as ROS parameters with descriptors.
"""

import dataclasses
import math
from dataclasses import field, fields
from typing import Any, TypeVar

import yaml

from weld_cell.errors import ConfigurationError

T = TypeVar('T', bound='Settings')


def bounded(default: float, low: float, high: float, unit: str, doc: str) -> Any:
    """A number (int or float, by the default's type) from low to high, both included."""
    return field(default=default, metadata={'low': low, 'high': high, 'unit': unit, 'doc': doc})


def choice(default: str, options: tuple[str, ...], doc: str) -> Any:
    """One of a few words."""
    return field(default=default, metadata={'options': options, 'unit': '', 'doc': doc})


def text(default: str, doc: str) -> Any:
    """Any text, for instance a file or a frame."""
    return field(default=default, metadata={'unit': '', 'doc': doc})


def switch(default: bool, doc: str) -> Any:
    """On or off."""
    return field(default=default, metadata={'unit': '', 'doc': doc})


def numbers(default: tuple[float, ...], unit: str, doc: str) -> Any:
    """A row of floats of the default's length."""
    return field(default=default, metadata={'unit': unit, 'doc': doc})


@dataclasses.dataclass(frozen=True)
class Settings:
    """Base of every settings dataclass; checks types and ranges when made.

    Raises:
        ValueError: a field has the wrong type or lies outside its range; names the field.
    """

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, _checked(f, getattr(self, f.name)))


def _checked(f: 'dataclasses.Field[Any]', value: Any) -> Any:
    if isinstance(f.default, tuple):
        return _checked_row(f.name, len(f.default), value)
    if isinstance(f.default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(f.default):
        raise ValueError(f'{f.name}: expected {type(f.default).__name__}, got {value!r}')
    low, high = f.metadata.get('low', -math.inf), f.metadata.get('high', math.inf)
    if isinstance(value, (int, float)) and not low <= value <= high:
        unit = f.metadata['unit']
        raise ValueError(f'{f.name}: expected {low} to {high} {unit}'.rstrip() + f', got {value!r}')
    options = f.metadata.get('options')
    if options is not None and value not in options:
        raise ValueError(f'{f.name}: expected one of {", ".join(options)}, got {value!r}')
    return value


def _checked_row(name: str, length: int, value: Any) -> tuple[float, ...]:
    try:
        row = tuple(float(v) for v in value)
    except (TypeError, ValueError):
        raise ValueError(f'{name}: expected a row of numbers, got {value!r}') from None
    if len(row) != length:
        raise ValueError(f'{name}: expected {length} numbers, got {len(row)}')
    return row


def settings_from_mapping(cls: type[T], mapping: dict[str, Any], where: str) -> T:
    """Make settings from a mapping; fields that it does not name keep their defaults.

    Args:
        cls: The settings dataclass.
        mapping: Field names and values, as read from YAML.
        where: File and section, for the error message; a `LocatedDict` adds the line.

    Raises:
        ConfigurationError: unknown key, wrong type or out of range.
    """
    known = {f.name: f for f in fields(cls)}
    for key, value in mapping.items():
        line = f': line {mapping.lines[key]}' if isinstance(mapping, LocatedDict) else ''
        if key not in known:
            raise ConfigurationError(
                f'{where}{line}: unknown key "{key}".', f'Use one of: {", ".join(sorted(known))}.'
            )
        try:
            _checked(known[key], value)
        except ValueError as error:
            raise ConfigurationError(f'{where}{line}: {error}.', 'Correct the value in the file.') from error
    return cls(**mapping)


class LocatedDict(dict[str, Any]):
    """A YAML mapping that knows the line of each of its keys (``lines[key]``, from 1)."""

    lines: dict[str, int]


class _LocatingLoader(yaml.SafeLoader):
    """Safe loader whose mappings are `LocatedDict`."""


def _construct_located(loader: _LocatingLoader, node: yaml.MappingNode) -> LocatedDict:
    loader.flatten_mapping(node)
    _refuse_twins(node)
    located = LocatedDict({str(k): v for k, v in loader.construct_mapping(node, deep=True).items()})
    located.lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    return located


def _refuse_twins(node: yaml.MappingNode) -> None:
    """YAML forbids a key that stands twice; PyYAML lets the later one win, unnoticed."""
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(problem='a key that is no word', problem_mark=key.start_mark)
        if key.value in seen:
            raise yaml.constructor.ConstructorError(problem=f'key "{key.value}" twice', problem_mark=key.start_mark)
        seen.add(key.value)


_LocatingLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_located)


def load_yaml(path: str) -> LocatedDict:
    """Read a YAML file whose top is a mapping.

    Raises:
        ConfigurationError: missing, unreadable, malformed (names the line), or not a mapping.
    """
    try:
        with open(path, encoding='utf-8') as stream:
            content = yaml.load(stream, _LocatingLoader)
    except OSError as error:
        raise ConfigurationError(
            f'{path}: cannot be read ({error.strerror}).', 'Check the path and its permissions.'
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no text, or a date that there is not
        mark = getattr(error, 'problem_mark', None)
        line = f' line {mark.line + 1}' if mark else ''
        problem = getattr(error, 'problem', None) or str(error)
        raise ConfigurationError(
            f'{path}:{line} malformed YAML ({problem}).', 'Correct the line, or restore the file.'
        ) from error
    if not isinstance(content, LocatedDict):
        raise ConfigurationError(f'{path}: expected a mapping at the top.', 'See the file shipped in config/.')
    return content


def require_key(mapping: LocatedDict, key: str, where: str) -> Any:
    """Value of a key that must be there.

    Raises:
        ConfigurationError: the key is missing.
    """
    if key not in mapping:
        raise ConfigurationError(f'{where}: key "{key}" is missing.', 'See the file shipped in config/.')
    return mapping[key]
