"""Rotation of images by 0, +-30, +-45, +-60 or 90 degrees, so that the stripe runs down the columns.

A stripe within 22 degrees of the columns is followed as it is. One that lies is followed in the transposed image, to
the last bit; one that runs aslant in an image turned by 30, 45 or 60 degrees, by linear interpolation.
"""

import math

import cv2
import numpy as np

from weld_cell.records import UPRIGHT, ImageArray, ImageTurn

VERTICAL_DEG, HORIZONTAL_DEG = 0, 90
ANGLES_DEG = (VERTICAL_DEG, 30, -30, 45, -45, 60, -60, HORIZONTAL_DEG)
"""From the columns to the stripe, positive where it leans to smaller columns with growing rows."""
_EVERY_PX = 8
APART_DEG = 45
"""Of these every stripe is seen in one at least."""


def turned(pixels: ImageArray, angle_deg: int) -> tuple[ImageArray, ImageTurn, float]:
    """An image turned so that a stripe at an angle runs down the columns.

    Args:
        pixels: (h, w) or (h, w, 3).
        angle_deg: One of `ANGLES_DEG`.

    Returns:
        The upright image, the way back, and which share of the upright image shows nothing.
    """
    if angle_deg == VERTICAL_DEG:
        return pixels, UPRIGHT, 0.0
    if angle_deg == HORIZONTAL_DEG:
        return np.ascontiguousarray(np.swapaxes(pixels, 0, 1)), ImageTurn((0.0, 1.0), (1.0, 0.0)), 0.0
    height, width = pixels.shape[:2]
    sine, cosine = math.sin(math.radians(angle_deg)), math.cos(math.radians(angle_deg))
    across = math.ceil(width * cosine + height * abs(sine))
    along = math.ceil(width * abs(sine) + height * cosine)
    middle = np.array([0.5 * (across - 1), 0.5 * (along - 1)])
    right, down = np.array([cosine, sine]), np.array([-sine, cosine])
    origin = 0.5 * np.array([width - 1, height - 1]) - middle[0] * right - middle[1] * down
    turn = ImageTurn(_pair(right), _pair(down), _pair(origin))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    around = np.median(
        pixels[::_EVERY_PX, ::_EVERY_PX], axis=(0, 1)
    )  # black would make a ridge of the image's corners
    upright = cv2.warpAffine(
        pixels, turn.matrix, (across, along), flags=flags, borderValue=np.atleast_1d(around).tolist()
    )
    return np.asarray(upright, np.uint8), turn, 1.0 - height * width / (across * along)


def nearest_angle(angle_deg: float) -> int:
    """The angle of `ANGLES_DEG` by which a stripe at any angle is followed."""
    return min(ANGLES_DEG, key=lambda each: abs((each - angle_deg + 90.0) % 180.0 - 90.0))


def _pair(vector: 'np.ndarray[tuple[int], np.dtype[np.float64]]') -> tuple[float, float]:
    return float(vector[0]), float(vector[1])
