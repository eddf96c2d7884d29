"""Messages as plain Python values for printing, and filled from plain values as the user types them."""

import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from typing import Any

import numpy as np
import yaml
from builtin_interfaces.msg import Time
from rosidl_parser.definition import (
    AbstractNestedType,
    AbstractString,
    Array,
    BasicType,
    BoundedSequence,
    NamespacedType,
)
from std_msgs.msg import Header

from pip_ros.errors import Ros2Error

_ROWS = (list, tuple, array.array, np.ndarray)
SetStamp = Callable[[Time], None]


@dataclass(frozen=True)
class Style:
    """How much of a message is printed.

    Attributes:
        length: Longer texts and arrays are cut and end with '...'; None for no limit.
        arrays: Print what is in arrays, not only their type and length.
        texts: Print texts, not only their length.
        flow: Arrays on one line, with brackets.
    """

    length: int | None = None
    arrays: bool = True
    texts: bool = True
    flow: bool = False


WHOLE = Style()


def to_plain(value: Any, style: Style = WHOLE, field_type: Any = None) -> Any:
    """A message, or a field of one, as dictionaries, lists and scalars; bytes are text, as ROS 2 prints them.

    Args:
        value: The message or field.
        style: How much of it.
        field_type: The field's entry in SLOT_TYPES, where it is known.
    """
    if hasattr(value, 'get_fields_and_field_types'):
        return {name: to_plain(getattr(value, name), style, slot_type) for name, slot_type in _fields(value)}
    if isinstance(value, Mapping):
        return {name: to_plain(item, style) for name, item in value.items()}
    if isinstance(value, bytes):
        return _cut(value.decode('latin-1'), style)
    if isinstance(value, str):
        return _cut(value, style) if style.texts else _length_of_text(value)
    if isinstance(value, _ROWS):
        if not style.arrays and field_type is not None:
            return _kind_of_row(value, field_type)
        items = [to_plain(item, style) for item in value[: style.length]]
        return items if len(items) == len(value) else [*items, '...']
    return value.item() if isinstance(value, np.generic) else value


def _fields(message: Any) -> list[tuple[str, Any]]:
    return list(zip(message.get_fields_and_field_types(), message.SLOT_TYPES, strict=True))


def _cut(text: str, style: Style) -> str:
    return text if style.length is None or len(text) <= style.length else text[: style.length] + '...'


def _length_of_text(text: str) -> str:
    return f'<string length: <{len(text)}>>'


def _kind_of_row(row: Any, row_type: Any) -> str:
    name = _type_name(row_type.value_type)
    if isinstance(row_type, Array):
        return f'<array type: {name}[{row_type.size}]>'
    limit = f'[{row_type.maximum_size}]' if isinstance(row_type, BoundedSequence) else ''
    return f'<sequence type: {name}{limit}, length: {len(row)}>'


def _type_name(item_type: Any) -> str:
    if isinstance(item_type, NamespacedType):
        return '/'.join(item_type.namespaced_name())
    if isinstance(item_type, BasicType):
        return str(item_type.typename)
    return 'string' if isinstance(item_type, AbstractString) else 'wstring'


def to_yaml(value: Any, style: Style = WHOLE) -> str:
    """A message, or a dictionary of such, as `ros2 topic echo` prints it; anything else as Python does."""
    if not (hasattr(value, 'get_fields_and_field_types') or isinstance(value, Mapping)):
        return f'{value}\n'
    return dump(to_plain(value, style), style)


class _Dumper(yaml.SafeDumper):
    """Writes a table over several lines, unless it is inside an array that stands on one."""

    def represent_table(self, table: dict[str, Any]) -> yaml.MappingNode:
        """Without a style of its own, as ROS 2 has it."""
        pairs = [(self.represent_data(key), self.represent_data(value)) for key, value in table.items()]
        return yaml.MappingNode('tag:yaml.org,2002:map', pairs)


_Dumper.add_representer(dict, _Dumper.represent_table)


