"""How a node says how it is: /diagnostics once a second, and a throttled log line when something goes wrong."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.duration import Duration
from rclpy.node import Node

from weld_cell.errors import PlateSeamError, SeamError, StripeError, WeldCellError
from weld_cell.records.status import NodeStatus
from weld_cell.ros.qos import STATE, publisher
from weld_cell.ros.statuses import key_values, make_status

PERIOD_S = 1.0
LOG_EVERY_S = 5.0
_OF_THE_SCENE = (StripeError, SeamError, PlateSeamError)
"""Warnings at most: the sensor looks at something else than a seam, which is no fault of a node."""
_OF_EACH_IMAGE = (StripeError, SeamError)
"""In the log only where it is asked for: a laser sensor over the bare table says so with each image, as it should."""


def status_name(node: Node, name: str = '') -> str:
    """How a node of that name (this one, where left out) in this node's namespace is called on /diagnostics."""
    return f'{node.get_namespace()}/{name or node.get_name()}'.lstrip('/')


class NodeHealth:
    """Counts what went right and wrong in a node's callbacks and publishes it on /diagnostics.

    The level of a period is ERROR if everything in it failed, WARN if something did, OK otherwise; a fault
    without later success stays until something succeeds again. What the scene is to blame for is a warning.

    Attributes:
        values: What the node wants to show beside level and message; set items at any time.
        hardware: Name of the device behind the node.
    """

    def __init__(self, node: Node) -> None:
        self.values: dict[str, Any] = {
            **key_values(NodeStatus(started_ns=time.time_ns())),
            'successes': 0,
            'failures': 0,
        }
        self.hardware = ''
        self._node = node
        self._failures = 0
        self._successes = 0
        self._error: WeldCellError | None = None
        self._logged: dict[type, Any] = {}
        self._publisher = publisher(node, DiagnosticArray, '/diagnostics', STATE)
        self._timer = node.create_timer(PERIOD_S, self._publish)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """A WeldCellError inside is reported and goes no further."""
        try:
            yield
        except WeldCellError as error:
            self.report(error)
        else:
            self.succeeded()

    def watched(self, callback: Callable[[Any], None]) -> Callable[[Any], None]:
        """The callback, watched."""

        @wraps(callback)
        def guarded(message: Any) -> None:
            with self.watch():
                callback(message)

        return guarded

    def succeeded(self) -> None:
        """Something went right."""
        self._successes += 1
        self.values['successes'] += 1

    def report(self, error: WeldCellError) -> None:
        """Something went wrong: shown in the diagnostics; each kind of error is logged every few seconds."""
        news = self._error is None
        self._failures += 1
        self.values['failures'] += 1
        self._error = error
        now = self._node.get_clock().now()
        last = self._logged.get(type(error))
        if last is None or not Duration() <= now - last < Duration(seconds=LOG_EVERY_S):
            self._logged[type(error)] = now
            self._log(error)
        if news:  # not only at the end of the period: the supervisor may have a robot to stop
            self._send()

    def _log(self, error: WeldCellError) -> None:
        text = f'{type(error).__name__}: {error}'
        if isinstance(error, _OF_EACH_IMAGE):
            self._node.get_logger().debug(text)
        elif isinstance(error, _OF_THE_SCENE):
            self._node.get_logger().warning(text)
        else:
            self._node.get_logger().error(text)

    def status(self) -> DiagnosticStatus:
        """What will be published for the period so far."""
        if self._error is None or (self._successes and not self._failures):
            level, message = DiagnosticStatus.OK, 'ok'
        else:
            mild = self._successes or isinstance(self._error, _OF_THE_SCENE)
            level = DiagnosticStatus.WARN if mild else DiagnosticStatus.ERROR
            message = str(self._error)
        return make_status(status_name(self._node), self.values, level, message, self.hardware)

    def _publish(self) -> None:
        self._send()
        if self._successes and not self._failures:
            self._error = None
        self._failures = self._successes = 0

    def _send(self) -> None:
        array = DiagnosticArray(status=[self.status()])
        array.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(array)
