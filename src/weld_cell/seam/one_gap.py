"""Seam points that are compared with each other are taken at one root gap.

Where the seam point follows from the root gap, what one image misreads of it lifts its point by tenths of a
millimetre.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from weld_cell.records import SeamPoint


def median_gap_mm(points: Sequence[SeamPoint]) -> float:
    """Of the root gaps that the images of a scan have read, at least one."""
    return float(np.median([point.gap_mm for point in points]))


_IMAGES = 20  # at 40 Hz half a second, in which a gap that opens changes little


class RunningGap:
    """The root gap about the place that the sensor sees, while the joint is welded.

    The gap may open, and its points go with it. What single images misread is no change of the gap, nor is what many
    of them misread in the light of the arc, as far as it stays within a tolerance.

    Args:
        gap_mm: Of the scan.
        tolerance_mm: A change of the gap counts only beyond it.
    """

    def __init__(self, gap_mm: float, tolerance_mm: float) -> None:
        self._scanned_mm, self._tolerance_mm = gap_mm, tolerance_mm
        self._newest_mm = deque([gap_mm] * _IMAGES, _IMAGES)

    def level(self, points: Sequence[SeamPoint]) -> list[SeamPoint]:
        """New points, in the order of their images, at the gap that is there by now: the median of the newest."""
        self._newest_mm.extend(point.gap_mm for point in points)
        change_mm = float(np.median(self._newest_mm)) - self._scanned_mm
        beyond_mm = change_mm - float(np.clip(change_mm, -self._tolerance_mm, self._tolerance_mm))
        return at_gap(points, self._scanned_mm + beyond_mm)


def at_gap(points: Sequence[SeamPoint], gap_mm: float) -> list[SeamPoint]:
    """Points as their images would have told them, had they read this root gap.

    Args:
        points: In any order. Those of joints whose point does not follow from the gap stay as they are.
        gap_mm: Root gap.
    """
    return [_at_gap(point, gap_mm) for point in points]


def _at_gap(point: SeamPoint, gap_mm: float) -> SeamPoint:
    if point.gap_lift == 0.0:
        return point
    lift_m = 1e-3 * (gap_mm - point.gap_mm) * point.gap_lift
    return replace(point, position_m=point.position_m + lift_m * point.normal, gap_mm=gap_mm)
