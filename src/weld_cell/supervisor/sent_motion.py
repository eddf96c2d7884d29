"""A motion that was sent to the robot: expected position over time, and the robot's deviation from it."""

import numpy as np

from weld_cell.records import FloatArray, RobotTrajectory
from weld_cell.trajectory.limits import controller_spline

LAG_S, LEAD_S = 0.2, 0.1  # a real robot follows late; a motion may begin before we know that it did


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
