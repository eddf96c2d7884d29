"""Straight lines in the cross-section: robust fits, directions, intersections."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from weld_cell.records import FloatArray
from weld_cell.seam.row_loops import robust_line

_LEAST_TURN = 1e-9  # as a slope, between lines that meet
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
    def point(self) -> tuple[float, float]:
        """A point of the line."""
        return 0.0, self.height

    @property
    def along(self) -> tuple[float, float]:
        """Along the line, of no set length."""
        return 1.0, self.slope

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


@dataclass(frozen=True, eq=False)
class StraightLine:
    """A line in the cross-section by a point and a direction; it may stand upright.

    Attributes:
        point: y and z of it.
        along: y and z along it, of no set length.
    """

    point: tuple[float, float] | FloatArray
    along: tuple[float, float] | FloatArray


def intersection(first: Line | StraightLine, second: Line | StraightLine) -> FloatArray:
    """(2,) point where two lines meet.

    Raises:
        ValueError: the lines are parallel.
    """
    (y, z), (other_y, other_z) = first.point, second.point
    (run, rise), (other_run, other_rise) = first.along, second.along
    turn = run * other_rise - rise * other_run
    if abs(turn) < _LEAST_TURN:
        raise ValueError('parallel lines do not meet')
    place = ((other_y - y) * other_rise - (other_z - z) * other_run) / turn
    return np.array([y + place * run, z + place * rise])


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
