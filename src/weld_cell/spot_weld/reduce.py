"""Input of the region network: the image at half resolution, with its mean subtracted."""

import cv2
import numpy as np

from weld_cell.records import ImageArray
from weld_cell.spot_weld.roi_align import Float32Array

FACTOR = 2
STRIDE = 2
"""Pixels of the reduced image for each place of the network's answers."""
MULTIPLE = 8
"""Rows and columns of a reduced image are multiples of it."""


def reduce_image(grey: ImageArray) -> Float32Array:
    """(rows, columns) of an image (h, w) uint8; what does not fill a block of MULTIPLE is filled with its border."""
    height, width = (max(side // FACTOR, 1) for side in grey.shape[:2])
    small = cv2.resize(grey[: FACTOR * height, : FACTOR * width], (width, height), interpolation=cv2.INTER_AREA)
    bottom, right = -height % MULTIPLE, -width % MULTIPLE
    return standardised(np.asarray(cv2.copyMakeBorder(small, 0, bottom, 0, right, cv2.BORDER_REPLICATE), np.float32))


def standardised(image: Float32Array) -> Float32Array:
    """An image less its mean, over its standard deviation."""
    deviation = max(float(image.std()), 1.0)
    return np.asarray((image - image.mean()) / deviation, np.float32)
