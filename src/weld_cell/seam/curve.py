"""A robust smoothing spline through scattered seam points, whose stiffness follows from the points.

A cubic B-spline in the distance along the seam with evenly spaced knots and a penalty on its third derivative
(O'Sullivan 1986), fitted by iteratively reweighted least squares (Huber's weights to approach, Tukey's biweight to
settle). Straight lines and arcs have next to no third derivative: a stiff curve averages over all of their length,
goes straight over holes and leaves a tack weld's hump aside. Where a seam bends in more ways than that, only a softer
curve follows; of several the one with the least Bayesian information criterion (Schwarz 1978) is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline

from weld_cell.records import BoolArray, FloatArray
from weld_cell.seam.settings import PathSettings

DEGREE = 3
_RAYLEIGH_MEDIAN = 1.1774  # of the distance from a curve with normal noise of sigma 1 in both directions across it
STIFFNESS_M = (0.100, 0.050, 0.025, 0.012, 0.008, 0.004)
"""Lengths over which a curve averages, of which the points choose."""
_DIRECTIONS_ACROSS = 2  # residuals of a point across the seam
_MIN_SIGMA_M = 1e-6  # smaller scatter is not significant
_CORRELATED_IMAGES = 2.0  # consecutive images with correlated errors, caused by the same scratches and shadows
_MIN_GAP_SPREAD_MM = 0.02  # smaller differences of the gap are not significant
_APPROACH_ROUNDS = 20  # Huber's weights halve the pull of an outlier in each
_SETTLE_WIDTHS = (8.0, 4.0, 2.0, 1.0, 1.0, 1.0)  # of Tukey's window: shut too soon, it loses the curve's ends


@dataclass(frozen=True, eq=False)
class Curve:
    """A robust fit of all points over their places along the seam.

    Attributes:
        places: (n,) metres along the seam, of each point.
        weights: (n,) 0 for outliers.
        position: Curve of the positions.
        sigma: Robust scatter of the points about it, metres.
        inliers: (n,) True for points near the curve.
        stiffness: (m, m) penalty on its coefficients per weight of one point.
    """

    places: FloatArray
    weights: FloatArray
    position: BSpline
    sigma: float
    inliers: BoolArray
    stiffness: FloatArray

    def smooth(self, values: FloatArray) -> BSpline:
        """A curve through other values (n, k) of the same points, as stiff and with the same weights."""
        basis = BSpline.design_matrix(self.places, self.position.t, DEGREE).toarray()
        coefficients = _solve(basis, values, self.weights, self.stiffness)
        return BSpline(self.position.t, coefficients, DEGREE)


def fit_curve(
    positions: FloatArray,
    gap_excess: FloatArray,
    up: FloatArray,
    places: FloatArray,
    settings: PathSettings,
    lengths_m: Sequence[float] = STIFFNESS_M,
) -> Curve:
    """Robust spline of positions over places; what a misread gap shifts in proportion is taken out.

    Where the height of a point follows the gap that was seen with it, a gap misread in few rows lifts or lowers it;
    but a gap changes slowly along a joint. So what differs from its trend is one more term of the regression of the
    height.

    Args:
        positions: (n, 3) metres.
        gap_excess: (n,) by how many mm the gap seen with each point differs from the joint's.
        up: (3,) unit vector out of the joint.
        places: (n,) metres along the seam.
        settings: knot_mm, outlier_sigma and noise_floor_mm take part.
        lengths_m: Over which the curve may average.
    """
    knots, bending = _knots(places, settings)
    basis = BSpline.design_matrix(places, knots, DEGREE).toarray()
    heights = positions @ up
    level = positions - heights[:, None] * up
    fits = [
        _fit(basis, knots, level, heights, gap_excess, up, places, bending * length**6, settings)
        for length in lengths_m
    ]
    sigma = max(min(float(np.median(distances)) for _, distances in fits) / _RAYLEIGH_MEDIAN, _MIN_SIGMA_M)
    return min(fits, key=lambda fit: _criterion(basis, fit[0], fit[1] / sigma, settings))[0]


def _knots(places: FloatArray, settings: PathSettings) -> tuple[FloatArray, FloatArray]:
    """Knots (m + 4,) and the mean square of the third derivative as a quadratic form (m, m) of the coefficients."""
    first, last = float(places.min()), float(places.max())
    intervals = max(round((last - first) / (settings.knot_mm * 1e-3)), 1)
    inner = np.linspace(first, last, intervals + 1)
    knots = np.concatenate([[first] * DEGREE, inner, [last] * DEGREE])
    thirds = BSpline(knots, np.eye(intervals + DEGREE), DEGREE).derivative(3)(0.5 * (inner[1:] + inner[:-1]))
    return knots, thirds.T @ thirds / intervals


def _fit(
    basis: FloatArray,
    knots: FloatArray,
    level: FloatArray,
    heights: FloatArray,
    gap_excess: FloatArray,
    up: FloatArray,
    places: FloatArray,
    stiffness: FloatArray,
    settings: PathSettings,
) -> tuple[Curve, FloatArray]:
    """The curve of one stiffness, and the distances (n,) of the points from it."""
    terms = np.column_stack([basis, gap_excess])
    penalty = np.zeros((terms.shape[1], terms.shape[1]))
    penalty[:-1, :-1] = stiffness
    penalty[-1, -1] = _MIN_GAP_SPREAD_MM**2
    weights = np.ones(len(places))
    for width in (None,) * _APPROACH_ROUNDS + _SETTLE_WIDTHS:
        across = _solve(basis, level, weights, stiffness)
        lift = _solve(terms, heights, weights, penalty)
        distances = np.hypot(np.linalg.norm(level - basis @ across, axis=1), heights - terms @ lift)
        sigma = max(float(np.median(distances)) / _RAYLEIGH_MEDIAN, settings.noise_floor_mm * 1e-3)
        if width is None:
            weights = 1.0 / np.maximum(distances / sigma, 1.0)
        else:
            reach = width * settings.outlier_sigma * sigma
            weights = np.clip(1.0 - (distances / reach) ** 2, 0.0, None) ** 2
    position = BSpline(knots, across + lift[:-1, None] * up, DEGREE)
    return Curve(places, weights, position, sigma, weights > 0.0, stiffness), distances


def _solve(terms: FloatArray, values: FloatArray, weights: FloatArray, penalty: FloatArray) -> FloatArray:
    """(m, k) coefficients of the penalised weighted least-squares fit."""
    weighted = terms.T * weights
    coefficients: FloatArray = np.linalg.solve(weighted @ terms + penalty * weights.sum(), weighted @ values)
    return coefficients


def _criterion(basis: FloatArray, fit: Curve, distances: FloatArray, settings: PathSettings) -> float:
    """Bayesian information criterion with Tukey's loss of the distances (n,) in sigma."""
    reach = settings.outlier_sigma
    loss = reach**2 / 3.0 * (1.0 - np.clip(1.0 - (distances / reach) ** 2, 0.0, None) ** 3).sum()
    normal = (basis.T * fit.weights) @ basis
    freedom = np.trace(np.linalg.solve(normal + fit.stiffness * fit.weights.sum(), normal))
    return float(loss / _CORRELATED_IMAGES + _DIRECTIONS_ACROSS * freedom * np.log(len(distances)))
