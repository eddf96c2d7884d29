"""Coarse division of a cross-section into straight segments, which the rules refine.

Optimal piecewise-linear segmentation by dynamic programming (Bellman and Roth 1969), on nodes of a few rows
each; the cost of every possible stretch comes from cumulative sums at once. A stretch need not join its
neighbour, so steps, gaps and false reflections each become stretches of their own.
"""

import math
from dataclasses import dataclass

import numpy as np

from weld_cell.records import FloatArray
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.division import divide, merge_pieces
from weld_cell.seam.lines import Line
from weld_cell.seam.row_loops import MAD_TO_SIGMA, group_medians, median_magnitude
from weld_cell.seam.settings import SeamSettings

_LEAST_NODES = 3  # that have a second difference


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
    y, z = group_medians(section.y, size), group_medians(section.z, size)
    nodes, lines = divide(y, z, settings.line_penalty * _node_noise(z, settings) ** 2, settings.max_lines)
    bounds = size * nodes + np.array([0, size - 1])  # of the rows
    standing = merge_pieces(bounds, lines, section.y, settings.merge_mm * 1e-3, settings.max_break_mm * 1e-3)
    stretches = [
        Stretch(first, last, Line(slope, height), float(section.y[last] - section.y[first]))
        for (first, last), (slope, height) in zip(bounds[standing].tolist(), lines[standing].tolist(), strict=True)
    ]
    return sorted(stretches, key=lambda stretch: stretch.first)


def _node_noise(z: FloatArray, settings: SeamSettings) -> float:
    """Standard deviation of a node from second differences, which a straight stretch leaves untouched."""
    floor = settings.noise_floor_mm * 1e-3 / math.sqrt(settings.group_rows)
    if len(z) < _LEAST_NODES:
        return floor
    return max(MAD_TO_SIGMA * median_magnitude(z[2:] - 2.0 * z[1:-1] + z[:-2]) / math.sqrt(6.0), floor)
