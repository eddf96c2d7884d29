"""From an image to a stripe profile: checks, region of interest, the method, gaps bridged, errors named."""

import numpy as np

from weld_cell.errors import ImageError, StripeAbsentError, StripeSaturatedError
from weld_cell.records import FloatArray, ImageArray, StripeProfile
from weld_cell.stripe.bridge import bridge_gaps
from weld_cell.stripe.laser_light import SATURATED_GREY, laser_channel, laser_likeness
from weld_cell.stripe.paper_chain import paper_centres
from weld_cell.stripe.ridge import ridge_centres
from weld_cell.stripe.settings import StripeSettings

MIN_SIZE_PX = 16
AROUND_PX = 40
"""The profile keeps the image up to so many columns beside it: as deep as the gap of a thick plate."""


def extract_stripe(pixels: ImageArray, settings: StripeSettings) -> StripeProfile:
    """Find the laser stripe in an image.

    Args:
        pixels: (h, w) grey or (h, w, 3) BGR, uint8; the stripe runs roughly along the columns.
        settings: Method and limits.

    Returns:
        One centre for each row between the stripe's ends; gaps bridged by straight lines are marked.

    Raises:
        ImageError: empty, too small, or not of the type and shape above.
        StripeAbsentError: no stripe, or in fewer rows than `min_rows`.
        StripeSaturatedError: no stripe, and more than `saturated_share` of the image is saturated.
        StripeAmbiguousError: two curves could be the stripe.
    """
    _check_image(pixels)
    left, top, region = _region(pixels, settings)
    light = _laser_light(region, settings)
    try:
        rows, columns, grey = paper_centres(light) if settings.method == 'paper' else ridge_centres(light, settings)
        _check_rows(rows, region, settings)
    except StripeAbsentError:
        _blame_saturation(region, settings)
        raise
    first, last = max(0, int(columns.min()) - AROUND_PX), int(columns.max()) + AROUND_PX
    around = light[int(rows[0]) : int(rows[-1]) + 1, first:last].copy()  # a view would keep the whole image alive
    every_row, every_column, intensity, bridged = bridge_gaps(rows, columns, grey, settings.bridge_rows)
    return StripeProfile(
        every_row + top,
        every_column + left,
        intensity,
        bridged,
        (int(pixels.shape[1]), int(pixels.shape[0])),
        around,
        (left + first, top + int(rows[0])),
    )


def _check_image(pixels: ImageArray) -> None:
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        kind = getattr(pixels, 'dtype', type(pixels).__name__)
        raise ImageError(
            f'The stripe stage takes uint8 images, this one is {kind}.', 'Set the camera to mono8 or bgr8.'
        )
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise ImageError(
            f'The stripe stage takes (h, w) grey or (h, w, 3) BGR images, this one is {pixels.shape}.',
            'Set the camera to mono8 or bgr8.',
        )
    if min(pixels.shape[:2]) < MIN_SIZE_PX:
        raise ImageError(
            f'The image is {pixels.shape[1]} x {pixels.shape[0]} pixels, at least {MIN_SIZE_PX} each are needed.',
            'Check the size that the camera sends.',
        )


def _region(pixels: ImageArray, settings: StripeSettings) -> tuple[int, int, ImageArray]:
    """Left, top and pixels of the region of interest."""
    height, width = pixels.shape[:2]
    left, top = settings.roi_left_px, settings.roi_top_px
    right = left + settings.roi_width_px if settings.roi_width_px else width
    bottom = top + settings.roi_height_px if settings.roi_height_px else height
    region = pixels[top:bottom, left:right]
    if min(region.shape[:2]) < MIN_SIZE_PX:
        raise ImageError(
            f'The region of interest leaves {region.shape[1]} x {region.shape[0]} of {width} x {height} pixels.',
            'Correct roi_left_px, roi_top_px, roi_width_px and roi_height_px.',
        )
    return left, top, np.ascontiguousarray(region)


def _laser_light(region: ImageArray, settings: StripeSettings) -> ImageArray:
    if settings.method == 'paper':
        return laser_channel(region, settings.laser_colour)
    return laser_likeness(region, settings.laser_colour, settings.max_width_px)


def _check_rows(rows: FloatArray, region: ImageArray, settings: StripeSettings) -> None:
    needed = min(settings.min_rows, region.shape[0] // 2)
    if len(rows) < needed:
        raise StripeAbsentError(
            f'A stripe is seen in {len(rows)} rows, {needed} are needed.',
            'Check that the laser is on and hits the workpiece; raise the exposure.',
        )


def _blame_saturation(region: ImageArray, settings: StripeSettings) -> None:
    """Raise StripeSaturatedError where saturation explains why no stripe was found."""
    brightest = laser_channel(region, settings.laser_colour)
    share = float(np.count_nonzero(brightest >= SATURATED_GREY)) / brightest.size
    if share > settings.saturated_share:
        raise StripeSaturatedError(
            f'{100 * share:.0f} % of the image is saturated and no stripe stands out of it.',
            'Lower the exposure, or shield the sensor from the arc and from ambient light.',
        )
