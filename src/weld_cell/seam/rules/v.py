"""The open v joint: its seam point follows from the walls' lines, which are long, and from the root gap alone.

Let the walls' lines meet in the apex. With half the groove angle a, root gap g and mismatch m, the middle between
the walls' lower ends lies m tan(a) / 2 beside the apex and g / (2 tan(a)) above it (by similar triangles). So nothing
but the gap has to be read from the few rows at the root.
"""

import math
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.records import FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, tolerance
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, intersection
from weld_cell.seam.rules.corner import corner_deg
from weld_cell.seam.rules.grooves import Groove, find_groove
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_GAP_STEP_M = 0.1e-3
_MIN_BACKING_ROWS = 3  # fewer are light of the walls, blurred into a dark gap
_CUT_SIGMA = 4.0  # residuals are cut there
_UNLIKE = 4.0  # in sigma^2: cost of a row that is neither wall nor backing
_DARK = 1.0  # in sigma^2: cost of a dark row that should show a wall
_EQUAL = 1.0  # in sigma^2: gaps whose costs differ by less are as good as each other
_NOISE_M = 0.08e-3  # blur at the walls' ends
_OVERLAP_ROWS = 0.6  # both walls' light, blurred over the ends of a dimmer backing


@dataclass(frozen=True, eq=False)
class Root:
    """The groove seen from its apex.

    Attributes:
        apex: (2,) where the walls' lines meet.
        upwards: (2,) unit vector out of the joint.
        tangent: Of half the groove angle.
        mismatch: Height of the right plate over the left one.
        aside: (n,) distance of each row near the root from the root's middle, across, taken on its wall's line.
        above_wall: (n,) height over its wall's line.
        above_apex: (n,) height over the apex.
        sigma: Noise of a row.
        dark: (k,) the distances aside at which rows show nothing.
    """

    apex: FloatArray
    upwards: FloatArray
    tangent: float
    mismatch: float
    aside: FloatArray
    above_wall: FloatArray
    above_apex: FloatArray
    sigma: float
    dark: FloatArray

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
    gap = _root_gap(section, groove, root, settings)
    if gap > settings.max_root_gap_mm * 1e-3:
        raise SeamError(
            f'The walls of the groove end {1e3 * gap:.1f} mm apart; {settings.max_root_gap_mm:g} mm are allowed.',
            'Look for what casts a shadow into the groove; a few such images do no harm.')
    left, right = groove.shoulders()
    ends = np.array([root.wall_end(gap, -1), root.wall_end(gap, +1)])
    breaks = np.vstack([left, ends, right])
    return Finding(ends.mean(axis=0), breaks, bisector(groove.left, groove.right), gap, groove.mismatch())


def _root(section: CrossSection, groove: Groove, settings: SeamSettings) -> Root:
    """The rows near the root."""
    apex, upwards = intersection(groove.falling, groove.rising), bisector(groove.left, groove.right)
    tangent = float(np.tan(0.5 * np.radians(corner_deg(groove.falling, groove.rising))))
    mismatch = groove.mismatch()
    reach = settings.max_root_gap_mm * 1e-3
    rows = slice(*np.searchsorted(section.y, [apex[0] - reach, apex[0] + reach]))
    y, z = section.y[rows], section.z[rows]
    wall = np.where(y < apex[0], groove.falling.at(y), groove.rising.at(y))
    aside = (y - apex[0]) * upwards[1] - (wall - apex[1]) * upwards[0] - 0.5 * mismatch * tangent
    lost = np.diff(section.rows[rows]) - 1
    at = np.flatnonzero(lost > 0)
    parts = [aside[i] + (aside[i + 1] - aside[i]) * np.arange(1, lost[i] + 1) / (lost[i] + 1) for i in at]
    sigma = max(groove.falling.sigma, groove.rising.sigma, _NOISE_M)
    return Root(
        apex, upwards, tangent, mismatch, aside, z - wall, z - apex[1], sigma, np.concatenate([np.empty(0), *parts]))


def _root_gap(section: CrossSection, groove: Groove, root: Root, settings: SeamSettings) -> float:
    """Root gap in metres: over a backing in sight the one that explains the rows best, else between the ends.

    Where noise is as large as the step from wall to backing no row tells where a wall ends, but all of them do.
    """
    if len(root.aside):
        gap = _backed_gap(section, root, settings)
        if np.count_nonzero(np.abs(root.aside) < 0.5 * gap - section.row_pitch) >= _MIN_BACKING_ROWS:
            return gap + _OVERLAP_ROWS * section.row_pitch
    return _open_gap(section, groove, root, settings)


def _backed_gap(section: CrossSection, root: Root, settings: SeamSettings) -> float:
    """The gap with which wall lines and a level backing between them leave the least squared residuals (cut)."""
    order = np.argsort(np.abs(root.aside), kind='stable')  # from the root's middle outwards
    distance, height = np.abs(root.aside)[order], root.above_apex[order]
    wall = np.minimum(np.abs(root.above_wall[order]) / root.sigma, _CUT_SIGMA) ** 2
    walls = np.concatenate([np.cumsum(wall[::-1])[::-1], [0.0]])
    gaps = np.arange(0.0, settings.max_root_gap_mm * 1e-3, _GAP_STEP_M)
    inside = np.searchsorted(distance, 0.5 * gaps)
    core = np.searchsorted(distance, 0.5 * gaps - section.row_pitch)
    dark = len(root.dark) - np.searchsorted(np.sort(np.abs(root.dark)), 0.5 * gaps)
    costs = walls[inside] + _DARK * dark
    for k in range(len(gaps)):
        costs[k] += _backing_cost(height[:inside[k]], int(core[k]), root.sigma)
    return float(gaps[costs <= costs.min() + _EQUAL].mean())


def _backing_cost(heights: FloatArray, core: int, sigma: float) -> float:
    """Squared residuals of rows between the walls about the level of the innermost ones."""
    if core < 2:
        return _UNLIKE * len(heights)
    level = np.partition(heights[:core], core // 2)[core // 2]
    residuals = np.minimum(np.abs(heights - level) / sigma, _CUT_SIGMA)
    return float(residuals @ residuals)


def _open_gap(section: CrossSection, groove: Groove, root: Root, settings: SeamSettings) -> float:
    """The gap between the last rows of both walls; where a shadow cut one of them off, twice the other's half.

    Raises:
        SeamError: both walls are dark at the root.
    """
    left = _wall_end(root, groove.falling, -1, settings)
    right = _wall_end(root, groove.rising, +1, settings)
    if math.isinf(min(left, right)):
        raise SeamError(
            'Both walls of the groove are dark at its root.',
            'Look for what casts a shadow into the groove; a few such images do no harm.')
    gap = left + right - section.row_pitch
    if abs(left - right) > settings.max_root_step_mm * 1e-3:
        gap = 2.0 * min(left, right) - section.row_pitch
    return max(gap, 0.0) if gap >= section.row_pitch else 0.0


def _wall_end(root: Root, wall: Line, side: int, settings: SeamSettings) -> float:
    """Distance aside of a wall's innermost row: the maximum of the running count of rows that belong to it.

    Infinite where none is seen near the root.
    """
    rows = np.flatnonzero(root.aside * side > 0.0)
    if len(rows) == 0:
        return math.inf
    rows = rows[np.argsort(-np.abs(root.aside[rows]))]  # from outside inwards
    count = np.cumsum(np.where(np.abs(root.above_wall[rows]) < tolerance(wall, settings), 1, -1))
    last = len(count) - 1 - int(np.argmax(count[::-1]))
    return float(abs(root.aside[rows[last]]))
