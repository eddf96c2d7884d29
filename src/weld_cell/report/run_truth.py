"""The truth of a simulated run, as its report is given it."""

from collections.abc import Callable
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
    """

    seam_m: Callable[[float], FloatArray]
    further_m: float
    ahead_m: float

    def wire_ends(self, robot: RobotModel, T_tool0_tool: FloatArray, positions_rad: FloatArray) -> FloatArray:
        """(n, 3) where the wire ends, for robot joints (n, 6)."""
        poses = robot.forward(positions_rad, T_tool0_tool)
        return np.asarray(poses[:, :3, 3] + self.further_m * poses[:, :3, 2])

    def distance_m(self, time_s: float, point_m: FloatArray) -> float:
        """From a point (3,) to the seam at a time; beyond its ends to its straight prolongation."""
        seam_m = self.seam_m(time_s)
        near = int(np.clip(np.linalg.norm(seam_m - point_m, axis=1).argmin(), 1, len(seam_m) - 2))
        along, away = seam_m[near + 1] - seam_m[near - 1], point_m - seam_m[near]
        return float(np.linalg.norm(away - (away @ along) / (along @ along) * along))
