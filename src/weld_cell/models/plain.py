"""Strict conversion of JSON values to frozen records."""

import types
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar('T')


def from_plain(kind: type[T], value: Any, where: str = '') -> T:
    """A record, tuple or scalar of a type out of what JSON holds; `dataclasses.asdict` is the way back.

    Args:
        kind: A dataclass, ``tuple[X, ...]``, one of both or None, a union of scalars, str, int, float or bool.
        value: As `json.loads` gives it.
        where: Name of the value, for the message.

    Raises:
        ValueError: names the place, what was expected there and what came.
    """
    if is_dataclass(kind):
        return _record(kind, value, where)  # type: ignore[no-any-return]
    origin = get_origin(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f'{where}: expected a list, got {value!r}')
        if get_args(kind)[0] is float and all(type(entry) is float for entry in value):
            return tuple(value)  # type: ignore[return-value]  # long rows of numbers are quick
        rows = (from_plain(get_args(kind)[0], entry, f'{where}[{i}]') for i, entry in enumerate(value))
        return tuple(rows)  # type: ignore[return-value]
    options = get_args(kind) if origin in (Union, types.UnionType) else (kind,)
    composed = [option for option in options if is_dataclass(option) or get_origin(option) is tuple]
    if composed and value is not None:
        return from_plain(composed[0], value, where)  # type: ignore[no-any-return]
    if float in options and type(value) is int:
        value = float(value)
    if type(value) not in options:
        raise ValueError(f'{where}: expected {" or ".join(o.__name__ for o in options)}, got {value!r}')
    return value  # type: ignore[no-any-return]


def _record(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f'{where or kind.__name__}: expected a mapping, got {value!r}')
    hints = get_type_hints(kind)
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    for what, names in (('unknown', value.keys() - hints.keys()), ('missing', needed - value.keys())):
        if names:
            raise ValueError(f'{where or kind.__name__}: {what}: {", ".join(sorted(names))}')
    return kind(
        **{name: from_plain(hints[name], entry, f'{where}.{name}'.lstrip('.')) for name, entry in value.items()}
    )
