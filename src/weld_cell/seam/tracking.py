"""Selection of the seam points of a running scan: those that continue the earlier ones.

Beyond the ends of the plates a shadow on the table may pass for a gap, and on them a spatter for a notch. Such a
point lies beside the seam or below the plates.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np

from weld_cell.records import FloatArray, SeamPoint

RECENT = 9
"""Points whose median says where the seam is."""


class SeamTracker:
    """Collects the points that go on from where the seam was seen last.

    Args:
        start_m: (3,) a place near the start of the seam.
        normal: (3,) direction out of the plates.
        direction: (3,) direction of the scan.
        height_mm: How far above or below the last points (or the start) a point may lie.
        sideways_mm: How far beside the last points.
        on_seam: Whether the start lies on the seam, or merely somewhere on the plates.

    Attributes:
        points: The accepted points, in order.
    """

    def __init__(
        self,
        start_m: FloatArray,
        normal: FloatArray,
        direction: FloatArray,
        height_mm: float = 10.0,
        sideways_mm: float = 6.0,
        on_seam: bool = True,
    ) -> None:
        self.points: list[SeamPoint] = []
        self._axes = np.stack([normal, np.cross(normal, direction)])
        self._recent: deque[FloatArray] = deque([self._axes @ start_m], maxlen=RECENT)
        self._height_m, self._sideways_m = height_mm / 1000, sideways_mm / 1000
        self._on_seam = on_seam
        self._taken = 0

    def update(self, points: Sequence[SeamPoint]) -> list[SeamPoint]:
        """Look at the points that are new since the last call.

        Args:
            points: All points of the scan so far, in order; the same ones first as in the last call.

        Returns:
            The accepted points.
        """
        for point in points[self._taken :]:
            place = self._axes @ point.position_m
            if self._goes_on(place):
                if not self._on_seam:  # the first point tells where beside the start the seam runs
                    self._recent.clear()
                    self._on_seam = True
                self._recent.append(place)
                self.points.append(point)
        self._taken = len(points)
        return self.points

    def _goes_on(self, place: FloatArray) -> bool:
        height, sideways = place - np.median(self._recent, axis=0)
        return bool(abs(height) < self._height_m and (abs(sideways) < self._sideways_m or not self._on_seam))
