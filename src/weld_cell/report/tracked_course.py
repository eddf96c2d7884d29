"""The correction of a tracked weld along its seam, beside the true drift of the workpiece, from a recorded run."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from weld_cell.errors import RecordError
from weld_cell.records import FloatArray
from weld_cell.report.run_record import RECORDS, RunFacts, RunRecord
from weld_cell.report.run_truth import MovingSeam
from weld_cell.report.tracked_tool import scanned_line
from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import Wanted
from weld_cell.traceability.record import SeamRecord, TrackingRecord
from weld_cell.trajectory.robot_model import RobotModel

SAME_S = 5.0  # between the begin of a weld motion and the time at which the cycle's record has it sent


@dataclass(frozen=True, eq=False)
class TrackedCourse:
    """A tracked weld by place along the seam.

    Attributes:
        along_mm: (n,) where the tool was when each correction took over.
        told_mm: (n, 2) the correction to the left and out of the joint.
        drift_mm: (n, 2) how far the seam had truly moved there by then; (0, 2) where the truth is not known.
        misses_mm: (n,) distance of the wire from the true seam; (0,) likewise.
        lost_mm: (k, 2) where the tool was when the sensor lost the stripe, and when it saw it again.
        seen_until_mm: Beyond it the sensor has left the seam; None where that is not known.
    """

    along_mm: FloatArray
    told_mm: FloatArray
    drift_mm: FloatArray
    misses_mm: FloatArray
    lost_mm: FloatArray
    seen_until_mm: float | None


def seam_of_run(folder: Path, facts: RunFacts) -> SeamRecord | None:
    """The seam as the record of the run's cycle has it, where that is kept in the run's folder; else None."""
    try:
        records = RecordFolder(folder / RECORDS)
        newest = records.entry(records.find(Wanted())[-1]).record
    except RecordError:
        return None
    seam = newest.seams[-1] if newest.seams else None
    if seam is None or seam.trajectory is None:
        return None
    sent_s = datetime.fromisoformat(seam.trajectory.sent_utc).timestamp()
    return seam if abs(sent_s - 1e-9 * facts.weld_start_ns) < SAME_S else None


def tracked_course(
    record: RunRecord,
    tracking: TrackingRecord,
    moving: MovingSeam | None,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
) -> TrackedCourse | None:
    """The correction by place; None of a weld that ended before it was corrected.

    Args:
        record: Of the run.
        tracking: How its weld was corrected.
        moving: The true seam; None where it is not known.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
    """
    states, began_s = record.joint_states, 1e-9 * record.facts.weld_start_ns
    if len(states) < 2 or len(record.path) < 2:
        return None
    elapsed_s, line = states[:, 0] - began_s, scanned_line(record.path)
    places_mm = 1e3 * line.places(robot.forward(states[:, 1:], T_tool0_tool)[:, :3, 3])
    told = np.column_stack([tracking.times_s, tracking.left_mm, tracking.out_mm])
    told = told[(told[:, 0] >= record.facts.weld_window_s[0]) & (told[:, 0] <= elapsed_s[-1])]
    if not len(told):
        return None
    along_mm = np.interp(told[:, 0], elapsed_s, places_mm)
    lost_s = np.array([[each.after_s, each.after_s + each.lasted_s] for each in tracking.lost]).reshape(-1, 2)
    lost_mm = np.interp(lost_s, elapsed_s, places_mm)
    if moving is None:
        return TrackedCourse(along_mm, told[:, 1:], np.empty((0, 2)), np.empty(0), lost_mm, None)
    joints = np.column_stack([np.interp(told[:, 0], elapsed_s, column) for column in states[:, 1:].T])
    wires = moving.wire_ends(robot, T_tool0_tool, joints)
    rows = [
        (moving.drift_m(time_s, wire), moving.offset_m(time_s, wire))
        for time_s, wire in zip(began_s + told[:, 0], wires, strict=True)
    ]
    drifts, offsets = (1e3 * np.array(column) for column in zip(*rows, strict=True))
    drift_mm = np.einsum('nij,nj->ni', line.directions(1e-3 * along_mm), drifts)
    misses_mm, seen_until_mm = np.linalg.norm(offsets, axis=1), 1e3 * (line.length_m - moving.ahead_m)
    return TrackedCourse(along_mm, told[:, 1:], drift_mm, misses_mm, lost_mm, seen_until_mm)
