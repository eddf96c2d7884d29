"""The stripe as the strongest continuous ridge: searched at half size, measured at full size."""

import cv2
import numpy as np

from weld_cell.errors import StripeAbsentError, StripeAmbiguousError
from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe.centre import subpixel_centres
from weld_cell.stripe.chain import chain_points, strongest_chain, without
from weld_cell.stripe.pieces import IntArray, Pieces, find_pieces, ridge_response
from weld_cell.stripe.settings import StripeSettings

SEARCH_SCALE = 2
MIN_SIZE_PX = 16


def ridge_centres(image: ImageArray, settings: StripeSettings) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sub-pixel centres of the strongest continuous ridge.

    Args:
        image: (h, w) uint8, laser light bright.
        settings: Of the stripe stage.

    Returns:
        rows (n,), columns (n,) and grey values (n,) where the stripe is seen.

    Raises:
        StripeAbsentError: no ridge stands out.
        StripeAmbiguousError: two curves have about the same support.
    """
    height, width = image.shape
    half = cv2.resize(image, (width // SEARCH_SCALE, height // SEARCH_SCALE), interpolation=cv2.INTER_AREA)
    response = ridge_response(half.astype(np.uint8, copy=False), settings.max_width_px // SEARCH_SCALE)
    rows, columns = _search(response, settings)
    full_rows = (SEARCH_SCALE * rows[:, None] + np.arange(SEARCH_SCALE)).ravel()
    full_columns = np.repeat(SEARCH_SCALE * columns, SEARCH_SCALE)
    centres, grey = subpixel_centres(image, full_rows, full_columns)
    return full_rows.astype(float), centres, grey


def _search(response: ImageArray, settings: StripeSettings) -> tuple[IntArray, IntArray]:
    """Rows and columns of the stripe in the filtered half-size image."""
    pieces = find_pieces(response, settings.min_contrast)
    if len(pieces.first) == 0:
        raise StripeAbsentError(
            f'Nothing bright and narrow stands out by {settings.min_contrast} grey levels; the highest reaches '
            f'{int(response.max())}.', 'Check that the laser is on and hits the workpiece; raise the exposure.')
    chain, value = strongest_chain(pieces, settings.jump_px / SEARCH_SCALE)
    _refuse_rival(without(pieces, chain), value, settings)
    points = chain_points(pieces, chain)
    return pieces.rows[points], pieces.columns[points]


def _refuse_rival(others: Pieces, value: float, settings: StripeSettings) -> None:
    """Raise StripeAmbiguousError where the other pieces make a curve of about the same support."""
    limit = settings.ambiguous_share * value
    if others.support.sum() < limit:
        return
    _, rival = strongest_chain(others, settings.jump_px / SEARCH_SCALE)
    if rival >= limit:
        raise StripeAmbiguousError(
            f'Two curves could be the stripe, with a support of {value:.0f} and {rival:.0f} rows.',
            'Cover the second light source or reflection, or narrow the region of interest.')
