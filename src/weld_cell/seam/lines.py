"""Straight lines in the cross-section: robust fits, directions, intersections."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from weld_cell.records import FloatArray
from weld_cell.seam.row_loops import robust_line

Height = TypeVar('Height', float, FloatArray)


@dataclass(frozen=True)
class Line:
    """A line z = height + slope * y in the cross-section (metres).

    The height is the regressed one: a stripe row fixes y exactly, the noise is in the image column and so in z.

    Attributes:
        slope: dz / dy.
        height: z at y = 0.
        sigma: Robust standard deviation of a row about the line, in metres.
    """

    slope: float
    height: float
    sigma: float = 0.0

    def at(self, y: Height) -> Height:
        """Height at y, a number or an array."""
        return self.height + self.slope * y

    def residuals(self, y: FloatArray, z: FloatArray) -> FloatArray:
        """(n,) heights above the line."""
        return z - (self.height + self.slope * y)

    @property
    def numbers(self) -> FloatArray:
        """(2,) slope and height, for compiled loops."""
        return np.array([self.slope, self.height])

    @property
    def angle(self) -> float:
        """Radians from the y axis, -pi/2 to pi/2."""
        return math.atan(self.slope)

    @property
    def direction(self) -> FloatArray:
        """(2,) unit vector along the line, towards larger y."""
        return np.array([math.cos(self.angle), math.sin(self.angle)])

    @property
    def normal(self) -> FloatArray:
        """(2,) unit vector out of the surface, up."""
        return np.array([-math.sin(self.angle), math.cos(self.angle)])


def intersection(first: Line, second: Line) -> FloatArray:
    """(2,) point where two lines meet.

    Raises:
        ValueError: the lines are parallel.
    """
    difference = first.slope - second.slope
    if abs(difference) < 1e-9:
        raise ValueError('parallel lines do not meet')
    y = (second.height - first.height) / difference
    return np.array([y, first.at(y)])


def fit_line_robust(y: FloatArray, z: FloatArray, start: Line, noise_floor: float, rounds: int = 3) -> Line:
    """M-estimate of a line with Tukey's biweight, by iteratively reweighted least squares from a start.

    Args:
        y: (n,) places.
        z: (n,) heights.
        start: A line near the answer (the biweight's minimum is local).
        noise_floor: Scale in metres below which none is believed.
        rounds: Reweightings; from a coarse line of the same stretch, three settle the fit.

    Returns:
        The line with its robust scale.
    """
    slope, height, sigma = robust_line(y, z, start.slope, start.height, noise_floor, rounds)
    return Line(slope, height, sigma)
