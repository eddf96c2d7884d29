"""Liveness of the cell's other nodes, by their messages on /diagnostics once a second.

A node that was killed is silent until the launch has started it again, and then says another start time: it has
forgotten the seam points, the vote or the plan that it held.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node

from weld_cell.errors import MessageError, TrajectoryRejectedError, TransformError
from weld_cell.records.status import NodeStatus
from weld_cell.ros.diagnostics import status_name
from weld_cell.ros.qos import STATE, subscription
from weld_cell.ros.statuses import status_from_message
from weld_cell.supervisor.port import NodeLostError

SILENCE_S = 4.0  # a node on a busy machine may be late by more than one of its seconds
FRAMES = 'hand_eye_tf'
"""The node whose error affects all: with wrong frames all seam points are wrong."""


class _Sign(NamedTuple):
    """The last diagnostics of a node: when they were received, and when the node was started."""

    heard_s: float
    started_ns: int


class NodeWatch:
    """Watches the nodes that a cycle needs, and a robot controller that reports what it refuses.

    Such a controller is one of the nodes from then on: started again, it is back before anybody misses joint_states.

    Args:
        node: The node that listens; the others are in its namespace.
        names: Names of the others.
        tells_refusals: Whether refusals that a controller reports here count; an action reports them itself.
    """

    def __init__(self, node: Node, names: Iterable[str], tells_refusals: bool = True) -> None:
        self._node, self._tells_refusals = node, tells_refusals
        self._controllers: dict[str, str] = {}
        self.need(names)
        self._signs: dict[str, _Sign] = {}
        self._expected: dict[str, int] = {}
        self._began_ns = 0
        self._refused_ns: dict[str, int] = {}
        self._refusal = self._wrong_frames = ''
        self._complaints: dict[str, str] = {}
        subscription(node, DiagnosticArray, '/diagnostics', self._on_diagnostics, STATE)

    @property
    def watches(self) -> bool:
        """Whether it is between `start` and `stop`."""
        return bool(self._expected)

    @property
    def _names(self) -> dict[str, str]:
        return self._needed | self._controllers

    def need(self, names: Iterable[str], busy: Iterable[str] = ()) -> None:
        """From now on these nodes are needed, and no longer the ones before.

        Args:
            names: Of the nodes.
            busy: Those whose silence between `start` and `stop` means that they work; who calls them limits its time.
        """
        self._needed = {status_name(self._node, name): name for name in names}
        self._busy = frozenset(busy)

    def release(self, names: Iterable[str]) -> None:
        """These nodes have done their part: until the next `start` they may come and go."""
        released = set(names)
        self._expected = {name: stamp for name, stamp in self._expected.items() if name not in released}

    def start(self) -> None:
        """From now on the nodes must be the ones that they are now."""
        self._refusal, self._began_ns = '', self._node.get_clock().now().nanoseconds
        signs = dict(self._signs)
        self._expected = {name: signs[name].started_ns for name in self._names.values() if name in signs}

    def stop(self) -> None:
        """Nodes may come and go."""
        self._expected = {}

    def missing(self) -> list[str]:
        """The nodes without diagnostics in the last seconds, and what is wrong with the frames."""
        now_s = time.monotonic()
        signs = dict(self._signs)
        return [
            name for name in self._names.values() if name not in signs or now_s - signs[name].heard_s > SILENCE_S
        ] + ([f'right frames: {self._wrong_frames}'] if self._wrong_frames else [])

    def complaints(self) -> str:
        """What the nodes that are needed say of themselves, where it is no good; without their remedies."""
        said, now_s = self._complaints, time.monotonic()
        signs = dict(self._signs)
        return ' '.join(
            f'{name}: {said[name]}'
            for name in self._names.values()
            if name in said and name in signs and now_s - signs[name].heard_s <= SILENCE_S
        )

    def check(self) -> None:
        """To be called again and again between `start` and `stop`.

        Raises:
            NodeLostError: a node fell silent or was started again.
            TrajectoryRejectedError: the robot controller says that it refused a trajectory; said once.
            TransformError: somebody else publishes the frames of the rig too.
        """
        if not self._expected:
            return
        if self._refusal:
            refusal, self._refusal = self._refusal, ''
            raise TrajectoryRejectedError(refusal)
        if self._wrong_frames:
            raise TransformError(self._wrong_frames)
        now_s = time.monotonic()
        for name, started_ns in self._expected.items():
            sign = self._signs[name]
            if sign.started_ns != started_ns:
                raise NodeLostError(
                    f'{name} was started again during the cycle.',
                    f'The log says why {name} ended. Call cell/start for a new cycle.',
                )
            if name not in self._busy and now_s - sign.heard_s > SILENCE_S:
                raise NodeLostError(
                    f'{name} has been silent for {now_s - sign.heard_s:.1f} s.',
                    f'Check whether {name} still runs; the launch starts it again. Then call cell/start.',
                )

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            with suppress(MessageError):  # any node may publish there
                self._note(status, status_from_message(NodeStatus, status))

    def _note(self, message: DiagnosticStatus, said: NodeStatus) -> None:
        name = message.name
        if said.refused_ns is not None:
            self._controllers = {**self._controllers, name: name.rpartition('/')[2]}
            self._note_refusal(name, said.refused_ns, message.message)
        if name in self._names and said.started_ns is not None:
            self._signs[self._names[name]] = _Sign(time.monotonic(), said.started_ns)
            complaint = message.message.partition(' Remedy:')[0] if message.level != DiagnosticStatus.OK else ''
            others = {other: text for other, text in self._complaints.items() if other != self._names[name]}
            self._complaints = others | ({self._names[name]: complaint} if complaint else {})
        if self._names.get(name) == FRAMES:
            self._wrong_frames = message.message if message.level == DiagnosticStatus.ERROR else ''

    def _note_refusal(self, name: str, stamp_ns: int, message: str) -> None:
        """By its time, not by a count: it may be the first message of this controller."""
        if self._tells_refusals and stamp_ns > max(self._began_ns, self._refused_ns.get(name, 0)):
            self._refusal = message
        self._refused_ns[name] = stamp_ns
