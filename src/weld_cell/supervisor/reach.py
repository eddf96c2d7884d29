"""Check that the robot can move the laser sensor along a nominal seam."""

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.errors import UnreachableError
from weld_cell.supervisor.poses import NominalSeam, SensorPoses, written_mm
from weld_cell.supervisor.settings import ScanSettings
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

REACH_SPACING_M = 0.020


def require_reach(
    robot: RobotModel, rig: Rig, nominal: NominalSeam, scan: ScanSettings, trajectory: TrajectorySettings
) -> None:
    """Check, before anything moves, that the robot can move the sensor along a nominal seam.

    Raises:
        UnreachableError: no one configuration of the robot reaches all of it.
    """
    lead_m, count = scan.lead_in_mm / 1000, 2 + int(nominal.length_m / REACH_SPACING_M)
    points = np.array([nominal.at(s) for s in np.linspace(-lead_m, nominal.length_m, count)])
    along, normals = np.tile(nominal.direction, (count, 1)), np.tile(nominal.normal, (count, 1))
    sensor = SensorPoses(rig, 1e-3 * scan.stand_off_mm)
    branches = robot.branches(sensor.over(points, along, normals), rig.T_tool0_tool)
    allowed = branches.limit_margin > np.radians(trajectory.min_limit_margin_deg)
    if not allowed.all(axis=0).any():
        worst = points[allowed.any(axis=1).argmin()]
        raise UnreachableError(
            f'The robot cannot lead the sensor along the seam from {written_mm(points[0])} to '
            f'{written_mm(points[-1])}; {written_mm(worst)} is out of its reach.',
            'Lay the part elsewhere or turned otherwise, or correct the seam in its job, or in scan.*.',
        )
