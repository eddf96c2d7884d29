"""Points of ridge: the local maxima of each row of the filtered image that stand above the noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.records import FloatArray, ImageArray

IntArray = NDArray[np.int64]

STEP_PX = 2
"""A point is the highest so far to both sides; as far may a ridge move from row to row (`pieces`)."""
POINTS_PER_ROW = 8
"""In clutter only the strongest points are kept: this many for each row, on average."""
BAND_ROWS = 8
"""The columns to be searched are found for so many rows at once."""
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
        threshold: Least height, in grey levels.
    """
    rows, columns, heights = _local_maxima(response, threshold)
    points = Points(rows, columns, heights, _light_across(response, rows, columns))
    limit = POINTS_PER_ROW * response.shape[0]
    if len(points.rows) <= limit:
        return points
    return points.take(np.sort(np.argpartition(-points.heights, limit)[:limit]))


@compiled('boolean(uint8[::1], int64)')
def _is_highest(line: ImageArray, column: int) -> bool:
    """Whether no pixel up to STEP_PX beside a column is brighter."""
    for near in range(max(0, column - STEP_PX), min(len(line), column + STEP_PX + 1)):
        if line[near] > line[column]:
            return False
    return True


@compiled('int64[::1](uint8[:, ::1], int64)')
def _bright_columns(band: ImageArray, threshold: int) -> IntArray:
    """The columns in which some row of a band of the image reaches the threshold: few, so only these are searched."""
    highest = band[0].copy()
    for line in band[1:]:
        for column in range(len(highest)):
            highest[column] = max(highest[column], line[column])
    return np.flatnonzero(highest >= threshold)


@compiled('Tuple((int64[::1], int64[::1], float64[::1]))(uint8[:, ::1], int64)')
def _local_maxima(response: ImageArray, threshold: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows, columns and heights of the maxima.

    Places are counted through the whole image, so that a plateau at the end of a row and one at the beginning of the
    next are taken for one: it matters only where clutter touches both edges of the image.
    """
    height, width = response.shape
    most = height * ((width + STEP_PX) // (STEP_PX + 1))  # two maxima lie more than STEP_PX apart
    rows, columns, heights = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most)
    found, first, last = 0, -1, -1
    for row in range(height):
        if row % BAND_ROWS == 0:
            bright = _bright_columns(response[row:row + BAND_ROWS], threshold)
        for column in bright:
            if response[row, column] < threshold or not _is_highest(response[row], column):
                continue
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
