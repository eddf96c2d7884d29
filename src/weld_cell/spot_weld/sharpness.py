"""How sharp welds are photographed: how much of their edges a blur takes away.

Source of the idea: Crete et al. 2007 (the blur effect): what is blurred already changes little when it is blurred
again.
"""

import cv2
import numpy as np

from weld_cell.records import FloatArray
from weld_cell.spot_weld.roi_align import Float32Array

_FINE, _COARSE = 1.0, 2.5
"""Standard deviations in cells of the crop; the finer one takes the pixels' noise away."""
_EDGES = 0.1  # the strongest cells, which are edges


def sharpness(crops: Float32Array) -> FloatArray:
    """(n,) of crops (n, g, g): strength of the edges at a fine scale over that at a coarse one.

    Of a step edge it is the ratio of the scales, 2.5; of one that is blurred much wider than these it is near to 1.
    """
    return np.array([_strength(crop, _FINE) / max(_strength(crop, _COARSE), 1e-6) for crop in crops])


def _strength(crop: Float32Array, sigma: float) -> float:
    soft = cv2.GaussianBlur(crop, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    steepness = np.hypot(cv2.Sobel(soft, -1, 1, 0), cv2.Sobel(soft, -1, 0, 1)).ravel()
    count = max(int(_EDGES * steepness.size), 1)
    return float(np.partition(steepness, -count)[-count:].mean())
