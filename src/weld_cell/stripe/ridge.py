"""The stripe as the strongest continuous ridge: searched at half, measured at full resolution.

image -> response -> points -> pieces -> chain -> measure (centre)
"""

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.errors import StripeAbsentError, StripeAmbiguousError
from weld_cell.records import BoolArray, FloatArray, ImageArray
from weld_cell.stripe.chain import chain_points, strongest_chain
from weld_cell.stripe.measure import measure_stripe
from weld_cell.stripe.pieces import Pieces, link_pieces
from weld_cell.stripe.points import IntArray, find_points
from weld_cell.stripe.response import SEARCH_SCALE, noise_threshold, ridge_response
from weld_cell.stripe.settings import StripeSettings


def ridge_centres(
    image: ImageArray, settings: StripeSettings, blank_share: float = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sub-pixel centres of the strongest continuous ridge.

    Args:
        image: (h, w) uint8, laser light bright.
        settings: Of the stripe stage.
        blank_share: Of the image that shows nothing, because it was turned.

    Returns:
        rows (n,), columns (n,) and grey values (n,) where the stripe is seen.

    Raises:
        StripeAbsentError: no ridge stands out, or not from what else is bright and narrow.
        StripeAmbiguousError: two curves have about the same support.
    """
    response = ridge_response(image, settings.max_width_px)
    rows, columns = _search(response, settings, blank_share)
    return measure_stripe(image, rows, columns)


def _search(response: ImageArray, settings: StripeSettings, blank_share: float) -> tuple[IntArray, IntArray]:
    """Rows and columns of the stripe in the filtered half-size image."""
    threshold = noise_threshold(response, settings.min_contrast, blank_share)
    candidates = find_points(response, threshold)
    pieces = link_pieces(candidates, threshold)
    if len(pieces.rows) == 0:
        raise StripeAbsentError(
            f'Nothing bright and narrow stands out by {settings.min_contrast} grey levels; the highest reaches '
            f'{int(response.max())}.',
            'Check that the laser is on and hits the workpiece; raise the exposure.',
        )
    free = np.ones(len(pieces.bounds) - 1, np.bool_)
    chain = strongest_chain(pieces, free, settings.jump_px / SEARCH_SCALE)
    points = chain_points(pieces, chain)
    rows, columns, light = _stripe(pieces.rows, pieces.columns, pieces.light, points)
    standout, light_share = _prominence(response, rows, columns, light, candidates.light)
    _refuse_clutter(standout / threshold, light_share, settings)
    _refuse_rival(pieces, chain, light, settings)
    return rows, columns


def _refuse_clutter(standout: float, light_share: float, settings: StripeSettings) -> None:
    """Raise StripeAbsentError where the best curve is one of many bright and narrow things, as any surface has them.

    A laser line stands far above what else is bright and narrow, or is alone with the noise.

    Args:
        standout: Median height of the curve, in noise thresholds.
        light_share: Its share of the light of all points.
        settings: Of the stripe stage.
    """
    needed = settings.min_light_share if standout >= settings.min_standout else settings.alone_share
    if light_share < needed:
        raise StripeAbsentError(
            f'The strongest curve stands out by {standout:.1f} times the noise and holds {100 * light_share:.0f} % '
            f'of all that is bright and narrow; {100 * needed:.0f} % are needed of one so high.',
            'Check that the laser is on and hits the workpiece; shield the sensor from ambient light.',
        )


def _refuse_rival(pieces: Pieces, chain: IntArray, light: float, settings: StripeSettings) -> None:
    """Raise StripeAmbiguousError where the other pieces make a curve of about as much light.

    The light is compared, not the support: a second reflection is as long as the stripe, but dimmer.
    """
    limit = settings.ambiguous_share * light
    others, other_light = _others(pieces.light, pieces.bounds, chain)
    if other_light < limit:
        return
    second = strongest_chain(pieces, others, settings.jump_px / SEARCH_SCALE)
    rival = float(pieces.light[chain_points(pieces, second)].sum())
    if rival >= limit:
        raise StripeAmbiguousError(
            f'Two curves could be the stripe; the second has {100 * rival / light:.0f} % of the light of the first.',
            'Cover the second light source or reflection, or narrow the region of interest.',
        )


@compiled('Tuple((int64[::1], int64[::1], float64))(int64[::1], int64[::1], float64[::1], int64[::1])')
def _stripe(
    rows: IntArray, columns: IntArray, light: FloatArray, points: IntArray
) -> tuple[IntArray, IntArray, float]:
    """Rows and columns of some points, and their light."""
    return rows[points], columns[points], light[points].sum()


@compiled('UniTuple(float64, 2)(uint8[:, ::1], int64[::1], int64[::1], float64, float64[::1])')
def _prominence(
    response: ImageArray, rows: IntArray, columns: IntArray, light: float, all_light: FloatArray
) -> tuple[float, float]:
    """Median height of a curve in the filtered image, and its light as a share of that of all points."""
    counts, height, lower = np.zeros(256, np.int64), 0, 0
    for k in range(len(rows)):
        counts[response[rows[k], columns[k]]] += 1
    while lower + counts[height] <= len(rows) // 2:
        lower += counts[height]
        height += 1
    return float(height), light / all_light.sum()


@compiled('Tuple((boolean[::1], float64))(float64[::1], int64[::1], int64[::1])')
def _others(light: FloatArray, bounds: IntArray, chain: IntArray) -> tuple[BoolArray, float]:
    """The pieces that are not in a chain (m,), and the light of their points."""
    others, total = np.ones(len(bounds) - 1, np.bool_), 0.0
    others[chain] = False
    for piece in np.flatnonzero(others):
        total += light[bounds[piece] : bounds[piece + 1]].sum()
    return others, total
