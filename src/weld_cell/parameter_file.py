"""ROS parameter files such as config/cell.yaml: sections, dotted parameter names, and line numbers."""

from collections.abc import Mapping
from typing import Any

from weld_cell.config import LocatedDict, load_yaml
from weld_cell.errors import ConfigurationError

_REMEDY = 'See the file shipped in config/.'


def load_parameter_file(path: str) -> dict[str, LocatedDict]:
    """Section name (a node's, or a pattern such as /**) -> dotted parameter name -> value, with lines.

    Raises:
        ConfigurationError: missing, malformed, empty, a section without ros__parameters, or a value that is an
            empty list or mapping; names file and line.
    """
    content = load_yaml(path)
    return {section: _parameters(content, section, path) for section in content}


def sections_of(sections: Mapping[str, LocatedDict], node: str) -> list[LocatedDict]:
    """The sections of a file that concern a node, the weightiest last."""
    names = [name for section in ('/**', f'/**/{node}', node) for name in (section, f'/{section}')]
    return [sections[name] for name in names if name in sections]


def _parameters(content: LocatedDict, section: str, path: str) -> LocatedDict:
    found = content[section]
    parameters = found.get('ros__parameters') if isinstance(found, LocatedDict) else None
    if not isinstance(parameters, LocatedDict):
        raise ConfigurationError(
            f'{path}: line {content.lines[section]}: section "{section}" has no mapping ros__parameters.', _REMEDY
        )
    flat = _flat(parameters)
    for name, value in flat.items():
        if isinstance(value, (list, dict)) and not value:  # ROS takes it for a parameter that is not set
            what = 'list' if isinstance(value, list) else 'mapping'
            raise ConfigurationError(
                f'{path}: line {flat.lines[name]}: {name}: an empty {what} is no value in ROS 2.',
                'Give it a value, or leave the line out.',
            )
    return flat


def _flat(mapping: LocatedDict, prefix: str = '') -> LocatedDict:
    """{'a': {'b': 1}, 'c.d': 2} -> {'a.b': 1, 'c.d': 2}, as ROS names parameters."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, value in mapping.items():
        inner = _flat(value, f'{prefix}{key}.') if isinstance(value, LocatedDict) and value else None
        values |= {f'{prefix}{key}': value} if inner is None else inner
        lines |= {f'{prefix}{key}': mapping.lines[key]} if inner is None else inner.lines
    flat = LocatedDict(values)
    flat.lines = lines
    return flat
