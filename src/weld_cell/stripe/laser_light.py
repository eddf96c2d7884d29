"""Similarity of each pixel to laser light: the grey value, or for colour images the laser's colour."""

import cv2
import numpy as np

from weld_cell.records import ImageArray

BGR_INDEX = {'blue': 0, 'green': 1, 'red': 2}
SATURATED_GREY = 250
MIN_FRINGE = 16
"""A white core counts as the laser's only between fringes with at least this excess."""
LEAST_EXCESS = 0.25
"""A laser line has at least this share of its channel in excess of the others; edges of whitish things have less."""
COLOURLESS_GREY = 2
"""Channels that nowhere differ by more are one grey image in three; compression rounds so much."""
PREVIEW_STEP = 16
"""Step in rows and columns of the first test for colour; images that pass it are tested in full."""


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


def is_colourless(pixels: ImageArray) -> bool:
    """Whether an image (h, w, 3) is a grey one in three channels, as many drivers send it."""
    first, second, third = cv2.split(np.ascontiguousarray(pixels))
    apart = max(float(cv2.absdiff(first, second).max()), float(cv2.absdiff(second, third).max()))
    return apart <= COLOURLESS_GREY


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
        (h, w) uint8; the image itself where it is grey, be it in three channels.
    """
    if pixels.ndim == 2:
        return pixels
    if is_colourless(pixels[::PREVIEW_STEP, ::PREVIEW_STEP]) and is_colourless(pixels):
        return laser_channel(pixels, laser_colour)
    laser = laser_channel(pixels, laser_colour)
    others = [cv2.extractChannel(pixels, i) for i in range(3) if i != BGR_INDEX[laser_colour]]
    excess = cv2.subtract(laser, cv2.max(*others))
    across = np.ones((1, max_width_px | 1), np.uint8)
    filled = cv2.morphologyEx(excess, cv2.MORPH_CLOSE, across)
    core = cv2.morphologyEx(cv2.min(*others), cv2.MORPH_TOPHAT, across)
    overexposed = (laser >= SATURATED_GREY) & (np.asarray(filled) >= MIN_FRINGE)
    return np.where(overexposed, cv2.add(filled, core), excess).astype(np.uint8, copy=False)
