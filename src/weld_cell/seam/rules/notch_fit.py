"""Fit of the notch between two bevels of any angle, including the blur of the image.

A bevel shows in three to ten rows, and the lens blurs those at its ends into what lies beside them: lines through
them alone are too flat. So the notch that is fitted is blurred alike. A row's light is that of a dull surface: the
steeper it is, the less.
"""

import math

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import FloatArray

_SAMPLES_PER_ROW = 4
_BLUR_ROWS = 0.8  # sigma of what the lens spreads light over
_REACH_ROWS = 3
_STEP_M = 0.02e-3  # of the parameters, for the slope of the residuals
_ITERATIONS = 12
_MIN_WALL_M = 0.03e-3  # across
_HUBER_SIGMAS = 3.0  # beyond this, residuals count linearly


@compiled('float64(float64, float64[::1], float64[::1], float64[::1])')
def _height(y: float, notch: FloatArray, left: FloatArray, right: FloatArray) -> float:
    """Height at y of two plates (slope, height) and the notch between them: left end, bottom y and z, right end."""
    if y <= notch[0]:
        height = left[1] + left[0] * y
    elif y >= notch[3]:
        height = right[1] + right[0] * y
    elif y < notch[1]:
        high = left[1] + left[0] * notch[0]
        height = high + (notch[2] - high) * (y - notch[0]) / (notch[1] - notch[0])
    else:
        high = right[1] + right[0] * notch[3]
        height = notch[2] + (high - notch[2]) * (y - notch[1]) / (notch[3] - notch[1])
    return float(height)


_BLUR_KERNEL = np.exp(-0.5 * (np.arange(_REACH_ROWS * _SAMPLES_PER_ROW + 1) / (_SAMPLES_PER_ROW * _BLUR_ROWS)) ** 2)


@compiled('void(float64[::1], float64, float64[::1], float64[::1], float64[::1], float64[::1])')
def _seen(y: FloatArray, pitch: float, notch: FloatArray, left: FloatArray, right: FloatArray, z: FloatArray) -> None:
    """Fill in the heights (n,) that rows at y (n,) show of a notch."""
    step, reach = pitch / _SAMPLES_PER_ROW, _REACH_ROWS * _SAMPLES_PER_ROW
    for i in range(len(y)):
        light, along = 0.0, 0.0
        low = _height(y[i] - (reach + 0.5) * step, notch, left, right)
        for k in range(-reach, reach + 1):
            high = _height(y[i] + (k + 0.5) * step, notch, left, right)
            weight = _BLUR_KERNEL[abs(k)] / math.hypot(1.0, (high - low) / step)
            light += weight
            along += 0.5 * weight * (low + high)
            low = high
        z[i] = along / light


@compiled_helper()
def _keep_order(notch: FloatArray) -> None:
    """Keep the bottom between both ends."""
    notch[0] = min(notch[0], notch[3] - 2.0 * _MIN_WALL_M)
    notch[1] = min(max(notch[1], notch[0] + _MIN_WALL_M), notch[3] - _MIN_WALL_M)


@compiled('float64(float64[::1], float64)')
def _cost(residuals: FloatArray, sigma: float) -> float:
    """Sum of squared residuals in sigmas, linear beyond the cut."""
    total = 0.0
    for residual in residuals:
        off = abs(residual) / sigma
        total += off * off if off < _HUBER_SIGMAS else _HUBER_SIGMAS * (2.0 * off - _HUBER_SIGMAS)
    return total


@compiled('float64(float64[::1], float64[::1], float64, float64[::1], float64[::1], float64[::1], float64)')
def notch_cost(
    y: FloatArray, z: FloatArray, pitch: float, notch: FloatArray, left: FloatArray, right: FloatArray, sigma: float
) -> float:
    """What a notch leaves unexplained of some rows, in squared sigmas; arguments as of `fit_notch`."""
    shown, ordered = np.empty(len(y)), notch.copy()
    _keep_order(ordered)
    _seen(y, pitch, ordered, left, right, shown)
    return _cost(z - shown, sigma)


@compiled(
    'Tuple((float64[::1], float64))'
    '(float64[::1], float64[::1], float64, float64[::1], float64[::1], float64[::1], float64)'
)
def fit_notch(
    y: FloatArray,
    z: FloatArray,
    pitch: float,
    start: FloatArray,
    left: FloatArray,
    right: FloatArray,
    sigma: float,
) -> tuple[FloatArray, float]:
    """The notch that explains some rows best (Levenberg and Marquardt, with Huber's weights).

    Args:
        y: (n,) places of the rows, metres.
        z: (n,) what they show, metres.
        pitch: Between neighbouring rows, metres.
        start: (4,) left end, bottom y, bottom z, right end: near the answer.
        left, right: (2,) slope and height of the plates.
        sigma: Noise of a row, metres.

    Returns:
        (4,) as `start`, and the cost of what it leaves unexplained, in squared sigmas.
    """
    count = len(y)
    notch, shown, moved = start.copy(), np.empty(count), np.empty(count)
    slopes = np.empty((count, 4))
    _keep_order(notch)
    _seen(y, pitch, notch, left, right, shown)
    cost, damping = _cost(z - shown, sigma), 1e-2
    for _ in range(_ITERATIONS):
        for k in range(4):
            tried = notch.copy()
            tried[k] += _STEP_M
            _seen(y, pitch, tried, left, right, moved)
            for i in range(count):
                slopes[i, k] = (moved[i] - shown[i]) / _STEP_M
        normal, pull = np.zeros((4, 4)), np.zeros(4)
        for i in range(count):
            off = z[i] - shown[i]
            weight = min(1.0, _HUBER_SIGMAS * sigma / max(abs(off), 1e-12))
            for k in range(4):
                pull[k] += weight * slopes[i, k] * off
                for m in range(4):
                    normal[k, m] += weight * slopes[i, k] * slopes[i, m]
        for k in range(4):
            normal[k, k] += damping * normal[k, k] + 1e-9
        tried = notch + np.linalg.solve(normal, pull)
        _keep_order(tried)
        _seen(y, pitch, tried, left, right, moved)
        reached = _cost(z - moved, sigma)
        if reached < cost:
            notch, cost, damping = tried, reached, 0.3 * damping
            shown[:] = moved
        else:
            damping *= 10.0
    return notch, cost
