"""Robot motion of a bag without /tf: from joint_states and robot_description."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from rosbags.typesys import Stores, get_typestore

from weld_cell.errors import TransformError
from weld_cell.records import FloatArray

JOINT_STATES, DESCRIPTION = 'sensor_msgs/msg/JointState', 'std_msgs/msg/String'
DESCRIPTION_TOPIC = 'robot_description'
MOST_GAP_NS = 1_000_000_000
"""Between two states further apart than this nothing is said of what lies between."""
_TYPES = get_typestore(Stores.ROS2_JAZZY)

State = tuple[int, Mapping[str, float]]
"""Stamp in nanoseconds, and position in radians by robot joint; NaN where a driver does not know it."""


def read_joint_state(raw: bytes) -> State:
    """A serialised sensor_msgs/JointState.

    Raises:
        SerdeError: the message is cut.
    """
    message: Any = _TYPES.deserialize_cdr(raw, JOINT_STATES)
    stamp = message.header.stamp
    positions = dict(zip(message.name, message.position.tolist(), strict=False))
    return stamp.sec * 10**9 + stamp.nanosec, positions


def read_description(raw: bytes) -> str:
    """A serialised std_msgs/String.

    Raises:
        SerdeError: the message is cut.
    """
    message: Any = _TYPES.deserialize_cdr(raw, DESCRIPTION)
    return str(message.data)


class RecordedJoints:
    """Robot joints over time; arm and gripper may be in messages of their own.

    Args:
        states: In recorded order; stamps may come out of order.
    """

    def __init__(self, states: list[State]) -> None:
        told: dict[str, dict[int, float]] = {}
        for stamp_ns, positions in states:
            for name, position in positions.items():
                if math.isfinite(position):
                    told.setdefault(name, {})[stamp_ns] = position
        self._stamps_ns = {name: np.array(sorted(series)) for name, series in told.items()}
        self._positions = {
            name: np.array([told[name][stamp] for stamp in stamps]) for name, stamps in self._stamps_ns.items()
        }

    def __bool__(self) -> bool:
        return bool(self._stamps_ns)

    def missing(self, names: tuple[str, ...]) -> list[str]:
        """Those of some robot joints that never appear."""
        return [name for name in names if name not in self._stamps_ns]

    def at(self, names: tuple[str, ...], stamp_ns: int) -> FloatArray:
        """Positions (k,) at a time, linear between two states.

        Raises:
            TransformError: the position of a robot joint is not known then.
        """
        return np.array([self._at(name, stamp_ns) for name in names])

    def _at(self, name: str, stamp_ns: int) -> float:
        stamps, positions = self._stamps_ns[name], self._positions[name]
        after = int(np.searchsorted(stamps, stamp_ns))
        exact = after < len(stamps) and stamps[after] == stamp_ns
        if not exact and 0 < after < len(stamps) and stamps[after] - stamps[after - 1] > MOST_GAP_NS:
            raise TransformError(
                f'joint_states do not tell "{name}" at {stamp_ns / 1e9:.3f} s: nothing came of it from '
                f'{stamps[after - 1] / 1e9:.3f} to {stamps[after] / 1e9:.3f} s.',
                'See to the driver of this robot joint; other joints may have one of their own.',
            )
        if not exact and after in (0, len(stamps)):
            raise TransformError(
                f'joint_states do not tell "{name}" at {stamp_ns / 1e9:.3f} s; the recording covers '
                f'{stamps[0] / 1e9:.3f} to {stamps[-1] / 1e9:.3f} s.',
                'Start the recording of /joint_states before that of the images.',
            )
        if exact:
            return float(positions[after])
        share = (stamp_ns - stamps[after - 1]) / (stamps[after] - stamps[after - 1])
        return float(positions[after - 1] + share * (positions[after] - positions[after - 1]))
