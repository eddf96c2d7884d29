"""`extract_stripe` by both methods: what it takes, what it refuses and how, and what it says of gaps."""

import warnings

import numpy as np
import pytest

from weld_cell.errors import (
    ImageError,
    StripeAbsentError,
    StripeAmbiguousError,
    StripeError,
    StripeSaturatedError,
)
from weld_cell.stripe import StripeSettings, extract_stripe

METHODS = ['ridge', 'paper']


@pytest.mark.parametrize(
    'pixels',
    [
        np.empty((0, 0), np.uint8),
        np.empty((480, 0), np.uint8),
        np.zeros((480, 640), np.float32),
        np.zeros((480, 640), np.uint16),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 1), np.uint8),
        np.zeros(640, np.uint8),
        np.zeros((8, 640), np.uint8),
        [[0, 1], [2, 3]],
    ],
)
@pytest.mark.parametrize('method', METHODS)
def test_wrong_images_are_refused(pixels, method):
    with pytest.raises(ImageError) as refusal:
        extract_stripe(pixels, StripeSettings(method=method))
    assert refusal.value.remedy


@pytest.mark.parametrize('method', METHODS)
@pytest.mark.parametrize('grey', [0, 40, 200])
def test_no_stripe(method, grey):
    with pytest.raises(StripeAbsentError, match=r'\d') as refusal:
        extract_stripe(np.full((480, 640), grey, np.uint8), StripeSettings(method=method))
    assert refusal.value.remedy


def test_noise_is_no_stripe(rng):
    noise = np.clip(rng.normal(40, 8, (480, 640)), 0, 255).astype(np.uint8)
    with pytest.raises(StripeError):
        extract_stripe(noise, StripeSettings())


def test_too_few_rows(stripe_image):
    centres = np.full(480, np.nan)
    centres[100:120] = 300.0
    with pytest.raises(StripeAbsentError, match='20 rows, 40 are needed'):
        extract_stripe(stripe_image(centres), StripeSettings(min_rows=40))


def test_a_saturated_image_is_named(stripe_image):
    image = stripe_image(np.full(480, 300.0), background=400.0)
    with pytest.raises(StripeSaturatedError, match='100 %'):
        extract_stripe(image, StripeSettings())


def test_a_saturated_patch_beside_the_stripe_is_no_harm(stripe_image):
    image = stripe_image(np.full(480, 300.0))
    image[:, 400:] = 255
    profile = extract_stripe(image, StripeSettings())
    assert profile.columns_px == pytest.approx(300.0, abs=0.05)


def test_two_stripes_are_ambiguous(stripe_image):
    image = np.maximum(stripe_image(np.full(480, 200.0)), stripe_image(np.full(480, 400.0)))
    with pytest.raises(StripeAmbiguousError, match='%'):
        extract_stripe(image, StripeSettings())


def test_a_dimmer_second_stripe_is_not(stripe_image):
    image = np.maximum(stripe_image(np.full(480, 200.0)), stripe_image(np.full(480, 400.0), amplitude=90.0))
    assert extract_stripe(image, StripeSettings()).columns_px == pytest.approx(200.0, abs=0.05)


@pytest.mark.parametrize('method', METHODS)
def test_golden_slanting_stripe(stripe_image, method):
    truth = 250.25 + 0.2 * np.arange(480)
    profile = extract_stripe(stripe_image(truth, amplitude=700.0), StripeSettings(method=method))
    assert profile.image_size_px == (640, 480)
    assert not profile.bridged.any()
    rows = profile.rows_px.astype(int)
    assert len(rows) >= 470 and (np.diff(rows) == 1).all()
    assert profile.columns_px == pytest.approx(truth[rows], abs=0.1 if method == 'ridge' else 0.5)
    assert profile.intensity.min() > 200


@pytest.mark.parametrize('method', METHODS)
def test_a_gap_is_bridged_by_a_straight_line(stripe_image, method):
    truth = np.where(np.arange(480) < 200, 300.0, 340.0)
    dark = truth.copy()
    dark[200:240] = np.nan
    profile = extract_stripe(stripe_image(dark, amplitude=240.0), StripeSettings(method=method))
    rows = profile.rows_px[profile.bridged]
    assert rows[0] == pytest.approx(200, abs=3) and rows[-1] == pytest.approx(239, abs=3)
    assert profile.columns_px[profile.bridged] == pytest.approx(
        np.interp(rows, [rows[0] - 1, rows[-1] + 1], [300.0, 340.0]), abs=0.1
    )
    assert (profile.intensity[profile.bridged] == 0).all()
    assert len(profile.measured().rows_px) == len(profile.rows_px) - len(rows)


