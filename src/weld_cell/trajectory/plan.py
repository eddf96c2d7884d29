"""Complete motions: weld a seam, scan along tool poses, move to a goal. Read this file of the stage first.

Free motions go straight in robot joint space; nothing here knows what stands in the way.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory, SeamPath
from weld_cell.trajectory.inverse_kinematics import solve_path
from weld_cell.trajectory.limits import check_trajectory
from weld_cell.trajectory.procedures import WeldProcedure
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings
from weld_cell.trajectory.timing import (
    SpeedProfile,
    TimedJoints,
    blend_onto,
    joined,
    speed_profile,
    time_joint_move,
    time_stop,
    time_tool_path,
)
from weld_cell.trajectory.tool_path import ToolPath, retracted, tool_path, weld_tool_poses

STANDING_RAD = 1e-4
"""A robot joint nearer than this to its goal is there."""


@dataclass(frozen=True, eq=False)
class _Motion:
    """One motion that ends at rest: its phase and joints, and for tool paths the path and its speed."""

    phase: MotionPhase
    joints: TimedJoints
    path: ToolPath | None = None
    profile: SpeedProfile | None = None


def plan_weld(
    path: SeamPath,
    procedure: WeldProcedure,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    start_rad: FloatArray,
    settings: TrajectorySettings,
    turned: Callable[[FloatArray], FloatArray] | None = None,
) -> RobotTrajectory:
    """Approach, weld and departure along a seam.

    Args:
        path: The seam in base_link.
        procedure: How to weld it.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        start_rad: (6,) where the robot stands.
        settings: Settings of the stage.
        turned: Turns the tool poses (n, 4, 4) about the wire, where that shall not be left to the planning.

    Raises:
        ValueError: the path has fewer than 2 points, or the start is not 6 numbers.
        UnreachableError: no branch can follow, or a position limit is broken; names the place and the reason.
        MotionLimitError: a robot joint would exceed its speed or acceleration; names the place and the numbers.
    """
    poses = weld_tool_poses(path, procedure, settings.calibrated_stick_out_mm)
    poses = poses if turned is None else turned(poses)
    before = retracted(poses[0], procedure.approach_distance_mm * 1e-3)
    after = retracted(poses[-1], procedure.departure_distance_mm * 1e-3)
    spacing = settings.node_spacing_mm * 1e-3
    paths = [
        tool_path(MotionPhase.APPROACH, np.stack([before, poses[0]]), procedure.approach_speed_mm_s * 1e-3, spacing),
        tool_path(MotionPhase.WELD, poses, procedure.travel_speed_mm_s * 1e-3, spacing),
        tool_path(
            MotionPhase.DEPARTURE, np.stack([poses[-1], after]), procedure.departure_speed_mm_s * 1e-3, spacing
        ),
    ]
    start = _joint_values(start_rad)
    solved = _solve(paths, robot, T_tool0_tool, start, settings, free_turn=turned is None)
    motions = [_along(p, q, settings, from_rest=True) for p, q in zip(paths, solved, strict=True)]
    return _trajectory([*_way_to(start, solved[0][0], robot, settings), *motions], robot, T_tool0_tool)


def plan_tool_motion(
    tool_poses: FloatArray,
    speed_m_s: float,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    start_rad: FloatArray,
    start_velocity_rad_s: FloatArray | None,
    settings: TrajectorySettings,
    free_turn: bool = False,
) -> RobotTrajectory:
    """Motion through tool poses at constant tool speed, ending at rest; for scanning.

    From rest the robot first goes to the first pose, where it does not stand there yet. From a moving start (a
    scan that is corrected in flight) time 0 is the takeover: the tool passes the first pose at full speed and the
    robot joints blend from their state onto the path within takeover_s; give the first pose near the tool's own.

    Args:
        tool_poses: (n, 4, 4) T_base_tool, n >= 2, dense where the path bends.
        speed_m_s: Tool speed.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        start_rad: (6,) where the robot is at time 0.
        start_velocity_rad_s: (6,) how it moves there, or None from rest.
        settings: Settings of the stage.
        free_turn: The tool may be turned about its own axis.

    Raises:
        ValueError: poses, speed or start are malformed.
        UnreachableError, MotionLimitError: as `plan_weld`.
    """
    start = _joint_values(start_rad)
    path = tool_path(MotionPhase.SCAN, tool_poses, speed_m_s, settings.node_spacing_mm * 1e-3)
    (positions,) = _solve(
        [path], robot, T_tool0_tool, start, settings, free_turn, moving_start=start_velocity_rad_s is not None
    )
    if start_velocity_rad_s is None:
        motions = [*_way_to(start, positions[0], robot, settings), _along(path, positions, settings, from_rest=True)]
        return _trajectory(motions, robot, T_tool0_tool)
    moving = _along(path, positions, settings, from_rest=False)
    joints = blend_onto(moving.joints, start, _joint_values(start_velocity_rad_s), settings.takeover_s)
    return _trajectory([replace(moving, joints=joints)], robot, T_tool0_tool)


def plan_joint_move(
    start_rad: FloatArray,
    goal_rad: FloatArray,
    robot: RobotModel,
    settings: TrajectorySettings,
    T_tool0_tool: FloatArray | None = None,
) -> RobotTrajectory:
    """Free motion from rest to rest, straight in robot joint space.

    Args:
        start_rad: (6,).
        goal_rad: (6,), different from the start.
        robot: The robot.
        settings: Settings of the stage.
        T_tool0_tool: (4, 4) for the trajectory's tool poses; tool0 itself when left out.

    Raises:
        ValueError: start or goal are not 6 numbers, or the same.
        UnreachableError: start or goal lie outside the position limits.
    """
    motions = _way_to(_joint_values(start_rad), _joint_values(goal_rad), robot, settings)
    if not motions:
        raise ValueError('the goal of the joint move is its start')
    return _trajectory(motions, robot, np.eye(4) if T_tool0_tool is None else T_tool0_tool)


def plan_stop(
    start_rad: FloatArray,
    start_velocity_rad_s: FloatArray,
    robot: RobotModel,
    settings: TrajectorySettings,
    T_tool0_tool: FloatArray | None = None,
) -> RobotTrajectory:
    """Bring a moving robot to rest, smoothly and soon.

    Args:
        start_rad: (6,) where it is at time 0.
        start_velocity_rad_s: (6,) how it moves there.
        robot: The robot.
        settings: Settings of the stage.
        T_tool0_tool: (4, 4) for the trajectory's tool poses; tool0 itself when left out.

    Raises:
        ValueError: start or velocity are not 6 numbers, or the robot does not move.
        UnreachableError: it cannot stop before a position limit.
    """
    start, velocity = _joint_values(start_rad), _joint_values(start_velocity_rad_s)
    if not velocity.any():
        raise ValueError('a robot at rest cannot be stopped')
    motion = _Motion(MotionPhase.DEPARTURE, time_stop(start, velocity, robot, settings))
    return _trajectory([motion], robot, np.eye(4) if T_tool0_tool is None else T_tool0_tool)


def _joint_values(row: FloatArray) -> FloatArray:
    values = np.asarray(row, dtype=float)
    if values.shape != (6,) or not np.isfinite(values).all():
        raise ValueError(f'expected 6 finite robot joint values, got {row!r}')
    return values


def _solve(
    paths: list[ToolPath],
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    start_rad: FloatArray,
    settings: TrajectorySettings,
    free_turn: bool,
    moving_start: bool = False,
) -> list[FloatArray]:
    """Robot joint positions (n, 6) for each path, all in one branch."""
    places = [(path, distance) for path in paths for distance in path.distances_m]
    found = solve_path(
        np.concatenate([path.poses for path in paths]),
        robot,
        T_tool0_tool,
        start_rad,
        settings,
        lambda i: places[i][0].place(places[i][1]),
        free_turn,
        moving_start,
    )
    return np.split(found.positions_rad, np.cumsum([len(path.poses) for path in paths])[:-1])


def _along(path: ToolPath, positions_rad: FloatArray, settings: TrajectorySettings, from_rest: bool) -> _Motion:
    profile = speed_profile(path.length_m, path.speed_m_s, settings.blend_s, from_rest)
    return _Motion(path.phase, time_tool_path(path, positions_rad, profile, settings.sample_period_s), path, profile)


def _way_to(
    start_rad: FloatArray,
    goal_rad: FloatArray,
    robot: RobotModel,
    settings: TrajectorySettings,
) -> list[_Motion]:
    """The free motion to a goal; none where the robot stands there."""
    if np.abs(goal_rad - start_rad).max() < STANDING_RAD:
        return []
    return [_Motion(MotionPhase.APPROACH, time_joint_move(start_rad, goal_rad, robot, settings))]


def _trajectory(motions: list[_Motion], robot: RobotModel, T_tool0_tool: FloatArray) -> RobotTrajectory:
    """Motions one after the other, verified; the point between two motions belongs to the later one."""
    joints = joined([motion.joints for motion in motions])
    counts = [len(motion.joints.times_s) - 1 for motion in motions]
    counts[-1] += 1
    trajectory = RobotTrajectory(
        robot.joint_names,
        joints.times_s,
        joints.positions_rad,
        joints.velocities_rad_s,
        joints.accelerations_rad_s2,
        robot.forward(joints.positions_rad, T_tool0_tool),
        tuple(motion.phase for motion, count in zip(motions, counts, strict=True) for _ in range(count)),
    )
    check_trajectory(trajectory, robot, lambda time_s: _place(motions, time_s))
    return trajectory


def _place(motions: list[_Motion], time_s: float) -> str:
    """Where the robot is at a time, for messages."""
    for motion in motions:
        if time_s <= motion.joints.times_s[-1] or motion is motions[-1]:
            break
        time_s -= float(motion.joints.times_s[-1])
    if motion.path is None or motion.profile is None:
        return f'{motion.phase}, free motion at {time_s:.2f} s'
    distance, _, _ = motion.profile.at(np.array([min(time_s, motion.profile.duration_s)]))
    return motion.path.place(float(distance[0]))
