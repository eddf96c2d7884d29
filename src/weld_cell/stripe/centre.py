"""Sub-pixel centre of the stripe in each row: the peak of the row after a filter matched to the stripe's width.

The peak of a Gaussian filter's output is where its first derivative vanishes; from the best whole pixel one
Newton step with the filter's first and second derivative leads there (after Steger, An unbiased detector of
curvilinear structures, PAMI 20:113, 1998). Being a fit to the whole profile, it is unbiased for a saturated stripe
as well, where the three pixels around the peak are all alike.
"""

from functools import lru_cache

import numpy as np

from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe.pieces import IntArray

SEARCH_PX = 4
"""The best whole pixel is sought this far on both sides of the ridge."""
SIGMA_RANGE_PX = (1.5, 6.0)
SIGMA_STEP_PX = 0.5
REACH_SIGMAS = 2.5
WINDOW_PX = int(SEARCH_PX + REACH_SIGMAS * SIGMA_RANGE_PX[1])


def subpixel_centres(image: ImageArray, rows: IntArray, columns: IntArray) -> tuple[FloatArray, FloatArray]:
    """Stripe centres near a ridge.

    Args:
        image: (h, w) uint8.
        rows: (n,) rows.
        columns: (n,) whole columns near which the stripe runs.

    Returns:
        centres (n,) in columns and grey values (n,) there.
    """
    offsets = np.arange(-WINDOW_PX, WINDOW_PX + 1)
    window = np.clip(columns[:, None] + offsets, 0, image.shape[1] - 1)
    grey = image.ravel().take(window + (rows * image.shape[1])[:, None]).astype(np.float32)
    kernels = _derivative_kernels(_matched_sigma(grey))
    smooth, slope, curvature = (grey @ kernels).reshape(len(rows), 3, -1).swapaxes(0, 1)
    best = smooth.argmax(axis=1)
    n = np.arange(len(rows))
    step = np.clip(slope[n, best] / np.minimum(curvature[n, best], -1e-6), -1.0, 1.0)
    whole = best - SEARCH_PX
    centres = np.clip(columns + whole - step, 0.0, image.shape[1] - 1.0)
    return centres.astype(float), grey[n, whole + WINDOW_PX].astype(float)


def _matched_sigma(grey: FloatArray) -> float:
    """Width of the mean profile as the sigma of the Gaussian of equal area and height."""
    profile = grey.mean(axis=0)
    profile = profile - min(profile[:5].mean(), profile[-5:].mean())
    near = profile[WINDOW_PX - 2 * SEARCH_PX:WINDOW_PX + 2 * SEARCH_PX + 1]
    sigma = near.clip(0.0).sum() / max(float(near.max()), 1e-6) / np.sqrt(2.0 * np.pi)
    low, high = SIGMA_RANGE_PX
    return float(np.clip(round(sigma / SIGMA_STEP_PX) * SIGMA_STEP_PX, low, high))


@lru_cache(maxsize=32)
def _derivative_kernels(sigma: float) -> FloatArray:
    """(2 WINDOW_PX + 1, 3 (2 SEARCH_PX + 1)): smoothing, first and second derivative at every shift.

    The second derivatives are made free of a mean, so that a constant background has no part in the step.
    """
    reach = int(REACH_SIGMAS * sigma)
    x = np.arange(-reach, reach + 1)
    gaussian = np.exp(-0.5 * (x / sigma) ** 2)
    second = (x ** 2 / sigma ** 2 - 1.0) * gaussian
    shapes = (gaussian, x * gaussian, second - second.mean())
    shifts = np.arange(-SEARCH_PX, SEARCH_PX + 1)
    kernels = np.zeros((2 * WINDOW_PX + 1, 3, len(shifts)), np.float32)
    for i, shape in enumerate(shapes):
        for k, shift in enumerate(shifts):
            kernels[WINDOW_PX + shift - reach:WINDOW_PX + shift + reach + 1, i, k] = shape
    return kernels.reshape(2 * WINDOW_PX + 1, -1)
