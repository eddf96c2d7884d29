"""Robot joint positions along a tool path: one branch of the inverse kinematics, smooth tool rotation.

The arc does not care how the tool is turned about its own axis. That turn and the eight branches of an OPW robot
span a lattice over the path; the cheapest way through it that keeps its branch is found by dynamic programming
(Bellman). It minimises, with the path's length as 1,

    integral of (c(q) + w_turn (turn / pi)^2 + w_motion |dq/ds|^2) ds + w_start |q(0) - q_start|^2,

where c grows from 0 where a robot joint nears its limits or the tool Jacobian's smallest singular value is small
(`branch_state`). So the turn stays away from trouble, near "x along the travel", and changes slowly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from weld_cell.errors import UnreachableError
from weld_cell.records import FloatArray
from weld_cell.trajectory.branch_state import BranchStates, refusal
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

IntArray = NDArray[np.int_]

TURN_STEPS = 2
"""Largest change of the turn from one lattice place to the next, in steps of turn_step_deg."""

LARGEST_STEP_RAD = 0.7
"""A robot joint that moves further than this from one place to the next jumps: the branch is torn."""

Place = Callable[[int], str]
"""Names the i-th pose for a message."""


@dataclass(frozen=True, eq=False)
class JointPath:
    """Robot joint positions that realise tool poses.

    Attributes:
        positions_rad: (n, 6), continuous, with the turns of each robot joint counted.
        turn_rad: (n,) turn of the tool about its own axis that was added.
        branch: Which of the eight branches, 0 to 7 (py-opw-kinematics' order).
        limit_margin_rad: (n,) distance to the nearest position limit.
        sigma_min: (n,) smallest singular value of the tool Jacobian.
    """

    positions_rad: FloatArray
    turn_rad: FloatArray
    branch: int
    limit_margin_rad: FloatArray
    sigma_min: FloatArray


def solve_path(
    poses: FloatArray,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    start_rad: FloatArray,
    settings: TrajectorySettings,
    place: Place,
    free_turn: bool,
    moving_start: bool = False,
) -> JointPath:
    """Robot joint positions along tool poses.

    Args:
        poses: (n, 4, 4) T_base_tool, dense along a smooth path, n >= 1.
        robot: The robot.
        T_tool0_tool: (4, 4) the tool in the flange.
        start_rad: (6,) where the robot stands; a branch near it is preferred.
        settings: Lattice, margins and weights.
        place: Names the i-th pose for messages.
        free_turn: The tool may be turned about its own axis.
        moving_start: The robot passes the first pose without a free motion before; its branch is kept.

    Raises:
        ValueError: no poses.
        UnreachableError: no branch can follow; names the place and the reason.
    """
    if len(poses) == 0:
        raise ValueError('expected at least 1 tool pose, got none')
    stations = _stations(len(poses), settings.lattice_stations)
    turns = _turns(settings, free_turn)
    states = _lattice(poses[stations], turns, robot, T_tool0_tool)
    entry = _distance(states.joints[0], start_rad, LARGEST_STEP_RAD if moving_start else np.inf)
    chosen, branch = _cheapest_way(
        states, turns, settings.start_weight * entry, settings, lambda i: place(int(stations[i]))
    )
    turn = _smooth_turn(stations, turns[chosen], len(poses))
    return _along_branch(poses, turn, branch, robot, T_tool0_tool, start_rad, settings, place)


def _stations(count: int, wanted: int) -> IntArray:
    """Indices of the poses that the lattice stands on, first and last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(int))


def _turns(settings: TrajectorySettings, free_turn: bool) -> FloatArray:
    """(k,) turns to try in radians, ascending, 0 among them."""
    steps = int(settings.turn_range_deg / settings.turn_step_deg) if free_turn else 0
    turns: FloatArray = np.deg2rad(settings.turn_step_deg * np.arange(-steps, steps + 1))
    return turns


def _turned(poses: FloatArray, turn_rad: FloatArray) -> FloatArray:
    """Poses turned about their own z; shapes broadcast."""
    about_z = np.zeros((*turn_rad.shape, 4, 4))
    about_z[..., 0, 0] = about_z[..., 1, 1] = np.cos(turn_rad)
    about_z[..., 1, 0] = np.sin(turn_rad)
    about_z[..., 0, 1] = -about_z[..., 1, 0]
    about_z[..., 2, 2] = about_z[..., 3, 3] = 1.0
    return np.asarray(poses @ about_z)


def _lattice(poses: FloatArray, turns: FloatArray, robot: RobotModel, T_tool0_tool: FloatArray) -> BranchStates:
    """States of shape (stations, turns, 8)."""
    tried = _turned(poses[:, None], np.broadcast_to(turns, (len(poses), len(turns))))
    found = robot.branches(tried.reshape(-1, 4, 4), T_tool0_tool)
    shape = (len(poses), len(turns), 8)
    return BranchStates(
        robot,
        found.joints.reshape(*shape, 6),
        found.limit_margin.reshape(shape),
        found.sigma_min.reshape(shape),
        np.broadcast_to(found.extension.reshape(*shape[:2], 1), shape),
    )


