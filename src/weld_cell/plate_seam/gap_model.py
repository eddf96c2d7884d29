"""The profile across a gap between two plates, blurred, and its fit by least squares.

Parameters of a profile, in this order: centre and width of the gap in pixels, the brightness of the plates on the
left (the side of the positive offsets) and on the right, the logarithm of the standard deviation of the blur in
pixels, and the brightness inside the gap as a share of the mean of both plates.
"""

from math import exp, pi, sqrt

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.plate_seam.profiles import STEP_PX, Float32Array
from weld_cell.records import FloatArray

PARAMETERS = 6
_ROUNDS = 12
_SETTLED_PX = 1e-3  # a step from which no further one is made
_MOST_STEP_PX = 1.0


@compiled('UniTuple(float64, 2)(float64)', error_model='numpy')
def _step(x: float) -> tuple[float, float]:
    """Normal distribution at x, and its density (Abramowitz and Stegun, 7.1.26: wrong by 8e-8 at most)."""
    bell = exp(-0.5 * x * x)
    t = 1.0 / (1.0 + 0.3275911 / sqrt(2.0) * abs(x))
    tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    beyond = 0.5 * tail * bell
    return (1.0 - beyond if x > 0.0 else beyond), bell / sqrt(2.0 * pi)


@compiled_helper(error_model='numpy')
def _equations(
    row: Float32Array, offsets: FloatArray, first: int, last: int, p: FloatArray, normal: FloatArray
) -> float:
    """Fill in the normal equations (k, k + 1) of the first k parameters; the sum of squares that is left."""
    total, free, slopes = 0.0, len(normal), np.empty(PARAMETERS)
    blur, share, mean = exp(p[4]), p[5], 0.5 * (p[2] + p[3])
    dark = share * mean
    normal[:] = 0.0
    for j in range(first, last):
        a, b = (offsets[j] - p[0] - 0.5 * p[1]) / blur, (p[0] - 0.5 * p[1] - offsets[j]) / blur
        on_left, left_bell = _step(a)
        on_right, right_bell = _step(b)
        inside = 1.0 - on_left - on_right
        rest = row[j] - dark - (p[2] - dark) * on_left - (p[3] - dark) * on_right
        total += rest * rest
        left_slope, right_slope = (p[2] - dark) * left_bell / blur, (p[3] - dark) * right_bell / blur
        slopes[0], slopes[1] = right_slope - left_slope, -0.5 * (left_slope + right_slope)
        slopes[2], slopes[3] = on_left + 0.5 * share * inside, on_right + 0.5 * share * inside
        slopes[4], slopes[5] = -blur * (left_slope * a + right_slope * b), mean * inside
        for k in range(free):
            for m in range(k, free):
                normal[k, m] += slopes[k] * slopes[m]
            normal[k, free] += slopes[k] * rest
    for k in range(free):
        for m in range(k):
            normal[k, m] = normal[m, k]
    return total


@compiled('void(float64[:, ::1], float64, float64[:, ::1])', error_model='numpy')
def _solve(normal: FloatArray, damping: float, work: FloatArray) -> None:
    """Fill in the last column of work (k, k + 1) with the damped step, by Gauss's elimination."""
    free = len(normal)
    work[:] = normal
    for k in range(free):
        work[k, k] += damping * work[k, k] + 1e-9
    for k in range(free):
        for m in range(k + 1, free):
            factor = work[m, k] / work[k, k]
            for n in range(k, free + 1):
                work[m, n] -= factor * work[k, n]
    for k in range(free - 1, -1, -1):
        for m in range(k + 1, free):
            work[k, free] -= work[k, m] * work[m, free]
        work[k, free] /= work[k, k]


@compiled('void(float32[:, ::1], float64[::1], float64[:, ::1], float64, float64, float64[:, ::1], float64[::1])')
def fit_profiles(
    light: Float32Array,
    offsets: FloatArray,
    start: FloatArray,
    blur: float,
    share: float,
    fitted: FloatArray,
    missed: FloatArray,
) -> None:
    """Fill in the first four parameters (n, 4) after Levenberg-Marquardt steps, and the root mean square left (n,).

    Args:
        light: (n, m) profiles.
        offsets: (m,) of their samples, STEP_PX apart.
        start: (n, 4) the first four parameters.
        blur: Standard deviation in pixels, of all.
        share: Darkness inside, of all.
        fitted: Filled in.
        missed: Filled in.
    """
    stations, count = light.shape
    normal, kept, work = np.empty((4, 5)), np.empty((4, 5)), np.empty((4, 5))
    p, best = np.empty(PARAMETERS), np.empty(PARAMETERS)
    p[4], p[5] = np.log(blur), share
    for i in range(stations):
        p[:4] = start[i]
        best[:] = p
        reach = 0.5 * p[1] + 3.0 * blur + 2.0
        first = max(int((p[0] - reach - offsets[0]) / STEP_PX), 0)
        last = min(int((p[0] + reach - offsets[0]) / STEP_PX) + 2, count)
        least, damping = 1e30, 1e-2
        for _ in range(_ROUNDS):
            total = _equations(light[i], offsets, first, last, p, normal)
            if total < least:
                least, damping = total, 0.2 * damping
                best[:] = p
                kept[:] = normal
            else:
                damping *= 10.0
            _solve(kept, damping, work)
            if total == least and max(abs(work[0, 4]), abs(work[1, 4])) < _SETTLED_PX:
                break
            for k in range(2):
                p[k] = best[k] + min(max(work[k, 4], -_MOST_STEP_PX), _MOST_STEP_PX)
                p[k + 2] = max(best[k + 2] + work[k + 2, 4], 1.0)
            p[0] = min(max(p[0], offsets[0]), offsets[count - 1])
            p[1] = min(max(p[1], 0.0), offsets[count - 1] - offsets[0])
        fitted[i] = best[:4]
        missed[i] = sqrt(least / max(last - first, 1))


@compiled('void(float32[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64, int64)')
def fit_profile(
    row: Float32Array,
    offsets: FloatArray,
    p: FloatArray,
    low: FloatArray,
    high: FloatArray,
    usual: FloatArray,
    spread: float,
    rounds: int,
) -> None:
    """Move all six parameters of one profile to where they explain it best, beside what is usual of some.

    Args:
        row: (m,) the profile.
        offsets: (m,) of its samples.
        p: (6,) where it begins; filled in.
        low: (6,) least of each.
        high: (6,) greatest of each.
        usual: (12,) what is usual of each, then the standard deviation of that; 0 where nothing is known.
        spread: Standard deviation of what the model leaves of the profile.
        rounds: Steps.
    """
    normal, kept, work = np.empty((6, 7)), np.empty((6, 7)), np.empty((6, 7))
    best, least, damping = p.copy(), 1e30, 1e-2
    for _ in range(rounds):
        total = _equations(row, offsets, 0, len(row), p, normal)
        for k in range(PARAMETERS):
            if usual[k + 6] > 0.0:
                weight, away = (spread / usual[k + 6]) ** 2, usual[k] - p[k]
                total += weight * away * away
                normal[k, k] += weight
                normal[k, 6] += weight * away
        if total < least:
            settled = least - total < 1e-7 * least
            least, damping = total, 0.2 * damping
            best[:] = p
            kept[:] = normal
            if settled:
                break
        else:
            damping *= 10.0
        _solve(kept, damping, work)
        for k in range(PARAMETERS):
            p[k] = min(max(best[k] + work[k, 6], low[k]), high[k])
    p[:] = best
