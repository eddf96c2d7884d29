"""The truth of a simulated run, as its report is given it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.records import FloatArray
from weld_cell.trajectory.robot_model import RobotModel


@dataclass(frozen=True, eq=False)
class MovingSeam:
    """A seam that moves while it is welded.

    Attributes:
        seam_m: The seam (n, 3) in base_link at a time in seconds of the node clock.
        further_m: So far beyond the frame welding_tool the wire ends.
        ahead_m: So far ahead of the wire the sensor looks: over the end of the seam it no longer sees it.
        opening_m: (n,) its root gap at a time, at the points of seam_m; None where the joint has none.
    """

    seam_m: Callable[[float], FloatArray]
    further_m: float
    ahead_m: float
    opening_m: Callable[[float], FloatArray] | None = None

    def wire_ends(self, robot: RobotModel, T_tool0_tool: FloatArray, positions_rad: FloatArray) -> FloatArray:
        """(n, 3) where the wire ends, for robot joints (n, 6)."""
        poses = robot.forward(positions_rad, T_tool0_tool)
        return np.asarray(poses[:, :3, 3] + self.further_m * poses[:, :3, 2])

    def distances_m(self, time_s: float, points_m: Sequence[FloatArray]) -> list[float]:
        """From points (3,) to the seam at a time; beyond its ends to its straight prolongation."""
        seam_m = self.seam_m(time_s)
        return [float(np.linalg.norm(_offset(seam_m, point_m))) for point_m in points_m]

    def offset_m(self, time_s: float, point_m: FloatArray) -> FloatArray:
        """(3,) from the seam at a time to a point (3,), perpendicular to the seam."""
        return _offset(self.seam_m(time_s), point_m)

    def drift_m(self, time_s: float, point_m: FloatArray) -> FloatArray:
        """(3,) how far the place of the seam nearest to a point (3,) has moved by a time since it was scanned."""
        seam_m, still_m = self.seam_m(time_s), self.seam_m(0.0)
        near = _nearest(seam_m, point_m)
        return np.asarray(seam_m[near] - still_m[near])

    def gap_mm(self, time_s: float, point_m: FloatArray) -> float:
        """Root gap at the place of the seam nearest to a point (3,) at a time; 0 where the joint has none."""
        if self.opening_m is None:
            return 0.0
        return 1e3 * float(self.opening_m(time_s)[_nearest(self.seam_m(time_s), point_m)])


def _offset(seam_m: FloatArray, point_m: FloatArray) -> FloatArray:
    """(3,) from a seam (n, 3) to a point (3,), perpendicular to the seam."""
    near = _nearest(seam_m, point_m)
    along, away = seam_m[near + 1] - seam_m[near - 1], point_m - seam_m[near]
    return np.asarray(away - (away @ along) / (along @ along) * along)


def _nearest(seam_m: FloatArray, point_m: FloatArray) -> int:
    """Of the points (n, 3) of a seam but its ends."""
    return int(np.clip(np.linalg.norm(seam_m - point_m, axis=1).argmin(), 1, len(seam_m) - 2))
