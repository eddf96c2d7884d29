"""Robust first line of the plate at the start of a stripe, which spatter streaks may cover.

A line through the medians of its halves is drawn aside as soon as a streak takes a quarter of the rows. Here every
two of a few medians draw a line, and the one with the most rows on it is taken: a plate is longer than a streak.
"""

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import FloatArray

_PARTS_OF_PLATE = 6
_END_SHARE = 1 / 7  # of the rows, taken to lie on a plate
_NEAR_PX = 2.5
_MAX_SLOPE = 1.0  # columns a row; plates of a fillet rolled by 10 degrees reach 0.75, spatter streaks begin at 1.3
_ENOUGH_SHARE = 0.5  # fewer rows on the line, and twice as many are looked at


def plate_start(columns_px: FloatArray) -> tuple[float, float, int]:
    """Slope, and column at the first row, of the line that most of a stripe's first rows lie on.

    Args:
        columns_px: (n,) from the stripe's end inwards, at least 40.

    Returns:
        Slope in columns a row, column, and how many rows were looked at.
    """
    end = max(10, round(len(columns_px) * _END_SHARE))
    slope, at, follow = _most_followed_line(np.ascontiguousarray(columns_px[:end]))
    if follow < _ENOUGH_SHARE * end:
        end *= 2
        slope, at, _ = _most_followed_line(np.ascontiguousarray(columns_px[:end]))
    return slope, at, end


@compiled_helper()
def _rows_on(columns: FloatArray, slope: float, at: float) -> float:
    """How many rows lie on a line; one half as far away as counts at all is three quarters of a row."""
    rows = 0.0
    for row in range(len(columns)):
        off = (columns[row] - at - slope * row) / _NEAR_PX
        rows += max(0.0, 1.0 - off * off)
    return rows


@compiled('Tuple((float64, float64, float64))(float64[::1])')
def _most_followed_line(columns: FloatArray) -> tuple[float, float, float]:
    """Slope, column at row 0 and rows on it, of the best line through two parts' middles."""
    length = len(columns) // _PARTS_OF_PLATE
    middles = np.empty(_PARTS_OF_PLATE)
    for part in range(_PARTS_OF_PLATE):
        middles[part] = np.sort(columns[part * length : (part + 1) * length])[length // 2]
    best_slope, best_at = 0.0, np.sort(columns)[len(columns) // 2]
    most = _rows_on(columns, best_slope, best_at)
    for first in range(_PARTS_OF_PLATE):
        for second in range(first + 1, _PARTS_OF_PLATE):
            slope = (middles[second] - middles[first]) / ((second - first) * length)
            at = middles[first] - slope * (first * length + (length - 1) / 2)
            rows = _rows_on(columns, slope, at) if abs(slope) < _MAX_SLOPE else 0.0
            if rows > most:
                best_slope, best_at, most = slope, at, rows
    return best_slope, best_at, most
