"""Loops over the rows of a cross-section, compiled: medians, the robust line, where a face ends.

A profile has some hundred rows, on which each of numpy's calls costs more than its arithmetic. What is compiled
here takes arrays that lie without gaps (float64) and calls nothing of another file (see `weld_cell.compiled`).
"""

import math

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.records import BoolArray, FloatArray

MAD_TO_SIGMA = 1.4826  # of a normal distribution
TUKEY = 4.685  # 95 % efficiency on normal noise
_LEAST_SPREAD = 1e-18  # of places in a line fit, square metres


@compiled('float64(float64[::1], int64)')
def _nth_smallest(values: FloatArray, nth: int) -> float:
    """The value that is nth, from 0, in ascending order; the values are reordered (Hoare's selection, 1961)."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot, i, j = values[(low + high) // 2], low, high
        while i <= j:  # the pivot, and later what was swapped, stop both searches within low..high
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if nth <= j:
            high = j
        elif nth >= i:
            low = i
        else:
            break
    found: float = values[nth]
    return found


@compiled('float64(float64[::1])')
def median_magnitude(values: FloatArray) -> float:
    """Upper median of the absolute values (n,), n >= 1.

    Raises:
        ValueError: there are none.
    """
    if len(values) == 0:
        raise ValueError('the median of nothing')
    return _nth_smallest(np.abs(values), len(values) // 2)


@compiled('float64[::1](float64[::1], int64)')
def group_medians(values: FloatArray, size: int) -> FloatArray:
    """Upper medians (n // size,) of whole groups of neighbours: a speckle of up to half a group leaves no trace."""
    medians, group = np.empty(len(values) // size), np.empty(size)
    for k in range(len(medians)):
        group[:] = values[k * size:(k + 1) * size]
        medians[k] = _nth_smallest(group, size // 2)
    return medians


@compiled('UniTuple(float64, 2)(float64[::1], float64[::1], float64[::1])')
def _weighted_line(y: FloatArray, z: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Slope and height of the line of least weighted squares of z on y."""
    total, y_sum, z_sum = 0.0, 0.0, 0.0
    for i in range(len(y)):
        total += weights[i]
        y_sum += weights[i] * y[i]
        z_sum += weights[i] * z[i]
    if total <= 0.0:
        raise ValueError('a line fit needs points with weight')
    y_mean, z_mean = y_sum / total, z_sum / total
    spread, along = 0.0, 0.0
    for i in range(len(y)):
        dy = y[i] - y_mean
        spread += weights[i] * (dy * dy)
        along += weights[i] * (dy * (z[i] - z_mean))
    if spread < _LEAST_SPREAD:
        raise ValueError('a line fit needs two different places')
    slope = along / spread
    return slope, z_mean - slope * y_mean


@compiled('UniTuple(float64, 3)(float64[::1], float64[::1], float64, float64, float64, int64)')
def robust_line(
        y: FloatArray, z: FloatArray, slope: float, height: float, noise_floor: float, rounds: int,
        ) -> tuple[float, float, float]:
    """M-estimate of a line with Tukey's biweight, by iteratively reweighted least squares from a start.

    Args:
        y: (n,) places, metres, n >= 1.
        z: (n,) heights, metres.
        slope: Of the start.
        height: Of the start, at y = 0.
        noise_floor: Scale in metres, above 0, below which none is believed.
        rounds: Reweightings.

    Returns:
        Slope, height and the scale of the last reweighting, metres.

    Raises:
        ValueError: no points, none near the start, or less than two different y.
    """
    sigma = noise_floor
    residuals, weights = np.empty(len(y)), np.empty(len(y))
    for _ in range(rounds):
        for i in range(len(y)):
            residuals[i] = z[i] - (height + slope * y[i])
        sigma = max(MAD_TO_SIGMA * median_magnitude(residuals), noise_floor)
        for i in range(len(y)):
            inside = max(1.0 - (residuals[i] / (TUKEY * sigma)) ** 2, 0.0)
            weights[i] = inside * inside
        slope, height = _weighted_line(y, z, weights)
    return slope, height, sigma


@compiled('float64(float64[::1], boolean[::1])')
def _median_of_chosen(values: FloatArray, chosen: BoolArray) -> float:
    """Median of some of the values (n,); minus infinity where none is chosen."""
    kept, count = np.empty(len(values)), 0
    for i in range(len(values)):
        if chosen[i]:
            kept[count] = values[i]
            count += 1
    if count == 0:
        return -math.inf
    upper = _nth_smallest(kept[:count], count // 2)
    return upper if count % 2 else 0.5 * (upper + _nth_smallest(kept[:count], count // 2 - 1))


@compiled('int64(float64[::1], float64[::1], float64, float64, int64)')
def change_of_support(
        residuals: FloatArray, intensity: FloatArray, tolerance: float, bright_share: float, towards: int) -> int:
    """Where rows change from belonging to a face to not belonging.

    It is the maximum of the running count of belonging less not belonging rows, which a few speckled rows do not
    move. Rows that are plainly dimmer than the face are its light blurred over the end, and do not belong.

    Args:
        residuals: (n,) heights above the face, n >= 1.
        intensity: (n,) grey values.
        tolerance: Height within which a row belongs.
        bright_share: Part of the median grey value of the near rows that a row must have to belong.
        towards: +1: the face lies before the change; -1: behind it.

    Returns:
        Index of the last row of the face before the change, or of the first one behind it.
    """
    count = len(residuals)
    belongs = np.abs(residuals) < tolerance
    dim = bright_share * _median_of_chosen(intensity, belongs)
    first = 0 if towards > 0 else count - 1
    at, balance, most = first, 0, -count
    for step in range(count):
        i = first + towards * step
        balance += 1 if belongs[i] and intensity[i] >= dim else -1
        if balance > most:
            at, most = i, balance
    return at
