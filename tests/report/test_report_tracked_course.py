"""The correction of a recorded weld by place, against numbers worked by hand; its pictures."""

import cv2
import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.report.filled_weld import filled_weld
from weld_cell.report.run_record import RunFacts, RunRecord
from weld_cell.report.run_truth import MovingSeam
from weld_cell.report.tracked_course import seam_of_run, tracked_course
from weld_cell.report.tracked_tool import planned_times, tracked_figures
from weld_cell.report.tracking_picture import draw_course, draw_fill
from weld_cell.traceability.record import FillRecord, LostStripe, ProcedureRecord, Quantity, TrackingRecord
from weld_cell.trajectory.robot_model import load_robot

ROBOT = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
RIG = load_rig(str(config_file('rig_tracking.yaml')))
TOOL = RIG.T_tool0_tool
START_S, LENGTH_M, SPEED_M_S, BEGIN_S = 100.0, 0.05, 0.01, 1.0
ALONG, LEFT, UP = np.eye(3)[[1, 0, 2]] * [[1.0], [-1.0], [1.0]]
PROCEDURE = ProcedureRecord('butt', 'f', 's', (Quantity('travel_speed_mm_s', 10.0, 'mm/s'),))


def joints(places_m, aside_m):
    """(n, 6) robot joints that have the tool at places along a straight seam, and beside it."""
    pose = ROBOT.forward(ROBOT.home_rad[None], TOOL)[0]
    poses = np.tile(pose, (len(places_m), 1, 1))
    poses[:, :3, 3] += np.outer(places_m, ALONG) + np.outer(aside_m, LEFT)
    branches = ROBOT.branches(poses, TOOL)
    near = np.abs(branches.joints - ROBOT.home_rad).max(axis=2)
    near[~np.isfinite(near)] = np.inf
    return np.take_along_axis(branches.joints, near.argmin(axis=1)[:, None, None], axis=1)[:, 0], pose[:3, 3]


def welded(rate=1.0, correction_m=lambda places_m: 0.0 * places_m):
    """A weld of 5 s at a rate of its planned speed, corrected by place."""
    times_s = np.arange(0.0, BEGIN_S + LENGTH_M / SPEED_M_S / rate, 0.02)
    places_m = np.maximum(0.0, times_s - BEGIN_S) * SPEED_M_S * rate
    states, start_m = joints(places_m, correction_m(places_m))
    planned_s = np.arange(0.0, BEGIN_S + LENGTH_M / SPEED_M_S + 0.1, 0.1)
    planned, _ = joints(np.maximum(0.0, planned_s - BEGIN_S) * SPEED_M_S, 0.0 * planned_s)
    speeds = np.gradient(planned, planned_s, axis=0)
    s = np.linspace(0.0, LENGTH_M, 26)
    rows = np.tile(np.concatenate([ALONG, UP]), (len(s), 1))
    window_s = BEGIN_S, BEGIN_S + LENGTH_M / SPEED_M_S
    return RunRecord(
        RunFacts(weld_window_s=window_s, travel_speed_mm_s=1e3 * SPEED_M_S, weld_start_ns=round(1e9 * START_S)),
        path=np.hstack([start_m + np.outer(s, ALONG), rows]),
        trajectory=np.hstack([planned_s[:, None], planned, speeds]),
        joint_states=np.hstack([START_S + times_s[:, None], states]),
    ), start_m


def seam_that_moves(start_m, aside_m):
    line = start_m + np.outer(np.linspace(0.0, LENGTH_M, 101), ALONG)

    def at(time_s):
        return line + aside_m(time_s - START_S - BEGIN_S) * LEFT

    return MovingSeam(at, 0.0, 0.01, lambda time_s: np.linspace(1e-3, 2e-3, 101))


def tracking(times_s, left_mm, lost=(), fill=None):
    out = tuple(0.0 for _ in times_s)
    return TrackingRecord(tuple(times_s), tuple(left_mm), out, max(left_mm), 0.1, 100, 2, 0, lost, (30.0, 50.0), fill)


def test_a_weld_that_was_never_corrected_has_no_course():
    record, _ = welded()
    assert tracked_course(RunRecord(), tracking((1.0,), (0.0,)), None, ROBOT, TOOL) is None
    assert tracked_course(record, tracking((0.5,), (0.0,)), None, ROBOT, TOOL) is None


