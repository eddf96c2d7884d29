"""How much each pixel looks like laser light: the grey value itself, or for colour images the laser's colour."""

import cv2
import numpy as np

from weld_cell.records import ImageArray

BGR_INDEX = {'blue': 0, 'green': 1, 'red': 2}
SATURATED_GREY = 250
MIN_FRINGE = 16
"""A white core counts as the laser's only between fringes with at least this excess."""


def laser_channel(pixels: ImageArray, laser_colour: str) -> ImageArray:
    """The channel that a band-pass filter in front of a grey camera would leave.

    Args:
        pixels: (h, w) grey or (h, w, 3) BGR.
        laser_colour: 'red', 'green' or 'blue'.

    Returns:
        (h, w) uint8.
    """
    if pixels.ndim == 2:
        return pixels
    return cv2.extractChannel(pixels, BGR_INDEX[laser_colour]).astype(np.uint8, copy=False)


def laser_likeness(pixels: ImageArray, laser_colour: str, max_width_px: int) -> ImageArray:
    """Grey image in which laser light is bright and ambient light dark.

    For colour images this is the excess of the laser's channel over the other two. An overexposed stripe has a
    white core, without any excess, between two coloured fringes: where the laser's channel is saturated the
    core is filled up to its fringes by a closing across, and what the other two channels still show of a bright
    narrow core is added.

    Args:
        pixels: (h, w) grey or (h, w, 3) BGR.
        laser_colour: 'red', 'green' or 'blue'.
        max_width_px: Widest core that is filled.

    Returns:
        (h, w) uint8; the image itself where it is grey.
    """
    if pixels.ndim == 2:
        return pixels
    laser = laser_channel(pixels, laser_colour)
    others = [cv2.extractChannel(pixels, i) for i in range(3) if i != BGR_INDEX[laser_colour]]
    excess = cv2.subtract(laser, cv2.max(*others))
    across = np.ones((1, max_width_px | 1), np.uint8)
    filled = cv2.morphologyEx(excess, cv2.MORPH_CLOSE, across)
    core = cv2.morphologyEx(cv2.min(*others), cv2.MORPH_TOPHAT, across)
    overexposed = (laser >= SATURATED_GREY) & (np.asarray(filled) >= MIN_FRINGE)
    return np.where(overexposed, cv2.add(filled, core), excess).astype(np.uint8, copy=False)
