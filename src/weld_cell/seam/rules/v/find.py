"""The root of an open v joint in one image: from the walls' lines and the most likely root gap."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.errors import SeamError
from weld_cell.records import BoolArray, FloatArray
from weld_cell.seam.breakpoints import Finding, bisector
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import intersection
from weld_cell.seam.rules.corner import corner_deg
from weld_cell.seam.rules.grooves import Groove, find_groove
from weld_cell.seam.rules.v.evidence import GAP_STEP_MM, GapEvidence
from weld_cell.seam.rules.v.root_sight import gap_by_light, pixels_around, see_root
from weld_cell.seam.rules.v.root_view import view_root
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_BEYOND_M = 0.5e-3  # the greatest gap: what explains the rows best there is none
_MAX_ROW_COST = 16.0  # in sigma^2
_UNLIT_ROW_COST = 4.0  # in sigma^2, of a row with light where nothing is lit
_DARK_ROW_COST = 1.0  # in sigma^2, of a dark row where a wall should be lit
_BACKING_COST = 7.0  # in sigma^2, of a backing, whose height is a free parameter
_BACKING_LIGHTS = (0.3, 0.8, 2.0)  # of the walls' light, in turn: a backing may be duller than they, and is lit more
_MIN_LIGHT = 0.2  # relative to the walls; less is not visible
_COST_TOLERANCE = 1.0  # in sigma^2, within which gaps are equally good
_NOISE_M = 0.08e-3  # where only blur is left
_MIN_ROWS = 4  # on both sides of the root together
_BLUR_REACH = 6.0  # in sigmas: beyond it no light is left
_BLUR_ROWS = (0.3, 0.8, 1.3)  # sigmas of what lens and motion spread light over, in turn
_BLUR_KERNELS = tuple(
    np.exp(-0.5 * (np.arange(math.ceil(_BLUR_REACH * rows) + 1) / rows) ** 2) for rows in _BLUR_ROWS
)


@dataclass(frozen=True, eq=False)
class Root:
    """The groove seen from its apex: all rows near the root, dark ones too.

    Attributes:
        apex: (2,) where the walls' lines meet.
        upwards: (2,) unit vector out of the joint.
        tangent: Of half the groove angle.
        mismatch: Height of the right plate over the left one.
        aside: (n,) distance of each row from the root's middle, across, taken on its wall's line.
        wall: (n,) height of its wall's line over the apex, along upwards.
        height: (n,) height of what is seen over the apex, along upwards; the wall's where nothing is seen.
        seen: (n,) whether anything is.
        sigma: Noise of a row.
    """

    apex: FloatArray
    upwards: FloatArray
    tangent: float
    mismatch: float
    aside: FloatArray
    wall: FloatArray
    height: FloatArray
    seen: BoolArray
    sigma: float

    def wall_end(self, gap: float, side: int) -> FloatArray:
        """(2,) lower end of the wall at smaller (-1) or larger (+1) y."""
        across = np.array([self.upwards[1], -self.upwards[0]])
        middle = self.apex + 0.5 * (across * self.mismatch * self.tangent + self.upwards * gap / self.tangent)
        end: FloatArray = middle + 0.5 * side * (across * gap + self.upwards * self.mismatch)
        return end


def find_v(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a v joint: the middle between the lower ends of both walls.

    Break points: upper edge and lower end of the left wall, lower end and upper edge of the right wall.

    Raises:
        SeamError: no groove, or a root gap that is too wide.
    """
    groove = find_groove(section, stretches, settings)
    root = _root(section, groove, settings)
    gaps, costs = _root_gaps(root, settings)
    equal = gaps[costs <= costs.min() + _COST_TOLERANCE]
    gap = float(equal.mean()) if equal[0] > 0.0 else 0.0  # plates are rather closed than nearly so
    around = pixels_around(section, root.apex)
    sight = see_root(section, around, root.upwards, root.tangent, root.mismatch, gap)
    if sight is not None:
        gap = min(gap_by_light(sight, gap)[0], float(gaps[-1]))
    if gap > settings.max_root_gap_mm * 1e-3:
        raise SeamError(
            f'The walls of the groove end {1e3 * gap:.1f} mm apart; {settings.max_root_gap_mm:g} mm are allowed.',
            'Look for what casts a shadow into the groove; a few such images do no harm.',
        )
    left, right = groove.shoulders()
    ends = np.array([root.wall_end(gap, -1), root.wall_end(gap, +1)])
    breaks = np.vstack([left, ends, right])
    evidence = GapEvidence(costs, view_root(section, around, root.upwards, root.tangent, root.mismatch))
    middle, lift = 0.5 * (ends[0] + ends[1]), 0.5 / root.tangent
    return Finding(middle, breaks, root.upwards, gap, root.mismatch, evidence=evidence, gap_lift=lift)


