"""The image at half resolution, filtered across the stripe, and its noise.

A top-hat leaves what is bright and narrow, so that edges of bright surfaces and ambient light vanish; a small
Gaussian makes one peak of it.
"""

import math

import numpy as np

from weld_cell.compiled import IMAGE, compiled, compiled_helper
from weld_cell.records import ImageArray

SEARCH_SCALE = 2
"""The ridge is searched in an image smaller by this factor."""
NOISE_FACTOR = 4.0
"""Points lie this many deviations above the median of the filtered image."""
ROUNDING = 1.0
"""And so many grey levels: what the filters round off."""
NOISE_ROWS, NOISE_COLUMNS = 8, 4
"""Step in rows and columns at which the noise is estimated."""
BAND_ROWS = 16
"""So many rows are opened at once."""


def ridge_response(image: ImageArray, max_width_px: int) -> ImageArray:
    """What is bright and narrow across the stripe.

    Args:
        image: (h, w) uint8.
        max_width_px: In the image; what is wider is left out.

    Returns:
        (h // 2, w // 2) uint8 in grey levels.
    """
    return _response(image, max_width_px // SEARCH_SCALE | 1)


@compiled_helper()
def _halved(image: ImageArray) -> ImageArray:
    """The means of two by two pixels, rounded: cv2.resize by INTER_AREA."""
    height, width = image.shape[0] // SEARCH_SCALE, image.shape[1] // SEARCH_SCALE
    half = np.empty((height, width), np.uint8)
    for row in range(height):
        upper, lower = image[SEARCH_SCALE * row], image[SEARCH_SCALE * row + 1]
        for column in range(width):
            left, right = SEARCH_SCALE * column, SEARCH_SCALE * column + 1
            half[row, column] = (upper[left] + upper[right] + lower[left] + lower[right] + 2) >> 2
    return half


@compiled_helper()
def _minima(values: ImageArray, spare: ImageArray, size: int) -> ImageArray:
    """The least of each value and its next size - 1 ones: (n,), of which the last size - 1 mean nothing.

    The stretch that a minimum covers is doubled in each pass, from one of the two arrays (n,) into the other.
    """
    covered = 1
    while covered < size:
        shift = min(covered, size - covered)
        later = values[shift:]  # a slice: with an index moved by shift numba makes no vector instructions of it
        for i in range(len(later)):
            spare[i] = min(values[i], later[i])
        values, spare = spare, values
        covered += shift
    return values


@compiled_helper()
def _narrow(image: ImageArray, size: int) -> ImageArray:
    """What an opening along the rows takes away: cv2.morphologyEx's top-hat with ones (1, size), in half the time.

    Some rows at once lie one behind the other, with white, then with black, around each: the loops are long, and yet
    all of it stays in the processor's nearest memory.
    """
    height, width = image.shape
    narrow = np.empty_like(image)
    reach, pitch = size // 2, width + size - 1
    one, other = np.empty(BAND_ROWS * pitch, np.uint8), np.empty(BAND_ROWS * pitch, np.uint8)
    inverse = np.empty(BAND_ROWS * pitch, np.uint8)
    for first in range(0, height, BAND_ROWS):
        band = image[first : first + BAND_ROWS]
        one[:] = 255
        for row in range(len(band)):
            line, place = band[row], one[row * pitch + reach :]
            for column in range(width):
                place[column] = line[column]
        eroded = _minima(one, other, size)
        inverse[:] = 255
        for row in range(len(band)):
            line, place = eroded[row * pitch :], inverse[row * pitch + reach :]
            for column in range(width):
                place[column] = 255 - line[column]
        opened = _minima(inverse, one, size)  # the inverse of a maximum is the minimum of the inverses
        for row in range(len(band)):
            line, place = opened[row * pitch :], narrow[first + row]
            for column in range(width):
                place[column] = band[row, column] + line[column] - 255
    return narrow


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


@compiled(f'uint8[:, ::1]({IMAGE}, int64)')
def _response(image: ImageArray, size: int) -> ImageArray:
    """As `ridge_response`; in the image at half size what is bright over fewer than `size` columns, an odd number."""
    return _smoothed(_narrow(_halved(image), size))


def noise_threshold(response: ImageArray, min_contrast: int, blank_share: float = 0.0) -> int:
    """Grey level from which on a local maximum is not noise: its least height, and well above the filtered noise.

    Args:
        response: As of `ridge_response`.
        min_contrast: The least height, grey levels.
        blank_share: Of the image that shows nothing, and has no noise.
    """
    median, upper = _noise_levels(response, blank_share)
    return min(255, max(min_contrast, math.ceil(median + NOISE_FACTOR * (upper - median) + ROUNDING)))


@compiled_helper()
def _percentile(counts: 'np.ndarray[tuple[int], np.dtype[np.int64]]', wanted: float) -> float:
    """The grey level up to which so many pixels lie, those of a level spread evenly over it: not in whole levels, by
    which the noise of one image would pass for twice that of another."""
    below = 0
    for level in range(len(counts)):
        if below + counts[level] >= wanted:
            return float(max(level - 0.5 + (wanted - below) / counts[level], 0.0))
        below += counts[level]
    return len(counts) - 1.0


@compiled('UniTuple(float64, 2)(uint8[:, ::1], float64)')
def _noise_levels(response: ImageArray, blank_share: float) -> tuple[float, float]:
    """Median and 84th percentile of the filtered image, the latter one deviation above the former in pure noise."""
    counts, total = np.zeros(256, np.int64), 0
    for row in range(0, response.shape[0], NOISE_ROWS):
        for column in range(0, response.shape[1], NOISE_COLUMNS):
            counts[response[row, column]] += 1
            total += 1
    blank = min(int(blank_share * total), counts[0])
    counts[0] -= blank
    total -= blank
    return _percentile(counts, 0.5 * total), _percentile(counts, 0.84 * total)