def dump(plain: Any, style: Style) -> str:
    """What `to_plain` makes, as YAML."""
    text = yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, width=10**9, default_flow_style=style.flow)
    return str(text)


def to_csv(value: Any, style: Style = WHOLE, field_type: Any = None) -> str:
    """A message, or a field of one, as one line of values between commas."""
    if hasattr(value, 'get_fields_and_field_types'):
        return _joined(to_csv(getattr(value, name), style, slot_type) for name, slot_type in _fields(value))
    if isinstance(value, _ROWS):
        if not style.arrays and field_type is not None:
            return _kind_of_row(value, field_type)
        items = [to_csv(item, style) for item in value[: style.length]]
        return _joined(items if len(items) == len(value) else [*items, '...'])
    if isinstance(value, str):
        return _cut(value, style) if style.texts else _length_of_text(value)
    return str(value)


def _joined(texts: Iterable[str]) -> str:
    """As ROS 2 joins them: no comma behind empty texts at the beginning."""
    return reduce(lambda line, text: f'{line},{text}' if line else text, texts, '')


def fill(message: Any, values: Any, stamps: list[SetStamp] | None = None) -> None:
    """Set fields of a message.

    Args:
        message: The message, changed in place.
        values: Field values by name, nested where fields are messages.
        stamps: Takes what sets each header that is given as 'auto' and each time that is given as 'now'; without
            it these words have no meaning.

    Raises:
        Ros2Error: no such field, or a value of the wrong type.
    """
    if not isinstance(values, Mapping):
        raise Ros2Error(f'Failed to populate field: expected {{field: value}}, got {values!r}')
    slot_types = dict(_fields(message))
    for name, value in values.items():
        if name not in slot_types:
            raise Ros2Error(
                f"Failed to populate field: '{type(message).__name__}' object has no attribute '{name}' "
                f"('{name}' is none of the fields: {', '.join(slot_types) or 'none'})"
            )
        current = getattr(message, name)
        if stamps is not None and isinstance(current, Header) and value == 'auto':
            stamps.append(lambda stamp, header=current: setattr(header, 'stamp', stamp))  # type: ignore[misc]
        elif stamps is not None and isinstance(current, Time) and value == 'now':
            stamps.append(lambda stamp, field=name: setattr(message, field, stamp))  # type: ignore[misc]
        elif hasattr(current, 'get_fields_and_field_types'):
            fill(current, value, stamps)
        elif _holds_messages(slot_types[name]):
            _set(message, name, current, _messages(name, slot_types[name].value_type, value, stamps))
        else:
            _set(message, name, current, value)


def _holds_messages(slot_type: Any) -> bool:
    return isinstance(slot_type, AbstractNestedType) and isinstance(slot_type.value_type, NamespacedType)


def _messages(name: str, item_type: NamespacedType, values: Any, stamps: list[SetStamp] | None) -> list[Any]:
    if not isinstance(values, list):
        raise Ros2Error(f"Failed to populate field '{name}' with {values!r}: expected a list")
    message_class = getattr(import_module('.'.join(item_type.namespaces)), item_type.name)
    messages = [message_class() for _ in values]
    for message, value in zip(messages, values, strict=True):
        fill(message, value, stamps)
    return messages


def _set(message: Any, name: str, current: Any, value: Any) -> None:
    # Messages check no types by themselves unless ROS_PYTHON_CHECK_FIELDS is set, and C crashes on a wrong one.
    if isinstance(current, float) and type(value) is int:
        value = float(value)
    if isinstance(current, str) and type(value) in (int, float):
        value = str(value)
    is_row = isinstance(value, list) and not any(isinstance(item, (Mapping, list)) for item in value)
    if not (is_row if isinstance(current, _ROWS) else type(value) is type(current)):
        raise Ros2Error(f"Failed to populate field '{name}' with {value!r}")
    try:
        setattr(message, name, value)
    except (AssertionError, TypeError, ValueError, OverflowError) as error:
        raise Ros2Error(f"Failed to populate field '{name}' with {value!r}: {error}") from error
