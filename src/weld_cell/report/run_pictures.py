"""Pictures of a run's page, by matplotlib: profile, seam against ground truth, trajectory."""

from pathlib import Path

import matplotlib

matplotlib.use('Agg')  # a cell PC has no screen
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from weld_cell.calibration.rig import LaserSensorCalibration
from weld_cell.geometry.laser_plane import line_direction, plane_basis, triangulate
from weld_cell.records import FloatArray
from weld_cell.report.run_record import RunRecord
from weld_cell.report.run_summary import distances_to_polyline, tool_speeds
from weld_cell.traceability.record import TrajectoryRecord
from weld_cell.trajectory.robot_model import RobotModel

FOUND, TRUE, BREAK, MUTED = '#b3261e', '#14713d', '#1d5fbf', '#55606e'


def draw_profile(record: RunRecord, sensor: LaserSensorCalibration, path: Path) -> None:
    """The cross-section of the joint in the middle of the scan, its break points and seam point."""
    figure, axes = plt.subplots(figsize=(9, 4.2), layout='constrained')
    breaks, seam = (
        triangulate(sensor.camera, sensor.laser_plane, pixels) for pixels in (record.break_points_px, record.seam_px)
    )
    axes.plot(*_in_plane(record.profile, sensor.laser_plane), '.', ms=2.5, color=MUTED, label='profile')
    axes.plot(*_in_plane(breaks, sensor.laser_plane), 'o', ms=8, mfc='none', color=BREAK, label='break points')
    axes.plot(*_in_plane(seam, sensor.laser_plane), 'x', ms=10, mew=2, color=FOUND, label='seam point')
    axes.legend()
    axes.set(xlabel='across the seam (mm)', ylabel='height (mm)', title='Profile in the laser plane')
    axes.set_aspect('equal', adjustable='datalim')
    axes.grid(alpha=0.3)
    _save(figure, path)


def draw_seam(found: FloatArray, points: FloatArray, truth_m: FloatArray | None, path: Path) -> None:
    """The seam (n, 3) from above, with the points (m, 3) that it was made from, and its distance from the truth."""
    start, along, sideways = _seam_axes(found)
    figure, (plan, error) = plt.subplots(2, 1, figsize=(9, 5.6), layout='constrained')
    if len(points):
        plan.plot(*_in_plan(points, start, along, sideways), '.', ms=2, color=MUTED, label='seam points')
    plan.plot(*_in_plan(found, start, along, sideways), color=FOUND, label='seam path')
    if truth_m is not None:
        plan.plot(*_in_plan(truth_m, start, along, sideways), '--', color=TRUE, label='truth')
        distances = 1000 * distances_to_polyline(found, truth_m)
        error.plot(1000 * (found - start) @ along, distances, color=FOUND)
        error.set(xlabel='along the seam (mm)', ylabel='distance from truth (mm)', ylim=(0, 1.1 * distances.max()))
    plan.set(xlabel='along the seam (mm)', ylabel='sideways (mm)', title='Seam from above')
    plan.legend()
    for axes in (plan, error):
        axes.grid(alpha=0.3)
    _save(figure, path)


def draw_trajectory(
    record: RunRecord,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    path: Path,
    sent: TrajectoryRecord | None = None,
) -> None:
    """Robot joint positions over time as sent, and the tool's speed as the robot moved.

    Args:
        record: Of the run.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        path: Of the picture.
        sent: The motion with all its corrections; None: that of the run's record.
    """
    if sent is None:
        sent_s, sent_rad, weld_s = record.trajectory[:, 0], record.trajectory[:, 1:7], record.facts.weld_window_s
    else:
        sent_s, sent_rad = np.array(sent.times_s), np.array(sent.positions_rad)
        weld_s = sent.weld_start_s or 0.0, sent.weld_end_s or 0.0
    figure, (joints, speed) = plt.subplots(2, 1, figsize=(9, 6), layout='constrained', sharex=True)
    for column, name in enumerate(robot.joint_names):
        joints.plot(sent_s, np.degrees(sent_rad[:, column]), label=name)
    joints.set(ylabel='position (deg)', title='Trajectory')
    joints.legend(ncols=6, fontsize='small')
    times, speeds = tool_speeds(record, robot, T_tool0_tool)
    speed.plot(times, 1000 * speeds, color=FOUND, lw=0.8)
    speed.axvspan(*weld_s, color=TRUE, alpha=0.12, label='weld')
    top = max(4 * record.facts.travel_speed_mm_s, 20.0)
    speed.set(xlabel='time (s)', ylabel='tool speed (mm/s)', ylim=(0, top))
    speed.legend()
    for axes in (joints, speed):
        axes.grid(alpha=0.3)
    _save(figure, path)


def _in_plane(points_m: FloatArray, laser_plane: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Millimetres across the seam and of height, of points (n, 3) on the laser plane."""
    origin, across, up = plane_basis(laser_plane, line_direction(laser_plane))
    offsets = 1000 * (points_m - origin)
    return offsets @ across, offsets @ up


def _seam_axes(points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Start, direction along, and horizontal direction across a seam."""
    along = (points[-1] - points[0]) / np.linalg.norm(points[-1] - points[0])
    return points[0], along, np.cross([0.0, 0.0, 1.0], along)


def _in_plan(
    points: FloatArray,
    start: FloatArray,
    along: FloatArray,
    sideways: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    offsets = 1000 * (points - start)
    return offsets @ along, offsets @ sideways


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)
