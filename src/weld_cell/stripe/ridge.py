"""The stripe as the strongest continuous ridge: searched at half size, measured at full size."""

import cv2
import numpy as np

from weld_cell.errors import StripeAbsentError, StripeAmbiguousError
from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe.chain import chain_points, strongest_chain, without
from weld_cell.stripe.measure import SEARCH_SCALE, measure_stripe
from weld_cell.stripe.pieces import IntArray, Pieces, find_pieces, ridge_response
from weld_cell.stripe.settings import StripeSettings


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
    height, width = image.shape[0] // SEARCH_SCALE, image.shape[1] // SEARCH_SCALE
    whole = image[:SEARCH_SCALE * height, :SEARCH_SCALE * width]
    half = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    response = ridge_response(half.astype(np.uint8, copy=False), settings.max_width_px // SEARCH_SCALE)
    rows, columns = _search(response, settings)
    return measure_stripe(image, rows, columns)


def _search(response: ImageArray, settings: StripeSettings) -> tuple[IntArray, IntArray]:
    """Rows and columns of the stripe in the filtered half-size image."""
    pieces = find_pieces(response, settings.min_contrast)
    if len(pieces.first) == 0:
        raise StripeAbsentError(
            f'Nothing bright and narrow stands out by {settings.min_contrast} grey levels; the highest reaches '
            f'{int(response.max())}.', 'Check that the laser is on and hits the workpiece; raise the exposure.')
    chain, _ = strongest_chain(pieces, settings.jump_px / SEARCH_SCALE)
    points = chain_points(pieces, chain)
    _refuse_rival(pieces, chain, float(pieces.heights[points].sum()), settings)
    return pieces.rows[points], pieces.columns[points]


def _refuse_rival(pieces: Pieces, chain: IntArray, light: float, settings: StripeSettings) -> None:
    """Raise StripeAmbiguousError where the other pieces make a curve of about as much light.

    The light is compared, not the support: a second reflection is as long as the stripe, but dimmer.
    """
    limit = settings.ambiguous_share * light
    others = without(pieces, chain)
    if others.heights.sum() < limit:
        return
    second, _ = strongest_chain(others, settings.jump_px / SEARCH_SCALE)
    rival = float(others.heights[chain_points(others, second)].sum())
    if rival >= limit:
        raise StripeAmbiguousError(
            f'Two curves could be the stripe; the second has {100 * rival / light:.0f} % of the light of the first.',
            'Cover the second light source or reflection, or narrow the region of interest.')