def test_a_long_gap_is_left_out(stripe_image):
    dark = np.full(480, 300.0)
    dark[200:300] = np.nan
    profile = extract_stripe(stripe_image(dark), StripeSettings(bridge_rows=50))
    assert not profile.bridged.any()
    assert not np.isin(np.arange(200, 300), profile.rows_px).any()


@pytest.mark.parametrize('method', METHODS)
def test_region_of_interest(stripe_image, method):
    image = np.maximum(stripe_image(np.full(480, 100.0)), stripe_image(np.full(480, 400.0)))
    image = np.minimum(image.astype(int) * 2, 255).astype(np.uint8)
    settings = StripeSettings(method=method, roi_left_px=250, roi_top_px=50, roi_width_px=300, roi_height_px=200)
    profile = extract_stripe(image, settings)
    assert profile.columns_px == pytest.approx(400.0, abs=0.05)
    assert (profile.rows_px[0], profile.rows_px[-1]) == (50, 249)
    assert profile.image_size_px == (640, 480)


def test_an_empty_region_is_refused(stripe_image):
    with pytest.raises(ImageError, match='region of interest'):
        extract_stripe(stripe_image(np.full(480, 300.0)), StripeSettings(roi_left_px=635))


@pytest.mark.parametrize('colour, channel', [('red', 2), ('green', 1), ('blue', 0)])
def test_colour_images_by_the_colour_of_the_laser(stripe_image, colour, channel):
    white = stripe_image(np.full(480, 150.0), amplitude=240.0)  # brighter than the laser, but white
    laser = stripe_image(np.full(480, 400.3), amplitude=120.0)
    image = np.repeat(white[..., None], 3, axis=2)
    image[..., channel] = np.maximum(white, laser)
    profile = extract_stripe(image, StripeSettings(laser_colour=colour))
    assert profile.columns_px == pytest.approx(400.3, abs=0.1)


def test_an_overexposed_stripe_has_a_white_core(stripe_image):
    centres = np.full(480, 400.3)
    image = np.stack(
        [stripe_image(centres, sigma_px=2.5, amplitude=900.0)] * 2
        + [stripe_image(centres, sigma_px=4.0, amplitude=2000.0)],
        axis=2,
    )
    assert (image[:, 400] == 255).all()
    assert extract_stripe(image, StripeSettings()).columns_px == pytest.approx(400.3, abs=0.25)


def test_fuzz_only_named_errors(stripe_image, rng):
    """Random and mutated images give a sound profile or a StripeError, and no warning."""
    whole = stripe_image(300 + 30 * np.sin(np.arange(480) / 60), noise=5.0)
    settings = [StripeSettings(), StripeSettings(method='paper')]
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for k in range(120):
            try:
                profile = extract_stripe(_mutated(whole, rng, k), settings[k % 2])
            except (StripeError, ImageError):
                continue
            assert np.isfinite(profile.columns_px).all() and (np.diff(profile.rows_px) > 0).all()
            assert profile.columns_px.min() >= 0 and profile.columns_px.max() <= profile.image_size_px[0] - 1


def _mutated(image, rng, kind):
    image = image.copy()
    kind //= 2
    if kind % 6 == 0:
        return rng.integers(0, 256, rng.integers(16, 200, 2), dtype=np.uint8)
    if kind % 6 == 1:
        return image[: rng.integers(1, 480), rng.integers(0, 600) :]
    if kind % 6 == 2:
        image[rng.random(image.shape) < 0.2] = rng.integers(0, 256)
    if kind % 6 == 3:
        rows = rng.integers(0, 480, 2)
        image[rows.min() : rows.max()] = rng.integers(0, 256)
    if kind % 6 == 4:
        return np.repeat(image[..., None], 3, axis=2) ^ rng.integers(0, 256, (480, 640, 3), dtype=np.uint8)
    return np.roll(image, rng.integers(0, 640), axis=1)[:: rng.integers(1, 4)]
