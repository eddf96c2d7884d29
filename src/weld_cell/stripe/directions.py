"""Direction of the stripe in an image: several are searched, the longest stripe wins.

An image in which a stripe runs along another direction shows it shorter there, in pieces, or not at all.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np

from weld_cell.errors import StripeAbsentError, StripeAmbiguousError, StripeError
from weld_cell.records import StripeProfile
from weld_cell.stripe.turning import APART_DEG, HORIZONTAL_DEG, VERTICAL_DEG, nearest_angle

Look = Callable[[int], StripeProfile]
"""The stripe of an image, followed at an angle; raises StripeError where it shows none."""
COARSE_DEG = (VERTICAL_DEG, HORIZONTAL_DEG, APART_DEG, -APART_DEG)
SAME_PX = 5.0
"""Curves that lie nearer to each other are the same stripe, seen in two directions."""
_END_SHARE = 0.1
_EVERY_ROW = 4
_ITERATIONS = 2


def look_around(look: Look, ambiguous_share: float) -> tuple[StripeProfile, int]:
    """The stripe in whichever direction it runs, and the angle by which it was followed.

    Args:
        look: Follows it at an angle.
        ambiguous_share: A curve in another direction with this share of its light is too many.

    Raises:
        StripeAmbiguousError: two stripes that cross could be the stripe.
        StripeError: none in any direction; as along the columns.
    """
    seen, errors = {}, []
    for angle_deg in COARSE_DEG:
        try:
            seen[angle_deg] = look(angle_deg)
        except StripeError as error:
            errors.append(error)
    if not seen:
        raise next((error for error in errors if not isinstance(error, StripeAbsentError)), errors[0])
    angle_deg = max(seen, key=lambda each: _light(seen[each]))
    profile, angle_deg = _followed(look, seen[angle_deg], angle_deg)
    _refuse_rival(profile, seen.values(), ambiguous_share)
    return profile, angle_deg


def _refuse_rival(profile: StripeProfile, seen: Iterable[StripeProfile], ambiguous_share: float) -> None:
    stripe, light = profile.pixels[::_EVERY_ROW], _light(profile)
    for other in seen:
        share = _light(other) / light
        if share < ambiguous_share:
            continue
        away = np.linalg.norm(other.measured().pixels[::_EVERY_ROW, None] - stripe[None], axis=-1).min(axis=1)
        if np.median(away) > SAME_PX:
            raise StripeAmbiguousError(
                f'Two curves in different directions could be the stripe; the second has {100 * share:.0f} % of the '
                'light of the first.',
                'Set stripe.direction as the sensor is mounted, or narrow the region of interest.',
            )


def _followed(look: Look, profile: StripeProfile, angle_deg: int) -> tuple[StripeProfile, int]:
    """The stripe followed at the angle at which it runs, begun at another one."""
    for _ in range(_ITERATIONS):
        better_deg = nearest_angle(_angle_deg(profile))
        if better_deg == angle_deg:
            break
        try:
            better = look(better_deg)
        except StripeError:
            break
        if _light(better) < _light(profile):
            break
        profile, angle_deg = better, better_deg
    return profile, angle_deg


def lean_deg(profile: StripeProfile) -> float:
    """By how much a stripe runs to larger columns of its upright image with growing rows, from end to end."""
    over, down = _run_px(profile)
    return math.degrees(math.atan2(over, down))


def _angle_deg(profile: StripeProfile) -> float:
    """The angle in the camera's image at which a stripe runs from end to end, as of `turning.ANGLES_DEG`."""
    over, down = _run_px(profile)
    along = over * np.array(profile.turn.right) + down * np.array(profile.turn.down)
    return math.degrees(math.atan2(-along[0], along[1]))


def _run_px(profile: StripeProfile) -> tuple[float, float]:
    """Columns and rows of the upright image over which a stripe runs from end to end."""
    count = max(1, round(_END_SHARE * len(profile.rows_px)))
    over = float(np.median(profile.columns_px[-count:]) - np.median(profile.columns_px[:count]))
    return over, float(profile.rows_px[-1] - profile.rows_px[0]) + 1.0


def _light(profile: StripeProfile) -> float:
    """How much light was followed: what is bridged has none."""
    return float(profile.intensity.sum())
