"""Reachability of a pose: margins, or the reason why it cannot be reached."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import UnreachableError
from weld_cell.records import FloatArray
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

WRIST_ALIGNED = 0.1
"""Sine of the wrist's bend below which a singularity is the wrist's."""

REMEDY = "Move the workpiece nearer to the middle of the robot's workspace, or change work and travel angle."


@dataclass(frozen=True, eq=False)
class BranchStates:
    """Inverse kinematics results over places, turns and branches.

    Attributes:
        robot: Whose they are; for messages.
        joints: (s, k, b, 6) radians, NaN where the branch does not exist.
        limit_margin: (s, k, b) radians to the nearest position limit, negative outside.
        sigma_min: (s, k, b) smallest singular value of the tool Jacobian, NaN outside the limits.
        extension: (s, k, b) metres of the wrist centre inside its reach, negative outside.
    """

    robot: RobotModel
    joints: FloatArray
    limit_margin: FloatArray
    sigma_min: FloatArray
    extension: FloatArray

    def costs(self, settings: TrajectorySettings) -> FloatArray:
        """(s, k, b) 0 where all is well, up to 2 near limits and singularities, infinite where not allowed."""
        margin = np.nan_to_num(self.limit_margin, nan=-np.inf)
        sigma = np.nan_to_num(self.sigma_min, nan=-np.inf)
        allowed = (margin >= np.deg2rad(settings.min_limit_margin_deg)) & (sigma >= settings.min_sigma)
        near_limit = np.clip(1.0 - margin / np.deg2rad(settings.good_limit_margin_deg), 0.0, 1.0)
        near_singular = np.clip(1.0 - sigma / settings.good_sigma, 0.0, 1.0)
        return np.where(allowed, near_limit**2 + near_singular**2, np.inf)


def refusal(
    states: BranchStates,
    station: int,
    cost_before: FloatArray | None,
    settings: TrajectorySettings,
    place: Callable[[int], str],
) -> UnreachableError:
    """Why no state at a station can be used, for the state that was nearest to it.

    Args:
        states: The lattice.
        station: Where every way ends.
        cost_before: (k, b) cost of the ways up to the station before; None at the first.
        settings: The margins.
        place: Names the station.
    """
    rank = -np.nan_to_num(states.limit_margin[station], nan=-np.inf) if cost_before is None else cost_before
    turn, branch = np.unravel_index(int(rank.argmin()), rank.shape)
    at = (station, int(turn), int(branch))
    return UnreachableError(f'{place(station)}: {_reason(states, at, settings)}.', REMEDY)


def _reason(states: BranchStates, at: tuple[int, ...], settings: TrajectorySettings) -> str:
    if np.isnan(states.joints[at]).any():
        outside = -float(states.extension[at]) * 1e3
        return f'out of reach, by {outside:.0f} mm' if outside > 0 else 'out of reach for this posture of the arm'
    if states.limit_margin[at] < np.deg2rad(settings.min_limit_margin_deg):
        return _limit_reason(states.robot, states.joints[at], settings.min_limit_margin_deg)
    if not states.sigma_min[at] >= settings.min_sigma:
        return (
            f'singularity, {_alignment(states.robot, states.joints[at])}: smallest singular value '
            f'{states.sigma_min[at]:.4f}, allowed {settings.min_sigma}'
        )
    return 'the robot joints would have to jump, no branch goes on from here'


def _limit_reason(robot: RobotModel, positions: FloatArray, kept_deg: float) -> str:
    limits = np.rad2deg(robot.position_limits_rad)
    degrees = np.rad2deg(positions)
    k = int(np.minimum(degrees - limits[:, 0], limits[:, 1] - degrees).argmin())
    return (
        f'{robot.joint_names[k]} would stand at {degrees[k]:.1f} deg, its limits are {limits[k, 0]:.0f} to '
        f'{limits[k, 1]:.0f} deg and {kept_deg:g} deg are kept free'
    )


def _alignment(robot: RobotModel, positions: FloatArray) -> str:
    """What aligns at a singularity: the wrist, else the arm."""
    bend = robot.opw.signs[4] * positions[4] - robot.opw.offsets_rad[4]
    if abs(np.sin(bend)) < WRIST_ALIGNED:
        return f'{robot.joint_names[3]} and {robot.joint_names[5]} align'
    return f'the arm is stretched, or the wrist stands over {robot.joint_names[0]}'
