"""Python expressions that choose messages (`--filter`)."""

from collections.abc import Callable
from typing import Any

from pip_ros.errors import Ros2Error

Filter = Callable[[Any], Any]


def compiled(expression: str | None) -> Filter:
    """A function that evaluates the expression with ``m`` as its argument; always true without one.

    Raises:
        Ros2Error: it is no expression. The function raises it too, where it cannot be evaluated.
    """
    if expression is None:
        return lambda _m: True
    try:
        code = compile(expression, '--filter', 'eval')
    except SyntaxError as error:
        raise Ros2Error(f'--filter {expression!r} is no Python expression: {error.msg}') from error

    def evaluate(m: Any) -> Any:
        try:
            return eval(code, {'m': m})  # noqa: S307 - the user's own expression, as in ROS 2
        except Exception as error:  # noqa: BLE001 - whatever the expression does
            raise Ros2Error(f'--filter {expression!r}: {type(error).__name__}: {error}') from error

    return evaluate
