"""Compiled loops over the rows of a cross-section: medians, robust curves, ends of faces.

A profile has some hundred rows, on which each of numpy's calls costs more than its arithmetic. What is compiled
here takes arrays that lie without gaps (float64), and calls nothing of another file: numba's cache looks at the date
of a function's own file only.
"""

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import FloatArray

MAD_TO_SIGMA = 1.4826  # of a normal distribution
TUKEY = 4.685  # 95 % efficiency on normal noise
_LEAST_SPREAD = 1e-18  # of places in a line fit, square metres


@compiled_helper()
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


@compiled('float64(float64[::1])')
def median(values: FloatArray) -> float:
    """Median of the values (n,), n >= 1; numpy's own takes twenty times as long on so few.

    Raises:
        ValueError: there are none.
    """
    if len(values) == 0:
        raise ValueError('the median of nothing')
    copy, middle = values.copy(), len(values) // 2
    upper = _nth_smallest(copy, middle)
    return upper if len(values) % 2 else 0.5 * (upper + _nth_smallest(copy, middle - 1))


@compiled('float64[::1](float64[::1], int64)')
def group_medians(values: FloatArray, size: int) -> FloatArray:
    """Upper medians (n // size,) of whole groups of neighbours: a speckle of up to half a group leaves no trace."""
    medians, group = np.empty(len(values) // size), np.empty(size)
    for k in range(len(medians)):
        for i in range(size):
            group[i] = values[k * size + i]
        medians[k] = _nth_smallest(group, size // 2)
    return medians


@compiled_helper()
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
    y: FloatArray,
    z: FloatArray,
    slope: float,
    height: float,
    noise_floor: float,
    rounds: int,
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


@compiled_helper()
def _weighted_parabola(y: FloatArray, z: FloatArray, weights: FloatArray) -> FloatArray:
    """(3,) coefficients, highest power first, of the parabola of least weighted squares of z on y.

    The normal equations over places scaled to 1, which keeps them well conditioned, by elimination.
    """
    reach = np.abs(y).max()
    if reach <= 0.0:
        raise ValueError('a parabola needs three different places')
    powers, heights = np.zeros(5), np.zeros(3)  # weighted sums of u^0 .. u^4, and of z u^0 .. z u^2
    for i in range(len(y)):
        u, term = y[i] / reach, weights[i]
        for k in range(5):
            powers[k] += term
            if k < 3:
                heights[k] += term * z[i]
            term *= u
    if powers[0] <= 0.0:
        raise ValueError('a parabola needs points with weight')
    s0, s1, s2, s3, s4 = powers
    p, q, r = s2 - s1 * s1 / s0, s3 - s1 * s2 / s0, s4 - s2 * s2 / s0
    f, g = heights[1] - s1 * heights[0] / s0, heights[2] - s2 * heights[0] / s0
    if p <= 0.0 or r - q * q / p <= 0.0:
        raise ValueError('a parabola needs three different places')
    a = (g - q * f / p) / (r - q * q / p)
    b = (f - q * a) / p
    return np.array([a / reach**2, b / reach, (heights[0] - s1 * b - s2 * a) / s0])


@compiled('float64[::1](float64[::1], float64[::1], float64, int64)')
def robust_parabola(y: FloatArray, z: FloatArray, noise_floor: float, rounds: int) -> FloatArray:
    """M-estimate of a parabola with Tukey's biweight, by iteratively reweighted least squares.

    Args:
        y: (n,) places about 0, metres, n >= 3.
        z: (n,) heights, metres.
        noise_floor: Scale in metres, above 0, below which none is believed.
        rounds: Fits, at least 1; the first without weights.

    Returns:
        (3,) coefficients, highest power first.

    Raises:
        ValueError: less than three different y have weight.
    """
    curve, residuals, weights = np.zeros(3), np.empty(len(y)), np.ones(len(y))
    for _ in range(rounds):
        curve = _weighted_parabola(y, z, weights)
        for i in range(len(y)):
            residuals[i] = z[i] - ((curve[0] * y[i] + curve[1]) * y[i] + curve[2])
        scale = TUKEY * max(MAD_TO_SIGMA * median_magnitude(residuals), noise_floor)
        for i in range(len(y)):
            inside = max(1.0 - (residuals[i] / scale) ** 2, 0.0)
            weights[i] = inside * inside
    return curve


@compiled('int64(float64[::1], float64[::1], float64, float64, int64)')
def change_of_support(
    residuals: FloatArray, intensity: FloatArray, tolerance: float, bright_share: float, towards: int
) -> int:
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
    dim = bright_share * median(intensity[belongs]) if belongs.any() else 0.0
    first = 0 if towards > 0 else count - 1
    at, balance, most = first, 0, -count
    for step in range(count):
        i = first + towards * step
        balance += 1 if belongs[i] and intensity[i] >= dim else -1
        if balance > most:
            at, most = i, balance
    return at
