"""What the simulated robot's controller is told, and what it refuses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import BPoly

from weld_cell.errors import TrajectoryRejectedError
from weld_cell.geometry.hermite import in_parts, sampled
from weld_cell.records import FloatArray

SMOOTHED_S = 0.05
"""A step of the speed up to the acceleration limit times this is smoothed by the drives; more is refused."""

CHECKS_PER_INTERVAL = 8
"""Places between two points at which the limits are checked."""

SLACK = 1e-6
"""Relative and absolute, for rounding."""


@dataclass(frozen=True, eq=False)
class TrajectoryCommand:
    """A trajectory as the message brings it; nothing is checked yet.

    Attributes:
        joint_names: Names of the columns, in any order.
        times_s: For each point the time from the start.
        positions_rad: For each point a row.
        velocities_rad_s: For each point a row, empty where the message has none.
        accelerations_rad_s2: The same.
        start_ns: Header stamp; 0: now.
    """

    joint_names: Sequence[str]
    times_s: Sequence[float]
    positions_rad: Sequence[Sequence[float]]
    velocities_rad_s: Sequence[Sequence[float]]
    accelerations_rad_s2: Sequence[Sequence[float]]
    start_ns: int = 0


@dataclass(frozen=True, eq=False)
class RobotLimits:
    """Names and limits of the robot joints: position (6, 2), speed (6,), acceleration (6,), in rad and s."""

    joint_names: tuple[str, ...]
    position_rad: FloatArray
    velocity_rad_s: FloatArray
    acceleration_rad_s2: FloatArray


def rejected(reason: str) -> TrajectoryRejectedError:
    """The error for a reason."""
    return TrajectoryRejectedError(
        f'Trajectory refused: {reason}.', 'Plan again from the present state of the robot, within its limits.'
    )


def validated(command: TrajectoryCommand, joint_names: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    """Times (n,) and rows (n, d, 6) in the robot's order; d: positions, velocities, accelerations as given.

    Raises:
        TrajectoryRejectedError: names, sizes, times or the end are not what joint_trajectory_controller takes.
    """
    if len(command.times_s) == 0:
        raise rejected('it has no points')
    if sorted(command.joint_names) != sorted(joint_names):
        raise rejected(f'robot joints {", ".join(command.joint_names) or "none"}, expected {", ".join(joint_names)}')
    order = [list(command.joint_names).index(name) for name in joint_names]
    levels = [_table(command.positions_rad, 'positions', len(command.times_s), len(order))]
    for name, table in (('velocities', command.velocities_rad_s), ('accelerations', command.accelerations_rad_s2)):
        if any(len(row) for row in table):
            levels.append(_table(table, name, len(command.times_s), len(order)))
        elif name == 'velocities' and any(len(row) for row in command.accelerations_rad_s2):
            raise rejected('it has accelerations without velocities')
    rows = np.stack(levels, axis=1)[:, :, order]
    return _validated_times(np.asarray(command.times_s, dtype=float)), _resting(rows, joint_names)


def completed(command: TrajectoryCommand, joint_names: tuple[str, ...], present_rad: FloatArray) -> TrajectoryCommand:
    """The command with the robot joints that it leaves out, which stay at their present positions (6,)."""
    left_out = [k for k, name in enumerate(joint_names) if name not in command.joint_names]
    stay, still = [float(present_rad[k]) for k in left_out], [0.0] * len(left_out)

    def wider(rows: Sequence[Sequence[float]], values: list[float]) -> list[Sequence[float]]:
        return [[*row, *values] if len(row) else row for row in rows]

    return replace(
        command,
        joint_names=[*command.joint_names, *(joint_names[k] for k in left_out)],
        positions_rad=wider(command.positions_rad, stay),
        velocities_rad_s=wider(command.velocities_rad_s, still),
        accelerations_rad_s2=wider(command.accelerations_rad_s2, still),
    )


def _table(table: Sequence[Sequence[float]], name: str, points: int, count: int) -> FloatArray:
    if len(table) != points:
        raise rejected(f'{len(table)} rows of {name} for {points} points')
    for i, row in enumerate(table):
        if len(row) != count:
            raise rejected(f'point {i} has {len(row)} {name} for {count} robot joints')
    values = np.array(table, dtype=float)
    if not np.isfinite(values).all():
        raise rejected(f'point {int(np.argmin(np.isfinite(values).all(axis=1)))} has {name} that are not finite')
    return values


def _validated_times(times_s: FloatArray) -> FloatArray:
    steps = np.diff(times_s)
    if len(steps) and not steps.min() > 0.0:
        i = int(np.argmin(steps > 0.0))
        raise rejected(f'points {i} and {i + 1} are at {times_s[i]:.6f} and {times_s[i + 1]:.6f} s, not ascending')
    if not 0.0 <= times_s[0] <= times_s[-1] < np.inf:
        raise rejected(f'its points run from {times_s[0]} to {times_s[-1]} s')
    return times_s


def _resting(rows: FloatArray, joint_names: tuple[str, ...]) -> FloatArray:
    if rows.shape[1] > 1 and np.abs(rows[-1, 1]).max() > np.finfo(np.float32).eps:
        k = int(np.abs(rows[-1, 1]).argmax())
        raise rejected(f'{joint_names[k]} still moves at its end, at {np.rad2deg(rows[-1, 1, k]):.3f} deg/s')
    return rows


def check_limits(curve: BPoly, from_s: float, limits: RobotLimits) -> None:
    """Refuse a curve that leaves a limit at a time from from_s on, at or between its points.

    Raises:
        TrajectoryRejectedError: names robot joint, time and numbers.
    """
    now = np.array([curve(from_s), curve(from_s, 1), curve(from_s, 2)])
    _check_states(np.array([from_s]), now[:, None], limits)
    for part in in_parts(curve):
        times, derivatives = sampled(part, CHECKS_PER_INTERVAL)
        ahead = times > from_s
        if ahead.any():
            _check_states(times[ahead], derivatives[:, ahead], limits)


def _check_states(times_s: FloatArray, derivatives: FloatArray, limits: RobotLimits) -> None:
    """Refuse a place (of n) whose positions, speeds or accelerations (3, n, 6) break a limit."""
    position, velocity, acceleration = derivatives
    lower, upper = limits.position_rad.T
    _check('position', 'deg', position, lower, upper, times_s, limits)
    _check('speed', 'deg/s', velocity, -limits.velocity_rad_s, limits.velocity_rad_s, times_s, limits)
    most = limits.acceleration_rad_s2
    _check('acceleration', 'deg/s^2', acceleration, -most, most, times_s, limits)


def _check(
    quantity: str,
    unit: str,
    values: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    times_s: FloatArray,
    limits: RobotLimits,
) -> None:
    excess = np.maximum(lower - values, values - upper) - SLACK * (1.0 + np.abs(values))
    if excess.max() <= 0.0:
        return
    i = int(np.argmax((excess > 0.0).any(axis=1)))
    k = int(excess[i].argmax())
    raise rejected(
        f'{limits.joint_names[k]} would have a {quantity} of {np.rad2deg(values[i, k]):.1f} {unit} at '
        f'{times_s[i]:.3f} s, its limits are {np.rad2deg(lower[k]):.1f} to {np.rad2deg(upper[k]):.1f} {unit}'
    )


def check_speed_steps(curve: BPoly, limits: RobotLimits) -> None:
    """Refuse a curve for the largest step of its speed; positions without velocities make such steps.

    Raises:
        TrajectoryRejectedError: names robot joint, time and numbers.
    """
    spans = np.diff(curve.x)[:, None]
    degree = len(curve.c) - 1  # of the Bernstein polynomials, whose end slopes are degree * (second - first) / span
    first = degree * (curve.c[1] - curve.c[0]) / spans
    last = degree * (curve.c[-1] - curve.c[-2]) / spans
    steps = np.vstack([first[1:], np.zeros_like(first[:1])]) - last
    largest = int((np.abs(steps) / limits.acceleration_rad_s2).max(axis=1).argmax())
    check_speed_step(steps[largest], limits, f'at {curve.x[largest + 1]:.3f} s')


def check_speed_step(step_rad_s: FloatArray, limits: RobotLimits, where: str) -> None:
    """Refuse a step of the speed (6,) that drives cannot smooth.

    Raises:
        TrajectoryRejectedError: names robot joint and numbers.
    """
    allowed = limits.acceleration_rad_s2 * SMOOTHED_S
    if (np.abs(step_rad_s) > allowed).any():
        k = int((np.abs(step_rad_s) / allowed).argmax())
        raise rejected(f'the speed of {limits.joint_names[k]} steps by {np.rad2deg(step_rad_s[k]):.1f} deg/s {where}')
