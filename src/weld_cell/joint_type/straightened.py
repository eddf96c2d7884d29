"""The light around a stripe, straightened along one of its plates: there a corner of the joint is the same picture
whatever the sensor's roll and place, and what the stripe's centres leave out (the dim bottom of a gap, a row without
light) is still to be seen.
"""

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import PlateLine, kth_smallest
from weld_cell.records import FloatArray, ImageArray

Float32Array = NDArray[np.float32]

ROW_PX, COLUMN_PX = 2, 2
"""Pixels of the image that a row and a column of the straightened picture stand for."""
LEFT_PX = -20
"""Its first column lies so far from the plate's line; larger columns are deeper."""
COLUMNS = 27
_PLATE = (8, 13)           # the columns in which the plate itself is seen
_BESIDE = 5                # the background is the darker mean of so many columns on either side
_LEAST_BRIGHTNESS = 20.0
_DARKEST, _BRIGHTEST = -0.2, 1.2


def straightened(curve: StripeCurve, plate: PlateLine) -> Float32Array:
    """The light along a plate's line, drawn on over the whole stripe.

    Args:
        curve: The stripe with the light around it.
        plate: Its line, row counted from the curve's first.

    Returns:
        (rows // 2, 27): 0 for the background of the row, 1 for the stripe as it usually is on the plate.
    """
    left, top = curve.light_origin_px
    rows, first_row = len(curve.columns_px) // ROW_PX, int(curve.first_row_px) - top
    across = plate.at - left + LEFT_PX + COLUMN_PX / 4 + plate.slope * ROW_PX / 4
    picture = _light_along(curve.light, rows, first_row, across, plate.slope * ROW_PX)
    brightest = _take_background(picture)
    level = kth_smallest(brightest, 2 * rows // 3)
    _scale(picture, max(level, _LEAST_BRIGHTNESS))
    return picture


@compiled('float32[:, ::1](uint8[:, ::1], int64, int64, float64, float64)')
def _light_along(light: ImageArray, rows: int, first_row: int, across: float, slope: float) -> Float32Array:
    """(rows, 27) grey values along a line, interpolated and rounded; beyond the light its edge is repeated.

    In single precision and to whole grey values, which is what OpenCV's warpAffine gives: models were trained on it.

    Args:
        light: (h, w), not empty.
        rows: Of the picture; each is the mean of two rows of the light.
        first_row: The row of the light where the picture begins.
        across: The column of the light where its first row begins.
        slope: Columns from one row of the picture to the next.
    """
    picture = np.empty((rows, COLUMNS), np.float32)
    last_row, last_column = light.shape[0] - 1, light.shape[1] - 1
    half, step, start = np.float32(0.5), np.float32(slope), np.float32(across)
    for i in range(rows):
        row = first_row + ROW_PX * i
        upper, lower = light[min(max(row, 0), last_row)], light[min(max(row + 1, 0), last_row)]
        left = np.float32(i) * step + start
        for j in range(COLUMNS):
            place = left + np.float32(COLUMN_PX * j)
            column = int(np.floor(place))
            share = place - np.float32(column)
            here, next_ = min(max(column, 0), last_column), min(max(column + 1, 0), last_column)
            a, b = np.float32(upper[here]), np.float32(lower[here])
            a += share * (np.float32(upper[next_]) - a)
            b += share * (np.float32(lower[next_]) - b)
            picture[i, j] = np.rint(a + half * (b - a))
    return picture


@compiled('float64[::1](float32[:, ::1])')
def _take_background(picture: Float32Array) -> FloatArray:
    """Subtract each row's background from it; (rows,) how bright the stripe is then on the plate."""
    brightest = np.empty(len(picture))
    for i in range(len(picture)):
        row = picture[i]
        left = right = np.float32(0.0)
        for j in range(_BESIDE):
            left += row[j]
            right += row[COLUMNS - 1 - j]
        row -= min(left, right) / np.float32(_BESIDE)
        brightest[i] = row[_PLATE[0]:_PLATE[1]].max()
    return brightest


@compiled('void(float32[:, ::1], float64)')
def _scale(picture: Float32Array, level: float) -> None:
    """Divide by the level of the stripe on the plate, within limits."""
    darkest, brightest, unit = np.float32(_DARKEST), np.float32(_BRIGHTEST), np.float32(level)
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            picture[i, j] = min(max(picture[i, j] / unit, darkest), brightest)
