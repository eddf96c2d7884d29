"""Detection of a board with more points than given, that is, of a wrong size.

Which of them are found differs from image to image, and no residual of a single image shows it.
"""

import cv2
import numpy as np

from weld_cell.records import FloatArray, ImageArray

_LEAST_SEEN, _LEAST_SHARE = 2, 0.8
"""Of a group of places: how many must lie in the image, and which part of them must look like points of the board."""
_CONTRAST_SHARE = 0.5
"""Of the board's own contrast."""
_QUADRANTS = np.array([(-1, -1), (1, 1), (-1, 1), (1, -1)], float)
_CORNER_STEP, _CIRCLE_STEP = 0.25, 0.5
"""From a point to where its surroundings are looked at, in pitches along both axes."""
_SOFT_SHARE = 0.1


def is_part_of_more(
    grey: ImageArray, places: FloatArray, pixels: FloatArray, more: tuple[FloatArray, ...], circles: bool
) -> bool:
    """Whether the points that only a larger board has are there.

    Args:
        grey: (h, w).
        places: (n, 2) the board's points, in pitches.
        pixels: (n, 2) where they were found.
        more: Groups of places (m, 2), in pitches, one of which looks like points all over where the board is larger.
        circles: Whether the points are circles; else corners of a chessboard.
    """
    found, _ = cv2.findHomography(places, pixels)
    if found is None:
        return False
    homography = np.asarray(found, float)
    step_px = float(np.median(np.linalg.norm(_at(homography, places + [1.0, 0.0]) - pixels, axis=1)))
    soft = cv2.GaussianBlur(grey, (0, 0), max(_SOFT_SHARE * step_px, 0.5)).astype(float)
    own = np.median(_contrasts(soft, homography, places, circles))
    for group in more:
        told = _contrasts(soft, homography, group, circles)
        told = told[np.isfinite(told)]
        alike = told * np.sign(own) > _CONTRAST_SHARE * abs(own) if circles else told > _CONTRAST_SHARE * own
        if len(told) >= _LEAST_SEEN and alike.mean() >= _LEAST_SHARE:
            return True
    return False


def _at(homography: FloatArray, places: FloatArray) -> FloatArray:
    return np.asarray(cv2.perspectiveTransform(places[None], homography)[0])


def _contrasts(soft: FloatArray, homography: FloatArray, places: FloatArray, circles: bool) -> FloatArray:
    """(n,) how much each place looks like a point of the board, in grey values; NaN where it leaves the image.

    Circles: what all its surroundings have more than it, or less (negative). Corners: what both quadrants of one
    colour have more than both of the other.
    """
    offsets = (_CIRCLE_STEP if circles else _CORNER_STEP) * _QUADRANTS
    around = np.stack([_values(soft, _at(homography, places + offset)) for offset in offsets])
    if circles:
        more = around - _values(soft, _at(homography, places))
        told: FloatArray = np.where(more.min(axis=0) > 0.0, more.min(axis=0), np.minimum(more.max(axis=0), 0.0))
        return np.where(np.isnan(more).any(axis=0), np.nan, told)
    first, second = around[:2], around[2:]
    corner: FloatArray = np.maximum(first.min(axis=0) - second.max(axis=0), second.min(axis=0) - first.max(axis=0))
    return corner


def _values(soft: FloatArray, pixels: FloatArray) -> FloatArray:
    """(n,) grey values; NaN outside the image."""
    columns, rows = np.rint(pixels).astype(int).T
    inside = (columns >= 0) & (columns < soft.shape[1]) & (rows >= 0) & (rows < soft.shape[0])
    values = np.full(len(pixels), np.nan)
    values[inside] = soft[rows[inside], columns[inside]]
    return values
