"""The light around a stripe, straightened along one of its plates: there a corner of the joint is the same picture
whatever the sensor's roll and place, and what the stripe's centres leave out (the dim bottom of a gap, a row without
light) is still to be seen.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import PlateLine

Float32Array = NDArray[np.float32]

ROW_PX, COLUMN_PX = 2, 2
"""Pixels of the image that a row and a column of the straightened picture stand for."""
LEFT_PX = -20
"""Its first column lies so far from the plate's line; larger columns are deeper."""
COLUMNS = 27
_PLATE = slice(8, 13)      # the columns in which the plate itself is seen
_BESIDE = np.zeros((COLUMNS, 2), np.float32)  # the background is the darker mean of five columns on either side
_BESIDE[:5, 0] = _BESIDE[-5:, 1] = 0.2
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
    down = curve.first_row_px - top + ROW_PX / 4
    across = plate.at - left + LEFT_PX + COLUMN_PX / 4 + plate.slope * ROW_PX / 4
    place = np.array([[COLUMN_PX, plate.slope * ROW_PX, across], [0.0, ROW_PX, down]])
    picture = cv2.warpAffine(
        curve.light, place, (COLUMNS, len(curve.columns_px) // ROW_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    picture -= (picture @ _BESIDE).min(axis=1, keepdims=True)
    brightest = picture[:, _PLATE].max(axis=1)
    usual = 2 * len(brightest) // 3
    level = max(float(np.partition(brightest, usual)[usual]), _LEAST_BRIGHTNESS)
    picture /= level
    return picture.clip(_DARKEST, _BRIGHTEST, out=picture)
