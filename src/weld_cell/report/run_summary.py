"""Figures of a recorded run, compared with ground truth if there is one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from weld_cell.records import FloatArray, SeamSource
from weld_cell.report.filled_weld import FilledWeld
from weld_cell.report.run_record import RunRecord
from weld_cell.report.run_truth import MovingSeam
from weld_cell.report.tracked_tool import tracked_figures
from weld_cell.traceability.record import TrackingRecord
from weld_cell.trajectory.robot_model import RobotModel

SEAM_TOLERANCE_MM = 0.3
END_TOLERANCE_MM = 6.0  # both plates must be in view: over 36 mm to each side and at 5 degrees that costs 3 mm
SPEED_SETTLE_S = 0.3  # left out at both ends of the weld: the tool reaches and loses its speed there


@dataclass(frozen=True, eq=False)
class RunTruth:
    """What a simulated run should have found.

    Attributes:
        joint_type: Of the workpiece; None where the laser is not asked.
        seam_m: (n, 3) the seam in base_link, dense, from start to end.
        part: Code of the part on the table; empty where no part is to be told.
        T_base_part: (4, 4) where it lies.
        plate_m: (n, 3) the seam between plates in base_link, as `seam_m`; None without plates.
        plate_gap_mm: Median gap between the plates; None without plates.
        moving: The seam while it is welded; None where it stays where it is.
    """

    joint_type: str | None
    seam_m: FloatArray
    part: str = ''
    T_base_part: FloatArray | None = None
    plate_m: FloatArray | None = None
    plate_gap_mm: float | None = None
    moving: MovingSeam | None = None


def summarise(
    record: RunRecord,
    truth: RunTruth | None,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    tracking: TrackingRecord | None = None,
    filled: FilledWeld | None = None,
) -> dict[str, Any]:
    """The figures by name; those that the run gives no ground for are None.

    Args:
        record: Of the run.
        truth: Of a simulated run.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        tracking: How the weld was corrected; None where it was not, or no record of it is kept.
        filled: Of a weld whose speed and wire feed followed the root gap.
    """
    facts, latencies = record.facts, record.latencies_ms
    path = record.welded_path
    has_seam = truth is not None and len(path) > 0
    errors_mm = 1000 * distances_to_polyline(path, truth.seam_m) if truth and has_seam else np.empty(0)
    ends_mm = end_errors_mm(path, truth.seam_m) if truth and has_seam else (None, None)
    return {
        'simulated': truth is not None,
        'seam_source': facts.seam_source,
        **_part_figures(record, truth),
        **_plate_figures(record, truth),
        'joint_type': facts.joint_type,
        'joint_type_truth': truth.joint_type if truth else None,
        'seam_rms_mm': _rounded(np.sqrt(np.mean(errors_mm**2))) if has_seam else None,
        'seam_max_mm': _rounded(errors_mm.max()) if has_seam else None,
        'seam_start_error_mm': ends_mm[0],
        'seam_end_error_mm': ends_mm[1],
        'images': facts.images,
        'images_lost': facts.images_lost,
        'latency_ms': {
            'p50': _rounded(np.percentile(latencies, 50)) if len(latencies) else None,
            'p99': _rounded(np.percentile(latencies, 99)) if len(latencies) else None,
        },
        'trajectory_points': len(record.trajectory),
        'tcp_speed_error_pct': filled.speed_error_pct
        if filled
        else tool_speed_error_pct(record, robot, T_tool0_tool),
        **(
            tracked_figures(record, truth.moving, robot, T_tool0_tool, filled is not None)
            if truth and truth.moving
            else {}
        ),
        **(correction_figures(tracking) if tracking else {}),
        **(filled.figures() if filled else {}),
        'trajectory_accepted': facts.trajectory_accepted,
        'seconds': facts.seconds,
        'last_stage': facts.stages[-1][1] if facts.stages else None,
        'note': facts.stages[-1][2] if facts.stages else '',
    }


def correction_figures(tracking: TrackingRecord) -> dict[str, Any]:
    """How a weld was corrected, by its record."""

    def percentiles(row: tuple[float, ...] | None) -> dict[str, float | None]:
        return dict(zip(('p50', 'p99'), row or (None, None), strict=True))

    return {
        'correction_max_mm': tracking.max_mm,
        'correction_latency_ms': percentiles(tracking.latency_ms),
        'seam_point_age_ms': percentiles(tracking.seen_ms),
        'correction_work_ms': percentiles(tracking.took_ms),
        'points': tracking.points,
        'outliers': tracking.outliers,
        'late': tracking.late,
        'lost_s': round(sum(lost.lasted_s for lost in tracking.lost), 3),
    }


def _part_figures(record: RunRecord, truth: RunTruth | None) -> dict[str, Any]:
    """What was told of the part; nothing in a run without one."""
    facts, true = record.facts, truth.T_base_part if truth else None
    if not facts.part and true is None:
        return {}
    figures: dict[str, Any] = {
        'part': facts.part,
        'part_truth': truth.part if truth else None,
        'part_margin': facts.part_margin,
    }
    if not len(record.T_base_part):
        return figures
    pose = record.T_base_part
    figures |= {'part_place_mm': [_rounded(1000 * each) for each in pose[:3, 3]], 'part_turn_deg': _turn_deg(pose)}
    if true is not None:
        error_mm = 1000 * np.linalg.norm(pose[:3, 3] - true[:3, 3])
        figures |= {
            'part_error_mm': _rounded(error_mm),
            'part_error_deg': abs(_turn_deg(true[:3, :3].T @ pose[:3, :3])),
        }
    return figures


def _plate_figures(record: RunRecord, truth: RunTruth | None) -> dict[str, Any]:
    """What the area camera measured of the seam between plates; nothing in a run without plates."""
    seen, path = record.facts.plate_seam, record.plate_path
    if not seen:
        return {}
    figures: dict[str, Any] = {
        f'plate_{name}': value if isinstance(value, int) else _rounded(value) for name, value in seen.items()
    }
    if truth is not None and truth.plate_m is not None and len(path) > 1:
        misses_mm = 1000 * distances_to_polyline(path, truth.plate_m)
        figures |= {
            'plate_length_truth_mm': _rounded(1000 * np.linalg.norm(np.diff(truth.plate_m, axis=0), axis=1).sum()),
            'plate_gap_truth_mm': _rounded(truth.plate_gap_mm),
            'plate_path_rms_mm': _rounded(np.sqrt(np.mean(misses_mm**2))),
            'plate_path_max_mm': _rounded(misses_mm.max()),
        }
    return figures


def _turn_deg(rotation: FloatArray) -> float:
    """About z, of a level pose or rotation."""
    return _rounded(np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0])))


def verdict(summary: dict[str, Any]) -> tuple[bool, str]:
    """Whether a simulated run is good, and a sentence that says why."""
    if summary['last_stage'] != 'done':
        return False, f'The run ended in stage {summary["last_stage"]}. {summary["note"]}'
    told = 'plate seam' if summary['seam_source'] == SeamSource.PLATE else summary['joint_type']
    if not summary['simulated']:
        return True, f'Done: {told}.'
    if summary.get('part') != summary.get('part_truth'):
        return False, f'Part {summary["part_truth"]} was identified as {summary["part"] or "none"}.'
    if summary['joint_type_truth'] is not None and summary['joint_type'] != summary['joint_type_truth']:
        return False, f'The {summary["joint_type_truth"]} joint was classified as {summary["joint_type"]}.'
    if summary['seam_max_mm'] is None or summary['seam_max_mm'] > SEAM_TOLERANCE_MM:
        return False, f'The seam is off by up to {summary["seam_max_mm"]} mm; {SEAM_TOLERANCE_MM} mm are allowed.'
    ends_mm = summary['seam_start_error_mm'], summary['seam_end_error_mm']
    if max(map(abs, ends_mm)) > END_TOLERANCE_MM:
        return (
            False,
            f'The ends of the seam are off by {ends_mm[0]:.2f} and {ends_mm[1]:.2f} mm; '
            f'{END_TOLERANCE_MM:g} mm are allowed.',
        )
    part = f'Part {summary["part"]} and ' if summary.get('part') else ''
    return True, f'{part}{told} identified, its seam within {summary["seam_max_mm"]} mm everywhere.'


def distances_to_polyline(points: FloatArray, polyline: FloatArray) -> FloatArray:
    """(n,) distance of points (n, 3) from a polyline (m, 3), m >= 2, dense compared with its bends.

    Beyond its ends the polyline is prolonged, so that only the distance across counts.
    """
    _, nearest = cKDTree(polyline).query(points)
    before = np.clip(nearest - 1, 0, len(polyline) - 2)
    after = np.clip(nearest, 0, len(polyline) - 2)
    return np.minimum(_to_lines(points, polyline, before), _to_lines(points, polyline, after))


def _to_lines(points: FloatArray, polyline: FloatArray, first: NDArray[np.intp]) -> FloatArray:
    start = polyline[first]
    along = polyline[first + 1] - start
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    offset = points - start
    across: FloatArray = np.linalg.norm(offset - np.sum(offset * along, axis=1, keepdims=True) * along, axis=1)
    return across


def runs_against(path_m: FloatArray, truth_m: FloatArray) -> bool:
    """Whether a path (n, 3) begins where the truth (m, 3) ends: a seam that nobody has welded has no direction."""
    return bool(np.dot(path_m[-1] - path_m[0], truth_m[-1] - truth_m[0]) < 0.0)


def end_errors_mm(path_m: FloatArray, truth_m: FloatArray) -> tuple[float, float]:
    """How far the found start and end lie from the true ones along the seam; positive: found too long."""
    first = float((truth_m[0] - path_m[0]) @ _direction(truth_m[0], truth_m[1]))
    last = float((path_m[-1] - truth_m[-1]) @ _direction(truth_m[-2], truth_m[-1]))
    return _rounded(1000 * first), _rounded(1000 * last)


def _direction(start: FloatArray, end: FloatArray) -> FloatArray:
    step: FloatArray = (end - start) / np.linalg.norm(end - start)
    return step


def tool_speed_error_pct(record: RunRecord, robot: RobotModel, T_tool0_tool: FloatArray) -> float | None:
    """Largest deviation of the tool's speed from the procedure's, from the joint states along the weld."""
    times, speeds = tool_speeds(record, robot, T_tool0_tool)
    begin, end = record.facts.weld_window_s
    welding = (times > begin + SPEED_SETTLE_S) & (times < end - SPEED_SETTLE_S)
    if not welding.any():
        return None
    return _rounded(100 * np.abs(speeds[welding] / (record.facts.travel_speed_mm_s / 1000) - 1).max())


def tool_speeds(record: RunRecord, robot: RobotModel, T_tool0_tool: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Times since the start of the weld trajectory (s) and tool speeds (m/s) from the joint states."""
    states = record.joint_states
    if len(states) < 3:
        return np.empty(0), np.empty(0)
    positions = robot.forward(states[:, 1:], T_tool0_tool)[:, :3, 3]
    speeds: FloatArray = np.linalg.norm(np.gradient(positions, states[:, 0], axis=0), axis=1)
    return states[:, 0] - record.facts.weld_start_ns / 1e9, speeds


def _rounded(value: Any) -> float:
    return round(float(value), 4)
