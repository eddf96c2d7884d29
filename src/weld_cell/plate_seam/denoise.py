"""Median filter, with the nearest filtered value at the border ("edge approximation").

Source: Machines 2025, 13(11), 992, section 4.2: a pixel whose window would reach over the border takes the value
of the nearest pixel whose window does not. A median removes lines that are narrower than half its window: a gap of a
pixel is gone after 3 x 3, so only the method "paper" reads the filtered image.
"""

import cv2
import numpy as np

from weld_cell.records import ImageArray


def denoise(grey: ImageArray, method: str = 'median', side_px: int = 3) -> ImageArray:
    """Filter an image.

    Args:
        grey: (h, w) uint8.
        method: median, mean or none.
        side_px: Side of the window, odd, no greater than the image.

    Raises:
        ValueError: no such filter, or the window does not fit.
    """
    filters = {
        'median': lambda image: cv2.medianBlur(image, side_px),
        'mean': lambda image: cv2.blur(image, (side_px, side_px)),
    }
    if method == 'none':
        return grey
    if method not in filters:
        raise ValueError(f'expected none, {" or ".join(filters)}, got {method!r}')
    if grey.ndim != 2 or side_px % 2 == 0 or side_px > min(grey.shape):
        raise ValueError(f'expected a grey image and an odd window within it, got {grey.shape} and {side_px}')
    half = side_px // 2
    inner = filters[method](grey)[half : grey.shape[0] - half, half : grey.shape[1] - half]
    return np.asarray(cv2.copyMakeBorder(inner, half, half, half, half, cv2.BORDER_REPLICATE), np.uint8)
