"""Reduction of the image to a fifth of its size without losing thin lines, for the network.

A gap of half a millimetre is a pixel wide in the camera's image and vanishes in a reduced one. So each pixel of the
reduced image says three things of the block of pixels that it stands for: their mean, how much darker the darkest of
them is, and how much brighter the brightest.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import IMAGE, compiled
from weld_cell.records import FloatArray, ImageArray

Float32Array = NDArray[np.float32]
SIDE_PX = 320
"""Longest side of a reduced image."""
MULTIPLE_PX = 32
"""Its sides are filled up to a multiple of this: the network halves them five times."""
FILL = 0.45  # of full scale: what lies beyond the image is of a middling grey


@dataclass(frozen=True, eq=False)
class ReducedImage:
    """An image for the network.

    Attributes:
        channels: (3, h, w) float32: mean, mean less minimum, maximum less mean of each block, 0 to 1.
        factor: Pixels of the image to one of the reduced image.
    """

    channels: Float32Array
    factor: int

    def to_image(self, xyxy: FloatArray) -> FloatArray:
        """Boxes (n, 4) from edges between pixels of the reduced image to pixels of the image."""
        boxes: FloatArray = self.factor * xyxy - 0.5
        return boxes


def reduce_image(grey: ImageArray, side_px: int = SIDE_PX) -> ReducedImage:
    """Reduce an image.

    Args:
        grey: (h, w).
        side_px: Longest side of the reduced image, a multiple of MULTIPLE_PX.
    """
    height, width = grey.shape
    factor = ceil(max(height, width) / side_px)
    rows, columns = (ceil(size / factor / MULTIPLE_PX) * MULTIPLE_PX for size in (height, width))
    channels = np.zeros((3, rows, columns), np.float32)
    channels[0] = FILL
    _reduce(np.ascontiguousarray(grey), factor, channels)
    return ReducedImage(channels, factor)


@compiled(f'void({IMAGE}, int64, float32[:, :, ::1])')
def _reduce(grey: ImageArray, factor: int, channels: Float32Array) -> None:
    """Fill in the blocks that the image covers; those at its edges may be smaller."""
    height, width = grey.shape
    for row in range(-(-height // factor)):
        bottom = min((row + 1) * factor, height)
        for column in range(-(-width // factor)):
            right = min((column + 1) * factor, width)
            total, least, greatest = 0, 255, 0
            for v in range(row * factor, bottom):
                for u in range(column * factor, right):
                    value = int(grey[v, u])
                    total += value
                    least = min(least, value)
                    greatest = max(greatest, value)
            mean = total / ((bottom - row * factor) * (right - column * factor))
            channels[0, row, column] = mean / 255.0
            channels[1, row, column] = (mean - least) / 255.0
            channels[2, row, column] = (greatest - mean) / 255.0
