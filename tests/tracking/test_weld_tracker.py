"""From seam points ahead of the tool to the correction of its path; what is wrong stops it with a name."""

from dataclasses import replace

import numpy as np
import pytest
from tracked_seam import LENGTH_M, seen, straight_path

from weld_cell.errors import CorrectionBoundError, StripeLostError
from weld_cell.tracking import SeamLine, TrackingSettings, WeldTracker

IMAGE_NS = 25_000_000
SPEED_M_S, AHEAD_M, END_S = 0.008, 0.03, 8.75


def places(times_s):
    return SPEED_M_S * times_s


def tracked(shift, until_s=6.0, settings=None, spatter=()):
    """A weld whose seam is moved by shift(time) -> (left, up), to a time; the tracker."""
    settings = settings or TrackingSettings()
    tracker = WeldTracker(SeamLine(straight_path()), 0, settings)
    for k in range(int(until_s / 0.025)):
        now_ns = k * IMAGE_NS
        left, up = shift(now_ns / 1e9)
        s = float(places(now_ns / 1e9)) + AHEAD_M
        point = seen(s, (left, up + (3e-3 if k in spatter else 0.0)), now_ns)
        tracker.take([point] if s <= LENGTH_M else [], now_ns + 15_000_000)
        tracker.watch(s < LENGTH_M - 3e-3, now_ns + 15_000_000)
        tracker.lead(now_ns / 1e9 + 0.025, END_S, places)
    return tracker


def test_without_any_point_nothing_is_corrected():
    tracker = WeldTracker(SeamLine(straight_path()), 0, TrackingSettings())
    tracker.take([], 0)
    tracker.lead(0.1, END_S, places)
    np.testing.assert_array_equal(tracker.course.at(np.array([0.0, 1.0, 8.0])), np.zeros((3, 2)))


def test_a_creeping_workpiece_is_followed():
    tracker = tracked(lambda t: (0.5e-3 * t, -0.2e-3 * t), until_s=4.0)
    np.testing.assert_allclose(tracker.course.at(np.array([4.0]))[0], [2.0e-3, -0.8e-3], atol=0.1e-3)


def scattered(seed, shift):
    """A shift with the scatter of seam points about it, 0.05 mm."""
    rng = np.random.default_rng(seed)
    return lambda t: np.array(shift(t)) + rng.normal(0.0, 0.05e-3, 2)


def test_the_scatter_of_a_workpiece_that_lies_still_hardly_moves_the_tool():
    def moved_m(seed):
        course = tracked(scattered(seed, lambda t: (0.0, 0.0))).course
        return np.sqrt(np.mean(course.at(np.linspace(1.0, 6.0, 200)) ** 2))

    assert np.mean([moved_m(seed) for seed in range(5)]) < 5e-6  # taken for moving, it would be 12 um


@pytest.mark.parametrize('shift_m', [0.15e-3, 1e-3])
def test_a_workpiece_that_has_lain_still_is_followed_as_soon_as_it_moves(shift_m):
    moved = scattered(1, lambda t: (shift_m * np.clip(t - 3.0, 0.0, 1.0), 0.0))
    left_m, up_m = tracked(moved, until_s=5.0).course.at(np.array([5.0]))[0]
    assert left_m == pytest.approx(shift_m, abs=0.15 * shift_m) and abs(up_m) < 0.05e-3


def test_spatter_does_not_move_the_tool():
    tracker = tracked(lambda t: (0.0, 0.0), spatter={40, 41, 42, 80, 120})
    assert tracker.outliers == 5
    assert np.abs(tracker.course.at(np.linspace(0.0, 6.0, 200))).max() < 1e-6


@pytest.mark.parametrize('side', [-1.0, 1.0])
def test_a_gap_that_is_misread_at_one_side_does_not_move_the_tool(side):
    scanned = [replace(seen(s, (0.0, 0.0), 0), gap_mm=1.5) for s in np.arange(0.0, LENGTH_M, 0.001)]
    tracker = WeldTracker(SeamLine(straight_path(), scanned), 0, TrackingSettings())
    for k in range(160):
        now_ns, shadow = k * IMAGE_NS, k > 60
        left = 0.2e-3 * k * 0.025
        point = seen(0.03 + float(places(now_ns / 1e9)), (left + shadow * side * 0.7e-3, 0.0), now_ns)
        point = replace(point, gap_mm=1.5 + 1.4 * shadow, gap_aside=0.5)
        tracker.take([point], now_ns + 15_000_000)
        tracker.watch(True, now_ns + 15_000_000)
        tracker.lead(now_ns / 1e9 + 0.025, END_S, places)
    assert tracker.outliers == 0
    assert tracker.course.at(np.array([4.0]))[0][0] == pytest.approx(0.8e-3, abs=0.1e-3)


