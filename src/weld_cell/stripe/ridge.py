"""The stripe as the strongest continuous ridge: searched at half size, measured at full size."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from weld_cell.errors import StripeAbsentError, StripeAmbiguousError
from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe.centre import subpixel_centres
from weld_cell.stripe.chain import chain_points, strongest_chain, without
from weld_cell.stripe.pieces import STEP_PX, IntArray, Pieces, find_pieces, ridge_response
from weld_cell.stripe.settings import StripeSettings

SEARCH_SCALE = 2
SPILL_ROWS = 8
SPILL_PX = 6.0
SPILL_SHARE = 0.35
"""A row is not lit itself where its stripe has less than this share of the contrast of a row so near by; deep in a
gap, where the stripe is dim as well, it stands at another column."""


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
    return _measured(image, rows, columns)


def _measured(image: ImageArray, rows: IntArray, columns: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rows, centres and grey values at full size, from the ridge at half size.

    A row of the half-size image next to a leap may belong to both of its sides: its two rows are measured on either
    side, and the stronger outcome stands.
    """
    steps = rows[1:] - rows[:-1]
    leap = np.flatnonzero((np.abs(columns[1:] - columns[:-1]) > STEP_PX) & (steps <= SEARCH_SCALE))
    full_rows = _doubled(np.concatenate([rows, rows[leap], rows[leap + 1]]))
    full_columns = SEARCH_SCALE * np.concatenate([columns, columns[leap + 1], columns[leap]])
    centres = subpixel_centres(image, full_rows, np.repeat(full_columns, SEARCH_SCALE))
    best = np.arange(SEARCH_SCALE * len(rows))
    second = len(best) + np.argsort(centres.contrast[len(best):])  # the strongest is written last
    first = np.searchsorted(full_rows[:len(best)], full_rows[second])
    stronger = centres.contrast[second] > centres.contrast[first]
    best[first[stronger]] = second[stronger]
    best = best[_lit(full_rows[best], centres.columns[best], centres.contrast[best])]
    return full_rows[best].astype(float), centres.columns[best], centres.grey[best]


def _lit(rows: IntArray, columns: FloatArray, contrast: FloatArray) -> NDArray[np.bool_]:
    """(n,) False where a row shows only light spilt from much brighter rows near by: the edge of a gap."""
    dense = np.zeros(rows[-1] - rows[0] + 1)
    dense[rows - rows[0]] = contrast
    around = maximum_filter1d(dense, 2 * SPILL_ROWS + 1)[rows - rows[0]]
    lit: NDArray[np.bool_] = contrast >= SPILL_SHARE * around
    dim = np.flatnonzero(~lit)
    near = np.clip(dim[:, None] + np.arange(-SPILL_ROWS, SPILL_ROWS + 1), 0, len(rows) - 1)
    same_place = (np.abs(columns[near] - columns[dim, None]) <= SPILL_PX) \
        & (np.abs(rows[near] - rows[dim, None]) <= SPILL_ROWS)
    lit[dim] = contrast[dim] >= SPILL_SHARE * np.where(same_place, contrast[near], 0.0).max(axis=1)
    return lit


def _doubled(rows: IntArray) -> IntArray:
    """The full-size rows that belong to half-size rows."""
    return (SEARCH_SCALE * rows[:, None] + np.arange(SEARCH_SCALE)).ravel()


def _search(response: ImageArray, settings: StripeSettings) -> tuple[IntArray, IntArray]:
    """Rows and columns of the stripe in the filtered half-size image."""
    pieces = find_pieces(response, settings.min_contrast)
    if len(pieces.first) == 0:
        raise StripeAbsentError(
            f'Nothing bright and narrow stands out by {settings.min_contrast} grey levels; the highest reaches '
            f'{int(response.max())}.', 'Check that the laser is on and hits the workpiece; raise the exposure.')
    chain, _ = strongest_chain(pieces, settings.jump_px / SEARCH_SCALE)
    points = chain_points(pieces, chain)
    _refuse_rival(without(pieces, chain), float(pieces.heights[points].sum()), settings)
    return pieces.rows[points], pieces.columns[points]


def _refuse_rival(others: Pieces, light: float, settings: StripeSettings) -> None:
    """Raise StripeAmbiguousError where the other pieces make a curve with about as much light.

    The light is compared, not the support: a second reflection is as long as the stripe, but dimmer.
    """
    limit = settings.ambiguous_share * light
    if others.heights.sum() < limit:
        return
    chain, _ = strongest_chain(others, settings.jump_px / SEARCH_SCALE)
    rival = float(others.heights[chain_points(others, chain)].sum())
    if rival >= limit:
        raise StripeAmbiguousError(
            f'Two curves could be the stripe; the second has {100 * rival / light:.0f} % of the light of the first.',
            'Cover the second light source or reflection, or narrow the region of interest.')
