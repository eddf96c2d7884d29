"""What adaptive fill changed along the seam of a recorded run: root gap, speed, wire feed and weave by place."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from weld_cell.records import FloatArray
from weld_cell.report.run_record import RunRecord
from weld_cell.report.run_truth import MovingSeam
from weld_cell.report.tracked_tool import scanned_line
from weld_cell.traceability.record import FillRecord, ProcedureRecord
from weld_cell.trajectory.fill_course import between_knots
from weld_cell.trajectory.robot_model import RobotModel

DIGITS = 4
PLANNED = ('travel_speed_mm_s', 'wire_feed_m_min')
"""Numbers of the procedure that adaptive fill replaces."""


@dataclass(frozen=True, eq=False)
class FilledWeld:
    """A weld with adaptive fill by place along the seam.

    Attributes:
        fill: As recorded.
        along_mm: (n,) where the tool was, at each joint state of the weld.
        speeds_mm_s: (n,) its speed there.
        true_gap_mm: (k,) root gap at the places of `fill` when the tool was there; (0,) where it is not known.
        planned: Speed and wire feed of the procedure, by name; empty where they are not recorded.
    """

    fill: FillRecord
    along_mm: FloatArray
    speeds_mm_s: FloatArray
    true_gap_mm: FloatArray
    planned: dict[str, float]

    @property
    def speed_error_pct(self) -> float | None:
        """Largest deviation of the tool's speed from the one that was chosen, away from the ends of the weld."""
        along, chosen = np.array(self.fill.along_mm), np.array(self.fill.travel_speed_mm_s)
        if len(along) < 3:
            return None
        spacing = along[1] - along[0]
        steady = (self.along_mm > along[0] + spacing) & (self.along_mm < along[-1] - spacing)
        if not steady.any():
            return None
        wanted = between_knots(self.along_mm[steady], spacing, chosen[:, None])[:, 0]
        return round(100.0 * float(np.abs(self.speeds_mm_s[steady] / wanted - 1.0).max()), DIGITS)

    def figures(self) -> dict[str, Any]:
        """The figures by name."""
        fill = self.fill
        spans = {
            f'fill_{name}': [round(min(values), 3), round(max(values), 3)]
            for name in ('gap_mm', 'travel_speed_mm_s', 'wire_feed_m_min', 'weave_width_mm')
            for values in [getattr(fill, name)]
        }
        counts = {'fill_places': len(fill.along_mm), 'fill_measured': fill.measured}
        if not len(self.true_gap_mm):
            return spans | counts
        errors_mm = np.array(fill.gap_mm) - self.true_gap_mm
        return spans | counts | {'fill_gap_rms_mm': round(float(np.sqrt(np.mean(errors_mm**2))), DIGITS)}


def filled_weld(
    record: RunRecord,
    fill: FillRecord,
    procedure: ProcedureRecord | None,
    moving: MovingSeam | None,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
) -> FilledWeld | None:
    """Adaptive fill of a run; None where the motion of the robot is not known.

    Args:
        record: Of the run.
        fill: How its weld was filled.
        procedure: By which it was planned.
        moving: The true seam; None where it is not known.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
    """
    states = record.joint_states
    if len(states) < 3 or len(record.path) < 2:
        return None
    tips = robot.forward(states[:, 1:], T_tool0_tool)[:, :3, 3]
    along_mm = 1e3 * scanned_line(record.path).places(tips)
    speeds = 1e3 * np.linalg.norm(np.gradient(tips, states[:, 0], axis=0), axis=1)
    welding = states[:, 0] - record.facts.weld_start_ns / 1e9 >= record.facts.weld_window_s[0]
    planned = {each.name: each.value for each in procedure.parameters if each.name in PLANNED} if procedure else {}
    ended = welding & (along_mm >= fill.along_mm[-1])
    welding &= np.cumsum(ended) <= 1  # while it departs, the tool passes places behind the last one again
    first = [int(np.argmax(welding & (along_mm >= place_mm))) for place_mm in fill.along_mm]
    true_gap_mm = np.empty(0) if moving is None else np.array([moving.gap_mm(states[k, 0], tips[k]) for k in first])
    return FilledWeld(fill, along_mm[welding], speeds[welding], true_gap_mm, planned)
