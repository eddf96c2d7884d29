"""Speed, weave and wire feed along one seam by the root gap and mismatch that were measured, without steps."""

from dataclasses import dataclass

import numpy as np

from weld_cell.errors import GapUnknownError
from weld_cell.records import FloatArray
from weld_cell.records.status import FillStatus
from weld_cell.trajectory.adaptive_fill import FillTable
from weld_cell.trajectory.time_law import PlaceLaw

KNOT_MM = 4.0
"""Distance of the places at which speed, weave and wire feed are chosen."""
LEAST_POINTS = 3
"""So few measurements near a place say nothing of its gap."""
_PEAK = 1.5  # steepest slope of 3 u^2 - 2 u^3
_LAW_STEP_S = 0.02


@dataclass(frozen=True)
class FillPlace(FillStatus):
    """How one place of the seam is welded, `along_mm` from its start.

    Attributes:
        measured: Whether gap and mismatch were measured while it was welded; else they are those of the scan.
    """

    measured: bool


class FillCourse:
    """Chooses by a table, at knots along the seam. What was chosen for a knot holds once the tool is near it.

    Args:
        table: Of the procedure.
        length_mm: Of the seam.
        window_mm: Over this length about a knot the median of gap and mismatch is taken.
        acceleration_mm_s2: The speed changes no faster than this.
        scanned: (n, 3) place along the seam, root gap and mismatch of each scanned point, in mm.

    Raises:
        GapUnknownError: the scan has measured no root gap.
        GapOutOfTableError: a gap or mismatch of the scan lies outside the table.
    """

    def __init__(
        self, table: FillTable, length_mm: float, window_mm: float, acceleration_mm_s2: float, scanned: FloatArray
    ) -> None:
        self._table, self._window_mm, self._acceleration = table, window_mm, acceleration_mm_s2
        self._knots_mm = np.linspace(0.0, length_mm, max(2, round(length_mm / KNOT_MM) + 1))
        self._sizes = self._of_scan(scanned)
        self._seen: list[FloatArray] = []
        self._measured = np.zeros(len(self._knots_mm), dtype=bool)
        self._fixed = 0
        self._values = self._table.at(self._knots_mm, *self._sizes.T)
        self._limit_speeds(1)

    def take(self, seen: FloatArray) -> None:
        """(n, 3) place along the seam, root gap and mismatch of new measurements ahead of the tool, in mm."""
        self._seen.extend(seen)

    def advance(self, tool_mm: float) -> None:
        """Choose again for all places ahead of the tool of which the measurements are complete.

        Args:
            tool_mm: Where along the seam the tool is when the choice takes effect.

        Raises:
            GapOutOfTableError: a gap or mismatch that was measured lies outside the table.
        """
        first, seen = self._fixed, np.array(self._seen).reshape(-1, 3)
        complete_mm = seen[:, 0].max(initial=-np.inf) - 0.5 * self._window_mm
        spacing_mm = self._knots_mm[1]
        while self._fixed < len(self._knots_mm):
            knot_mm = self._knots_mm[self._fixed]
            if knot_mm > max(complete_mm, tool_mm + 2.0 * spacing_mm):
                break
            self._fix(seen)
        if self._fixed > first:
            self._values[first:] = self._table.at(self._knots_mm[first:], *self._sizes[first:].T)
            self._limit_speeds(max(first, 1))

    def speeds_mm_s(self, along_mm: FloatArray) -> FloatArray:
        """(n,) speeds at places (n,): between the knots they follow 3 u^2 - 2 u^3."""
        return np.asarray(self._between(along_mm)[:, 0])

    def law(self, planned_s: FloatArray, along_mm: FloatArray, planned_mm_s: float) -> PlaceLaw:
        """How the planned motion is to be executed.

        Args:
            planned_s: (n,) planned times from the begin to the end of the weld.
            along_mm: (n,) where along the seam the tool is then.
            planned_mm_s: The speed that the motion was planned with.
        """
        grid_s = np.linspace(planned_s[0], planned_s[-1], int((planned_s[-1] - planned_s[0]) / _LAW_STEP_S) + 2)
        return PlaceLaw(grid_s, self.speeds_mm_s(np.interp(grid_s, planned_s, along_mm)) / planned_mm_s)

    def at(self, along_mm: float) -> FillPlace:
        """How a place is welded, as it is chosen by now."""
        gap, mismatch = (float(np.interp(along_mm, self._knots_mm, column)) for column in self._sizes.T)
        speed, feed, weave = (float(value) for value in self._between(np.array([along_mm]))[0])
        knot = int(np.abs(self._knots_mm - along_mm).argmin())
        return FillPlace(along_mm, gap, mismatch, speed, feed, weave, bool(self._measured[knot]))

    def chosen(self, tool_mm: float) -> list[FillPlace]:
        """How the knots behind the tool were welded."""
        return [self.at(float(knot)) for knot in self._knots_mm[self._knots_mm <= tool_mm]]

    def _of_scan(self, scanned: FloatArray) -> FloatArray:
        """(k, 2) gap and mismatch at the knots; knots without measurements lie between those that have some."""
        medians = [self._median(scanned, knot) for knot in self._knots_mm]
        known = np.array([median is not None for median in medians])
        if not known.any():
            raise GapUnknownError(
                'No image of the scan shows the root gap of the seam, which the speed depends on.',
                'Look at seam/status (gap_mm); scan again, or set tracking.adaptive_fill to false.',
            )
        sizes = np.array([median for median in medians if median is not None])
        return np.column_stack([np.interp(self._knots_mm, self._knots_mm[known], column) for column in sizes.T])

    def _fix(self, seen: FloatArray) -> None:
        median = self._median(seen, self._knots_mm[self._fixed])
        if median is not None:
            self._sizes[self._fixed], self._measured[self._fixed] = median, True
        self._fixed += 1

    def _median(self, rows: FloatArray, knot_mm: float) -> FloatArray | None:
        """(2,) gap and mismatch about a knot; None of too few measurements."""
        near = rows[np.abs(rows[:, 0] - knot_mm) <= 0.5 * self._window_mm] if len(rows) else rows
        return np.asarray(np.median(near[:, 1:], axis=0)) if len(near) >= LEAST_POINTS else None

    def _limit_speeds(self, first: int) -> None:
        """From a knot on the speed changes along the seam no faster than the acceleration allows.

        Over a knot interval d the speed rises at most by 1.5 dv / d in place, which is v times that in time.
        """
        speeds = self._values[:, 0]
        for knot in range(first, len(speeds)):
            before = speeds[knot - 1]
            most = self._most_change(before)
            speeds[knot] = np.clip(speeds[knot], before - most, before + most)

    def _most_change(self, speed_mm_s: float) -> float:
        """The change dv over an interval d for which 1.5 dv / d times (v + dv) is the greatest acceleration."""
        reach = self._acceleration * float(self._knots_mm[1]) / _PEAK
        return float(0.5 * (np.sqrt(speed_mm_s**2 + 4.0 * reach) - speed_mm_s))

    def _between(self, along_mm: FloatArray) -> FloatArray:
        """(n, 3) values at places (n,)."""
        return between_knots(along_mm, float(self._knots_mm[1]), self._values)


def between_knots(along_mm: FloatArray, spacing_mm: float, values: FloatArray) -> FloatArray:
    """(n, k) values at places (n,), between knots that begin at 0 and hold (m, k) values, by 3 u^2 - 2 u^3."""
    inside = np.clip(along_mm / spacing_mm, 0.0, len(values) - 1.0)
    before = np.clip(inside.astype(int), 0, len(values) - 2)
    u = (inside - before)[:, None]
    smooth = 3.0 * u**2 - 2.0 * u**3
    return np.asarray((1.0 - smooth) * values[before] + smooth * values[before + 1])
