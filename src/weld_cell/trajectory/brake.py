"""Bring a moving robot to rest, along the way that it goes."""

import numpy as np

from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory
from weld_cell.trajectory.limits import check_trajectory
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings


def plan_brake(
    positions_rad: FloatArray, velocities_rad_s: FloatArray, robot: RobotModel, T_tool0_tool: FloatArray,
    settings: TrajectorySettings,
) -> RobotTrajectory:
    """From a moving state to rest within `blend_s`: a quintic whose mean speed is half the present one.

    Args:
        positions_rad: (6,) at time 0.
        velocities_rad_s: (6,) at time 0.
        robot: Its limits.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        settings: Settings of the stage.

    Raises:
        UnreachableError, MotionLimitError: a limit would be broken.
    """
    duration_s = settings.blend_s
    positions = np.stack([positions_rad, positions_rad + 0.5 * duration_s * velocities_rad_s])
    still = np.zeros(len(positions_rad))
    trajectory = RobotTrajectory(
        robot.joint_names, np.array([0.0, duration_s]), positions, np.stack([velocities_rad_s, still]),
        np.stack([still, still]), robot.forward(positions, T_tool0_tool), (MotionPhase.SCAN, MotionPhase.SCAN))
    check_trajectory(trajectory, robot)
    return trajectory
