"""Sub-pixel centre of the stripe in each row: the peak of the row after a filter matched to the stripe's width.

The peak of a Gaussian filter's output is where its first derivative vanishes; from the best whole pixel one
Newton step with the filter's first and second derivative leads there (after Steger, An unbiased detector of
curvilinear structures, PAMI 20:113, 1998). Being a fit to the whole profile, it is unbiased for a saturated stripe
as well, where the three pixels around the peak are all alike.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import IMAGE, compiled
from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe.points import IntArray

SEARCH_PX = 3
"""The best whole pixel is sought this far on both sides of the ridge."""
SIGMA_RANGE_PX = (1.5, 6.0)
SIGMA_STEP_PX = 0.5
REACH_SIGMAS = 2.5
WIDTH_REACH_PX = 16
"""The stripe's width is judged in a window that reaches this far."""
WIDTH_EVERY = 8
"""Step in rows at which the width is measured."""
BACKGROUND_PX = 4
"""So many pixels at either end of that window are background, and twice as many no part of the stripe."""
LEAST_CONTRAST = np.float32(1e-6)
Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Centres:
    """Sub-pixel stripe centres.

    Attributes:
        columns: (n,) centres in pixels.
        grey: (n,) grey values there.
        contrast: (n,) how far the stripe stands out there, in arbitrary units; free of the background.
    """

    columns: FloatArray
    grey: FloatArray
    contrast: FloatArray


def subpixel_centres(image: ImageArray, rows: IntArray, columns: IntArray) -> Centres:
    """Stripe centres near a ridge.

    Args:
        image: (h, w) uint8.
        rows: (n,) rows.
        columns: (n,) whole columns near which the stripe runs.
    """
    kernels = _derivative_kernels(_matched_sigma(image, rows, columns))
    windows = _windows(image, rows, columns, len(kernels) // 2)
    return Centres(*_peaks(windows, windows @ kernels, columns, image.shape[1]))


@compiled(f'float32[:, ::1]({IMAGE}, int64[::1], int64[::1], int64)')
def _windows(image: ImageArray, rows: IntArray, columns: IntArray, reach: int) -> Float32Array:
    """(n, 2 reach + 1) pixels around places; beyond the image its edge is repeated."""
    windows = np.empty((len(rows), 2 * reach + 1), np.float32)
    last = image.shape[1] - 1
    for place in range(len(rows)):
        line, window, left = image[rows[place]], windows[place], columns[place] - reach
        if left >= 0 and left + 2 * reach <= last:  # without a clamp, so that several go at once
            inside = line[left : left + len(window)]
            for k in range(len(window)):
                window[k] = inside[k]
        else:
            for k in range(len(window)):
                window[k] = line[min(max(left + k, 0), last)]
    return windows


@compiled(f'float64({IMAGE}, int64[::1], int64[::1])')
def _matched_sigma(image: ImageArray, rows: IntArray, columns: IntArray) -> float:
    """Width of the mean profile as the sigma of the Gaussian of equal area and height."""
    windows = _windows(image, rows[::WIDTH_EVERY].copy(), columns[::WIDTH_EVERY].copy(), WIDTH_REACH_PX)
    profile = np.zeros(windows.shape[1])
    for window in windows:
        profile += window
    background = min(profile[:BACKGROUND_PX].mean(), profile[-BACKGROUND_PX:].mean())
    near = np.maximum(profile[2 * BACKGROUND_PX : -2 * BACKGROUND_PX] - background, 0.0)
    sigma = near.sum() / max(near.max(), 1e-6) / math.sqrt(2.0 * math.pi)
    low, high = SIGMA_RANGE_PX
    return float(min(max(round(sigma / SIGMA_STEP_PX) * SIGMA_STEP_PX, low), high))


@lru_cache(maxsize=32)
def _derivative_kernels(sigma: float) -> Float32Array:
    """(window, 3 (2 SEARCH_PX + 1)): smoothing, first and second derivative at every shift.

    The second derivatives are made free of a mean, so that a constant background has no part in the step.
    """
    reach = math.ceil(REACH_SIGMAS * sigma)
    x = np.arange(-reach, reach + 1)
    gaussian = np.exp(-0.5 * (x / sigma) ** 2)
    second = (x**2 / sigma**2 - 1.0) * gaussian
    shapes = np.stack([gaussian, x * gaussian, second - second.mean()])
    kernels = np.zeros((2 * (reach + SEARCH_PX) + 1, 3, 2 * SEARCH_PX + 1), np.float32)
    for shift in range(2 * SEARCH_PX + 1):
        kernels[shift : shift + 2 * reach + 1, :, shift] = shapes.T
    return kernels.reshape(len(kernels), -1)


@compiled('UniTuple(float64[::1], 3)(float32[:, ::1], float32[:, ::1], int64[::1], int64)')
def _peaks(
    windows: Float32Array,
    filtered: Float32Array,
    columns: IntArray,
    width: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Columns, grey values and contrasts of the peaks.

    Args:
        windows: (n, 2 reach + 1) pixels around places.
        filtered: (n, 3 (2 SEARCH_PX + 1)) what `_derivative_kernels` make of them.
        columns: (n,) of the places.
        width: Of the image.
    """
    centres, grey, contrast = np.empty(len(columns)), np.empty(len(columns)), np.empty(len(columns))
    shifts = 2 * SEARCH_PX + 1
    for place in range(len(columns)):
        best = 0
        for shift in range(1, shifts):
            if filtered[place, shift] > filtered[place, best]:
                best = shift
        slope, curvature = filtered[place, shifts + best], filtered[place, 2 * shifts + best]
        steepness = max(-curvature, LEAST_CONTRAST)
        step = min(max(slope / steepness, np.float32(-1.0)), np.float32(1.0))
        whole = columns[place] + best - SEARCH_PX
        centres[place] = min(max(whole + step, 0.0), width - 1.0)
        grey[place] = windows[place, windows.shape[1] // 2 - SEARCH_PX + best]
        contrast[place] = steepness
    return centres, grey, contrast
