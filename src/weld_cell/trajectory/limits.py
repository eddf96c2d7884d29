"""Check of the robot limits, on the controller's spline interpolation between trajectory points."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BPoly

from weld_cell.errors import MotionLimitError, TrajectoryError, UnreachableError
from weld_cell.geometry.hermite import hermite_curve, in_parts, sampled
from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory
from weld_cell.trajectory.robot_model import RobotModel

CHECKS_PER_INTERVAL = 4
"""Places between neighbouring points that are checked; a quintic has its extremes between them."""

TOLERANCE = 1e-6
"""Relative and absolute slack for rounding."""

NamePlace = Callable[[float], str]
"""Names the place that the robot passes at a time."""


@dataclass(frozen=True)
class _Quantity:
    """What is limited: its name, its unit for people and the factor to that unit."""

    name: str
    unit: str
    per_radian: float


_POSITION = _Quantity('position', 'deg', 180.0 / np.pi)
_VELOCITY = _Quantity('speed', 'deg/s', 180.0 / np.pi)
_ACCELERATION = _Quantity('acceleration', 'deg/s^2', 180.0 / np.pi)


def controller_spline(trajectory: RobotTrajectory) -> BPoly:
    """The curve (6,) over time that joint_trajectory_controller makes of a trajectory: quintics between points."""
    derivatives = np.stack(
        [trajectory.positions_rad, trajectory.velocities_rad_s, trajectory.accelerations_rad_s2], axis=1
    )
    return hermite_curve(trajectory.times_s, derivatives)


def planned_state(trajectory: RobotTrajectory, time_s: float) -> tuple[FloatArray, FloatArray]:
    """Positions (6,) and velocities (6,) that the controller commands at a time; at rest after the end.

    From here a scan is corrected in flight: `plan.plan_tool_motion` takes this state over.

    Raises:
        ValueError: the time lies before the trajectory.
    """
    if time_s < 0.0:
        raise ValueError(f'expected a time from 0 on, got {time_s} s')
    if time_s >= trajectory.times_s[-1]:
        return trajectory.positions_rad[-1].copy(), np.zeros_like(trajectory.velocities_rad_s[-1])
    curve = controller_spline(trajectory)
    return curve(time_s), curve(time_s, 1)


def check_trajectory(trajectory: RobotTrajectory, robot: RobotModel, place: NamePlace | None = None) -> None:
    """Verify position, speed and acceleration limits at and between the points.

    Args:
        trajectory: At least 2 points.
        robot: The limits.
        place: Names the place at a time, for the message; the time itself when left out.

    Raises:
        ValueError: fewer than 2 points or times not strictly ascending from 0.
        UnreachableError: a position limit is broken; names place, robot joint and numbers.
        MotionLimitError: a speed or acceleration limit is broken; the same.
    """
    _check_shape(trajectory)
    name_place = place or (lambda time_s: f'at {time_s:.3f} s')
    lower, upper = robot.position_limits_rad.T
    fastest, most = robot.velocity_limits_rad_s, robot.acceleration_limits_rad_s2
    for part in in_parts(controller_spline(trajectory)):
        times, (position, velocity, acceleration) = sampled(part, CHECKS_PER_INTERVAL)
        _check(_POSITION, position, lower, upper, times, robot, name_place, UnreachableError)
        _check(_VELOCITY, velocity, -fastest, fastest, times, robot, name_place, MotionLimitError)
        _check(_ACCELERATION, acceleration, -most, most, times, robot, name_place, MotionLimitError)


def _check_shape(trajectory: RobotTrajectory) -> None:
    times = trajectory.times_s
    if len(times) < 2 or times[0] != 0.0 or np.diff(times).min() <= 0.0:
        raise ValueError(f'expected at least 2 points at strictly ascending times from 0, got {len(times)} points')


def _check(
    quantity: _Quantity,
    values: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    times_s: FloatArray,
    robot: RobotModel,
    place: NamePlace,
    error: type[TrajectoryError],
) -> None:
    excess = np.maximum(lower - values, values - upper) - TOLERANCE * (1.0 + np.abs(values))
    if excess.max() <= 0.0:
        return
    first = int(np.argmax((excess > 0.0).any(axis=1)))
    k = int(excess[first].argmax())
    value, low, high = quantity.per_radian * np.array([values[first, k], lower[k], upper[k]])
    raise error(
        f'{place(float(times_s[first]))}: {robot.joint_names[k]} would need a {quantity.name} of {value:.1f} '
        f'{quantity.unit}, allowed are {low:.1f} to {high:.1f} {quantity.unit}.',
        'Lower the speed in the weld procedure or scan, or move the workpiece away from singularities.',
    )


def tool_speed_error_pct(
    trajectory: RobotTrajectory,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    speed_m_s: float,
    blend_s: float,
    phase: MotionPhase = MotionPhase.WELD,
) -> float:
    """Largest deviation of the tool's speed from what was asked, in per cent, between the blends of a phase.

    Measured on the controller's curve by forward kinematics, not on the planner's numbers.

    Raises:
        ValueError: the trajectory has no such phase, or it is not longer than its blends.
    """
    times = trajectory.times_s[[p is phase for p in trajectory.phases]]
    if len(times) < 2:
        raise ValueError(f'the trajectory has no phase "{phase}"')
    following = np.searchsorted(trajectory.times_s, times[-1], side='right')
    end = trajectory.times_s[min(following, len(trajectory.times_s) - 1)] - blend_s
    start = times[0] + blend_s
    if end <= start:
        raise ValueError(f'phase "{phase}" is not longer than its blends')
    step = 1e-3
    middles = np.linspace(start + step, end - step, 4 * len(times))
    curve = controller_spline(trajectory)
    ahead, behind = (robot.forward(curve(middles + side), T_tool0_tool)[:, :3, 3] for side in (step, -step))
    speeds = np.linalg.norm(ahead - behind, axis=1) / (2.0 * step)
    return float(100.0 * np.abs(speeds / speed_m_s - 1.0).max())
