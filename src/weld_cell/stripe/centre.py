"""Sub-pixel centre of the stripe in each row: the peak of the row after a filter matched to the stripe's width.

The peak of a Gaussian filter's output is where its first derivative vanishes; from the best whole pixel one
Newton step with the filter's first and second derivative leads there (after Steger, An unbiased detector of
curvilinear structures, PAMI 20:113, 1998). Being a fit to the whole profile, it is unbiased for a saturated stripe
as well, where the three pixels around the peak are all alike.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe.pieces import IntArray

SEARCH_PX = 3
"""The best whole pixel is sought this far on both sides of the ridge."""
SIGMA_RANGE_PX = (1.5, 6.0)
SIGMA_STEP_PX = 0.5
REACH_SIGMAS = 2.5
WIDTH_REACH_PX = 16
"""The stripe's width is judged in a window that reaches this far."""
WIDTH_EVERY = 8
"""Every so manieth row is enough to judge the width."""


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
    kernels = _derivative_kernels(_matched_sigma(image, rows[::WIDTH_EVERY], columns[::WIDTH_EVERY]))
    grey = _windows(image, rows, columns, len(kernels) // 2)
    smooth, slope, curvature = (grey @ kernels).reshape(len(rows), 3, -1).swapaxes(0, 1)
    best = smooth.argmax(axis=1)
    each = np.arange(len(rows))
    contrast = np.maximum(-curvature[each, best], 1e-6)
    step = slope[each, best] / contrast
    whole = columns + best - SEARCH_PX
    centres = np.clip(whole + np.clip(step, -1.0, 1.0), 0.0, image.shape[1] - 1.0)
    values = grey[each, best - SEARCH_PX + len(kernels) // 2]
    return Centres(centres, values.astype(float), contrast.astype(float))


def _windows(image: ImageArray, rows: IntArray, columns: IntArray, reach: int) -> NDArray[np.float32]:
    """(n, 2 reach + 1) pixels around places; beyond the image its edge is repeated."""
    if columns.min() < reach or columns.max() >= image.shape[1] - reach:
        padded = cv2.copyMakeBorder(image, 0, 0, reach, reach, cv2.BORDER_REPLICATE)
        return _windows(padded.astype(np.uint8, copy=False), rows, columns + reach, reach)
    first = rows * image.shape[1] + columns - reach
    pixels = first[:, None] + np.arange(2 * reach + 1)
    windows: NDArray[np.float32] = image.ravel().take(pixels, mode='clip').astype(np.float32)
    return windows


def _matched_sigma(image: ImageArray, rows: IntArray, columns: IntArray) -> float:
    """Width of the mean profile as the sigma of the Gaussian of equal area and height."""
    profile = _windows(image, rows, columns, WIDTH_REACH_PX).mean(axis=0)
    profile = profile - min(profile[:4].mean(), profile[-4:].mean())
    near = profile[WIDTH_REACH_PX // 2:-(WIDTH_REACH_PX // 2)].clip(0.0)
    sigma = near.sum() / max(float(near.max()), 1e-6) / np.sqrt(2.0 * np.pi)
    low, high = SIGMA_RANGE_PX
    return float(np.clip(round(sigma / SIGMA_STEP_PX) * SIGMA_STEP_PX, low, high))


@lru_cache(maxsize=32)
def _derivative_kernels(sigma: float) -> NDArray[np.float32]:
    """(window, 3 (2 SEARCH_PX + 1)): smoothing, first and second derivative at every shift.

    The second derivatives are made free of a mean, so that a constant background has no part in the step.
    """
    reach = math.ceil(REACH_SIGMAS * sigma)
    x = np.arange(-reach, reach + 1)
    gaussian = np.exp(-0.5 * (x / sigma) ** 2)
    second = (x ** 2 / sigma ** 2 - 1.0) * gaussian
    shapes = np.stack([gaussian, x * gaussian, second - second.mean()])
    kernels = np.zeros((2 * (reach + SEARCH_PX) + 1, 3, 2 * SEARCH_PX + 1), np.float32)
    for shift in range(2 * SEARCH_PX + 1):
        kernels[shift:shift + 2 * reach + 1, :, shift] = shapes.T
    return kernels.reshape(len(kernels), -1)
