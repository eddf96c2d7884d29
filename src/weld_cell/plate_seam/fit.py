"""Robust fit of a line or smooth curve to points: a polynomial over their chord."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.records import BoolArray, FloatArray

_DEGREES = (1, 2, 3, 5, 7, 9, 11, 13, 15)
_ROUNDS = 12
_MOST_POINTS = 240  # that a curve is fitted to, or up to twice as many
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, eq=False)
class Curve:
    """y = polynomial(x) in the frame of its chord; all in the unit of the points that it was fitted to.

    Attributes:
        middle: (2,) where x and y are 0.
        along: (2,) unit vector of x; y is to its left (by the axes' own sense).
        half: x runs from -half to half over the points.
        coefficients: Of Legendre polynomials in x / half.
    """

    middle: FloatArray
    along: FloatArray
    half: float
    coefficients: FloatArray

    @property
    def degree(self) -> int:
        """Of the polynomial; 1 is a straight line."""
        return len(self.coefficients) - 1

    @property
    def left(self) -> FloatArray:
        """(2,) unit vector of y."""
        return np.array([-self.along[1], self.along[0]])

    def turned(self) -> 'Curve':
        """The same curve, its x growing the other way."""
        signs = -((-1.0) ** np.arange(len(self.coefficients)))
        return Curve(self.middle, -self.along, self.half, signs * self.coefficients)

    def places(self, points: FloatArray) -> FloatArray:
        """x (n,) of points (n, 2)."""
        x: FloatArray = (points - self.middle) @ self.along
        return x

    def points(self, x: FloatArray) -> FloatArray:
        """(n, 2) of the curve at x (n,); beyond its ends it goes on straight."""
        inside = np.clip(x, -self.half, self.half)
        y, slopes = _series(inside / self.half, self.coefficients)
        y += (x - inside) * slopes / self.half
        curve: FloatArray = self.middle + x[:, None] * self.along + y[:, None] * self.left
        return curve

    def normals(self, x: FloatArray) -> FloatArray:
        """(n, 2) unit vectors across the curve at x (n,), to the left."""
        slopes = _series(np.clip(x, -self.half, self.half) / self.half, self.coefficients)[1] / self.half
        across = self.left - slopes[:, None] * self.along
        normals: FloatArray = across / np.sqrt(1.0 + slopes**2)[:, None]
        return normals

    def offsets(self, points: FloatArray) -> FloatArray:
        """(n,) how far points (n, 2) lie to the left, across the curve: exact to first order."""
        x = self.places(points)
        away: FloatArray = ((points - self.points(x)) * self.normals(x)).sum(axis=1)
        return away


@dataclass(frozen=True, eq=False)
class Fitted:
    """A curve and how well the points lie on it.

    Attributes:
        curve: Through the points that lie on it.
        on_curve: (n,) which do.
        scatter: Robust standard deviation of those about it, in the points' unit.
    """

    curve: Curve
    on_curve: BoolArray
    scatter: float


def fit_curve(
    points: FloatArray, most_degree: int, outlier_sigma: float, floor: float, sharing: float = 1.0
) -> Fitted:
    """Fit the curve; iteratively reweighted least squares (Tukey), its degree by the Bayesian information criterion.

    A lower degree is taken where its curve differs from a higher one by less than what is believed. Of many points
    every so many are enough for the curve, the others are judged by it.

    Args:
        points: (n, 2), n at least 3, in any order.
        most_degree: Highest degree.
        outlier_sigma: Points further than this from the curve do not count.
        floor: Scatter below which none is believed, in the points' unit.
        sharing: How many neighbouring points share their error at least, as they were read from the same pixels.

    Raises:
        ValueError: fewer than 3 finite points, or all in one place.
    """
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3 or not np.isfinite(points).all():
        raise ValueError(f'expected 3 finite points (n, 2) or more, got an array of shape {points.shape}')
    middle, along, half = _chord(points)
    x, y = ((points - middle) @ np.stack([along, [-along[1], along[0]]], axis=1)).T
    every = max(len(points) // _MOST_POINTS, 1)
    few_x, few_y = np.ascontiguousarray(x[::every]) / half, np.ascontiguousarray(y[::every])
    degrees = [d for d in _DEGREES if d <= min(most_degree, (len(few_x) - 1) // 2)]
    sigma = max(_MAD_TO_SIGMA * float(np.median(np.abs(_residuals(few_x, few_y, degrees[-1], None)[1]))), floor)
    sharing = max(sharing / every, 1.0)
    coefficients = _simplest(few_x, few_y, degrees, sigma, outlier_sigma, floor, sharing)
    residuals = y - _series(x / half, coefficients)[0]
    on_curve = np.abs(residuals) <= outlier_sigma * sigma
    scatter = _MAD_TO_SIGMA * float(np.median(np.abs(residuals[on_curve]))) if on_curve.any() else sigma
    return Fitted(Curve(middle, along, half, coefficients), on_curve, scatter)


def _simplest(
    x: FloatArray,
    y: FloatArray,
    degrees: Sequence[int],
    sigma: float,
    outlier_sigma: float,
    floor: float,
    sharing: float,
) -> FloatArray:
    """Coefficients of a straight line where it is as good as the highest degree, else what the criterion prefers."""
    limit = outlier_sigma * sigma
    straight, highest = _residuals(x, y, degrees[0], limit), _residuals(x, y, degrees[-1], limit)
    if _apart(straight[1], highest[1]) <= floor:
        return straight[0]
    fits = [straight, *(_residuals(x, y, degree, limit) for degree in degrees[1:-1]), highest]
    sharing = max(sharing, _correlation(np.clip(highest[1][np.argsort(x)], -3.0 * sigma, 3.0 * sigma)))
    best = fits[int(np.argmin([_criterion(r / sigma, c, outlier_sigma, sharing) for c, r in fits]))]
    return next(coefficients for coefficients, residuals in fits if _apart(residuals, best[1]) <= floor)


def _apart(residuals: FloatArray, others: FloatArray) -> float:
    """Root mean square of the distance between two curves from their residuals (n,) at the same points."""
    return float(np.sqrt(np.mean((residuals - others) ** 2)))


def _chord(points: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Middle, direction and half the length of points along their main axis."""
    away = points - np.median(points, axis=0)
    along = np.linalg.svd(away, full_matrices=False)[2][0]
    along = along * np.sign(along[np.abs(along).argmax()])
    low, high = (away @ along).min(), (away @ along).max()
    if not high - low > 0.0:
        raise ValueError('expected points in more than one place')
    middle: FloatArray = np.median(points, axis=0) + 0.5 * (low + high) * along
    return middle, along, 0.5 * float(high - low)


def _residuals(x: FloatArray, y: FloatArray, degree: int, limit: float | None) -> tuple[FloatArray, FloatArray]:
    """Coefficients and residuals (n,) of least absolute deviation; then by Tukey's weights to a limit."""
    basis = np.empty((len(x), degree + 1))
    _polynomials(x, basis)
    coefficients = np.zeros(degree + 1)
    _reweighted(basis, np.ascontiguousarray(y), -1.0 if limit is None else limit, coefficients)
    return coefficients, y - basis @ coefficients


def _series(x: FloatArray, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values and slopes (n,) of a series of Legendre polynomials at x (n,)."""
    values, slopes = np.empty(len(x)), np.empty(len(x))
    _sum_series(np.ascontiguousarray(x, float), np.ascontiguousarray(coefficients, float), values, slopes)
    return values, slopes


@compiled('void(float64[::1], float64[::1], float64[::1], float64[::1])')
def _sum_series(x: FloatArray, coefficients: FloatArray, values: FloatArray, slopes: FloatArray) -> None:
    """Fill in values and slopes by Bonnet's recursion, and P'(k + 1) = P'(k - 1) + (2 k + 1) P(k)."""
    for i in range(len(x)):
        before, here, slope_before, slope = 0.0, 1.0, 0.0, 0.0
        value, rise = coefficients[0], 0.0
        for k in range(len(coefficients) - 1):
            after = ((2 * k + 1) * x[i] * here - k * before) / (k + 1)
            slope_after = slope_before + (2 * k + 1) * here
            before, here, slope_before, slope = here, after, slope, slope_after
            value += coefficients[k + 1] * here
            rise += coefficients[k + 1] * slope
        values[i], slopes[i] = value, rise


@compiled('void(float64[::1], float64[:, ::1])')
def _polynomials(x: FloatArray, basis: FloatArray) -> None:
    """Fill in the Legendre polynomials (n, k) at x (n,), by Bonnet's recursion."""
    for i in range(len(x)):
        basis[i, 0] = 1.0
        before = 0.0
        for k in range(basis.shape[1] - 1):
            basis[i, k + 1] = ((2 * k + 1) * x[i] * basis[i, k] - k * before) / (k + 1)
            before = basis[i, k]


@compiled('void(float64[:, ::1], float64[::1], float64, float64[::1])')
def _reweighted(basis: FloatArray, y: FloatArray, limit: float, coefficients: FloatArray) -> None:
    """Fill in the coefficients; without a limit (below 0) those of least absolute deviation."""
    count, terms = basis.shape
    weights, weighted, ridge = np.ones(count), np.empty_like(basis), np.eye(terms) * (1e-12 * count)
    for step in range(2 * _ROUNDS):
        for i in range(count):
            for k in range(terms):
                weighted[i, k] = weights[i] * basis[i, k]
        coefficients[:] = np.linalg.solve(weighted.T @ basis + ridge, weighted.T @ y)
        size = np.abs(y - basis @ coefficients)
        if step < _ROUNDS:
            weights = 1.0 / np.maximum(size, 1e-3 * size.mean() + 1e-12)
        elif limit < 0.0:
            break
        else:
            weights = np.maximum(1.0 - (size / limit) ** 2, 0.0) ** 2
            if np.count_nonzero(weights) <= terms:
                break


def _criterion(residuals: FloatArray, coefficients: FloatArray, limit: float, sharing: float) -> float:
    """Of residuals in standard deviations; those beyond the limit cost no more than the limit."""
    count = len(residuals) / sharing
    cost = np.minimum(residuals**2, limit**2).sum() / sharing
    return float(cost + len(coefficients) * np.log(max(count, 2.0)))


def _correlation(residuals: FloatArray) -> float:
    """How many neighbours share their error: the sum of the autocorrelation up to where it is no longer positive."""
    spectrum = np.abs(np.fft.rfft(residuals - residuals.mean(), 2 * len(residuals))) ** 2
    correlation = np.fft.irfft(spectrum)[: len(residuals)]
    if not correlation[0] > 0.0:
        return 1.0
    ended = np.flatnonzero(correlation <= 0.0)
    return float(2.0 * correlation[: ended[0] if len(ended) else None].sum() / correlation[0] - 1.0)
