"""How well the tool followed the seam of a recorded run that was tracked while it was welded, against its truth."""

from typing import Any

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from weld_cell.records import FloatArray
from weld_cell.report.run_record import RunRecord
from weld_cell.report.run_truth import MovingSeam
from weld_cell.trajectory.robot_model import RobotModel

DIGITS = 4


def tracked_figures(
    record: RunRecord, moving: MovingSeam, robot: RobotModel, T_tool0_tool: FloatArray
) -> dict[str, Any]:
    """Distances of the wire's end from the true seam while it is welded, corrected and as planned.

    Args:
        record: Of the run.
        moving: The true seam.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
    """
    facts = record.facts
    elapsed_s = record.joint_states[:, 0] - facts.weld_start_ns / 1e9
    begin_s, end_s = facts.weld_window_s
    welding = (elapsed_s >= begin_s) & (elapsed_s <= end_s)
    if not welding.any() or len(record.trajectory) < 2:
        return {}
    times_s, planned = elapsed_s[welding], record.trajectory
    course = CubicHermiteSpline(planned[:, 0], planned[:, 1:7], planned[:, 7:13])
    rows = np.array(
        [
            [moving.distance_m(time_s, tip) for tip in tips]
            for time_s, *tips in zip(
                record.joint_states[welding, 0],
                moving.wire_ends(robot, T_tool0_tool, record.joint_states[welding, 1:]),
                moving.wire_ends(robot, T_tool0_tool, course(times_s)),
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
