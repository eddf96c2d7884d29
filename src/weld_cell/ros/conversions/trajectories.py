"""Trajectories of the robot."""

from typing import TYPE_CHECKING

import numpy as np
from builtin_interfaces.msg import Duration
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from weld_cell.errors import TrajectoryRejectedError
from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory
from weld_cell.ros.conversions.stamps import NS, ns_from_time
from weld_cell.wording import counted

if TYPE_CHECKING:
    from weld_cell.trajectory.robot_model import RobotModel


def trajectory_to_message(trajectory: RobotTrajectory) -> JointTrajectory:
    """JointTrajectory with a zero stamp: the controller starts it when it comes."""
    rows = zip(
        trajectory.times_s,
        trajectory.positions_rad,
        trajectory.velocities_rad_s,
        trajectory.accelerations_rad_s2,
        strict=True,
    )
    points = [
        JointTrajectoryPoint(
            positions=q.tolist(),
            velocities=qd.tolist(),
            accelerations=qdd.tolist(),
            time_from_start=_duration(float(t)),
        )
        for t, q, qd, qdd in rows
    ]
    return JointTrajectory(joint_names=list(trajectory.joint_names), points=points)


def _duration(seconds: float) -> Duration:
    nanoseconds = round(seconds * NS)
    return Duration(sec=nanoseconds // NS, nanosec=nanoseconds % NS)


def trajectory_arrays(message: JointTrajectory) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times (n,) in s, positions (n, k) in rad and velocities (n, k) in rad/s of a JointTrajectory.

    Velocities that are left out, as the message allows, are zeros.

    Raises:
        TrajectoryRejectedError: no points, or points of unequal length.
    """
    count = len(message.joint_names)
    if not message.points or any(len(point.positions) != count for point in message.points):
        raise TrajectoryRejectedError(
            f'The trajectory has {counted(len(message.points), "point")}; each needs {count} positions.',
            "Send one position for each of the trajectory's joint names.",
        )
    if any(len(point.velocities) not in (0, count) for point in message.points):
        raise TrajectoryRejectedError(
            'A trajectory point has velocities for some robot joints only.', 'Send all velocities or none.'
        )
    times = np.array([ns_from_time(point.time_from_start) / NS for point in message.points])
    positions = np.array([point.positions for point in message.points], dtype=float)
    velocities = np.array([point.velocities or [0.0] * count for point in message.points], dtype=float)
    return times, positions, velocities


def trajectory_from_message(
    message: JointTrajectory,
    robot: 'RobotModel',
    T_tool0_tool: FloatArray,
    phase: MotionPhase,
) -> RobotTrajectory:
    """A JointTrajectory as `trajectory_to_message` writes it, its columns in the robot's order.

    Raises:
        TrajectoryRejectedError: no points, points of unequal length, or names that are not the robot's.
    """
    times_s, positions, velocities = trajectory_arrays(message)
    if sorted(message.joint_names) != sorted(robot.joint_names):
        raise TrajectoryRejectedError(
            f'The trajectory moves {", ".join(message.joint_names)}; the robot has {", ".join(robot.joint_names)}.',
            'Check that robot_description is that of the robot.',
        )
    order = [list(message.joint_names).index(name) for name in robot.joint_names]
    count = len(order)
    accelerations = np.array(
        [p.accelerations if len(p.accelerations) == count else [0.0] * count for p in message.points], dtype=float
    )
    return RobotTrajectory(
        robot.joint_names,
        times_s,
        positions[:, order],
        velocities[:, order],
        accelerations[:, order],
        robot.forward(positions[:, order], T_tool0_tool),
        (phase,) * len(times_s),
    )
