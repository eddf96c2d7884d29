"""Tool poses along a seam, and smooth tool paths through poses.

The tool's z points along the wire into the joint, its x along the travel, so that the laser sensor looks ahead.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.spatial.transform import Rotation, RotationSpline

from weld_cell.geometry.transforms import unit
from weld_cell.records import FloatArray, MotionPhase, SeamPath
from weld_cell.trajectory.procedures import WeldProcedure

MIN_NODES = 8
"""Enough for a quintic spline through the nodes."""

FINE_STEPS = 20
"""Subdivision of a node interval in which the arc length is measured; leaves speed errors below 1e-4."""


@dataclass(frozen=True, eq=False)
class ToolPath:
    """A smooth, untimed motion of the tool, evenly sampled by arc length.

    Attributes:
        phase: What the robot does along it.
        poses: (n, 4, 4) T_base_tool.
        distances_m: (n,) from the start of this path along it, evenly spaced from 0.
        point_index: (n,) position in the row of poses that it was made from, fractional.
        speed_m_s: Tool speed along it.
    """

    phase: MotionPhase
    poses: FloatArray
    distances_m: FloatArray
    point_index: FloatArray
    speed_m_s: float

    @property
    def length_m(self) -> float:
        """Length of the path."""
        return float(self.distances_m[-1])

    def place(self, distance_m: float) -> str:
        """For messages: phase, point, millimetres along the path and the position there."""
        node = int(np.clip(np.searchsorted(self.distances_m, distance_m), 0, len(self.distances_m) - 1))
        x, y, z = self.poses[node, :3, 3]
        return (
            f'{self.phase} point {round(self.point_index[node])}, {distance_m * 1e3:.1f} mm along the path, '
            f'at ({x:.3f}, {y:.3f}, {z:.3f}) m in base_link'
        )


def weld_tool_poses(path: SeamPath, procedure: WeldProcedure, calibrated_stick_out_mm: float) -> FloatArray:
    """Tool poses on the points of a seam.

    At work and travel angle 0 the tool's z is the reverse normal and its x the tangent. The tool is turned by
    the work angle about the tangent, then by the travel angle about its own y (positive: push). Frame
    welding_tool was calibrated at one stick-out; for another the frame moves along the wire so that the contact
    tip keeps the procedure's distance from the seam.

    Args:
        path: The seam.
        procedure: Angles and stick-out.
        calibrated_stick_out_mm: Stick-out at which frame welding_tool is the tip of the wire.

    Returns:
        (n, 4, 4) T_base_tool.

    Raises:
        ValueError: the path has fewer than 2 points, or a tangent is parallel to its normal.
    """
    if len(path.positions_m) < 2:
        raise ValueError(f'a seam path has at least 2 points, got {len(path.positions_m)}')
    z_axis = -unit(path.normals)
    x_axis = unit(path.tangents - np.sum(path.tangents * z_axis, axis=1, keepdims=True) * z_axis)
    frames = Rotation.from_matrix(np.stack([x_axis, np.cross(z_axis, x_axis), z_axis], axis=2))
    lean = Rotation.from_euler('XY', [procedure.work_angle_deg, procedure.travel_angle_deg], degrees=True)
    poses = _poses(path.positions_m, frames * lean)
    poses[:, :3, 3] += 1e-3 * (calibrated_stick_out_mm - procedure.stick_out_mm) * poses[:, :3, 2]
    return poses


def retracted(pose: FloatArray, distance_m: float) -> FloatArray:
    """The pose (4, 4) drawn back along its tool axis."""
    back = pose.copy()
    back[:3, 3] -= distance_m * pose[:3, 2]
    return back


def tool_path(phase: MotionPhase, poses: FloatArray, speed_m_s: float, node_spacing_m: float) -> ToolPath:
    """A smooth path exactly through poses: cubic in position, minimal acceleration in rotation, even arc length.

    Args:
        phase: What the robot does along it.
        poses: (n, 4, 4) T_base_tool, n >= 2, neighbours at different positions.
        speed_m_s: Tool speed.
        node_spacing_m: Largest distance between the nodes of the result.

    Raises:
        ValueError: fewer than 2 poses, neighbours at one position, or speed not positive.
    """
    chords = _chords(poses)
    if speed_m_s <= 0.0:
        raise ValueError(f'tool speed must be positive, got {speed_m_s} m/s')
    knots = np.concatenate([[0.0], np.cumsum(chords)])
    position = make_interp_spline(knots, poses[:, :3, 3], k=min(3, len(poses) - 1))
    rotation = RotationSpline(knots, Rotation.from_matrix(poses[:, :3, :3]))
    count = max(MIN_NODES, int(np.ceil(knots[-1] / node_spacing_m)) + 1)
    fine = np.linspace(0.0, knots[-1], FINE_STEPS * count)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(position(fine), axis=0), axis=1))])
    distances = np.linspace(0.0, arc[-1], count)
    at = np.interp(distances, arc, fine)
    index = np.interp(at, knots, np.arange(len(poses), dtype=float))
    return ToolPath(phase, _poses(position(at), rotation(at)), distances, index, speed_m_s)


def _chords(poses: FloatArray) -> FloatArray:
    if poses.ndim != 3 or poses.shape[1:] != (4, 4) or len(poses) < 2:
        raise ValueError(f'expected at least 2 tool poses (n, 4, 4), got shape {poses.shape}')
    chords: FloatArray = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1)
    if chords.min() < 1e-7:
        raise ValueError(f'tool poses {int(chords.argmin())} and {int(chords.argmin()) + 1} lie at one position')
    return chords


def _poses(positions: FloatArray, rotations: Rotation) -> FloatArray:
    poses = np.tile(np.eye(4), (len(positions), 1, 1))
    poses[:, :3, :3], poses[:, :3, 3] = rotations.as_matrix(), positions
    return poses
