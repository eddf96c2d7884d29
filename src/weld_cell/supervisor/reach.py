"""Whether the robot can lead the laser sensor along a nominal seam."""

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.errors import UnreachableError
from weld_cell.records import FloatArray
from weld_cell.supervisor.poses import NominalSeam, SensorPoses
from weld_cell.supervisor.settings import ScanSettings
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

REACH_SPACING_M = 0.020


def require_reach(
    robot: RobotModel, rig: Rig, nominal: NominalSeam, scan: ScanSettings, trajectory: TrajectorySettings
) -> None:
    """Check, before anything moves, that the sensor can be led along a nominal seam.

    Raises:
        UnreachableError: no one configuration of the robot reaches all of it.
    """
    lead_m, count = scan.lead_in_mm / 1000, 2 + int(nominal.length_m / REACH_SPACING_M)
    points = np.array([nominal.at(s) for s in np.linspace(-lead_m, nominal.length_m, count)])
    along, normals = np.tile(nominal.direction, (count, 1)), np.tile(nominal.normal, (count, 1))
    branches = robot.branches(SensorPoses(rig).over(points, along, normals), rig.T_tool0_tool)
    allowed = branches.limit_margin > np.radians(trajectory.min_limit_margin_deg)
    if not allowed.all(axis=0).any():
        worst = points[allowed.any(axis=1).argmin()]
        raise UnreachableError(
            f'The robot cannot lead the sensor along the seam from {_mm(points[0])} to {_mm(points[-1])} mm; '
            f'{_mm(worst)} mm is out of its reach.',
            'Lay the part elsewhere or turned otherwise, or correct the seam in its job, or in scan.*.',
        )


def _mm(point_m: FloatArray) -> str:
    x_mm, y_mm, z_mm = 1000 * point_m
    return f'({x_mm:.0f}, {y_mm:.0f}, {z_mm:.0f})'
