"""Image sharpness of a weld: the share of edge contrast that a blur removes.

Source of the idea: Crete et al. 2007 (the blur effect): what is blurred already changes little when it is blurred
again.
"""

import cv2
import numpy as np

from weld_cell.records import FloatArray
from weld_cell.spot_weld.roi_align import Float32Array

_FINE, _COARSE = 1.0, 2.5
"""Standard deviations in pixels of the image, in cells where these are larger; the finer takes the noise away."""
_EDGES = 0.1  # the strongest cells, which are edges


def sharpness(crops: Float32Array, cells_px: FloatArray) -> FloatArray:
    """Strength of the edges at a fine scale over that at a coarse one.

    Of a step edge it is the ratio of the scales, 2.5; of one that is blurred much wider than these it is near to 1.

    Args:
        crops: (n, g, g).
        cells_px: (n,) side of a cell of each in pixels of its image: what is enlarged is not blurred thereby.

    Returns:
        (n,).
    """
    pixels = np.maximum(1.0 / np.asarray(cells_px), 1.0)
    pairs = zip(crops, pixels.tolist(), strict=True)
    return np.array([_strength(crop, _FINE * px) / max(_strength(crop, _COARSE * px), 1e-6) for crop, px in pairs])


def _strength(crop: Float32Array, sigma: float) -> float:
    soft = cv2.GaussianBlur(crop, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    steepness = np.hypot(cv2.Sobel(soft, -1, 1, 0), cv2.Sobel(soft, -1, 0, 1)).ravel()
    count = max(int(_EDGES * steepness.size), 1)
    return float(np.partition(steepness, -count)[-count:].mean())
