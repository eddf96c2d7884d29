"""A motion that was sent to the robot: expected position over time, and the robot's deviation from it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray, RobotTrajectory
from weld_cell.trajectory.limits import controller_spline

LAG_S, LEAD_S = 0.2, 0.1  # a real robot follows late; a motion may begin before we know that it did


@dataclass(frozen=True, eq=False)
class SentWeld:
    """A weld motion as it was sent in all.

    Attributes:
        motion: From its begin to its end, or to where it was stopped.
        weld_s: When the weld begins and ends in it; None where it did not come to that.
    """

    motion: RobotTrajectory
    weld_s: tuple[float, float] | None


class SentMotion:
    """A trajectory and the time at which it takes over.

    Args:
        trajectory: As it was sent.
        start_ns: When the controller begins it.
    """

    def __init__(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        self.start_ns = start_ns
        self.goal_rad = trajectory.positions_rad[-1]
        self._end_s = float(trajectory.times_s[-1])
        self._curve = controller_spline(trajectory)

    def left_s(self, now_ns: int) -> float:
        """How long it goes on; negative after its end."""
        return self._end_s - self._elapsed_s(now_ns)

    def state(self, time_ns: int) -> tuple[FloatArray, FloatArray]:
        """Commanded positions and velocities (6,) at a time; at rest before the start and after the end."""
        elapsed_s = self._elapsed_s(time_ns)
        positions = self._curve(np.clip(elapsed_s, 0.0, self._end_s))
        moving = 0.0 <= elapsed_s < self._end_s
        return positions, self._curve(elapsed_s, 1) if moving else np.zeros_like(positions)

    def derivatives(self, time_ns: int) -> FloatArray:
        """(3, 6) commanded positions, velocities and accelerations at a time within the motion."""
        elapsed_s = float(np.clip(self._elapsed_s(time_ns), 0.0, self._end_s))
        return np.stack([self._curve(elapsed_s, order) for order in range(3)])

    def off_way_rad(self, stamp_ns: int, positions_rad: FloatArray) -> FloatArray:
        """(6,) how far each robot joint was from where the motion leads it about that time; 0 until it has begun."""
        begun_s = self._elapsed_s(stamp_ns) - LAG_S
        if begun_s < 0.0:
            return np.zeros_like(positions_rad)
        about = self._curve(np.minimum(begun_s + np.array([0.0, LAG_S, LAG_S + LEAD_S]), self._end_s))
        beyond = np.maximum(about.min(axis=0) - positions_rad, positions_rad - about.max(axis=0))
        return np.asarray(beyond.clip(0.0))

    def _elapsed_s(self, time_ns: int) -> float:
        return (time_ns - self.start_ns) / 1e9


class ReplacedMotion:
    """A motion whose rest is replaced again and again. Times are seconds since it began.

    Args:
        trajectory: As it was sent first.
    """

    def __init__(self, trajectory: RobotTrajectory) -> None:
        self._past: list[RobotTrajectory] = []
        self._newest = trajectory

    def replace_rest(self, from_s: float, rest: RobotTrajectory) -> None:
        """From a time on, by a trajectory whose time 0 that is."""
        self._past.append(_part(self._newest, self._newest.times_s < from_s))
        self._newest = replace(rest, times_s=rest.times_s + from_s)

    def until(self, end_s: float) -> RobotTrajectory:
        """What was sent, up to a time."""
        return _joined([*self._past, _part(self._newest, self._newest.times_s <= end_s)])


def _part(motion: RobotTrajectory, rows: NDArray[np.bool_]) -> RobotTrajectory:
    """The rows (n,) that are True."""
    return replace(
        motion,
        times_s=motion.times_s[rows],
        positions_rad=motion.positions_rad[rows],
        velocities_rad_s=motion.velocities_rad_s[rows],
        accelerations_rad_s2=motion.accelerations_rad_s2[rows],
        tool_poses=motion.tool_poses[rows],
        phases=tuple(phase for phase, taken in zip(motion.phases, rows, strict=True) if taken),
    )


def _joined(parts: list[RobotTrajectory]) -> RobotTrajectory:
    return replace(
        parts[0],
        times_s=np.concatenate([part.times_s for part in parts]),
        positions_rad=np.concatenate([part.positions_rad for part in parts]),
        velocities_rad_s=np.concatenate([part.velocities_rad_s for part in parts]),
        accelerations_rad_s2=np.concatenate([part.accelerations_rad_s2 for part in parts]),
        tool_poses=np.concatenate([part.tool_poses for part in parts]),
        phases=tuple(phase for part in parts for phase in part.phases),
    )
