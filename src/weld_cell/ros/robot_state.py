"""Position and motion of the robot from joint_states, for each robot joint.

An arm and a gripper may have drivers, and joint_states, of their own; one may fall silent while the other goes on.
"""

import math
import time
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Joint:
    """What is known of one robot joint.

    Attributes:
        stamp_ns, position_rad: Newest.
        arrived_s: When that was received, by the monotonic clock.
        moving: Whether it moves.
        reports_velocity: Whether its driver has reported a velocity other than 0: some always report 0, or NaN.
        window_ns, window_rad: Stamp and position from which on it is compared.
    """

    stamp_ns: int
    position_rad: float
    arrived_s: float
    moving: bool
    reports_velocity: bool
    window_ns: int
    window_rad: float


class RobotState:
    """The newest joint_states. What it holds is replaced whole, so another thread may read it.

    Args:
        node: The node that listens.
        prefix: What stands before the robot's own names in joint_states; here they go without.
    """

    def __init__(self, node: Node, prefix: str = '') -> None:
        self._node, self._prefix = node, prefix
        self._joints: dict[str, _Joint] = {}
        self._sources: dict[frozenset[str], OneSource] = {}
        self._subscription = subscription(node, JointState, 'joint_states', self._on_joint_states, STATE)

    @property
    def comes(self) -> bool:
        """Whether joint_states come of any robot joint."""
        joints, now_s = self._joints, time.monotonic()
        return any(now_s - joint.arrived_s <= STALE_S for joint in joints.values())

    def known(self, joint_names: tuple[str, ...]) -> bool:
        """Whether joint_states come of these robot joints."""
        return not self._silent(joint_names)

    def moving(self, joint_names: tuple[str, ...]) -> bool:
        """Whether one of these robot joints moves: by its velocity, where its driver reports one, else by its
        position in the last tenth of a second."""
        joints = self._joints
        return any(name in joints and joints[name].moving for name in joint_names)

    def positions(self, joint_names: tuple[str, ...]) -> FloatArray:
        """Present positions in rad, in the order of the names; see `stamped`."""
        return self.stamped(joint_names)[1]

    def stamped(self, joint_names: tuple[str, ...]) -> tuple[int, FloatArray]:
        """Stamp in ns, the oldest of the newest ones, and positions in rad in the order of the names.

        Raises:
            DeviceLostError: no recent joint_states of a name.
            DeviceError: two drivers send the same ones, or they hold no finite numbers, or no stamp.
        """
        joints = self._joints
        if not joints:
            raise DeviceLostError('No joint_states were received yet.', 'Check the robot driver.')
        missing = [name for name in joint_names if name not in joints]
        if missing:
            raise DeviceLostError(
                f'joint_states lack {", ".join(missing)}.', 'Check that robot_description is that of the robot.'
            )
        if silent := self._silent(joint_names):
            silence_s = max(time.monotonic() - joints[name].arrived_s for name in silent)
            raise DeviceLostError(
                f'No joint_states were received for {silence_s:.1f} s of {", ".join(silent)}.',
                'Check the robot driver.',
            )
        for source in list(self._sources.values()):
            source.check()
        row = np.array([joints[name].position_rad for name in joint_names])
        if not np.isfinite(row).all():
            raise DeviceError(f'joint_states say {row.tolist()} rad.', 'Check the robot driver.')
        stamp_ns = min(joints[name].stamp_ns for name in joint_names)
        if stamp_ns <= 0:  # nothing could be said of motion either
            raise DeviceError('joint_states have no stamp.', 'Let the robot driver stamp them as it reads them.')
        return stamp_ns, row

    def _silent(self, joint_names: tuple[str, ...]) -> list[str]:
        joints, now_s = self._joints, time.monotonic()
        return [name for name in joint_names if name not in joints or now_s - joints[name].arrived_s > STALE_S]

    def _on_joint_states(self, message: JointState) -> None:
        stamp_ns = ns_from_time(message.header.stamp)
        self._source_of(frozenset(message.name)).update(stamp_ns)
        velocities = list(message.velocity) + [math.nan] * (len(message.name) - len(message.velocity))
        told = {
            name: _next(self._joints.get(name), stamp_ns, position, velocity)
            for name, position, velocity in zip(self._names(message), message.position, velocities, strict=False)
        }
        self._joints = {**self._joints, **told}

    def _names(self, message: JointState) -> list[str]:
        """As the robot has them; others, and those of external axes, in full."""
        return [name.removeprefix(self._prefix) for name in message.name]

    def _source_of(self, names: frozenset[str]) -> OneSource:
        """By the names: each part of the robot may have one."""
        if names not in self._sources and len(self._sources) < MOST_SOURCES:
            self._sources[names] = self._make_source()
        return self._sources.get(names) or self._make_source()

    def _make_source(self) -> OneSource:
        return OneSource(self._node, 'joint_states', allowed=lambda: max(1, len(self._sources)))


def _next(before: _Joint | None, stamp_ns: int, position_rad: float, velocity_rad_s: float) -> _Joint:
    """What is known of a joint with its next state."""
    now_s = time.monotonic()
    before = before or _Joint(stamp_ns, position_rad, now_s, False, False, stamp_ns, position_rad)
    has_velocity = math.isfinite(velocity_rad_s) and (before.reports_velocity or velocity_rad_s != 0.0)
    elapsed_s = (stamp_ns - before.window_ns) * 1e-9
    moving, window_ns, window_rad = before.moving, before.window_ns, before.window_rad
    if not 0.0 <= elapsed_s < MOTION_WINDOW_S:
        moving = abs(position_rad - window_rad) > MOVING_RAD_S * abs(elapsed_s)
        window_ns, window_rad = stamp_ns, position_rad
    if has_velocity:
        moving = abs(velocity_rad_s) > MOVING_RAD_S
    return _Joint(stamp_ns, position_rad, now_s, moving, has_velocity, window_ns, window_rad)
