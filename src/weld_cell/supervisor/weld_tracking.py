"""Welds while the seam is tracked: the motion is corrected by what the sensor sees ahead of the tool."""

from collections import deque
from collections.abc import Callable, Mapping
from statistics import median

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.errors import ControllerSilentError
from weld_cell.records import RobotTrajectory, SeamPath, SeamPoint
from weld_cell.records.status import FillStatus
from weld_cell.seam.one_gap import RunningGap, at_gap, median_gap_mm
from weld_cell.supervisor.motion import ScanMotion
from weld_cell.supervisor.port import TrackedCellPort
from weld_cell.supervisor.sent_motion import SentWeld
from weld_cell.supervisor.tracked_weld import TrackedWeld, sizes_along
from weld_cell.supervisor.waiting import Waiting
from weld_cell.traceability.record import FillRecord, LostStripe, Row, TrackingRecord, row
from weld_cell.tracking import SeamLine, TrackingSettings
from weld_cell.trajectory.adaptive_fill import FillTable
from weld_cell.trajectory.fill_course import FillCourse
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.wording import signed

WATCH_S, RUN_UP_S = 1.2, 0.8
"""So long before its begin the seam is watched, and the weld corrected: the sensor comes down to the seam."""
ASK_S = 5.0
STEP_S = 0.05
"""Without an image for so long the tracking goes on by itself."""
TOLD_NS = 5_000_000_000
REMEMBERED = 8
"""Of so many corrections the median says how long the next one will take."""
LEAST_NS = 1_000_000
"""One takes over so long after the one before at least."""
DIGITS = 4
FILL_NS = 90_000_000
"""Between two messages of speed, weave and wire feed."""
FILL_COLUMNS = ('along_mm', 'gap_mm', 'mismatch_mm', 'travel_speed_mm_s', 'wire_feed_m_min', 'weave_width_mm')

Notify = Callable[[str], None]


class WeldTracking:
    """Corrects welds through a port.

    Args:
        port: The cell.
        robot: Its robot.
        rig: What it carries.
        settings: Of the tracking.
        period_s: Time between two corrections, at least.
        tables: By which speed, weave and wire feed are chosen, by the names of their procedures.
    """

    def __init__(
        self,
        port: TrackedCellPort,
        robot: RobotModel,
        rig: Rig,
        settings: TrackingSettings,
        period_s: float = 0.0,
        tables: Mapping[str, FillTable] | None = None,
    ) -> None:
        self._port, self._robot, self._rig, self._settings = port, robot, rig, settings
        self._period_s, self._tables = period_s, tables or {}

    def check_fill(self) -> str:
        """Whether the scan's root gaps and mismatches can be welded by the procedure that was planned.

        Returns:
            For people, that it has no table for adaptive fill, which was asked for; else empty.

        Raises:
            GapOutOfTableError, GapUnknownError: they cannot.
            WeldCellError: nothing is known of its seam.
        """
        fill, (name, speed_mm_s) = self._fill(*self._port.scanned_seam()), self._port.planned_procedure()
        if fill is not None or not self._settings.adaptive_fill:
            return ''
        return f'No adaptive fill: procedure {name} has no table for it; welded at {speed_mm_s:g} mm/s throughout.'

    def _fill(self, path: SeamPath, points: list[SeamPoint]) -> FillCourse | None:
        """None where the procedure has no table, or none shall be used."""
        name, _ = self._port.planned_procedure()
        if not self._settings.adaptive_fill or name not in self._tables:
            return None
        line, settings = SeamLine(path), self._settings
        sizes = sizes_along(points, line) if points else np.empty((0, 3))
        bounds = settings.fill_window_mm, settings.fill_acceleration_mm_s2
        return FillCourse(self._tables[name], 1e3 * line.length_m, *bounds, sizes)

    def begin(self, motion: RobotTrajectory, began_ns: int) -> 'WeldUnderWay':
        """A weld motion that was sent.

        Raises:
            WeldCellError: nothing is known of its seam.
        """
        path, points = self._port.scanned_seam()
        gap_mm = median_gap_mm(points) if points else 0.0
        line, span_s = SeamLine(path, at_gap(points, gap_mm)), self._port.weld_span_s()
        fill, (_, speed_mm_s) = self._fill(path, points), self._port.planned_procedure()
        what = self._robot, self._rig, self._settings, fill, speed_mm_s
        tracked = TrackedWeld(motion, span_s, began_ns, line, *what)
        return WeldUnderWay(self._port, tracked, began_ns, span_s[0], gap_mm, self._settings, self._period_s)


