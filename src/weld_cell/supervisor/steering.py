"""Steering of the scan along the seam, towards its extrapolation."""

import numpy as np

from weld_cell.errors import SeamError, SeamPathError
from weld_cell.records import FloatArray, SeamPoint
from weld_cell.seam.prediction import predict_ahead
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.motion import ScanMotion
from weld_cell.supervisor.poses import POSE_SPACING_M, NominalSeam
from weld_cell.supervisor.settings import ScanSettings

MIN_POINTS_FOR_DIRECTION = 12


class Steering:
    """Turns seam points into motions of the scan.

    Args:
        motion: Moves the robot.
        nominal: Where the seam should lie.
        scan: Speeds, horizon and corridor.
        path: How points are extrapolated.
    """

    def __init__(self, motion: ScanMotion, nominal: NominalSeam, scan: ScanSettings, path: PathSettings) -> None:
        self._motion, self._nominal, self._scan, self._path = motion, nominal, scan, path

    def set_out(self, points: list[SeamPoint]) -> None:
        """Along the seam as far as the way back showed it, on along the nominal direction.

        Raises:
            SeamError: the way back showed no seam.
        """
        if len(points) < MIN_POINTS_FOR_DIRECTION:
            raise SeamError(
                f'{len(points)} seam points at the start of the seam, {MIN_POINTS_FOR_DIRECTION} are needed.',
                'Look at seam/overlay: does the joint type fit, is the stripe clean?',
            )
        middle = np.median([point.position_m for point in points], axis=0)
        goal = middle + self._scan.horizon_mm / 1000 * self._nominal.direction
        pose = self._motion.sensor.over(goal, self._nominal.direction, self._nominal.normal)
        self._motion.move_line(pose, self._scan.speed_mm_s)

    def steer(self, points: list[SeamPoint]) -> None:
        """Join the line on which the seam goes on; where that cannot be foreseen, go on as before."""
        pose = self._motion.tool_pose()
        here = self._motion.sensor.focus(pose)
        lead_m = (self._scan.join_mm + self._scan.takeover_s * self._scan.speed_mm_s) / 1000
        steps_m = lead_m + np.arange(0.0, self._scan.horizon_mm / 1000, POSE_SPACING_M)
        try:
            positions, tangents = self._predicted(
                points, steps_m + float((here - points[-1].position_m) @ self._nominal.direction)
            )
        except SeamPathError:
            if self._motion.remaining_s > 2 * self._scan.correction_s:
                return
            positions, tangents = here + np.outer(steps_m, pose[:3, 0]), np.tile(pose[:3, 0], (len(steps_m), 1))
        self._motion.correct(positions, tangents, self._nominal.normal, self._scan.speed_mm_s)

    def _predicted(self, points: list[SeamPoint], distances_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Positions and tangents (n, 3) at distances beyond the last point.

        Raises:
            SeamPathError: the points do not tell, or what they foretell cannot be the seam.
        """
        positions, tangents, _ = predict_ahead(points, distances_m, self._path)
        if not self._plausible(positions, tangents):
            raise SeamPathError('The points foretell a seam outside of the corridor about the nominal one.')
        return positions, tangents

    def _plausible(self, positions: FloatArray, tangents: FloatArray) -> bool:
        """Whether a line ahead stays near the nominal seam in place and direction."""
        offsets = positions - self._nominal.start_m
        sideways = offsets - np.outer(offsets @ self._nominal.direction, self._nominal.direction)
        turns_deg = np.degrees(np.arccos(np.clip(tangents @ self._nominal.direction, -1.0, 1.0)))
        near = 1000 * np.linalg.norm(sideways, axis=1).max() < self._scan.corridor_mm
        return bool(near and turns_deg.max() < self._scan.corridor_deg)
