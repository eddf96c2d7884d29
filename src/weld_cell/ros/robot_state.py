"""Where the robot is and whether it moves, as joint_states tells."""

import time
from collections.abc import Callable

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import JointState

from weld_cell.errors import DeviceError, DeviceLostError
from weld_cell.records import FloatArray
from weld_cell.ros.conversions import ns_from_time
from weld_cell.ros.one_source import OneSource
from weld_cell.ros.qos import STATE, subscription

MOVING_RAD_S = 5e-3
MOTION_WINDOW_S = 0.1  # long enough that the noise of an encoder is no motion
STALE_S = 2.0
MOST_SOURCES = 8


class RobotState:
    """The newest joint_states. What it holds is replaced whole, so another thread may read it.

    Args:
        node: The node that listens.
    """

    def __init__(self, node: Node) -> None:
        self._newest: tuple[int, dict[str, float]] = 0, {}
        self._arrived_s = 0.0
        self._moving = False
        self._window_ns = 0
        self._window_positions: dict[str, float] = {}
        self._make_source: Callable[[], OneSource] = lambda: OneSource(node, 'joint_states')
        self._sources: dict[frozenset[str], OneSource] = {}
        self._subscription = subscription(node, JointState, 'joint_states', self._on_joint_states, STATE)

    @property
    def known(self) -> bool:
        """Whether joint_states come."""
        return bool(self._newest[1]) and time.monotonic() - self._arrived_s <= STALE_S

    @property
    def moving(self) -> bool:
        """Whether a robot joint moves, by its velocity, or where none is sent by the last tenth of a second."""
        return self._moving

    def positions(self, joint_names: tuple[str, ...]) -> FloatArray:
        """Present positions in rad, in the order of the names; see `stamped`."""
        return self.stamped(joint_names)[1]

    def stamped(self, joint_names: tuple[str, ...]) -> tuple[int, FloatArray]:
        """Stamp in ns of the newest joint_states, and its positions in rad in the order of the names.

        Raises:
            DeviceLostError: no recent joint_states, or they lack a name.
            DeviceError: two drivers send them, or they hold no finite numbers.
        """
        stamp_ns, positions = self._newest
        if not self.known:
            since = f'for {time.monotonic() - self._arrived_s:.1f} s' if positions else 'yet'
            raise DeviceLostError(f'No joint_states have come {since}.', 'Check the robot driver.')
        for source in list(self._sources.values()):
            source.check()
        missing = [name for name in joint_names if name not in positions]
        if missing:
            raise DeviceLostError(
                f'joint_states lack {", ".join(missing)}.', 'Check that robot_description is that of the robot.'
            )
        row = np.array([positions[name] for name in joint_names])
        if not np.isfinite(row).all():
            raise DeviceError(f'joint_states say {row.tolist()} rad.', 'Check the robot driver.')
        return stamp_ns, row

    def _on_joint_states(self, message: JointState) -> None:
        stamp_ns = ns_from_time(message.header.stamp)
        self._source_of(frozenset(message.name)).update(stamp_ns)
        self._newest = stamp_ns, {**self._newest[1], **dict(zip(message.name, message.position, strict=False))}
        self._arrived_s = time.monotonic()
        if message.velocity:
            self._moving = max(map(abs, message.velocity)) > MOVING_RAD_S
        else:
            self._compare_with_window()

    def _source_of(self, names: frozenset[str]) -> OneSource:
        """By the names: a gripper may have a driver, and joint_states, of its own."""
        if names not in self._sources and len(self._sources) < MOST_SOURCES:
            self._sources[names] = self._make_source()
        return self._sources.get(names) or self._make_source()

    def _compare_with_window(self) -> None:
        stamp_ns, positions = self._newest
        elapsed_s = (stamp_ns - self._window_ns) * 1e-9
        if not 0 <= elapsed_s < MOTION_WINDOW_S:
            before = self._window_positions
            moved = max((abs(q - before.get(name, q)) for name, q in positions.items()), default=0.0)
            self._moving = moved > MOVING_RAD_S * abs(elapsed_s)
            self._window_ns, self._window_positions = stamp_ns, dict(positions)
