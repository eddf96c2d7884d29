"""Messages as plain Python values for printing, and filled from plain values as the user types them."""

import array
from collections.abc import Mapping
from typing import Any

import numpy as np
import yaml

from pip_ros.errors import Ros2Error

DEFAULT_TRUNCATE_LENGTH = 128


def to_plain(value: Any, truncate_length: int | None) -> Any:
    """A message, or a field of one, as dictionaries, lists and scalars.

    Args:
        value: The message or field.
        truncate_length: Longer texts and arrays are cut and end with '...'; None for no limit.
    """
    if hasattr(value, 'get_fields_and_field_types'):
        return {name: to_plain(getattr(value, name), truncate_length) for name in value.get_fields_and_field_types()}
    if isinstance(value, str):
        cut = truncate_length is not None and len(value) > truncate_length
        return value[:truncate_length] + '...' if cut else value
    if isinstance(value, (list, tuple, array.array, np.ndarray, bytes)):
        items = [to_plain(item, truncate_length) for item in value[:truncate_length]]
        return items if len(items) == len(value) else [*items, '...']
    return value.item() if isinstance(value, np.generic) else value


def to_yaml(value: Any, truncate_length: int | None) -> str:
    """A message, or a field of one, as `ros2 topic echo` prints it."""
    plain = to_plain(value, truncate_length)
    if not isinstance(plain, (dict, list)):
        return f'{plain}\n'
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=10**9)


def fill(message: Any, values: Any) -> None:
    """Set fields of a message.

    Args:
        message: The message, changed in place.
        values: Field values by name, nested where fields are messages.

    Raises:
        Ros2Error: no such field, or a value of the wrong type.
    """
    if not isinstance(values, Mapping):
        raise Ros2Error(f'Failed to populate field: expected {{field: value}}, got {values!r}')
    for name, value in values.items():
        if name not in message.get_fields_and_field_types():
            known = ', '.join(message.get_fields_and_field_types()) or 'none'
            raise Ros2Error(f"Failed to populate field: '{name}' is none of the fields ({known})")
        current = getattr(message, name)
        if hasattr(current, 'get_fields_and_field_types'):
            fill(current, value)
        else:
            _set(message, name, current, value)


def _set(message: Any, name: str, current: Any, value: Any) -> None:
    # Messages check no types by themselves unless ROS_PYTHON_CHECK_FIELDS is set, and C crashes on a wrong one.
    if isinstance(current, float) and type(value) is int:
        value = float(value)
    is_row = isinstance(value, list) and not any(isinstance(item, (Mapping, list)) for item in value)
    if not (is_row if isinstance(current, (list, array.array, np.ndarray)) else type(value) is type(current)):
        raise Ros2Error(f"Failed to populate field '{name}' with {value!r}")
    try:
        setattr(message, name, value)
    except (AssertionError, TypeError, ValueError, OverflowError) as error:
        raise Ros2Error(f"Failed to populate field '{name}' with {value!r}: {error}") from error
