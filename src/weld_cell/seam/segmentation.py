"""Division of a cross-section into straight stretches: a first, coarse reading that the rules refine.

Optimal piecewise-linear segmentation by dynamic programming (Bellman and Roth 1969), on nodes of a few rows
each; the cost of every possible stretch comes from cumulative sums at once. A stretch need not join its
neighbour, so steps, gaps and false reflections each become stretches of their own.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import MAD_TO_SIGMA, Line, median_magnitude
from weld_cell.seam.settings import SeamSettings

_MIN_NODES = 2  # of a stretch


@dataclass(frozen=True)
class Stretch:
    """A straight part of the profile.

    Attributes:
        first: Index of its first point in the cross-section.
        last: Index of its last point.
        line: The coarse line through it.
        width: Extent in y, metres.
    """

    first: int
    last: int
    line: Line
    width: float

    @property
    def length(self) -> float:
        """Extent along the line, metres."""
        return self.width / math.cos(self.line.angle)

    @property
    def rows(self) -> slice:
        """Its points."""
        return slice(self.first, self.last + 1)


def straight_stretches(section: CrossSection, settings: SeamSettings) -> list[Stretch]:
    """Divide a cross-section into straight stretches, ordered by row; pieces of one line count as one stretch.

    Args:
        section: The measured profile.
        settings: group_rows, max_lines, line_penalty, noise_floor_mm, merge_mm and max_break_mm take part.
    """
    size = settings.group_rows
    y, z = _nodes(section.y, size), _nodes(section.z, size)
    costs, slopes, heights = line_costs(y, z)
    penalty = settings.line_penalty * _node_noise(z, settings) ** 2
    stretches = []
    single = costs.astype(np.float32)  # twice as fast to search
    for start, end in _best_division(single, penalty, settings.max_lines):
        first, last = start * size, min((end + 1) * size, len(section.y)) - 1
        line = Line(float(slopes[end, start]), float(heights[end, start]))
        stretches.append(Stretch(first, last, line, float(section.y[last] - section.y[first])))
    return _merged(stretches, section, settings)


def _merged(stretches: list[Stretch], section: CrossSection, settings: SeamSettings) -> list[Stretch]:
    """Join stretches that a shadow or speckle cut out of one line; longer ones take in shorter ones."""
    merged: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda s: s.length, reverse=True):
        home = next((i for i, face in enumerate(merged) if _continues(stretch, face, section, settings)), None)
        if home is None:
            merged.append(stretch)
        else:
            face = merged[home]
            first, last = min(face.first, stretch.first), max(face.last, stretch.last)
            merged[home] = Stretch(first, last, face.line, float(section.y[last] - section.y[first]))
    return sorted(merged, key=lambda s: s.first)


def _continues(stretch: Stretch, face: Stretch, section: CrossSection, settings: SeamSettings) -> bool:
    """Whether a stretch lies beside a longer one, on its line."""
    before, after = sorted([stretch, face], key=lambda s: s.first)
    if section.y[after.first] - section.y[before.last] > settings.max_break_mm * 1e-3:
        return False
    ends = section.y[[stretch.first, stretch.last]]
    apart = face.line.height - stretch.line.height + (face.line.slope - stretch.line.slope) * ends
    return bool(np.abs(apart).max() * math.cos(face.line.angle) < settings.merge_mm * 1e-3)


def _nodes(values: FloatArray, size: int) -> FloatArray:
    """Medians of whole groups of neighbouring rows: a speckle of up to half a group leaves no trace."""
    groups = values[:len(values) // size * size].reshape(-1, size)
    medians: FloatArray = np.partition(groups, size // 2, axis=1)[:, size // 2]
    return medians


def _node_noise(z: FloatArray, settings: SeamSettings) -> float:
    """Standard deviation of a node from second differences, which a straight stretch leaves untouched."""
    sigma = MAD_TO_SIGMA * median_magnitude(z[2:] - 2.0 * z[1:-1] + z[:-2]) / math.sqrt(6.0)
    return max(sigma, settings.noise_floor_mm * 1e-3 / math.sqrt(settings.group_rows))


def line_costs(y: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Squared error, slope and height of the line through nodes first..last, each (n, n) as [last, first].

    The error of a stretch that is too short, or has last before first, is infinite.
    """
    y_mean, z_mean = y.mean(), z.mean()  # keeps the sums small
    dy, dz = y - y_mean, z - z_mean
    sums = np.zeros((6, len(y) + 1))
    np.cumsum([np.ones_like(dy), dy, dz, dy * dy, dy * dz, dz * dz], axis=1, out=sums[:, 1:])
    n, sy, sz, syy, syz, szz = sums[:, 1:, None] - sums[:, None, :-1]
    too_short = n < _MIN_NODES
    n[too_short] = 1.0
    spread = n * syy - sy * sy
    spread[too_short] = 1.0
    slopes = (n * syz - sy * sz) / spread
    heights = (sz - slopes * sy) / n
    errors = szz - slopes * syz - heights * sz
    errors[too_short] = np.inf
    return errors, slopes, heights + z_mean - slopes * y_mean


def _best_division(costs: NDArray[np.float32], penalty: float, most: int) -> list[tuple[int, int]]:
    """Nodes (first, last) of each stretch of the division with the least error plus penalty per stretch."""
    count = len(costs)
    totals, cuts = [costs[:, 0]], []
    for _ in range(1, min(most, count // _MIN_NODES)):
        through = costs[:, 1:] + totals[-1][:-1]  # [end, start - 1]: the last stretch is start..end
        cuts.append(np.argmin(through, axis=1))
        totals.append(through[np.arange(count), cuts[-1]])
    pieces = int(np.argmin([total[-1] + penalty * k for k, total in enumerate(totals)]))
    division, end = [], count - 1
    for cut in reversed(cuts[:pieces]):
        start = int(cut[end]) + 1
        division.append((start, end))
        end = start - 1
    return [(0, end), *reversed(division)]
