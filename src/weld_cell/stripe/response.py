"""The image filtered across the stripe, at half size, and the noise in it.

A top-hat leaves what is bright and narrow, so that edges of bright surfaces and ambient light vanish; a small
Gaussian makes one peak of it.
"""

import math

import cv2
import numpy as np

from weld_cell.compiled import compiled
from weld_cell.records import ImageArray

SEARCH_SCALE = 2
"""The ridge is searched in an image smaller by this factor."""
NOISE_FACTOR = 4.0
"""Points lie this many deviations above the median of the filtered image."""
NOISE_ROWS, NOISE_COLUMNS = 8, 4
"""The noise is judged in every so manieth row and column."""


def ridge_response(image: ImageArray, max_width_px: int) -> ImageArray:
    """What is bright and narrow across the stripe.

    Args:
        image: (h, w) uint8.
        max_width_px: In the image; what is wider is left out.

    Returns:
        (h // 2, w // 2) uint8 in grey levels.
    """
    height, width = image.shape[0] // SEARCH_SCALE, image.shape[1] // SEARCH_SCALE
    whole = image[:SEARCH_SCALE * height, :SEARCH_SCALE * width]
    half = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    across = np.ones((1, max_width_px // SEARCH_SCALE | 1), np.uint8)
    return _smoothed(cv2.morphologyEx(half, cv2.MORPH_TOPHAT, across).astype(np.uint8, copy=False))


@compiled('uint8[:, ::1](uint8[:, ::1])')
def _smoothed(image: ImageArray) -> ImageArray:
    """A Gaussian of 1 2 1 both ways, mirrored at the edges: cv2.GaussianBlur(image, (3, 3), 0) in half the time."""
    height, width = image.shape
    smooth = np.empty((height, width), np.uint8)
    down = np.empty(width + 2, np.uint16)  # smoothed along the columns, with a column more at both ends
    for row in range(height):
        above, line, below = image[abs(row - 1)], image[row], image[height - 1 - abs(height - 2 - row)]
        for column in range(width):
            down[column + 1] = above[column] + 2 * line[column] + below[column]
        down[0], down[width + 1] = down[2], down[width - 1]
        for column in range(width):
            smooth[row, column] = (down[column] + 2 * down[column + 1] + down[column + 2] + 8) >> 4
    return smooth


def noise_threshold(response: ImageArray, min_contrast: int) -> int:
    """Grey level from which on a local maximum is not noise: its least height, and well above the filtered noise."""
    median, upper = _noise_levels(response)
    return min(255, max(min_contrast, math.ceil(median + NOISE_FACTOR * (upper - median))))


@compiled('int64(int64[::1], float64)')
def _percentile(counts: 'np.ndarray[tuple[int], np.dtype[np.int64]]', wanted: float) -> int:
    """The grey level up to which at least so many pixels lie."""
    below = 0
    for level in range(len(counts)):
        below += counts[level]
        if below >= wanted:
            return level
    return len(counts) - 1


@compiled('UniTuple(int64, 2)(uint8[:, ::1])')
def _noise_levels(response: ImageArray) -> tuple[int, int]:
    """Median and 84th percentile of the filtered image, the latter one deviation above the former in pure noise."""
    counts, total = np.zeros(256, np.int64), 0
    for row in range(0, response.shape[0], NOISE_ROWS):
        for column in range(0, response.shape[1], NOISE_COLUMNS):
            counts[response[row, column]] += 1
            total += 1
    return _percentile(counts, 0.5 * total), _percentile(counts, 0.84 * total)
