"""The stripe extraction of Zeng et al. 2020, section 3, with the paper's values.

Median 5x5, grey opening with a rectangle 3 wide and 7 tall, values below 220 to zero, then the grey centroid of
each row; gaps are bridged by straight lines. Nothing outside the columns that hold a value of 220 or more can
survive the chain, so only these columns are filtered: the outcome is the same, the time is not.
"""

import cv2
import numpy as np

from weld_cell.errors import StripeAbsentError
from weld_cell.records import FloatArray, ImageArray

MEDIAN_PX = 5
OPENING_RECTANGLE = np.ones((7, 3), np.uint8)
THRESHOLD = 220


def paper_centres(image: ImageArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Grey centroids of the stripe.

    Args:
        image: (h, w) uint8.

    Returns:
        rows (n,), columns (n,) and greatest grey value (n,) of the rows in which the stripe is seen.

    Raises:
        StripeAbsentError: no value of 220 or more is left.
    """
    first, last = _bright_columns(image)
    band = _filtered(np.ascontiguousarray(image[:, first:last]))
    weights = band.astype(np.float32)
    moments = weights @ np.stack([np.ones(last - first), np.arange(first, last)], axis=1).astype(np.float32)
    rows = np.flatnonzero(moments[:, 0])
    if len(rows) == 0:
        raise StripeAbsentError(
            f'After the opening no grey value reaches {THRESHOLD}.', 'Raise the exposure or the laser power.'
        )
    columns = moments[rows, 1].astype(float) / moments[rows, 0]
    return rows.astype(float), columns, band[rows].max(axis=1).astype(float)


def _bright_columns(image: ImageArray) -> tuple[int, int]:
    """First and end column that the chain can leave, widened by the reach of the median."""
    brightest = image.max(axis=0)
    bright = np.flatnonzero(brightest >= THRESHOLD)
    if len(bright) == 0:
        raise StripeAbsentError(
            f"The brightest pixel has a grey value of {brightest.max()}, the paper's chain asks for {THRESHOLD}.",
            'Raise the exposure or the laser power, or use the method "ridge".',
        )
    return max(0, int(bright[0]) - MEDIAN_PX), min(image.shape[1], int(bright[-1]) + MEDIAN_PX + 1)


def _filtered(band: ImageArray) -> ImageArray:
    """Median, opening and threshold (paper, steps 1)."""
    smooth = cv2.medianBlur(band, MEDIAN_PX)
    opened = cv2.morphologyEx(smooth, cv2.MORPH_OPEN, OPENING_RECTANGLE)
    _, kept = cv2.threshold(opened, THRESHOLD - 1, 0, cv2.THRESH_TOZERO)
    return kept.astype(np.uint8, copy=False)
