"""From an image to a stripe profile: checks, region of interest, extraction, interpolation of gaps, errors."""

from dataclasses import replace
from functools import partial

import numpy as np

from weld_cell.errors import ImageError, StripeAbsentError, StripeSaturatedError
from weld_cell.records import UPRIGHT, FloatArray, ImageArray, StripeProfile
from weld_cell.stripe.bridge import bridge_gaps
from weld_cell.stripe.directions import look_around
from weld_cell.stripe.laser_light import BGR_INDEX, LEAST_EXCESS, SATURATED_GREY, laser_channel, laser_likeness
from weld_cell.stripe.paper_chain import paper_centres
from weld_cell.stripe.ridge import ridge_centres
from weld_cell.stripe.settings import StripeSettings
from weld_cell.stripe.turning import HORIZONTAL_DEG, VERTICAL_DEG, turned

MIN_SIZE_PX = 16
AROUND_PX = 40
"""The profile keeps the image up to so many columns beside it: as deep as the gap of a thick plate."""


def extract_stripe(pixels: ImageArray, settings: StripeSettings) -> StripeProfile:
    """Find the laser stripe in an image.

    Args:
        pixels: (h, w) grey or (h, w, 3) BGR, uint8.
        settings: Method and limits, and how the stripe runs; where that is to be found out this image alone says it,
            see `StripeFinder` for more of them.

    Returns:
        One centre for each row of the upright image between the stripe's ends; gaps bridged by straight lines are
        marked.

    Raises:
        ImageError: empty, too small, or not of the type and shape above.
        StripeAbsentError: no stripe, in fewer rows than `min_rows`, or mostly bridged.
        StripeSaturatedError: no stripe, and more than `saturated_share` of the image is saturated.
        StripeAmbiguousError: two curves could be the stripe, or one could run in two directions.
    """
    return extract_in_direction(pixels, settings)[0]


def extract_in_direction(
    pixels: ImageArray, settings: StripeSettings, known_deg: int | None = None
) -> tuple[StripeProfile, int]:
    """As `extract_stripe`; with the angle of `turning.ANGLES_DEG` by which the stripe was followed.

    Args:
        pixels, settings: As there.
        known_deg: The angle, where earlier images have told it; else it is found out if the settings ask for that.
    """
    _check_image(pixels)
    left, top, region = _region(pixels, settings)
    if settings.direction != 'auto':
        known_deg = VERTICAL_DEG if settings.direction == 'vertical' else HORIZONTAL_DEG
    look = partial(_extract_turned, region, settings)
    if known_deg is not None:
        return _of_whole(look(known_deg), pixels, left, top), known_deg
    profile, angle_deg = look_around(look, settings.ambiguous_share)
    return _of_whole(profile, pixels, left, top), angle_deg


def _extract_turned(region: ImageArray, settings: StripeSettings, angle_deg: int) -> StripeProfile:
    """The stripe of a region of interest, followed at an angle; pixels are those of the region."""
    upright, turn, blank_share = turned(region, angle_deg)
    light = _laser_light(upright, settings)
    try:
        if settings.method == 'paper':
            rows, columns, grey = paper_centres(light)
        else:
            rows, columns, grey = ridge_centres(light, settings, blank_share)
        _check_rows(rows, upright, settings)
        _check_colour(upright, rows, columns, grey, settings)
    except StripeAbsentError:
        _blame_saturation(region, settings)
        raise
    first, last = max(0, int(columns.min()) - AROUND_PX), int(columns.max()) + AROUND_PX
    around = light[int(rows[0]) : int(rows[-1]) + 1, first:last].copy()  # a view would keep the whole image alive
    every_row, every_column, intensity, bridged = bridge_gaps(rows, columns, grey, settings.bridge_rows)
    return StripeProfile(
        every_row, every_column, intensity, bridged, region.shape[1::-1], around, (first, int(rows[0])), turn
    )


def _of_whole(profile: StripeProfile, pixels: ImageArray, left: int, top: int) -> StripeProfile:
    """The profile of a region whose first pixel is (left, top) of an image as one of the image."""
    size_px = (int(pixels.shape[1]), int(pixels.shape[0]))
    if profile.turn != UPRIGHT:
        u, v = profile.turn.origin_px
        return replace(profile, image_size_px=size_px, turn=replace(profile.turn, origin_px=(u + left, v + top)))
    column, row = profile.light_origin_px
    return replace(
        profile,
        rows_px=profile.rows_px + top,
        columns_px=profile.columns_px + left,
        image_size_px=size_px,
        light_origin_px=(column + left, row + top),
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
    between = int(rows[-1] - rows[0]) + 1
    if len(rows) < settings.min_measured_share * between:
        raise StripeAbsentError(
            f'Of {between} rows between its ends the stripe is seen in {len(rows)}; '
            f'{100 * settings.min_measured_share:.0f} % are needed.',
            'Look for what hides the stripe or lies in its way; raise the exposure.',
        )


def _check_colour(
    region: ImageArray, rows: FloatArray, columns: FloatArray, grey: FloatArray, settings: StripeSettings
) -> None:
    """Raise StripeAbsentError where a curve in a colour image has hardly any of the laser's colour."""
    if region.ndim == 2 or settings.method == 'paper':
        return
    laser = region[rows.astype(np.intp), np.rint(columns).astype(np.intp), BGR_INDEX[settings.laser_colour]]
    excess = float(np.median(grey)) / max(float(np.median(laser)), 1.0)
    if excess < LEAST_EXCESS:
        raise StripeAbsentError(
            f'Of the light of the strongest curve {100 * excess:.0f} % are {settings.laser_colour}; of a laser line '
            f'{100 * LEAST_EXCESS:.0f} % are.',
            'Check that the laser is on and hits the workpiece, and laser_colour.',
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