class WeldUnderWay:
    """One weld, which is corrected until it ends.

    Args:
        port: The cell.
        tracked: The weld.
        began_ns: When its motion began.
        weld_s: When the weld begins in it.
        gap_mm: Root gap of the scan.
        settings: Of the tracking.
        period_s: Time between two corrections, at least.
    """

    def __init__(
        self,
        port: TrackedCellPort,
        tracked: TrackedWeld,
        began_ns: int,
        weld_s: float,
        gap_mm: float,
        settings: TrackingSettings,
        period_s: float = 0.0,
    ) -> None:
        self._period_ns, self._sent_ns = round(1e9 * period_s), 0
        self._port, self._tracked, self._settings = port, tracked, settings
        self._gap = RunningGap(gap_mm, settings.misread_gap_mm)
        self._began_ns, self._weld_s = began_ns, weld_s
        self._taken, self._image_ns, self._told_ns = 0, 0, began_ns
        self._rows: list[tuple[float, float, float]] = []
        self._latency_ms: list[tuple[float, float, float]] = []
        self._lost: list[LostStripe] = []
        self._took_ns: deque[int] = deque(maxlen=REMEMBERED)
        self._after_ns = self._filled_ns = 0
        self._is_over = False

    def run(self, motion: ScanMotion, wait: Waiting, notify: Notify) -> None:
        """Correct the motion until the weld ends; the departure goes on as it was sent last.

        Raises:
            TrackingError: the seam is lost, or lies too far away.
            WeldCellError: the cell is no longer what the weld needs.
        """
        self._await(self._weld_s - WATCH_S, wait)
        self._port.watch_seam(ASK_S)
        try:
            self._await(self._weld_s - RUN_UP_S, wait)
            self._taken = len(self._port.points_ahead())
            while self._step(motion, wait):
                self._notify(notify)
            self._is_over = True
        finally:
            self._port.rest_seam()

    def _await(self, elapsed_s: float, wait: Waiting) -> None:
        left_s = elapsed_s - self._elapsed_s(self._port.now_ns())
        if left_s > 0.0:
            wait.until(lambda: self._elapsed_s(self._port.now_ns()) >= elapsed_s, left_s + 1.0)

    def _step(self, motion: ScanMotion, wait: Waiting) -> bool:
        """Wait for an image, and correct the motion by it; False once the weld has ended.

        A correction takes over once it has been sent, by what most of those before took. One that takes longer comes
        a little after its takeover, where it hardly differs from the course before: that costs less than to have all
        of them wait for the slowest.
        """
        wait.until(self._is_due, STEP_S + 1e-9 * self._period_ns)
        self._require_answer()
        self._image_ns = self._port.newest_image_ns()
        points = self._port.points_ahead()
        told, self._taken = points[self._taken :], len(points)
        fresh = self._gap.level(told)
        self._tracked.measure(told)
        now_ns = self._port.now_ns()
        takes_ns = round(median(self._took_ns)) if self._took_ns else 0
        by_ns = max(now_ns + takes_ns, self._after_ns)
        try:
            answer = self._tracked.step(fresh, by_ns)
        finally:
            self._note_lost(by_ns)
        if answer is None:
            return False
        motion.lead(*answer)
        self._sent_ns = self._port.now_ns()
        self._took_ns.append(self._sent_ns - now_ns)
        self._after_ns = by_ns + LEAST_NS
        self._note(answer[1], fresh[-1].stamp_ns if fresh else None, now_ns)
        self._tell_fill()
        return True

    def _require_answer(self) -> None:
        """A correction that the controller does not answer is none: as bad as a seam that is not seen."""
        waited_s = self._port.unanswered_s()
        if waited_s > self._settings.stop_s:
            raise ControllerSilentError(
                f'The robot controller has not answered a correction of the weld for {1e3 * waited_s:.0f} ms.',
                'See its log and the load of its computer; tracking.stop_s says how long it may take.',
            )

    def _tell_fill(self) -> None:
        now_ns = self._port.now_ns()
        place = self._tracked.filled(now_ns) if now_ns - self._filled_ns > FILL_NS else None
        if place is None:
            return
        self._filled_ns = now_ns
        chosen = place.travel_speed_mm_s, place.wire_feed_m_min, place.weave_width_mm
        self._port.tell_fill(FillStatus(place.along_mm, place.gap_mm, place.mismatch_mm, *chosen))

    def _is_due(self) -> bool:
        is_late = self._port.now_ns() - self._sent_ns >= self._period_ns
        return is_late and self._port.newest_image_ns() > self._image_ns

    def _note(self, takeover_ns: int, image_ns: int | None, seen_ns: int) -> None:
        takeover_s = self._elapsed_s(takeover_ns)
        left_m, out_m = self._tracked.tracker.course.at(np.array([takeover_s]))[0]
        self._rows.append((takeover_s, 1e3 * float(left_m), 1e3 * float(out_m)))
        if image_ns is not None:
            whole_ns = max(takeover_ns, self._sent_ns) - image_ns
            self._latency_ms.append((whole_ns / 1e6, (seen_ns - image_ns) / 1e6, (self._sent_ns - seen_ns) / 1e6))

    def _note_lost(self, now_ns: int) -> None:
        blind_s = self._tracked.tracker.blind_s
        if blind_s <= self._settings.hold_s:
            return
        lost = LostStripe(round(self._elapsed_s(now_ns) - blind_s, 3), round(blind_s, 3))
        if self._lost and abs(self._lost[-1].after_s - lost.after_s) < 1e-3:
            self._lost.pop()
        self._lost.append(lost)

    def _notify(self, notify: Notify) -> None:
        now_ns = self._port.now_ns()
        if now_ns - self._told_ns > TOLD_NS:
            self._told_ns = now_ns
            _, left_mm, out_mm = self._rows[-1]
            told = f'corrected by {signed(left_mm, 2)} mm to the left, {signed(out_mm, 2)} mm out of the joint'
            moved = '' if self._tracked.tracker.has_moved else '; the workpiece lies still'
            notify(told + moved + self._pace(now_ns))

    def _pace(self, now_ns: int) -> str:
        place = self._tracked.filled(now_ns)
        if place is None:
            return ''
        speed, feed = f'{place.travel_speed_mm_s:.1f} mm/s', f'{place.wire_feed_m_min:.1f} m/min'
        return f'; root gap {place.gap_mm:.2f} mm: {speed}, wire feed {feed}'

    def sent(self) -> SentWeld:
        """Its motion with all corrections; of a weld that was stopped as far as it came."""
        return self._tracked.sent(None if self._is_over else self._port.now_ns())

    def record(self) -> TrackingRecord:
        """How it was corrected, as far as it came."""
        rows, tracker = np.array(self._rows).reshape(-1, 3), self._tracked.tracker
        sizes_mm = np.linalg.norm(rows[:, 1:], axis=1)
        latency, seen, took = self._percentiles()
        return TrackingRecord(
            row(rows[:, 0], DIGITS),
            row(rows[:, 1], DIGITS),
            row(rows[:, 2], DIGITS),
            round(float(sizes_mm.max(initial=0.0)), DIGITS),
            round(float(np.sqrt(np.mean(sizes_mm**2))) if len(rows) else 0.0, DIGITS),
            tracker.believed,
            tracker.outliers,
            tracker.stale,
            tuple(self._lost),
            latency,
            self._fill_record(),
            seen,
            took,
            tracker.has_moved,
        )

    def _percentiles(self) -> tuple[Row | None, Row | None, Row | None]:
        """Median and 99th percentile of the whole latency, of the way to the seam point, and of the work on it."""
        if not self._latency_ms:
            return None, None, None
        whole, seen, took = np.percentile(self._latency_ms, [50, 99], axis=0).T
        return row(whole, DIGITS), row(seen, DIGITS), row(took, DIGITS)

    def _fill_record(self) -> FillRecord | None:
        places = self._tracked.filled_until(self._port.now_ns())
        if not places:
            return None
        columns = {name: np.array([getattr(place, name) for place in places]) for name in FILL_COLUMNS}
        rows = {name: row(column, DIGITS) for name, column in columns.items()}
        return FillRecord(**rows, measured=sum(place.measured for place in places))

    def _elapsed_s(self, time_ns: int) -> float:
        return (time_ns - self._began_ns) / 1e9
