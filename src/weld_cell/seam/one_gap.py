"""Seam points that are compared with each other are taken at one root gap.

Where the seam point follows from the root gap, what one image misreads of it lifts its point by tenths of a
millimetre.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from weld_cell.records import SeamPoint


def median_gap_mm(points: Sequence[SeamPoint]) -> float:
    """Of the root gaps that the images of a scan have read, at least one."""
    return float(np.median([point.gap_mm for point in points]))


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
