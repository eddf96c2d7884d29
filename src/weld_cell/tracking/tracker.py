"""The tracker: seam points ahead of the tool in, correction at the tool out."""

from collections.abc import Callable, Sequence

import numpy as np

from weld_cell.errors import CorrectionBoundError, StripeLostError
from weld_cell.records import FloatArray, SeamPoint
from weld_cell.tracking.course import Course
from weld_cell.tracking.drift import DriftFilter
from weld_cell.tracking.seam_line import SeamLine
from weld_cell.tracking.settings import TrackingSettings
from weld_cell.wording import counted

Places = Callable[[FloatArray], FloatArray]
"""Arc lengths (n,) along the seam at which the tool is at times (n,) in seconds."""

FORESEEN_S = 2.0  # so far ahead in time a drift is taken to go on
SETTLED_S = 1.0  # before the end of the motion nothing drifts any more: it ends at rest


class WeldTracker:
    """Follows one seam while it is welded. Times are seconds since the motion began.

    Args:
        line: The seam as it was scanned.
        start_ns: When the motion began.
        settings: Of the stage.

    Attributes:
        course: The correction that the tool was told.
        believed: How many seam points were believed.
        outliers: How many were not.
        stale: How many came too late.
        blind_s: For how long the seam has not been seen, by the newest `watch`.
    """

    def __init__(self, line: SeamLine, start_ns: int, settings: TrackingSettings) -> None:
        self.course = Course(settings)
        self.believed = self.outliers = self.stale = 0
        self.blind_s = 0.0
        self._line, self._start_ns, self._settings = line, start_ns, settings
        self._drift = DriftFilter(line.middle_m, start_ns, settings, line.scatter_m)
        self._newest_ns: int | None = None
        self._expected_ns: int | None = None

    @property
    def has_moved(self) -> bool:
        """Whether the workpiece is believed to have moved since it was scanned."""
        return self.believed > 0 and self._drift.has_moved

    def take(self, points: Sequence[SeamPoint], now_ns: int) -> None:
        """New seam points, in the order of their images."""
        for point in points:
            if now_ns - point.stamp_ns > 1e9 * self._settings.stale_s:
                self.stale += 1
                continue
            s, offset = self._line.offset(point.position_m)
            directions = self._line.directions(np.array([s]))[0]
            offset = self._at_its_side(point, offset, directions)
            if self._drift.update(point.stamp_ns, point.position_m, directions, offset):
                self.believed, self._newest_ns = self.believed + 1, point.stamp_ns
            else:
                self.outliers += 1

    def _at_its_side(self, point: SeamPoint, offset_m: FloatArray, directions: FloatArray) -> FloatArray:
        """(2,) offset of a point; where one side of its gap was misread, that of the side that was not.

        A shadow beside a gap, or spatter in it, moves one of its sides; a gap that opens moves both. Which it was,
        the gap does not say: it is what has the seam lie nearest to where it is expected.
        """
        excess_mm = point.gap_mm - self._line.gap_mm
        if point.gap_aside == 0.0 or abs(excess_mm) < self._settings.misread_gap_mm:
            return offset_m
        aside = 1e-3 * point.gap_aside * excess_mm * np.array([[0.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])
        expected = self._drift.expected(point.stamp_ns, point.position_m, directions)
        readings = offset_m + aside
        return np.asarray(readings[np.abs(readings - expected)[:, 0].argmin()])

    def watch(self, expected: bool, now_ns: int) -> None:
        """Whether the seam is lost; asked at every step.

        Args:
            expected: Whether the sensor should see the seam now.
            now_ns: The time.

        Raises:
            StripeLostError: it has not been seen for too long.
        """
        if not expected:
            self._expected_ns, self.blind_s = None, 0.0
            return
        if self._expected_ns is None:
            self._expected_ns = now_ns
        self.blind_s = blind_s = (now_ns - max(self._newest_ns or 0, self._expected_ns)) / 1e9
        if blind_s > self._settings.stop_s:
            raise StripeLostError(
                f'The seam ahead of the tool has not been seen for {1e3 * blind_s:.0f} ms '
                f'({counted(self.believed, "point was", "points were")} believed, '
                f'{self.outliers} taken for spatter or arc light, {self.stale} came too late).',
                'Look at seam/overlay: is the stripe clean, the window of the sensor spattered? Weld the rest anew.',
            )

    def lead(self, from_s: float, end_s: float, place_at: Places) -> None:
        """From a time on the tool is led after the workpiece as it is believed to lie.

        Args:
            from_s: Time of the takeover.
            end_s: Of the end of the motion.
            place_at: Where along the seam the tool is, by time.

        Raises:
            CorrectionBoundError: the workpiece has moved too far.
        """
        estimate = self._drift.estimate(goes_on=self.blind_s <= self._settings.hold_s)
        most_m = 1e-3 * self._settings.max_correction_mm

        def wanted(times_s: FloatArray) -> FloatArray:
            s = place_at(times_s)
            times_ns = self._start_ns + 1e9 * _extrapolated_times(times_s, from_s, end_s)
            shifts = estimate.shifts(self._line.positions(s), times_ns)
            return np.asarray(np.einsum('nij,nj->ni', self._line.directions(s), shifts).clip(-most_m, most_m))

        now = wanted(np.array([from_s]))[0]
        if np.abs(now).max() >= most_m:
            raise CorrectionBoundError(
                f'The seam lies {1e3 * now[0]:.1f} mm to the left of where it was scanned and {1e3 * now[1]:.1f} mm '
                'above it; '
                f'corrections are bounded to {1e3 * most_m:g} mm.',
                'Is the part clamped? Scan again, or raise tracking.max_correction_mm.',
            )
        self.course.lead(from_s, wanted)


def _extrapolated_times(times_s: FloatArray, from_s: float, end_s: float) -> FloatArray:
    """(n,) up to when a drift is foreseen for times (n,): it dies down, and has ended when the motion ends."""
    ahead = np.maximum(0.0, _settled(times_s, end_s) - _settled(np.array([from_s]), end_s))
    return from_s + FORESEEN_S * (1.0 - np.exp(-ahead / FORESEEN_S))


def _settled(times_s: FloatArray, end_s: float) -> FloatArray:
    """(n,) times that slow down to a stand before the end."""
    u = np.clip((times_s - (end_s - SETTLED_S)) / SETTLED_S, 0.0, 1.0)
    return np.asarray(np.minimum(times_s, end_s - SETTLED_S) + SETTLED_S * (u - 0.5 * u**2))