def test_corrections_drift_and_losses_by_place(tmp_path):
    record, start_m = welded(correction_m=lambda places_m: 0.1 * places_m)  # 1 mm over 10 mm of seam
    times_s = np.arange(1.1, 5.9, 0.1)
    told_mm = 0.1 * 1e3 * SPEED_M_S * (times_s - BEGIN_S)
    made = tracking(times_s, told_mm, (LostStripe(3.0, 0.5),))
    moving = seam_that_moves(start_m, lambda since_s: 1e-3 * max(0.0, since_s))  # 0.1 mm beside each mm, as told
    course = tracked_course(record, made, moving, ROBOT, TOOL)
    np.testing.assert_allclose(course.along_mm, 1e3 * SPEED_M_S * (times_s - BEGIN_S), atol=0.02)
    np.testing.assert_allclose(course.told_mm[:, 0], told_mm)
    np.testing.assert_allclose(course.drift_mm[:, 0], told_mm, atol=0.02)
    np.testing.assert_allclose(course.drift_mm[:, 1], 0.0, atol=0.01)
    np.testing.assert_allclose(course.lost_mm, [[20.0, 25.0]], atol=0.02)
    assert course.misses_mm.max() < 0.02 and course.seen_until_mm == pytest.approx(40.0)
    draw_course(course, tmp_path / 'with.png')
    blind = tracked_course(record, made, None, ROBOT, TOOL)
    assert not len(blind.drift_mm) and not len(blind.misses_mm) and blind.seen_until_mm is None
    draw_course(blind, tmp_path / 'without.png')
    with_truth, without = (cv2.imread(str(tmp_path / name)).shape for name in ('with.png', 'without.png'))
    assert with_truth[0] > without[0] > 300


def test_a_weld_at_half_its_speed_is_compared_with_its_plan_by_place(tmp_path):
    record, start_m = welded(rate=0.5)
    elapsed_s = record.joint_states[:, 0] - START_S
    times_s = planned_times(record, ROBOT, TOOL, filled=True)
    welding = (elapsed_s > BEGIN_S + 0.1) & (elapsed_s < 10.8)
    np.testing.assert_allclose(times_s[welding], BEGIN_S + 0.5 * (elapsed_s[welding] - BEGIN_S), atol=0.03)
    moving = seam_that_moves(start_m, lambda since_s: 1e-4 * since_s)
    figures = tracked_figures(record, moving, ROBOT, TOOL, filled=True)
    assert figures['weld_done_share'] == pytest.approx(1.0, abs=0.02)
    assert figures['uncorrected_worst_mm'] == pytest.approx(1.0, abs=0.02)  # of 10 s, not of 5 s
    knots = tuple(np.arange(0.0, 48.1, 4.0))
    gaps, weaves = (tuple(least + share * k for k in knots) for least, share in ((1.0, 0.02), (0.0, 0.1)))
    fill = FillRecord(knots, gaps, (0.1,) * 13, (5.0,) * 13, (5.0,) * 13, weaves, measured=6)
    away_s = np.arange(0.02, 0.2, 0.02)
    away, _ = joints(LENGTH_M - 0.05 * away_s, 0.0 * away_s)  # as it departs, leaning, at another speed
    later = np.hstack([record.joint_states[-1, 0] + away_s[:, None], away])
    record.joint_states = np.vstack([record.joint_states, later])
    weld = filled_weld(record, fill, PROCEDURE, moving, ROBOT, TOOL)
    assert weld.speed_error_pct < 1.0 and weld.planned == {'travel_speed_mm_s': 10.0}
    assert weld.figures()['fill_gap_rms_mm'] < 0.02  # the true gap goes from 1 to 2 mm
    assert weld.figures()['fill_weave_width_mm'] == [0.0, 4.8] and weld.figures()['fill_measured'] == 6
    draw_fill(weld, tmp_path / 'fill.png')
    assert cv2.imread(str(tmp_path / 'fill.png')).shape[0] > 500
    assert filled_weld(RunRecord(), fill, None, None, ROBOT, TOOL) is None


def test_a_folder_without_records_has_no_seam(tmp_path):
    assert seam_of_run(tmp_path, RunFacts()) is None
