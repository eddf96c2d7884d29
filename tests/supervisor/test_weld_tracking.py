"""Welds that are corrected on their way, through the cycle: followed, and given up where they must be."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tracked_cell import LENGTH_M, WELDED, ScannedBefore, TrackedCell, entered

from weld_cell.errors import (
    ControllerSilentError,
    CorrectionBoundError,
    GapOutOfTableError,
    StripeLostError,
    TrajectoryRejectedError,
)
from weld_cell.records import SeamSource
from weld_cell.records.status import Stage
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.cycle import CellCycle
from weld_cell.supervisor.journal import Unrecorded
from weld_cell.supervisor.port import StageStoppedError, StageTimeoutError
from weld_cell.supervisor.settings import ScanSettings, StageLimits
from weld_cell.supervisor.weld_tracking import WeldTracking
from weld_cell.tracking import TrackingSettings
from weld_cell.trajectory.adaptive_fill import FillTable
from weld_cell.trajectory.goal_watch import ControllerAnswer
from weld_cell.trajectory.limits import controller_spline
from weld_cell.trajectory.settings import TrajectorySettings


class Kept(Unrecorded):
    """The record of the tracking, and how the tool lay to the true seam by then."""

    tracking, outcome, sent_in_all, answer = None, None, None, None

    def tracked(self, tracking, sent):
        self.tracking, self.sent_in_all = tracking, sent

    def answered(self, answer, replaced=None):
        self.answer = answer, replaced

    def close(self, outcome, reason):
        self.outcome = str(outcome)


@pytest.fixture
def cell():
    return TrackedCell()


def weld(cell, period_s=0.0, fill=None, **settings):
    """Run a cycle over a cell; its journal."""
    journal = Kept()
    tables = {} if fill is None else {'lap': fill}
    tracking = WeldTracking(cell, cell.robot, cell.rig, TrackingSettings(**settings), period_s, tables)
    look, rest = (
        ScannedBefore(SeamSource.PLATE),
        (ScanSettings(), StageLimits(), PathSettings(), TrajectorySettings()),
    )
    cycle = CellCycle(cell, cell.robot, cell.rig, look, *rest, journal, tracking=tracking)
    try:
        cycle.run()
    finally:
        cell.journal = journal
    return journal


def watched_tip(cell, misses):
    """Have a cell note how far its tool is from the true seam, to the left and up, while it welds."""
    move = cell.move

    def noting(trajectory, start_ns):
        move(trajectory, start_ns)
        since_s, tip = cell.since_weld_s(cell.now), cell.tip_m()
        if since_s > 1.5 and cell.line.places(tip[None])[0] < LENGTH_M - 0.03:
            (true,) = cell.seam_m(cell.line.places(tip[None]), cell.now)
            misses.append(1e3 * (tip - true))

    cell.move = noting


def standing(cell):
    return np.abs(cell.device.state_at(cell.now + 10**9).velocities_rad_s).max() == 0.0


def test_a_seam_that_stays_is_welded_as_planned(cell):
    record = weld(cell).tracking
    assert entered(cell) == WELDED and cell.calls == ['watch', 'rest']
    assert record.max_mm < 0.02 and record.points > 30 and record.lost == () and record.moved is False


def test_the_tool_follows_a_seam_that_drifts(cell):
    cell.shift, misses = lambda since_s: (3e-4 * since_s, 1e-4 * since_s), []
    watched_tip(cell, misses)
    journal = weld(cell)
    assert entered(cell) == WELDED and journal.outcome == 'done'
    aside_mm = np.abs(np.array(misses)[:, 0])
    assert len(misses) > 3 and aside_mm.max() < 0.25 * 0.3 * 5.0  # by then it has drifted that far
    record = journal.tracking
    assert (
        record.max_mm > 0.9 and 0.0 < record.rms_mm < record.max_mm and record.left_mm[-1] > 0.85 and record.late == 0
    )
    assert len(record.times_s) == len(record.left_mm) == len(record.out_mm) > 60 and record.moved is True
    assert 20.0 <= record.latency_ms[0] <= record.latency_ms[1] < 60.0  # what the cell takes, and lead_s


def test_a_correction_that_takes_long_delays_no_others(cell):
    """On a busy machine one in five takes 60 ms; the robot takes it late, without a step."""
    cell.shift, move, moved = lambda since_s: (3e-4 * since_s, 0.0), cell.move, []

    def slow(trajectory, start_ns):
        moved.append(start_ns)
        cell.now += 60_000_000 if len(moved) % 5 == 0 else 2_000_000
        before = cell.device.state_at(cell.now)
        move(trajectory, start_ns)
        after = cell.device.state_at(cell.now)
        assert np.abs(after.positions_rad - before.positions_rad).max() < 2e-5  # 0.02 mm
        assert np.abs(after.velocities_rad_s - before.velocities_rad_s).max() < 1e-3

    cell.move = slow
    record = weld(cell).tracking
    assert entered(cell) == WELDED and record.latency_ms[0] < 20.0 + 2.0 + 10.0 + 25.0 < record.latency_ms[1]
    assert record.took_ms[0] == 2.0 and record.took_ms[1] == 60.0 and record.max_mm > 0.8


def test_corrections_keep_their_distance_where_they_cost_much(cell):
    cell.shift = lambda since_s: (3e-4 * since_s, 0.0)
    record = weld(cell, period_s=0.2).tracking
    assert np.diff(record.times_s).min() > 0.15 and record.points > 30 and record.max_mm > 0.8


def test_misread_root_gaps_correct_nothing(cell):
    cell.gap_lift, cell.misread = 0.8, lambda image: 0.6 if image % 3 == 0 else 0.0
    assert weld(cell).tracking.max_mm < 0.03


def test_a_root_gap_that_opens_does_not_lift_the_tool(cell):
    """The walls of its groove go apart: the point between their lower ends stays where it is."""
    cell.gap_lift, cell.gap_mm = 0.8, lambda place_m: 1.0 + 0.8 * float(np.clip((place_m - 0.03) / 0.02, 0.0, 1.0))
    assert weld(cell, misread_gap_mm=0.1).tracking.max_mm < 0.2  # 0.64 where it is taken for a groove that has sunk


def test_a_root_gap_that_all_images_misread_a_little_corrects_nothing(cell):
    cell.gap_lift, cell.misread = 0.8, lambda image: 0.3
    assert weld(cell).tracking.max_mm < 0.03


def test_a_short_loss_is_bridged_and_told(cell):
    """Once, however long the corrections meanwhile take."""
    cell.sees, move, moved = lambda since_s: not 1.0 < since_s < 1.2, cell.move, []

    def slower_and_slower(trajectory, start_ns):
        moved.append(start_ns)
        cell.now += 500_000 * (len(moved) % 16)
        move(trajectory, start_ns)

    cell.move = slower_and_slower
    record = weld(cell).tracking
    assert entered(cell) == WELDED
    (lost,) = record.lost
    assert 0.15 < lost.lasted_s < 0.3


def test_a_lost_stripe_stops_the_weld_and_what_was_done_is_kept(cell):
    cell.sees = lambda since_s: since_s < 1.0
    with pytest.raises(StripeLostError):
        weld(cell)
    assert entered(cell)[-1] is Stage.FAULT and 'has not been seen for' in cell.stages[-1][1] and standing(cell)
    record = cell.journal.tracking
    assert cell.journal.outcome == 'fault' and record.points > 12 and record.lost[-1].lasted_s > 0.3
    braked_ns = cell.begun_ns + int(1e9 * (cell.weld_span_s()[0] + 1.0 + 0.3 + 0.35))
    assert not cell.device.state_at(braked_ns).velocities_rad_s.any()
    assert cell.calls == ['watch', 'rest']


def test_a_seam_that_moves_too_far_stops_the_weld(cell):
    cell.shift = lambda since_s: (8e-4 * since_s, 0.0)
    with pytest.raises(CorrectionBoundError, match='bounded to 1 mm'):
        weld(cell, max_correction_mm=1.0)
    assert entered(cell)[-1] is Stage.FAULT and standing(cell) and cell.journal.tracking.max_mm > 0.7


def test_a_controller_that_takes_no_correction_is_noticed(cell):
    cell.shift = lambda since_s: (-1e-3 * since_s, 0.0)

    def deaf(trajectory, start_ns):
        cell.answers = cell.since_weld_s(cell.now) < 0.5 or 'fault' in cell.stages[-1]
        type(cell).move(cell, trajectory, start_ns)

    cell.move = deaf
    with pytest.raises((TrajectoryRejectedError, StageTimeoutError)):  # at its end at the latest
        weld(cell)
    assert entered(cell)[-1] is Stage.FAULT


def test_a_controller_that_owes_its_answer_for_too_long_stops_the_weld(cell):
    cell.unanswered = lambda since_s: max(0.0, since_s - 0.5)
    with pytest.raises(ControllerSilentError, match='not answered a correction of the weld for 3'):
        weld(cell)
    assert entered(cell)[-1] is Stage.FAULT and standing(cell)
    assert cell.journal.answer[0].startswith('The robot controller has not answered')
    motion, (begin_s, end_s) = cell.journal.sent_in_all.motion, cell.journal.sent_in_all.weld_s
    assert end_s - begin_s == pytest.approx(0.84, abs=0.1) and motion.times_s[-1] == pytest.approx(end_s, abs=0.05)


def test_the_weld_ends_with_the_controllers_last_answer(cell):
    ended = ControllerAnswer('goal succeeded, code 0', final=True, replaced=7)
    asked = []

    def answer():
        asked.append(cell.now)
        return ended if len(asked) > 20 else replace(ended, text='goal accepted', final=False)

    cell.weld_answer = answer
    assert weld(cell).answer == ('goal succeeded, code 0', 7) and asked[-2] > asked[0]


def test_a_stop_in_the_weld_brakes_it(cell):
    enter = cell.enter
    cell.sees = lambda since_s: since_s < 0.8 or not enter(Stage.WELD, 'stop')
    with pytest.raises(StageStoppedError):
        weld(cell)
    assert standing(cell) and cell.journal.outcome == 'stopped' and cell.journal.tracking.points > 6


FILL = FillTable('lap', np.array([0.0, 2.0]), None, np.array([[[12.0, 5.0, 0.0]], [[8.0, 7.0, 2.0]]]))


def wider_on_the_way(place_m):
    """The scan has seen 1 mm everywhere; where the weld begins to see the seam, it opens."""
    return 1.0 + 0.6 * float(np.clip((place_m - 0.036) / 0.004, 0.0, 1.0))


def test_speed_and_wire_feed_follow_the_root_gap_on_the_way(cell):
    cell.gap_mm, sent, tips_mm = wider_on_the_way, [], []
    move, tell_fill = cell.move, cell.tell_fill

    def noting(trajectory, start_ns):
        move(trajectory, start_ns)
        sent.append((trajectory, start_ns))

    def watching(fill):
        tell_fill(fill)
        tips_mm.append(1e3 * cell.line.places(cell.tip_m()[None])[0])

    cell.move, cell.tell_fill = noting, watching
    journal = weld(cell, fill=FILL, adaptive_fill=True, fill_window_mm=4.0)
    assert entered(cell) == WELDED and journal.outcome == 'done'
    fill = journal.tracking.fill
    assert fill.along_mm[0] == 0.0 and fill.along_mm[-1] > 1e3 * LENGTH_M - 6.0 and fill.measured >= 3
    assert fill.gap_mm[0] == 1.0 and fill.gap_mm[-1] == pytest.approx(1.6)
    assert fill.travel_speed_mm_s[0] == 10.0 and fill.travel_speed_mm_s[-1] == pytest.approx(8.8, abs=0.1)
    assert fill.wire_feed_m_min[-1] == pytest.approx(6.6) and fill.weave_width_mm[-1] == pytest.approx(1.6)
    told = [(1e-9 * (now - cell.begun_ns), each) for now, each in cell.fills]
    assert len(told) > 20 and told[0][1].wire_feed_m_min == 6.0 and told[-1][1].wire_feed_m_min > 6.4
    np.testing.assert_allclose(tips_mm, [each.along_mm for _, each in told], atol=0.15)  # where it truly is
    seconds, since = np.array([s for s, _ in told]), np.searchsorted(tips_mm, 1e3 * LENGTH_M - 8.5)
    speed = np.polyfit(seconds[since:-3], tips_mm[since:-3], 1)[0]
    assert speed == pytest.approx(8.8, rel=0.03)  # it really slows down
    begin_s, end_s = journal.sent_in_all.weld_s  # of what was sent, not of what was planned
    ends_rad = controller_spline(journal.sent_in_all.motion)(np.array([begin_s, end_s]))
    tips_m = cell.robot.forward(ends_rad, cell.rig.T_tool0_tool)[:, :3, 3]
    np.testing.assert_allclose(cell.line.places(tips_m), [5e-4, LENGTH_M + 5e-4], atol=1e-4)  # the tool is tilted
    assert begin_s == pytest.approx(cell.weld_span_s()[0]) and end_s > cell.weld_span_s()[1] + 0.05
    for (before, began_ns), (after, since_ns) in pairwise(sent[1:]):  # neither speed nor acceleration steps
        at_s = 1e-9 * (since_ns - began_ns)
        for order, slack in ((0, 1e-6), (1, 1e-4), (2, 1e-2)):
            step = controller_spline(before)(at_s, order) - controller_spline(after)(0.0, order)
            assert np.abs(step).max() < slack


def test_a_gap_of_the_scan_beyond_the_table_is_refused_before_the_robot_moves(cell):
    cell.scanned_gap_mm = lambda place_m: 1.0 if place_m < 0.03 else 2.4
    with pytest.raises(GapOutOfTableError, match='root gap is 2.40 mm'):
        weld(cell, fill=FILL, adaptive_fill=True)
    assert cell.begun_ns == 0 and cell.journal.outcome == 'fault'


def test_a_gap_beyond_the_table_on_the_way_stops_the_weld(cell):
    cell.gap_mm = lambda place_m: 1.0 if place_m < 0.035 else 2.4
    with pytest.raises(GapOutOfTableError, match='root gap is 2.40 mm'):
        weld(cell, fill=FILL, adaptive_fill=True, fill_window_mm=4.0)
    assert entered(cell)[-1] is Stage.FAULT and standing(cell)
    fill = cell.journal.tracking.fill
    assert 0.0 < fill.along_mm[-1] < 30.0 and max(fill.gap_mm) == 1.0  # it stops before it gets there


def test_adaptive_fill_without_a_table_is_told_with_the_plan(cell):
    weld(cell, adaptive_fill=True)
    told = [note for stage, note in cell.stages if stage is Stage.PLAN]
    assert told[-1] == 'No adaptive fill: procedure lap has no table for it; welded at 10 mm/s throughout.'


def test_without_its_switch_the_table_changes_nothing(cell):
    cell.gap_mm = lambda place_m: 2.4
    record = weld(cell, fill=FILL).tracking
    assert record.fill is None and cell.fills == [] and entered(cell) == WELDED