def test_a_gap_that_opens_about_its_seam_does_not_move_the_tool():
    """Both of its sides move: neither of them is misread."""
    scanned = [replace(seen(s, (0.0, 0.0), 0), gap_mm=1.5) for s in np.arange(0.0, LENGTH_M, 0.001)]
    tracker = WeldTracker(SeamLine(straight_path(), scanned), 0, TrackingSettings())
    for k in range(160):
        now_ns = k * IMAGE_NS
        point = seen(0.03 + float(places(now_ns / 1e9)), (1e-5 * (-1) ** k, 0.0), now_ns)
        tracker.take([replace(point, gap_mm=1.5 + 0.4e-2 * k, gap_aside=0.5)], now_ns + 15_000_000)
        tracker.watch(True, now_ns + 15_000_000)
        tracker.lead(now_ns / 1e9 + 0.025, END_S, places)
    assert tracker.outliers == 0 and np.abs(tracker.course.at(np.linspace(0.0, 4.0, 100))).max() < 0.03e-3


def test_the_course_has_no_step():
    tracker = tracked(lambda t: (0.8e-3 * min(t, 3.0), 0.0))
    before = tracker.course.at(np.array([6.05]))[0]
    course = [tracker.course.at(np.array([6.0 + h])) for h in (-1e-4, 0.0, 1e-4)]
    tracker.take([seen(0.08, (2.9e-3, 0.0), 6_000_000_000)], 6_000_000_000)
    tracker.lead(6.0, END_S, places)
    after = [tracker.course.at(np.array([6.0 + h])) for h in (0.0, 1e-4)]
    np.testing.assert_allclose(after[0], course[1], atol=1e-9)
    np.testing.assert_allclose((after[1] - after[0]) / 1e-4, (course[2] - course[1]) / 1e-4, atol=1e-5)
    assert np.abs(tracker.course.at(np.array([6.05]))[0] - before).max() < 0.2e-3


def test_a_stale_point_is_not_used():
    tracker = WeldTracker(SeamLine(straight_path()), 0, TrackingSettings())
    tracker.take([seen(0.04, (1e-3, 0.0), 0)], 300_000_000)
    assert (tracker.stale, tracker.believed) == (1, 0)


def test_a_lost_stripe_stops_the_weld():
    tracker = tracked(lambda t: (0.4e-3 * t, 0.0), until_s=2.0)
    tracker.watch(True, 2_200_000_000)
    with pytest.raises(StripeLostError, match='has not been seen for 3'):
        tracker.watch(True, 2_310_000_000)


def test_after_the_hold_the_drift_is_not_foreseen_any_further():
    tracker = tracked(lambda t: (0.4e-3 * t, 0.0), until_s=2.0)
    tracker.watch(True, 2_030_000_000)
    tracker.lead(2.1, END_S, places)
    going_on = tracker.course.at(np.array([3.0]))[0, 0]
    tracker.watch(True, 2_100_000_000)
    tracker.lead(2.1, END_S, places)
    held = tracker.course.at(np.array([3.0]))[0, 0]
    assert held == pytest.approx(0.8e-3, abs=0.1e-3) and going_on > held + 0.1e-3


def test_beyond_the_seam_no_stripe_is_missed():
    tracker = tracked(lambda t: (0.0, 0.0), until_s=2.0)
    tracker.watch(False, 9_000_000_000)


def test_a_correction_beyond_its_bound_stops_the_weld():
    with pytest.raises(CorrectionBoundError, match='bounded to 1 mm'):
        tracked(lambda t: (0.8e-3 * t, 0.0), settings=TrackingSettings(max_correction_mm=1.0))


def test_corrections_change_no_faster_than_allowed():
    settings = TrackingSettings(max_rate_mm_s=0.5, outlier_mm=5.0)
    tracker = tracked(lambda t: (2e-3 if t > 1.0 else 0.0, 0.0), until_s=2.0, settings=settings)
    course = tracker.course.at(np.linspace(1.0, 4.0, 301))
    assert np.abs(np.diff(course[:, 0])).max() / 0.01 < 1.2 * 0.5e-3
