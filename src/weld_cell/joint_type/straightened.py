"""The light around a stripe, straightened along one of its plates: there a corner of the joint is the same picture
whatever the sensor's roll and place, and what the stripe's centres leave out (the dim bottom of a gap, a row without
light) is still to be seen.
"""

import math

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import PlateLine
from weld_cell.records import FloatArray, ImageArray

Float32Array = NDArray[np.float32]

ROW_PX, COLUMN_PX = 2, 2
"""Pixels of the image that a row and a column of the straightened picture stand for."""
LEFT_PX = -20
"""Its first column lies so far from the plate's line; larger columns are deeper."""
COLUMNS = 27
_PLATE_COLUMNS = (8, 13)  # of the straightened stripe that show the plate itself
_BACKGROUND_COLUMNS = 5  # on either side, of which the darker mean is the background
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
    picture = np.empty((rows, COLUMNS), np.float32)
    _straighten(curve.light, first_row, across, plate.slope * ROW_PX, picture)
    return picture


@compiled('void(uint8[:, ::1], int64, int64, float32[::1])')
def _take(light: ImageArray, row: int, column: int, pixels: Float32Array) -> None:
    """Fill pixels (m,) from a row of the light (h, w) and a column on; beyond the light its edge is repeated."""
    last_column = light.shape[1] - 1
    pixel_row = light[min(max(row, 0), light.shape[0] - 1)]
    if column >= 0 and column + len(pixels) - 1 <= last_column:  # without a clamp, so that several go at once
        inside = pixel_row[column : column + len(pixels)]
        for k in range(len(pixels)):
            pixels[k] = inside[k]
    else:
        for k in range(len(pixels)):
            pixels[k] = pixel_row[min(max(column + k, 0), last_column)]


@compiled_helper()
def _light_along(light: ImageArray, first_row: int, across: float, slope: float, picture: Float32Array) -> None:
    """Grey values along a line, interpolated and rounded; beyond the light its edge is repeated.

    In single precision and to whole grey values, which is what OpenCV's warpAffine gives: models were trained on it.

    Args:
        light: (h, w), not empty.
        first_row: The row of the light where the picture begins.
        across: The column of the light where its first row begins.
        slope: Columns from one row of the picture to the next.
        picture: (rows, 27) to be filled; each row is the mean of two rows of the light.
    """
    upper, lower = np.empty(COLUMNS * COLUMN_PX, np.float32), np.empty(COLUMNS * COLUMN_PX, np.float32)
    half, start, step = np.float32(0.5), np.float32(across), np.float32(slope)
    for i in range(len(picture)):
        place = np.float32(i) * step + start
        column = int(math.floor(place))
        row = first_row + ROW_PX * i
        _take(light, row, column, upper)
        _take(light, row + 1, column, lower)
        for j in range(COLUMNS):
            k = COLUMN_PX * j
            share = place + np.float32(k) - np.float32(column + k)  # rounded to 1 at most: the next column itself
            above = upper[k] + share * (upper[k + 1] - upper[k])
            beneath = lower[k] + share * (lower[k + 1] - lower[k])
            picture[i, j] = np.rint(above + half * (beneath - above))


@compiled_helper()
def _take_background(picture: Float32Array) -> FloatArray:
    """Subtract each row's background from it; (rows,) how bright the stripe is then on the plate."""
    brightest = np.empty(len(picture))
    for i in range(len(picture)):
        line = picture[i]
        left = right = np.float32(0.0)
        for j in range(_BACKGROUND_COLUMNS):
            left += line[j]
            right += line[COLUMNS - 1 - j]
        background = min(left, right) / np.float32(_BACKGROUND_COLUMNS)
        for j in range(COLUMNS):
            line[j] -= background
        on_plate = line[_PLATE_COLUMNS[0]]
        for j in range(_PLATE_COLUMNS[0] + 1, _PLATE_COLUMNS[1]):
            on_plate = max(on_plate, line[j])
        brightest[i] = on_plate
    return brightest


@compiled('void(float32[:, ::1], float64)')
def _scale(picture: Float32Array, level: float) -> None:
    """Divide by the level of the stripe on the plate, within limits."""
    darkest, brightest, unit = np.float32(_DARKEST), np.float32(_BRIGHTEST), np.float32(level)
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            picture[i, j] = min(max(picture[i, j] / unit, darkest), brightest)


@compiled('void(uint8[:, ::1], int64, float64, float64, float32[:, ::1])')
def _straighten(light: ImageArray, first_row: int, across: float, slope: float, picture: Float32Array) -> None:
    """Fill the picture (rows, 27), rows at least one; see `straightened`, and `_light_along` for the place."""
    _light_along(light, first_row, across, slope, picture)
    usual = 2 * len(picture) // 3
    level = np.partition(_take_background(picture), usual)[usual]
    _scale(picture, max(level, _LEAST_BRIGHTNESS))
