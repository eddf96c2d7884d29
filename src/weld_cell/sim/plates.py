"""Two plates with a seam between them, as sheets that the simulated area camera sees.

The plates' frame has its x axis along the seam's chord, from the seam's start; z is up out of the upper side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray
from weld_cell.sim.plate_surface import PlateEffects, Tack, add_tacks, plate_reflectance
from weld_cell.sim.seam_curve import SeamCurve
from weld_cell.sim.sheet import Float32Array, Sheet

TEXELS_PER_MM = 4.0
_MARGIN_MM = 2.0


@dataclass(frozen=True, eq=False)
class PlatePair:
    """Two plates that lie side by side, or the one on the other.

    Attributes:
        curve: The seam's centre line; the plates end where it ends.
        gap_mm: Width of the gap at the seam's start and at its end, linear between; not used by a lap.
        widths_mm: How far each plate reaches to the left (y > 0) and to the right of the chord.
        thickness_m: Of both.
        tacks: Weld points that bridge the gap.
    """

    curve: SeamCurve
    gap_mm: tuple[float, float]
    widths_mm: tuple[float, float]
    thickness_m: float
    tacks: tuple[Tack, ...] = ()

    def gap_at_mm(self, s_m: FloatArray) -> FloatArray:
        """(n,) width of the gap at arc lengths (n,)."""
        share = np.clip(s_m / self.curve.length_m, 0.0, 1.0)
        width: FloatArray = self.gap_mm[0] + share * (self.gap_mm[1] - self.gap_mm[0])
        return width

    def butt(self, effects: PlateEffects, rng: Generator) -> Sheet:
        """Both plates as one sheet with the gap cut through it.

        Args:
            effects: Rust, scratches and what else lies on them.
            rng: Where these are drawn from.
        """
        x, y = self._grid_mm()
        away, gap = self._away_and_gap(x, y)
        cover = self._outline(x, y, -self.widths_mm[1], self.widths_mm[0]) * (1.0 - _covered(away, gap))
        reflectance = plate_reflectance(cover.shape, TEXELS_PER_MM, away > 0.0, effects, rng)
        slope = np.zeros((*cover.shape, 2), np.float32)
        add_tacks(self.tacks, x, away, cover, reflectance, slope)
        return self._sheet(reflectance, cover, slope)

    def lap(self, effects: PlateEffects, rng: Generator) -> tuple[Sheet, Sheet]:
        """The lower plate, and the upper one whose edge is the seam; the upper one lies to the left."""
        x, y = self._grid_mm()
        away, _ = self._away_and_gap(x, y)
        lower = self._outline(x, y, -self.widths_mm[1], min(self.widths_mm[0], 30.0))
        upper = self._outline(x, y, -self.widths_mm[1], self.widths_mm[0]) * _share_inside(-away)
        flat = np.zeros((*lower.shape, 2), np.float32)
        sides = np.zeros(lower.shape, bool), np.ones(lower.shape, bool)
        light = [plate_reflectance(lower.shape, TEXELS_PER_MM, side, effects, rng) for side in sides]
        return self._sheet(light[0], lower, flat), self._sheet(light[1], upper, flat)

    def _sheet(self, reflectance: Float32Array, cover: Float32Array, slope: Float32Array) -> Sheet:
        origin = np.array([_MARGIN_MM, _MARGIN_MM + self.widths_mm[0]]) * TEXELS_PER_MM
        return Sheet(reflectance, cover, slope, origin, TEXELS_PER_MM, self.thickness_m)

    def _grid_mm(self) -> tuple[FloatArray, FloatArray]:
        """(h, w) x and y of the texels."""
        reach = np.array([1e3 * self.curve.chord_m, sum(self.widths_mm)]) + 2.0 * _MARGIN_MM
        columns, rows = np.ceil(reach * TEXELS_PER_MM).astype(int)
        x = np.arange(columns) / TEXELS_PER_MM - _MARGIN_MM
        y = _MARGIN_MM + self.widths_mm[0] - np.arange(rows) / TEXELS_PER_MM
        grid_x, grid_y = np.meshgrid(x, y)
        return grid_x, grid_y

    def _away_and_gap(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(h, w) mm to the left of the seam, exact at the seam, and (1, w) width of the gap there."""
        columns = _at_x(self.curve, 1e-3 * x[0])
        points, tangents, _ = self.curve.evaluate(columns)
        away: FloatArray = (y - 1e3 * points[:, 1]) * tangents[:, 0]
        return away, self.gap_at_mm(columns)[None]

    def _outline(self, x: FloatArray, y: FloatArray, bottom: float, top: float) -> Float32Array:
        end = 1e3 * self.curve.chord_m
        return np.asarray(
            _share_inside(np.maximum(-x, x - end)) * _share_inside(np.maximum(bottom - y, y - top)), np.float32
        )


def _at_x(curve: SeamCurve, x_m: FloatArray) -> FloatArray:
    """Arc lengths (n,) at which a curve passes x (n,); it never runs backwards."""
    s = x_m.copy()
    for _ in range(20):
        points, tangents, _ = curve.evaluate(s)
        s += (x_m - points[:, 0]) / tangents[:, 0]
    return s


def _share_inside(distance_mm: FloatArray) -> Float32Array:
    """Share of a texel that lies inside an outline, from its middle's distance to it (outside positive)."""
    return np.asarray(np.clip(0.5 - distance_mm * TEXELS_PER_MM, 0.0, 1.0), np.float32)


def _covered(away_mm: FloatArray, gap_mm: FloatArray) -> Float32Array:
    """Share of each texel that lies in the gap: the length that a texel and the gap have in common across it."""
    half = 0.5 / TEXELS_PER_MM
    common = np.minimum(away_mm + half, 0.5 * gap_mm) - np.maximum(away_mm - half, -0.5 * gap_mm)
    return np.asarray(np.clip(common, 0.0, None) * TEXELS_PER_MM, np.float32)
