"""Typed values in launch files: text becomes a number, a truth value or a list by the rules of YAML."""

from typing import Any

import yaml

Scalar = str | bool | int | float

SCALARS: dict[str, type] = {'str': str, 'bool': bool, 'int': int, 'float': float}
LISTS: dict[str, type] = {f'list_of_{name}': kind for name, kind in SCALARS.items()}
KINDS = (*SCALARS, *LISTS, 'yaml')


def coerce(text: str, kind: str, or_text: bool = False) -> Any:
    """Turn text into a value.

    Args:
        text: As written in the launch file, or as its substitutions made it.
        kind: One of `KINDS`; ``yaml`` takes what YAML makes of the text.
        or_text: Text that does not convert stays text (it may hold substitutions still).

    Raises:
        ValueError: the text is no such value.
    """
    if kind == 'str':
        return text
    if kind in ('int', 'float'):
        return _number(text, SCALARS[kind], or_text)
    if kind == 'bool':
        return _boolean(text, or_text)
    value = _from_yaml(text, or_text)
    if kind in LISTS:
        _check_list(value, LISTS[kind], text, or_text)
    return value


def _number(text: str, kind: type, or_text: bool) -> Scalar:
    try:
        return kind(text)  # type: ignore[no-any-return]
    except ValueError:
        if or_text:
            return text
        raise


def _boolean(text: str, or_text: bool) -> bool | str:
    value = _from_yaml({'1': 'true', '0': 'false'}.get(text, text), or_text)
    if isinstance(value, bool) or (or_text and isinstance(value, str)):
        return value
    raise ValueError(f"'{text}' is not true or false")


def _from_yaml(text: str, or_text: bool) -> Any:
    if not text:
        return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        if or_text:
            return text
        raise ValueError(f"'{text}' is not YAML") from None
    if not is_value(value, or_text):
        raise ValueError(f"'{text}' is neither text, truth value or number, nor a list of one of these")
    return value


def is_value(value: Any, or_text: bool = False) -> bool:
    """Whether a ROS parameter can hold it; with `or_text` also a list in which some items are still text."""
    if not isinstance(value, list):
        return isinstance(value, tuple(SCALARS.values()))
    kind = next((type(item) for item in value if type(item) is not str), str)
    allowed = (kind, str) if or_text else (kind,)
    return kind in SCALARS.values() and all(isinstance(item, allowed) for item in value)


def _check_list(value: Any, kind: type, text: str, or_text: bool) -> None:
    allowed = (kind, str) if or_text else (kind,)
    if not isinstance(value, list) or not all(isinstance(item, allowed) for item in value):
        raise ValueError(f"'{text}' is not a list of {kind.__name__}")
