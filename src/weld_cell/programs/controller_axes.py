"""Robot joints as the controller displays them: zero positions, signs, coupled axis 3."""

import numpy as np

from weld_cell.programs.settings import AxisSettings
from weld_cell.records import FloatArray
from weld_cell.trajectory.robot_model import RobotModel


def opw_angles(joints_rad: FloatArray, robot: RobotModel) -> FloatArray:
    """(..., 6) radians of the OPW arm, upright at 0, for robot joints (..., 6) of the URDF."""
    angles: FloatArray = np.array(robot.opw.signs) * joints_rad - np.array(robot.opw.offsets_rad)
    return angles


def controller_degrees(joints_rad: FloatArray, robot: RobotModel, axes: AxisSettings) -> FloatArray:
    """(..., 6) degrees as the controller shows them, with whole turns, for robot joints (..., 6) of the URDF."""
    angles = np.rad2deg(opw_angles(joints_rad, robot)) - np.array(axes.axis_zero_deg)
    shown: FloatArray = np.array(axes.axis_signs) * angles
    if axes.axis_3_follows_2:
        shown[..., 2] -= shown[..., 1]
    return shown


def planned_joints(shown_deg: FloatArray, robot: RobotModel, axes: AxisSettings) -> FloatArray:
    """(..., 6) radians of the URDF, for degrees (..., 6) as the controller shows them."""
    shown = np.array(shown_deg, dtype=float)
    if axes.axis_3_follows_2:
        shown[..., 2] += shown[..., 1]
    angles = np.deg2rad(np.array(axes.axis_signs) * shown + np.array(axes.axis_zero_deg))
    joints: FloatArray = np.array(robot.opw.signs) * (angles + np.array(robot.opw.offsets_rad))
    return joints
