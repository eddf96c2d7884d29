"""How well the tool followed the seam of a recorded run that was tracked while it was welded, against its truth."""

from typing import Any

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from weld_cell.records import FloatArray, SeamPath
from weld_cell.report.run_record import RunRecord
from weld_cell.report.run_truth import MovingSeam
from weld_cell.tracking import SeamLine
from weld_cell.trajectory.robot_model import RobotModel

DIGITS = 4
PLAN_STEP_S, AT_END_M = 0.02, 1e-4


def scanned_line(path: FloatArray) -> SeamLine:
    """The scanned path (n, 9) of a run as a line by arc length."""
    positions, tangents, normals = np.hsplit(path, 3)
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    return SeamLine(SeamPath(positions, tangents, normals, float(np.median(steps)), float(steps.sum()), 0))


def planned_times(record: RunRecord, robot: RobotModel, T_tool0_tool: FloatArray, filled: bool) -> FloatArray:
    """(n,) which time of the plan belongs to each joint state: by the tool's place where its speed was changed."""
    elapsed_s = record.joint_states[:, 0] - record.facts.weld_start_ns / 1e9
    if not filled or len(record.path) < 2:
        return elapsed_s
    begin_s, end_s = record.facts.weld_window_s
    welding = np.linspace(begin_s, end_s, max(2, round((end_s - begin_s) / PLAN_STEP_S)))
    line = scanned_line(record.path)
    planned_m, true_m = (
        line.places(robot.forward(rows, T_tool0_tool)[:, :3, 3])
        for rows in (_course(record)(welding), record.joint_states[:, 1:])
    )
    by_place_s = np.interp(true_m, planned_m, welding)
    began = elapsed_s >= begin_s
    over = began & (np.maximum.accumulate(np.where(began, true_m, -np.inf)) >= planned_m[-1] - AT_END_M)
    return np.where(over, end_s + 1.0, np.where(began, by_place_s, elapsed_s))


def _course(record: RunRecord) -> CubicHermiteSpline:
    planned = record.trajectory
    return CubicHermiteSpline(planned[:, 0], planned[:, 1:7], planned[:, 7:13])


def tracked_figures(
    record: RunRecord, moving: MovingSeam, robot: RobotModel, T_tool0_tool: FloatArray, filled: bool = False
) -> dict[str, Any]:
    """Distances of the wire's end from the true seam while it is welded, corrected and as planned.

    Args:
        record: Of the run.
        moving: The true seam.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        filled: Whether its speed followed the root gap.
    """
    facts = record.facts
    if len(record.trajectory) < 2 or not len(record.joint_states):
        return {}
    planned_s = planned_times(record, robot, T_tool0_tool, filled)
    begin_s, end_s = facts.weld_window_s
    welding = (planned_s >= begin_s) & (planned_s <= end_s)
    if not welding.any():
        return {}
    times_s = planned_s[welding]
    rows = np.array(
        [
            moving.distances_m(time_s, tips)
            for time_s, *tips in zip(
                record.joint_states[welding, 0],
                moving.wire_ends(robot, T_tool0_tool, record.joint_states[welding, 1:]),
                moving.wire_ends(robot, T_tool0_tool, _course(record)(times_s)),
                strict=True,
            )
        ]
    )
    seen = times_s <= end_s - 1e3 * moving.ahead_m / facts.travel_speed_mm_s
    corrected_mm, planned_mm = 1e3 * rows.T
    return {
        'tool_rms_mm': _rms(corrected_mm[seen]),
        'tool_worst_mm': _most(corrected_mm[seen]),
        'tool_blind_rms_mm': _rms(corrected_mm[~seen]),
        'tool_blind_worst_mm': _most(corrected_mm[~seen]),
        'uncorrected_rms_mm': _rms(planned_mm),
        'uncorrected_worst_mm': _most(planned_mm),
        'weld_done_share': round(float((times_s[-1] - begin_s) / (end_s - begin_s)), DIGITS),
    }


def _rms(values_mm: FloatArray) -> float | None:
    return round(float(np.sqrt(np.mean(values_mm**2))), DIGITS) if len(values_mm) else None


def _most(values_mm: FloatArray) -> float | None:
    return round(float(values_mm.max()), DIGITS) if len(values_mm) else None
