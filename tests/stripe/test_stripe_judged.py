"""The stripe before the renderer of tests/judges, which shares no code with the simulator, and in photographs."""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from weld_cell.errors import StripeAbsentError, StripeError
from weld_cell.stripe import StripeSettings, extract_stripe

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_looks import drawn  # noqa: E402
from stripe_render import Dials, render  # noqa: E402
from stripe_score import SHARED, laserless_crops  # noqa: E402

SOFT_END_ROWS = 5
"""The fan's ends fade within so many rows."""


@pytest.mark.parametrize('name', ['lap', 'butt', 'v'])
@pytest.mark.parametrize('noise', [2.0, 6.0, 7.0])
def test_nothing_is_seen_beyond_the_lit_part(name, noise, rng):
    for lit in (0.55, 0.7, 0.85):
        judged = render(name, replace(Dials(), lit=lit, noise=noise, background=25.0), rng)
        rows = extract_stripe(judged.pixels, StripeSettings()).rows_px
        first, last = judged.lit_px
        assert first - SOFT_END_ROWS <= rows[0] < first + 2 * SOFT_END_ROWS
        assert last - 2 * SOFT_END_ROWS < rows[-1] <= last + SOFT_END_ROWS


@pytest.mark.parametrize('noise', [0.0, 2.0, 5.0, 6.0, 6.5, 7.0, 10.0])
@pytest.mark.parametrize('background', [0.0, 30.0])
def test_with_the_laser_off_there_is_no_stripe(noise, background, rng):
    for _ in range(4):
        judged = render('butt', replace(Dials(), laser=False, noise=noise, background=background, ambient=40.0), rng)
        with pytest.raises(StripeAbsentError):
            extract_stripe(judged.pixels, StripeSettings())


def test_a_grey_image_in_three_channels_is_that_grey_image():
    grey = drawn('v', 'plain', 1).pixels
    alone = extract_stripe(grey, StripeSettings())
    for spread in (0, 2):  # the latter as compression may leave it
        channels = [grey, np.clip(grey.astype(int) + spread, 0, 255).astype(np.uint8), grey]
        three = extract_stripe(cv2.merge(channels), StripeSettings())
        assert np.array_equal(three.columns_px, alone.columns_px)
        assert np.array_equal(three.bridged, alone.bridged)


def test_a_curve_that_is_mostly_bridged_is_none(stripe_image):
    centres = np.full(480, np.nan)
    centres[:60] = centres[-60:] = 300.0
    with pytest.raises(StripeAbsentError, match='480 rows .* seen in 120'):
        extract_stripe(stripe_image(centres), StripeSettings(bridge_rows=400))
    lax = StripeSettings(bridge_rows=400, min_measured_share=0.2)
    assert extract_stripe(stripe_image(centres), lax).bridged.sum() == 360


@pytest.mark.real_data
@pytest.mark.skipif(not SHARED.is_dir(), reason=f'no real images: {SHARED} is absent')
def test_photographs_without_a_laser_line_give_no_stripe():
    """Twenty-five in colour and as many in grey."""
    found = []
    for number, crop in enumerate(laserless_crops(50, 1)):
        try:
            found.append((number, len(extract_stripe(crop, StripeSettings()).rows_px)))
        except StripeError:
            continue
    assert not found
