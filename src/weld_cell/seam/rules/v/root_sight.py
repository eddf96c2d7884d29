"""The light around the root of an open v joint in one image, and the root gap that it tells."""

import math
from dataclasses import dataclass

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.records import FloatArray, ImageArray
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.rules.v.root_light import GAP, fit_root

_MM = 1e-3
_PLACES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])  # of y and z
_WALL_ROWS = 7  # of each wall beyond its end
_WIDTH_ROWS = 5  # of them show how wide the stripe is
_ROOM_MM = 0.6  # by which the gap may be wider than it was read by the rows
_BELOW_MM = 2.5  # the apex: as deep a backing is looked for
_ASIDE_PX = 6.0  # of the stripe's middle
_DENSE_ROWS_PER_MM = 8.0  # of twice as many, two are taken as one
_DENSE_SIGMA_PX = 1.2  # of a stripe twice as wide every second column will do
_SATURATED = 250
_FLANK_SHARE, _WITHIN_FLANKS = 0.25, 0.904  # of a Gaussian's height, and its area where it is higher
_STARTS_MM = np.array([(0.0, 0.5), (0.0, 1.2), (-0.6, 0.8), (0.6, 0.8)])  # off the rows' gap; root face
_BLUR_ROWS, _LEAST_GAP_MM = 0.8, 0.05  # to start from


@dataclass(frozen=True, eq=False)
class RootSight:
    """The light around a root.

    Attributes:
        light: (h, w) grey values, rows across the joint; the walls rise towards smaller columns.
        geometry: (8,) as of `weld_cell.seam.rules.v.root_light.fit_root`.
    """

    light: FloatArray
    geometry: FloatArray


def pixels_around(section: CrossSection, apex: FloatArray) -> FloatArray:
    """(3, 2) where the walls' apex is seen in the upright image, and by how much a millimetre of y and one of z moves
    that.

    Args:
        section: The measured profile.
        apex: (2,) where the walls' lines meet.
    """
    pixels = section.upright_px(section.to_optical(apex + _MM * _PLACES))
    pixels[1:] -= pixels[0]
    return pixels


def see_root(
    section: CrossSection, around: FloatArray, upwards: FloatArray, tangent: float, mismatch: float, gap: float
) -> RootSight | None:
    """The light around a root; None where the profile does not know it.

    Args:
        section: The measured profile.
        around: (3, 2) as of `pixels_around`.
        upwards: (2,) unit vector out of the joint.
        tangent: Of half the groove angle.
        mismatch: Height of the right plate over the left one, metres.
        gap: About the root gap, metres.
    """
    if section.light.size == 0:
        return None
    (column, row), light = around[0] - section.light_origin_px, section.light
    beside, above = upwards[1] * around[1] - upwards[0] * around[2], upwards[0] * around[1] + upwards[1] * around[2]
    if above[0] > 0.0:
        column, light, beside[0], above[0] = light.shape[1] - 1 - column, light[:, ::-1], -beside[0], -above[0]
    together = max(round(float(beside[1]) / _DENSE_ROWS_PER_MM), 1)
    half = 0.5 * beside[1] * (gap / _MM + _ROOM_MM) + together * _WALL_ROWS
    top = max(round(row + 0.5 * beside[1] * mismatch / _MM * tangent - half), 0)
    left = max(round(column + above[0] * half / beside[1] / tangent - _ASIDE_PX), 0)
    right = round(column - above[0] * _BELOW_MM + _ASIDE_PX) + 1
    part = _rows_together(light[top : top + round(2.0 * half) + 1, left : max(right, 0)], together)
    if len(part) < 2 * _WIDTH_ROWS or part.shape[1] < 2.0 * _ASIDE_PX:
        return None
    row, rows_per_mm = (row - top - 0.5 * (together - 1)) / together, np.array([beside[1], above[1]]) / together
    step = max(int(stripe_sigma(part, _WIDTH_ROWS) / _DENSE_SIGMA_PX), 1)
    columns_per_mm = np.array([beside[0], above[0]]) / step
    place = np.array([row, (column - left) / step])
    geometry = np.concatenate([place, rows_per_mm, columns_per_mm, [tangent, mismatch / _MM]])
    return RootSight(np.ascontiguousarray(part[:, ::step]), geometry)


def _rows_together(light: ImageArray, count: int) -> FloatArray:
    """Means (h // count, w) of so many neighbouring rows of (h, w); saturated where one of them is."""
    if count == 1:
        return light.astype(float)
    groups = light[: len(light) // count * count].reshape(-1, count, light.shape[1])
    means: FloatArray = np.where((groups >= _SATURATED).any(axis=1), 255.0, groups.mean(axis=1))
    return means


def gap_by_light(sight: RootSight, gap: float) -> tuple[float, float]:
    """Root gap in metres that explains the light best, and how badly, in squared sigmas of a pixel.

    Args:
        sight: The light.
        gap: About the root gap, metres.
    """
    starts = np.empty((len(_STARTS_MM), 5))
    starts[:, :2] = _STARTS_MM + np.array([gap / _MM, 0.0])
    starts[:, 2:] = stripe_sigma(sight.light, _WIDTH_ROWS), _BLUR_ROWS, 0.0
    starts[:, GAP] = np.maximum(starts[:, GAP], _LEAST_GAP_MM)
    parameters, cost = fit_root(sight.light, starts, sight.geometry)
    return _MM * float(parameters[GAP]), cost


@compiled('float64(float64[:, ::1], int64)')
def stripe_sigma(light: FloatArray, rows: int) -> float:
    """Width of the stripe as sigma in columns, by area over height of the first and the last rows of (h, w).

    Args:
        light: Grey values, h at least 1.
        rows: Of either end.
    """
    height, found = light.shape[0], np.empty(2 * rows)
    for k in range(2 * rows):
        line = light[min(k, height - 1) if k < rows else max(height - 1 - (k - rows), 0)]
        level, peak = np.median(line), line.max()
        area, limit = 0.0, level + _FLANK_SHARE * (peak - level)
        for value in line:
            area += value - level if value > limit else 0.0
        found[k] = area / max(peak - level, 1.0) / math.sqrt(2.0 * math.pi) / _WITHIN_FLANKS
    return float(np.median(found))