def _root(section: CrossSection, groove: Groove, settings: SeamSettings) -> Root:
    """The rows near the root.

    Raises:
        SeamError: none of them shows anything.
    """
    apex, upwards = intersection(groove.falling, groove.rising), bisector(groove.left, groove.right)
    tangent = float(np.tan(0.5 * np.radians(corner_deg(groove.falling, groove.rising))))
    mismatch = groove.mismatch()
    reach = settings.max_root_gap_mm * 1e-3 + _BEYOND_M
    near = slice(*np.searchsorted(section.y, [apex[0] - reach, apex[0] + reach]))
    if near.stop - near.start < _MIN_ROWS:
        raise SeamError(
            'Both walls of the groove are dark at its root.',
            'Look for what casts a shadow into the groove; a few such images do no harm.',
        )
    rows = np.arange(section.rows[near.start], section.rows[near.stop - 1] + 1)
    seen = np.zeros(len(rows), dtype=bool)
    seen[section.rows[near] - rows[0]] = True
    y = np.interp(rows, section.rows[near], section.y[near])
    line = np.where(y < apex[0], groove.falling.at(y), groove.rising.at(y))
    z = line.copy()
    z[seen] = section.z[near]
    aside = (y - apex[0]) * upwards[1] - (line - apex[1]) * upwards[0] - 0.5 * mismatch * tangent
    wall, height = ((y - apex[0]) * upwards[0] + (h - apex[1]) * upwards[1] for h in (line, z))
    sigma = max(groove.falling.sigma, groove.rising.sigma, _NOISE_M)
    return Root(apex, upwards, tangent, mismatch, aside, wall, height, seen, sigma)


def _root_gaps(root: Root, settings: SeamSettings) -> tuple[FloatArray, FloatArray]:
    """Root gaps (k,) in metres and how badly walls that end so far apart explain the rows, with a level backing or
    nothing between them, in squared sigmas (k,).

    Blur mixes the light of walls and backing in the rows at the walls' ends, of which it leaves none sharp: the model
    is blurred alike, by as much as explains the rows best.
    """
    gaps = 1e-3 * np.arange(0.0, settings.max_root_gap_mm + 1e3 * _BEYOND_M, GAP_STEP_MM)
    lit = _lit_parts(root.aside, gaps)
    seen = np.flatnonzero(root.seen)
    costs, light, height = np.full(len(gaps), np.inf), *np.empty((2, len(seen), len(gaps)))
    wall, heights = root.wall / root.sigma, root.height[seen] / root.sigma
    for weights in _BLUR_KERNELS:
        _blur(lit, wall, seen, weights, light, height)
        for backing_light in _BACKING_LIGHTS:
            _take_lower_costs(light, height, heights, backing_light, costs)
    costs += _DARK_ROW_COST * lit[~root.seen].sum(axis=0)
    return gaps, costs


@compiled('float64[:, ::1](float64[::1], float64[::1])')
def _lit_parts(aside: FloatArray, gaps: FloatArray) -> FloatArray:
    """(n, k) which part of each row lies on a wall, for each gap.

    Args:
        aside: (n,) distance of each row from the root's middle, n at least 2.
        gaps: (k,).
    """
    lit, last = np.empty((len(aside), len(gaps))), len(aside) - 1
    for i in range(len(aside)):
        before, after = max(i - 1, 0), min(i + 1, last)
        pitch = max(abs((aside[after] - aside[before]) / (after - before)), 1e-6)
        for k in range(len(gaps)):
            lit[i, k] = min(max((abs(aside[i]) - 0.5 * gaps[k]) / pitch + 0.5, 0.0), 1.0)
    return lit


@compiled('void(float64[:, ::1], float64[::1], int64[::1], float64[::1], float64[:, ::1], float64[:, ::1])')
def _blur(
    lit: FloatArray,
    wall: FloatArray,
    seen: NDArray[np.intp],
    weights: FloatArray,
    light: FloatArray,
    height: FloatArray,
) -> None:
    """Fill in the light (s, k) that each row that is seen gets of the walls, and times their height (s, k)."""
    for j in range(len(seen)):
        first, last = max(seen[j] - len(weights) + 1, 0), min(seen[j] + len(weights), len(lit))
        total = 0.0
        for i in range(first, last):
            total += weights[abs(i - seen[j])]
        light[j] = 0.0
        height[j] = 0.0
        for i in range(first, last):
            weight, high = weights[abs(i - seen[j])] / total, wall[i]
            of_row, row_light, row_height = lit[i], light[j], height[j]
            for k in range(len(of_row)):
                share = weight * of_row[k]
                row_light[k] += share
                row_height[k] += share * high


@compiled('void(float64[:, ::1], float64[:, ::1], float64[::1], float64, float64[::1])')
def _take_lower_costs(
    light: FloatArray, height: FloatArray, heights: FloatArray, backing_light: float, costs: FloatArray
) -> None:
    """Take costs (k,) down to the squared residuals, cut, of walls with or without a backing, where that is lower.

    Args:
        light: (s, k) what the rows that are seen get of the walls.
        height: (s, k) the same times the walls' height, in sigmas.
        heights: (s,) what is seen, in sigmas.
        backing_light: Of a backing, in parts of the walls' light.
        costs: (k,).
    """
    bare, along, square = np.zeros((3, len(costs)))
    for j in range(len(heights)):
        for k in range(len(costs)):
            lit = light[j, k]
            off = min((heights[j] - height[j, k] / max(lit, 1e-9)) ** 2, _MAX_ROW_COST)
            bare[k] += off if lit > _MIN_LIGHT else _UNLIT_ROW_COST
            backing = backing_light * (1.0 - lit)
            part = backing / (lit + backing)
            along[k] += part * (heights[j] - height[j, k] / (lit + backing))
            square[k] += part * part
    level, backed = along / np.maximum(square, 1e-9), np.full(len(costs), _BACKING_COST)
    for j in range(len(heights)):
        for k in range(len(costs)):
            backing = backing_light * (1.0 - light[j, k])
            all_light = light[j, k] + backing
            off = heights[j] - height[j, k] / all_light
            backed[k] += min((off - backing / all_light * level[k]) ** 2, _MAX_ROW_COST)
    for k in range(len(costs)):
        costs[k] = min(costs[k], bare[k], backed[k])
