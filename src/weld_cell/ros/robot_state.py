"""Where the robot is and whether it moves, as joint_states tells."""

from collections.abc import Callable

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import JointState

from weld_cell.errors import DeviceLostError
from weld_cell.records import FloatArray
from weld_cell.ros.conversions import ns_from_time
from weld_cell.ros.qos import STATE, subscription

MOVING_RAD_S = 5e-3
MOTION_WINDOW_S = 0.1  # long enough that the noise of an encoder is no motion
STALE_S = 0.5


class RobotState:
    """The newest joint_states.

    Args:
        node: The node that listens.
    """

    def __init__(self, node: Node) -> None:
        self._now_ns: Callable[[], int] = lambda: node.get_clock().now().nanoseconds
        self._stamp_ns = 0
        self._positions: dict[str, float] = {}
        self._moving = False
        self._window_ns = 0
        self._window_positions: dict[str, float] = {}
        self._subscription = subscription(node, JointState, 'joint_states', self._on_joint_states, STATE)

    @property
    def moving(self) -> bool:
        """Whether a robot joint moves, by its velocity, or where none is sent by the last tenth of a second."""
        return self._moving

    def positions(self, joint_names: tuple[str, ...]) -> FloatArray:
        """Present positions in rad, in the order of the names.

        Raises:
            DeviceLostError: no recent joint_states, or they lack a name.
        """
        age_s = (self._now_ns() - self._stamp_ns) * 1e-9
        if not self._positions or age_s > STALE_S:
            since = f'for {age_s:.1f} s' if self._positions else 'yet'
            raise DeviceLostError(f'No joint_states have come {since}.', 'Check the robot driver.')
        missing = [name for name in joint_names if name not in self._positions]
        if missing:
            raise DeviceLostError(
                f'joint_states lack {", ".join(missing)}.', 'Check that robot_description is that of the robot.')
        return np.array([self._positions[name] for name in joint_names])

    def _on_joint_states(self, message: JointState) -> None:
        self._stamp_ns = ns_from_time(message.header.stamp)
        self._positions.update(zip(message.name, message.position, strict=False))
        if message.velocity:
            self._moving = max(map(abs, message.velocity)) > MOVING_RAD_S
        else:
            self._compare_with_window()

    def _compare_with_window(self) -> None:
        elapsed_s = (self._stamp_ns - self._window_ns) * 1e-9
        if not 0 <= elapsed_s < MOTION_WINDOW_S:
            before = self._window_positions
            moved = max((abs(q - before.get(name, q)) for name, q in self._positions.items()), default=0.0)
            self._moving = moved > MOVING_RAD_S * abs(elapsed_s)
            self._window_ns, self._window_positions = self._stamp_ns, dict(self._positions)
