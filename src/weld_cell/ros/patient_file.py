"""A file that a node needs: read at the start, and every two seconds until it is valid."""

from collections.abc import Callable
from typing import Generic, TypeVar

from rclpy.node import Node

from weld_cell.errors import WeldCellError
from weld_cell.ros.diagnostics import NodeHealth

RETRY_S = 2.0

T = TypeVar('T')


class PatientFile(Generic[T]):
    """A missing or malformed file is an error on /diagnostics, not the end of the node.

    Args:
        node: Its timer is used.
        health: Gets the error, at each attempt.
        read: Reads the file; raises a WeldCellError that names file, line and key.
    """

    def __init__(self, node: Node, health: NodeHealth, read: Callable[[], T]) -> None:
        self._health = health
        self._read = read
        self._content: T | None = None
        self._error = WeldCellError('The file has not been read.')
        self._timer = node.create_timer(RETRY_S, self._try)
        self._try()

    def get(self) -> T:
        """What the file says.

        Raises:
            WeldCellError: it could not be read so far, and why.
        """
        if self._content is None:
            raise self._error
        return self._content

    def _try(self) -> None:
        try:
            self._content = self._read()
            self._timer.cancel()
        except WeldCellError as error:
            self._error = error
            self._health.report(error)
