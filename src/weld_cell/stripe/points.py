"""Ridge points: local maxima above the noise in each row of the filtered image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import BoolArray, FloatArray, ImageArray

IntArray = NDArray[np.int64]

STEP_PX = 2
"""A point is the highest so far to both sides; as far may a ridge move from row to row (`pieces`)."""
POINTS_PER_ROW = 8
"""In clutter only the strongest points are kept: this many for each row, on average."""
LIGHT_PX = 6
"""A point's light is summed up to so far to both sides."""


@dataclass(frozen=True, eq=False)
class Points:
    """Local maxima in the order of the image's rows, then columns.

    Attributes:
        rows, columns: (n,) places.
        heights: (n,) over their surroundings, in grey levels.
        light: (n,) across the ridge, the sum of grey levels: where two ridges both saturate, it still differs.
    """

    rows: IntArray
    columns: IntArray
    heights: FloatArray
    light: FloatArray

    def take(self, chosen: IntArray) -> 'Points':
        """Some of the points."""
        return Points(self.rows[chosen], self.columns[chosen], self.heights[chosen], self.light[chosen])


def find_points(response: ImageArray, threshold: int) -> Points:
    """The local maxima of each row; of a plateau its middle.

    Args:
        response: (h, w) from `ridge_response`.
        threshold: Least height, in grey levels, 1 to 255.
    """
    rows, columns, heights = _local_maxima(response, threshold)
    points = Points(rows, columns, heights, _light_across(response, rows, columns))
    limit = POINTS_PER_ROW * response.shape[0]
    if len(points.rows) <= limit:
        return points
    return points.take(np.sort(np.argpartition(-points.heights, limit)[:limit]))


@compiled_helper()
def _mark_highest(pixels: ImageArray, threshold: int, highest: BoolArray) -> None:
    """Mark the pixels that reach the threshold and beside which none up to STEP_PX is brighter.

    Args:
        pixels: (n,) the image's rows one behind the other, STEP_PX zeros before each and at the end.
        threshold: 1 to 255.
        highest: (n - 2 STEP_PX,) or longer, to be filled, for the pixels from STEP_PX on.
    """
    left, near_left, near_right, right = pixels[:-4], pixels[1:-3], pixels[3:-1], pixels[4:]  # up to STEP_PX
    middle = pixels[2:-2]
    for k in range(len(middle)):
        around = max(max(left[k], near_left[k]), max(near_right[k], right[k]))
        highest[k] = middle[k] >= max(around, threshold)


@compiled_helper()
def _marked(marks: BoolArray) -> IntArray:
    """Indices of the marks (n,), n a multiple of eight; they are few: eight without any are passed over at once."""
    indices, count, eights = np.empty(len(marks) + 1, np.int64), 0, marks.view(np.uint64)
    for eight in range(len(eights)):
        if eights[eight] == 0:
            continue
        for index in range(8 * eight, 8 * eight + 8):
            indices[count] = index
            count += marks[index]  # not by a branch, which nothing foretells
    found: IntArray = indices[:count]
    return found


@compiled_helper()
def _highest_places(response: ImageArray, threshold: int) -> IntArray:
    """Places of the pixels that `_mark_highest` marks, counted through the whole image (h, w)."""
    height, width = response.shape
    pitch = width + STEP_PX
    pixels = np.zeros(height * pitch + STEP_PX, np.uint8)
    for row in range(height):
        line, room = response[row], pixels[row * pitch + STEP_PX :]
        for column in range(width):
            room[column] = line[column]
    highest = np.zeros(-(-height * pitch // 8) * 8, np.bool_)
    _mark_highest(pixels, threshold, highest)
    places = _marked(highest)
    for k in range(len(places)):
        places[k] -= STEP_PX * (places[k] // pitch)
    return places


@compiled('Tuple((int64[::1], int64[::1], float64[::1]))(uint8[:, ::1], int64)')
def _local_maxima(response: ImageArray, threshold: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows, columns and heights of the maxima.

    Places are counted through the whole image, so that a plateau at the end of a row and one at the beginning of the
    next are taken for one: it matters only where clutter touches both edges of the image.
    """
    places, width = _highest_places(response, threshold), response.shape[1]
    rows, columns, heights = np.empty(len(places), np.int64), np.empty(len(places), np.int64), np.empty(len(places))
    found, first, last = 0, -1, -1
    for place in places:
        if first < 0 or place - last > STEP_PX:
            found += 1
            first = place
        last = place
        rows[found - 1], columns[found - 1] = divmod((first + last) // 2, width)
        heights[found - 1] = response[rows[found - 1], columns[found - 1]]
    return rows[:found], columns[:found], heights[:found]


@compiled('float64[::1](uint8[:, ::1], int64[::1], int64[::1])')
def _light_across(response: ImageArray, rows: IntArray, columns: IntArray) -> FloatArray:
    """The light of each point: of its row, up to LIGHT_PX from it."""
    light = np.zeros(len(rows))
    for point in range(len(rows)):
        first, last = max(columns[point] - LIGHT_PX, 0), min(columns[point] + LIGHT_PX, response.shape[1] - 1)
        for column in range(first, last + 1):
            light[point] += response[rows[point], column]
    return light
