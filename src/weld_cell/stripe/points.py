"""Points of ridge: the local maxima of each row of the filtered image that stand above the noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
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


@compiled('void(uint8[::1], uint8, uint8[::1], boolean[::1])')
def _mark_highest(line: ImageArray, threshold: int, padded: ImageArray, highest: BoolArray) -> None:
    """Mark the pixels that reach the threshold and beside which none up to STEP_PX is brighter.

    Args:
        line: (w,) of the image.
        threshold: 1 to 255.
        padded: (w + 4,) room for the line between two zeros at either end.
        highest: (w,) or longer, to be filled.
    """
    inner = padded[STEP_PX:-STEP_PX]
    for column in range(len(line)):
        inner[column] = line[column]
    left, near_left, near_right, right = padded[:-4], padded[1:-3], padded[3:-1], padded[4:]  # up to STEP_PX
    for column in range(len(line)):
        around = max(max(left[column], near_left[column]), max(near_right[column], right[column]))
        highest[column] = line[column] >= max(around, threshold)


@compiled('int64(boolean[::1], int64[::1])')
def _list_marked(highest: BoolArray, columns: IntArray) -> int:
    """Fill in the columns of the marked pixels; how many there are.

    There are few: eight pixels at once are passed over. `highest` (w,) is a multiple of eight long.
    """
    count, eights = 0, highest.view(np.uint64)
    for eight in range(len(eights)):
        if eights[eight] == 0:
            continue
        for column in range(8 * eight, 8 * eight + 8):
            if highest[column]:
                columns[count] = column
                count += 1
    return count


@compiled('Tuple((int64[::1], int64[::1], float64[::1]))(uint8[:, ::1], int64)')
def _local_maxima(response: ImageArray, threshold: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows, columns and heights of the maxima.

    Places are counted through the whole image, so that a plateau at the end of a row and one at the beginning of the
    next are taken for one: it matters only where clutter touches both edges of the image.
    """
    height, width = response.shape
    most = height * ((width + STEP_PX) // (STEP_PX + 1))  # two maxima lie more than STEP_PX apart
    rows, columns, heights = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most)
    padded, highest = np.zeros(width + 2 * STEP_PX, np.uint8), np.zeros(-(-width // 8) * 8, np.bool_)
    marked = np.empty(width, np.int64)
    found, first, last = 0, -1, -1
    for row in range(height):
        _mark_highest(response[row], threshold, padded, highest)
        for column in marked[:_list_marked(highest, marked)]:
            place = row * width + column
            if first < 0 or place - last > STEP_PX:
                found += 1
                first = place
            last = place
            middle_row, middle = divmod((first + last) // 2, width)
            rows[found - 1], columns[found - 1] = middle_row, middle
            heights[found - 1] = response[middle_row, middle]
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
