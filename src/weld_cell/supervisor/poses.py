"""Tool poses that place the laser sensor over a point, and along the corrected line ahead."""

from dataclasses import dataclass

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.geometry.transforms import frame_from_z_and_x, interpolate_transform, invert, unit
from weld_cell.records import FloatArray, JointType

POSE_SPACING_M = 0.002


@dataclass(frozen=True, eq=False)
class NominalSeam:
    """Where the seam should be.

    Attributes:
        start_m: (3,) in base_link.
        direction: (3,) unit vector along it.
        normal: (3,) unit vector out of the joint, perpendicular to the direction.
        length_m: From start to end.
        joint_type: What joint it is, where that is known.
    """

    start_m: FloatArray
    direction: FloatArray
    normal: FloatArray
    length_m: float
    joint_type: JointType | None = None

    def at(self, distance_m: float) -> FloatArray:
        """(3,) the point so far along the seam from its start; negative lies before it."""
        return self.start_m + distance_m * self.direction

    def length_between(self, first_m: FloatArray, last_m: FloatArray) -> float:
        """Distance in metres along the seam from one point to another."""
        return float((last_m - first_m) @ self.direction)


def seam_between(
    start_m: FloatArray, end_m: FloatArray, normal: FloatArray, joint_type: JointType | None = None
) -> NominalSeam:
    """The nominal seam from one point (3,) to another, its normal (3,) made perpendicular to it.

    Raises:
        ValueError: start and end coincide, or the normal is parallel to the seam.
    """
    direction = unit(end_m - start_m)
    across = unit(normal - (normal @ direction) * direction)
    return NominalSeam(start_m, direction, across, float(np.linalg.norm(end_m - start_m)), joint_type)


class SensorPoses:
    """Tool poses by where the sensor shall look.

    Args:
        rig: Says where the sensor sits on tool0 and where its laser plane crosses its optical axis.
        stand_off_m: So much further along the tool's axis than there it looks.
    """

    def __init__(self, rig: Rig, stand_off_m: float = 0.0) -> None:
        sensor = rig.laser_sensor
        in_focus = np.array([0.0, 0.0, 1.0 / sensor.laser_plane[2], 1.0])
        self._focus_in_tool = (invert(rig.T_tool0_tool) @ sensor.T_parent_sensor @ in_focus)[:3]
        self._focus_in_tool = self._focus_in_tool + np.array([0.0, 0.0, stand_off_m])

    def over(self, point_m: FloatArray, direction: FloatArray, normal: FloatArray) -> FloatArray:
        """(4, 4) T_base_tool with the sensor's focus on a point (3,), looking against the normal, moving along.

        For points and directions (n, 3): (n, 4, 4).
        """
        T_base_tool = frame_from_z_and_x(point_m, -normal, direction)
        T_base_tool[..., :3, 3] -= T_base_tool[..., :3, :3] @ self._focus_in_tool
        return T_base_tool

    def focus(self, T_base_tool: FloatArray) -> FloatArray:
        """(3,) the point that the sensor looks at."""
        seen: FloatArray = T_base_tool[:3, :3] @ self._focus_in_tool + T_base_tool[:3, 3]
        return seen


def written_mm(point_m: FloatArray) -> str:
    """A point (3,) in whole millimetres, for people."""
    x_mm, y_mm, z_mm = 1000 * point_m
    return f'({x_mm:.0f}, {y_mm:.0f}, {z_mm:.0f}) mm'


def line_poses(first: FloatArray, last: FloatArray) -> FloatArray:
    """(n, 4, 4) poses on the straight line between two, about `POSE_SPACING_M` apart, both included."""
    distance = float(np.linalg.norm(last[:3, 3] - first[:3, 3]))
    count = max(2, 1 + int(np.ceil(distance / POSE_SPACING_M)))
    return np.stack([interpolate_transform(first, last, f) for f in np.linspace(0.0, 1.0, count)])


def joining_curve(
    start_m: FloatArray,
    start_direction: FloatArray,
    goal_m: FloatArray,
    goal_direction: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """A smooth curve (cubic Hermite) that leaves one line and joins another.

    Returns:
        points (n, 3) and unit directions (n, 3), about `POSE_SPACING_M` apart.
    """
    chord = float(np.linalg.norm(goal_m - start_m))
    t = np.linspace(0.0, 1.0, max(2, 1 + int(np.ceil(chord / POSE_SPACING_M))))[:, None]
    leave, arrive = chord * start_direction, chord * goal_direction
    points = (
        (2 * t**3 - 3 * t**2 + 1) * start_m
        + (t**3 - 2 * t**2 + t) * leave
        + (3 * t**2 - 2 * t**3) * goal_m
        + (t**3 - t**2) * arrive
    )
    slopes = (
        (6 * t**2 - 6 * t) * start_m
        + (3 * t**2 - 4 * t + 1) * leave
        + (6 * t - 6 * t**2) * goal_m
        + (3 * t**2 - 2 * t) * arrive
    )
    return points, unit(slopes)