def _cheapest_way(
    states: BranchStates,
    turns: FloatArray,
    entry_cost: FloatArray,
    settings: TrajectorySettings,
    place: Place,
) -> tuple[IntArray, int]:
    """Index of the turn at each station, and the branch.

    Args:
        states: The lattice.
        turns: (k,) its turns.
        entry_cost: (k, 8) cost of getting to the first station.
        settings: Weights and margins.
        place: Names a station.

    Raises:
        UnreachableError: every branch ends on the way.
    """
    count = len(states.joints)
    local = (states.costs(settings) + settings.turn_weight * (turns[:, None] / np.pi) ** 2) / count
    cost = local[0] + entry_cost
    if np.isinf(cost).all():
        raise refusal(states, 0, None, settings, place)
    came_from = np.zeros(local.shape, dtype=int)
    moves = _moves(states.joints, settings.motion_weight * count)
    for i in range(1, len(local)):
        reached, came_from[i] = _step(cost, [(to, since, prices[i - 1]) for to, since, prices in moves])
        reached = reached + local[i]
        if np.isinf(reached).all():
            raise refusal(states, i, cost, settings, place)
        cost = reached
    turn, branch = np.unravel_index(int(cost.argmin()), cost.shape)
    chosen = np.empty(len(local), dtype=int)
    for i in range(len(local) - 1, -1, -1):
        chosen[i] = turn
        turn = came_from[i, turn, branch]
    return chosen, int(branch)


def _moves(joints: FloatArray, weight: float) -> list[tuple[slice, slice, FloatArray]]:
    """Each shift of the turn, the smallest first: turns to which and from which it leads, and the price of each.

    Args:
        joints: (stations, turns, 8, 6).
        weight: Of the squared robot joint distance.

    Returns:
        The two slices of the turns, and prices (stations - 1, turns in the slice, 8).
    """
    count, moves = joints.shape[1], []
    for shift in sorted(range(-TURN_STEPS, TURN_STEPS + 1), key=abs):
        to = slice(max(0, shift), min(count, count + shift))
        since = slice(max(0, -shift), min(count, count - shift))
        if to.start < to.stop:
            moves.append((to, since, weight * _distance(joints[1:, to], joints[:-1, since], LARGEST_STEP_RAD)))
    return moves


def _step(cost: FloatArray, moves: list[tuple[slice, slice, FloatArray]]) -> tuple[FloatArray, IntArray]:
    """Cheapest predecessor of every (turn, branch) among the turns nearby in the same branch."""
    best, source = np.full(cost.shape, np.inf), np.zeros(cost.shape, dtype=int)
    turns = np.arange(len(cost))[:, None]
    for to, since, prices in moves:
        candidate = cost[since] + prices
        better = candidate < best[to]
        best[to] = np.where(better, candidate, best[to])
        source[to] = np.where(better, turns[since], source[to])
    return best, source


def _distance(after: FloatArray, before: FloatArray, largest: float = np.inf) -> FloatArray:
    """Squared robot joint distance over the shorter ways round; infinite where a branch is missing or jumps."""
    step = np.abs((after - before + np.pi) % (2.0 * np.pi) - np.pi)
    squared = np.sum(step**2, axis=-1)
    return np.where(np.max(step, axis=-1) <= largest, np.nan_to_num(squared, nan=np.inf), np.inf)


def _smooth_turn(stations: IntArray, turn_rad: FloatArray, count: int) -> FloatArray:
    """(count,) the turn between the stations, rounded over its steps."""
    if len(stations) < 2 or np.ptp(turn_rad) == 0.0:
        return np.full(count, turn_rad[0])
    rounded = gaussian_filter1d(turn_rad, sigma=2.0, mode='nearest')
    smooth: FloatArray = CubicSpline(stations, rounded, bc_type='clamped')(np.arange(count))
    return smooth


def _along_branch(
    poses: FloatArray,
    turn_rad: FloatArray,
    branch: int,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    start_rad: FloatArray,
    settings: TrajectorySettings,
    place: Place,
) -> JointPath:
    """Every pose in the chosen branch, checked again because the lattice saw some of them only.

    Raises:
        UnreachableError: between two stations the branch ends.
    """
    found = robot.branches(_turned(poses, turn_rad), T_tool0_tool)
    only = slice(branch, branch + 1)
    states = BranchStates(
        robot,
        found.joints[:, None, only],
        found.limit_margin[:, None, only],
        found.sigma_min[:, None, only],
        found.extension[:, None, None],
    )
    costs = states.costs(settings)[:, 0, 0]
    if np.isinf(costs).any():
        raise refusal(states, int(np.isinf(costs).argmax()), None, settings, place)
    positions = _counted_turns(found.joints[:, branch], robot, start_rad, place)
    return JointPath(positions, turn_rad, branch, found.limit_margin[:, branch], found.sigma_min[:, branch])


def _counted_turns(
    folded_rad: FloatArray,
    robot: RobotModel,
    start_rad: FloatArray,
    place: Place,
) -> FloatArray:
    """Positions without jumps of a whole turn, each robot joint as near to its start as its limits allow.

    Raises:
        UnreachableError: a robot joint winds up beyond its limits along the path.
    """
    positions = np.unwrap(folded_rad, axis=0)
    for k in range(6):
        lower, upper = robot.position_limits_rad[k]
        shifts = 2.0 * np.pi * np.arange(-2, 3)
        fits = (positions[:, k].min() + shifts >= lower) & (positions[:, k].max() + shifts <= upper)
        if not fits.any():
            wound = int(np.abs(positions[:, k] - positions[0, k]).argmax())
            raise UnreachableError(
                f'{place(wound)}: {robot.joint_names[k]} winds through '
                f'{np.rad2deg(np.ptp(positions[:, k])):.0f} deg along the path and has only '
                f'{np.rad2deg(lower):.0f} to {np.rad2deg(upper):.0f} deg.',
                'Weld the seam in two parts, or start it elsewhere.',
            )
        away = np.abs(positions[0, k] + shifts - start_rad[k])
        positions[:, k] += shifts[np.where(fits, away, np.inf).argmin()]
    return positions
