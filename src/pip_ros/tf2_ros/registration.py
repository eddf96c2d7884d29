"""How `Buffer.transform` knows the functions that transform messages: packages of conversions add them."""

from collections.abc import Callable
from typing import Any, ClassVar

from geometry_msgs.msg import TransformStamped

Transform = Callable[[Any, TransformStamped], Any]


class TypeException(Exception):
    """No package that is imported transforms messages of that type."""


class TransformRegistration:
    """Functions that transform messages, by the messages' class; every instance has the same."""

    _functions: ClassVar[dict[type, Transform]] = {}

    def add(self, key: type, callback: Transform) -> None:
        """Transform messages of a class by a function of the message and T_target_source."""
        self._functions[key] = callback

    def get(self, key: type) -> Transform:
        """The function for a class.

        Raises:
            TypeException: there is none.
        """
        if key not in self._functions:
            raise TypeException(
                f'Type {key} is not loaded or supported; is its package, as tf2_geometry_msgs, imported?'
            )
        return self._functions[key]
