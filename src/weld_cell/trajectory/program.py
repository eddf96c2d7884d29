"""A trajectory as a readable robot program in no particular language: one line a move."""

from itertools import pairwise

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory
from weld_cell.trajectory.procedures import WeldProcedure, WeldProcedureName

STRAIGHT_M = 1e-4
"""A move whose tool stays this near to its chord is written as a linear move."""

WELD_LINE_M = 0.010
"""The weld is written as linear moves about this long."""


def robot_program(trajectory: RobotTrajectory, procedure: WeldProcedure, name: WeldProcedureName) -> str:
    """Program text of a welding trajectory.

    A move goes from rest to rest; the weld is cut into short ones. Each line has the phase, the kind of move, its
    target (frame welding_tool in base_link: xyz in mm; fixed-axis roll, pitch, yaw in degrees) and the tool's
    top speed; a free move in robot joint space has its duration instead.

    Args:
        trajectory: From `plan_weld`.
        procedure: What it was planned with.
        name: Of the procedure: the joint type of the seam, or plate.

    Raises:
        ValueError: the trajectory has fewer than 2 points.
    """
    if len(trajectory.times_s) < 2:
        raise ValueError(f'expected a trajectory of at least 2 points, got {len(trajectory.times_s)}')
    header = [
        f'; weld by the procedure {name}, {trajectory.times_s[-1]:.2f} s',
        f'; work angle {procedure.work_angle_deg:g} deg, travel angle {procedure.travel_angle_deg:g} deg, '
        f'stick-out {procedure.stick_out_mm:g} mm',
        f'; wire feed {procedure.wire_feed_m_min:g} m/min, current {procedure.current_a:g} A, '
        f'voltage {procedure.voltage_v:g} V, weave off',
        '; phase      move    x_mm       y_mm       z_mm       roll_deg pitch_deg yaw_deg  speed',
    ]
    return '\n'.join([*header, *(_line(trajectory, a, b) for a, b in pairwise(_targets(trajectory)))]) + '\n'


def _targets(trajectory: RobotTrajectory) -> list[int]:
    """Points at which a move ends: at rest, and in the weld every few millimetres."""
    resting = np.abs(trajectory.velocities_rad_s).max(axis=1) < 1e-9
    resting[[0, -1]] = True
    along = np.concatenate([[0.0], np.cumsum(_steps(trajectory.tool_poses))])
    targets, last_m = [], 0.0
    for i, phase in enumerate(trajectory.phases):
        if resting[i] or (phase is MotionPhase.WELD and along[i] - last_m >= WELD_LINE_M):
            targets.append(i)
            last_m = float(along[i])
    return targets


def _steps(poses: FloatArray) -> FloatArray:
    steps: FloatArray = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1)
    return steps


def _line(trajectory: RobotTrajectory, start: int, end: int) -> str:
    poses, times = trajectory.tool_poses[start : end + 1], trajectory.times_s[start : end + 1]
    phase = trajectory.phases[start]
    linear = phase is MotionPhase.WELD or _is_straight(poses[:, :3, 3])
    x, y, z = 1e3 * poses[-1, :3, 3]
    roll, pitch, yaw = Rotation.from_matrix(poses[-1, :3, :3]).as_euler('xyz', degrees=True)
    top_mm_s = 1e3 * float((_steps(poses) / np.diff(times)).max())
    pace = f'{top_mm_s:.1f} mm/s' if linear else f'{times[-1] - times[0]:.2f} s'
    return (
        f'{phase!s:<12} {"LINEAR" if linear else "JOINT":<7} {x:<10.2f} {y:<10.2f} {z:<10.2f} '
        f'{roll:<8.2f} {pitch:<9.2f} {yaw:<8.2f} {pace}'
    )


def _is_straight(points: FloatArray) -> bool:
    """Whether points (n, 3) stay at the chord from the first to the last."""
    chord = points[-1] - points[0]
    length = float(np.linalg.norm(chord))
    if length < STRAIGHT_M:
        return False
    beside = np.cross(points - points[0], chord / length)
    return bool(np.linalg.norm(beside, axis=1).max() < STRAIGHT_M)
