"""Edges in a region as the paper finds them: improved Prewitt, Otsu, closing; and the operators it compares with.

Source: Machines 2025, 13(11), 992, section 4.3.2, equations 17 to 25.
"""

import cv2
import numpy as np

from weld_cell.records import FloatArray, ImageArray

_PREWITT = np.array([[-1.0, 0.0, 1.0]] * 3)
_ROBERTS = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]])
_CANNY_SHARE = 0.5  # of its upper threshold is the lower one; the upper one is Otsu's over the Sobel magnitude
_LOG_SIGMA_PX = 1.4
OPERATORS = ('improved_prewitt', 'prewitt', 'sobel', 'roberts', 'log', 'canny')


def improved_prewitt(region: ImageArray) -> FloatArray:
    """(h, w) G = sqrt(w_x Gx^2 + w_y Gy^2) with w_x = w / (w + h), w_y = h / (w + h) (equations 17, 18, 22 to 24)."""
    height, width = region.shape
    gx, gy = _gradients(region, _PREWITT, _PREWITT.T)
    magnitude: FloatArray = np.sqrt((width * gx**2 + height * gy**2) / (width + height))
    return magnitude


def edge_map(region: ImageArray, operator: str = 'improved_prewitt') -> ImageArray:
    """(h, w) 255 where an edge is, else 0: the operator's answer over Otsu's threshold, closed by 3 x 3.

    Args:
        region: (h, w) grey, what lies in the box.
        operator: One of OPERATORS.

    Raises:
        ValueError: no such operator, or an empty region.
    """
    if operator not in OPERATORS or region.ndim != 2 or not region.size:
        raise ValueError(
            f'expected a grey region and one of {", ".join(OPERATORS)}, got {region.shape}, {operator!r}'
        )
    binary = _canny(region) if operator == 'canny' else above_otsu(_magnitude(region, operator))
    return np.asarray(cv2.morphologyEx(binary, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)


def above_otsu(magnitude: FloatArray) -> ImageArray:
    """(h, w) 255 where the magnitude, in 256 steps up to its greatest, lies over Otsu's threshold (equation 21)."""
    top = float(magnitude.max())
    steps = np.round(255.0 * magnitude / top).astype(np.uint8) if top else np.zeros(magnitude.shape, np.uint8)
    return np.asarray(cv2.threshold(steps, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8)


def _magnitude(region: ImageArray, operator: str) -> FloatArray:
    if operator == 'improved_prewitt':
        return improved_prewitt(region)
    if operator == 'log':
        smooth = cv2.GaussianBlur(region.astype(float), (0, 0), _LOG_SIGMA_PX)
        return np.abs(cv2.Laplacian(smooth, cv2.CV_64F))
    sobel = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    across = {'prewitt': _PREWITT, 'sobel': sobel, 'roberts': _ROBERTS}[operator]
    down = np.fliplr(_ROBERTS) if operator == 'roberts' else across.T
    return np.hypot(*_gradients(region, across, down))


def _canny(region: ImageArray) -> ImageArray:
    strong = _magnitude(region, 'sobel')
    steps = np.clip(strong, 0, 255).astype(np.uint8)
    upper = max(cv2.threshold(steps, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0], 1.0)
    return np.asarray(cv2.Canny(region, _CANNY_SHARE * upper, upper), np.uint8)


def _gradients(region: ImageArray, across: FloatArray, down: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Correlations with both kernels; the region goes on beyond its border as it is there."""
    gx, gy = (
        cv2.filter2D(region.astype(float), cv2.CV_64F, kernel, borderType=cv2.BORDER_REPLICATE)
        for kernel in (across, down)
    )
    return np.asarray(gx, float), np.asarray(gy, float)
