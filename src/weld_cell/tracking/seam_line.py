"""The scanned seam as a line by arc length, with the directions in which it is corrected."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import median_filter

from weld_cell.geometry.transforms import unit
from weld_cell.records import FloatArray, SeamPath, SeamPoint

_REFERENCE_M = 0.5e-3  # spacing of the reference
_REFERENCE_WIDTH = 9  # of them: 4.5 mm, over which scatter is taken out
_TO_SIGMA = 1.48  # from the median of distances to the standard deviation of a normal distribution
_NEAR_M = 1.0e-3  # a scanned point further from the path than this was an outlier


class SeamLine:
    """A scanned path, prolonged straight beyond both ends.

    Args:
        path: As it was scanned.
        scanned: The points that it was fitted to. Points that are measured later at the same place are off by the
            same (texture, the sensor's own habit), so that they are compared with these and not with the path.

    Attributes:
        gap_mm: Median root gap of those points; 0 without any.
        scatter_m: (2,) of those points to the left and out of the joint, standard deviation; 0 without any.
    """

    def __init__(self, path: SeamPath, scanned: Sequence[SeamPoint] = ()) -> None:
        steps = np.linalg.norm(np.diff(path.positions_m, axis=0), axis=1)
        self._s = np.concatenate([[0.0], np.cumsum(steps)])
        tangents = unit(path.tangents)
        left = unit(np.cross(path.normals, tangents))
        self._rows = np.hstack([path.positions_m, tangents, left, np.cross(tangents, left)])
        self._reference_s = np.arange(0.0, self.length_m + _REFERENCE_M, _REFERENCE_M)
        self._reference = np.zeros((len(self._reference_s), 2))
        self.scatter_m = np.zeros(2)
        self.gap_mm = float(np.median([point.gap_mm for point in scanned])) if scanned else 0.0
        if len(scanned) > _REFERENCE_WIDTH:
            self._reference = self._refer_to(np.array([point.position_m for point in scanned]))

    @property
    def length_m(self) -> float:
        """From its start to its end."""
        return float(self._s[-1])

    @property
    def middle_m(self) -> FloatArray:
        """(3,) about the middle of it."""
        return np.asarray(self.positions(np.array([0.5 * self.length_m]))[0])

    def positions(self, s_m: FloatArray) -> FloatArray:
        """(n, 3) at arc lengths (n,)."""
        inside = np.clip(s_m, 0.0, self.length_m)
        rows = _interpolated(inside, self._s, self._rows[:, :6])
        return np.asarray(rows[:, :3] + (s_m - inside)[:, None] * rows[:, 3:])

    def directions(self, s_m: FloatArray) -> FloatArray:
        """(n, 2, 3) unit vectors to the left (normal x tangent) and out of the joint at arc lengths (n,)."""
        rows = _interpolated(np.clip(s_m, 0.0, self.length_m), self._s, self._rows[:, 6:])
        return np.asarray(rows.reshape(-1, 2, 3))

    def tangents(self, s_m: FloatArray) -> FloatArray:
        """(n, 3) unit vectors at arc lengths (n,)."""
        return _interpolated(np.clip(s_m, 0.0, self.length_m), self._s, self._rows[:, 3:6])

    def places(self, points_m: FloatArray) -> FloatArray:
        """(n,) arc lengths of the places nearest to points (n, 3); negative before the start."""
        apart = np.linalg.norm(points_m[:, None] - self._rows[None, :, :3], axis=2)
        s = self._s[apart.argmin(axis=1)]
        for _ in range(3):
            s = s + np.sum((points_m - self.positions(s)) * self.tangents(s), axis=1)
        return np.asarray(s)

    def offset(self, point_m: FloatArray) -> tuple[float, FloatArray]:
        """Place of a point (3,), and how far (2,) it lies to the left and out of what was scanned there."""
        s = self.places(point_m[None])
        away = self.directions(s)[0] @ (point_m - self.positions(s)[0])
        within = np.clip(s, 0.0, self._reference_s[-1])
        return float(s[0]), away - _interpolated(within, self._reference_s, self._reference)[0]

    def _refer_to(self, points_m: FloatArray) -> FloatArray:
        s = self.places(points_m)
        away = np.einsum('nij,nj->ni', self.directions(s), points_m - self.positions(s))
        near = np.linalg.norm(away, axis=1) < _NEAR_M
        if np.count_nonzero(near) < _REFERENCE_WIDTH:
            return np.zeros((len(self._reference_s), 2))
        order = np.argsort(s[near])
        smooth = median_filter(away[near][order], size=(_REFERENCE_WIDTH, 1), mode='nearest')
        self.scatter_m = _TO_SIGMA * np.median(np.abs(away[near][order] - smooth), axis=0)
        return np.column_stack([np.interp(self._reference_s, s[near][order], column) for column in smooth.T])


def _interpolated(at: FloatArray, knots: FloatArray, rows: FloatArray) -> FloatArray:
    """(n, k) between the rows (m, k) at ascending knots (m,), for places (n,) within them."""
    after = np.clip(np.searchsorted(knots, at), 1, len(knots) - 1)
    share = ((at - knots[after - 1]) / (knots[after] - knots[after - 1]))[:, None]
    return np.asarray((1.0 - share) * rows[after - 1] + share * rows[after])
