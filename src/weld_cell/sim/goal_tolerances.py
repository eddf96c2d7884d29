"""When a goal of FollowJointTrajectory is reached or given up, as joint_trajectory_controller of Jazzy does it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

import numpy as np

from weld_cell.config import Settings, bounded
from weld_cell.records import FloatArray

ERASED = -1.0
_EPSILON = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class ConstraintSettings(Settings):
    """What applies where a goal says nothing; 0: no tolerance. The controller's parameters, one for all joints."""

    trajectory: float = bounded(0.0, 0.0, 10.0, 'rad', 'How far a robot joint may be off its way.')
    goal: float = bounded(0.0, 0.0, 10.0, 'rad', 'How far it may be off its end.')
    goal_time: float = bounded(0.0, 0.0, 1000.0, 's', 'How late it may come there; 0: however late.')
    stopped_velocity_tolerance: float = bounded(0.01, 0.0, 10.0, 'rad/s', 'Below it a robot joint has stopped.')


class JointTolerance(NamedTuple):
    """A tolerance as the goal brings it: 0 leaves the default, -1 erases it."""

    name: str
    position: float
    velocity: float
    acceleration: float


@dataclass(frozen=True, eq=False)
class Tolerances:
    """Of the way and of its end: (2, k) positions in rad and velocities in rad/s; 0: none. Time in s; 0: none."""

    path: FloatArray
    goal: FloatArray
    goal_time_s: float


def default_tolerances(settings: ConstraintSettings, count: int) -> Tolerances:
    """Those of a goal that names none."""
    path = np.array([[settings.trajectory] * count, [0.0] * count])
    goal = np.array([[settings.goal] * count, [settings.stopped_velocity_tolerance] * count])
    return Tolerances(path, goal, settings.goal_time)


def tolerances_of_goal(
    defaults: Tolerances,
    joint_names: Sequence[str],
    path: Sequence[JointTolerance],
    goal: Sequence[JointTolerance],
    goal_time_s: float,
) -> tuple[Tolerances, str]:
    """Those that a goal asks for; the defaults, and why, where it names an unknown joint or a negative tolerance."""
    try:
        return (
            replace(
                defaults,
                path=_filled(defaults.path, joint_names, path),
                goal=_filled(defaults.goal, joint_names, goal),
                goal_time_s=_resolved(defaults.goal_time_s, goal_time_s),
            ),
            '',
        )
    except ValueError as error:
        return defaults, str(error)


def _filled(defaults: FloatArray, names: Sequence[str], asked: Sequence[JointTolerance]) -> FloatArray:
    values = defaults.copy()
    for each in asked:
        if each.name not in names:
            raise ValueError(f'there is no joint {each.name}')
        column = list(names).index(each.name)
        values[0, column] = _resolved(defaults[0, column], each.position)
        values[1, column] = _resolved(defaults[1, column], each.velocity)
        _resolved(0.0, each.acceleration)
    return values


def _resolved(default: float, asked: float) -> float:
    if asked > 0.0:
        return asked
    if abs(asked - ERASED) < _EPSILON:
        return 0.0
    if asked < 0.0:
        raise ValueError(f'a tolerance of {asked} is none')
    return default


class Verdict(Enum):
    """How a motion stands."""

    GOING = 'going'
    REACHED = 'reached'
    OFF_PATH = 'off its path'
    OFF_GOAL = 'off its goal'


def judge(
    tolerances: Tolerances, error_rad: FloatArray, error_rad_s: FloatArray, past_end_s: float, first: bool
) -> Verdict:
    """How a motion stands by its errors.

    Args:
        tolerances: Of its goal.
        error_rad: (k,) desired less actual position.
        error_rad_s: (k,) the same of the velocities.
        past_end_s: How long ago its last point was; negative before it.
        first: Whether it is looked at for the first time: then the path's tolerances count at its end too.
    """
    errors = np.abs(np.stack([error_rad, error_rad_s]))
    before_end = past_end_s < 0.0
    if (before_end or first) and _violated(tolerances.path, errors):
        return Verdict.OFF_PATH
    if before_end:
        return Verdict.GOING
    if not _violated(tolerances.goal, errors):
        return Verdict.REACHED
    late = tolerances.goal_time_s != 0.0 and past_end_s > tolerances.goal_time_s
    return Verdict.OFF_GOAL if late else Verdict.GOING


def _violated(tolerances: FloatArray, errors: FloatArray) -> bool:
    return bool(((tolerances > 0.0) & (errors > tolerances)).any())
