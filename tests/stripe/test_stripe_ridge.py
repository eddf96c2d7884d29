"""The ridge: sub-pixel accuracy on stripes whose centre is known, and what it must not be led astray by."""

import numpy as np
import pytest

from weld_cell.stripe import StripeSettings, extract_stripe


def _errors(image, truth):
    profile = extract_stripe(image, StripeSettings()).measured()
    return profile.columns_px - truth[profile.rows_px.astype(int)]


@pytest.mark.parametrize(
    'sigma_px, amplitude, noise, bias_px, rms_px',
    [
        (1.2, 200.0, 0.0, 0.005, 0.03),
        (2.5, 200.0, 0.0, 0.005, 0.02),
        (2.5, 900.0, 0.0, 0.005, 0.03),  # saturated over 8 pixels
        (4.0, 2000.0, 0.0, 0.005, 0.05),  # saturated over 16 pixels
        (2.5, 200.0, 4.0, 0.01, 0.05),
        (2.5, 60.0, 4.0, 0.02, 0.15),
        (3.0, 30.0, 3.0, 0.05, 0.30),
    ],
)
def test_subpixel_accuracy(stripe_image, sigma_px, amplitude, noise, bias_px, rms_px):
    truth = 300.0 + 0.37 * np.arange(480)
    image = stripe_image(truth, sigma_px=sigma_px, amplitude=amplitude, noise=noise)
    errors = _errors(image, truth)
    assert len(errors) >= 470
    assert abs(errors.mean()) < bias_px
    assert np.sqrt(np.mean(errors**2)) < rms_px


def test_a_step_is_not_rounded(stripe_image):
    """The step of a lap: the stripe leaps from one row to the next."""
    truth = np.where(np.arange(480) < 241, 300.0, 315.0)
    errors = _errors(stripe_image(truth), truth)
    assert len(errors) == 480
    assert np.abs(errors).max() < 0.05


@pytest.mark.parametrize('depth_px, gap_rows', [(12, 8), (25, 12), (35, 14)])
def test_the_dim_bottom_of_a_gap_is_found(stripe_image, depth_px, gap_rows):
    truth = np.full(480, 300.0)
    truth[240 : 240 + gap_rows] += depth_px
    amplitude = np.where(truth > 300.0, 50.0, 200.0)
    errors = _errors(stripe_image(truth, amplitude=amplitude, noise=2.0), truth)
    assert len(errors) == 480
    assert np.abs(errors).max() < 1.0


@pytest.mark.parametrize('shadow_rows', [0, 10, 20])
def test_the_stripe_turns_at_a_corner_where_its_reflection_goes_straight_on(stripe_image, shadow_rows):
    """A fillet with a dark corner and a shadow on one arm, whose narrower reflection is seen throughout."""
    rows = np.arange(480)
    truth = 300.0 - 0.5 * np.abs(rows - 240)
    dark = (np.abs(rows - 240) < 8) | (np.abs(rows - 100) < shadow_rows)
    reflection = stripe_image(600.0 - truth, sigma_px=1.5, amplitude=np.where(np.abs(rows - 240) < 8, 0.0, 200.0))
    image = np.maximum(stripe_image(truth, amplitude=np.where(dark, 0.0, 900.0)), reflection)
    assert np.abs(_errors(image, truth)).max() < 1.0


def test_spilt_light_does_not_close_a_gap(stripe_image):
    truth = np.full(480, 300.0)
    amplitude = np.where(np.abs(np.arange(480) - 240) < 6, 20.0, 240.0)
    profile = extract_stripe(stripe_image(truth, amplitude=amplitude), StripeSettings())
    assert profile.rows_px[profile.bridged].tolist() == list(range(235, 246))


def test_brighter_clutter_is_not_the_stripe(stripe_image, rng):
    """A dim continuous stripe against short bright streaks, a bright edge and a lamp."""
    truth = 300.0 + 0.1 * np.arange(480)
    image = stripe_image(truth, amplitude=60.0, noise=3.0)
    image[:, 520:] = 230  # a bright surface
    image[60:130, 40:140] = 255  # a lamp
    for row in (90, 200, 330):
        for k in range(25):  # spatter
            image[row + k, 100 + k : 104 + k] = 255
    assert np.abs(_errors(image, truth)).max() < 1.0


def test_ambient_light_with_a_gradient(stripe_image):
    truth = 300.0 + 0.1 * np.arange(480)
    image = stripe_image(truth, amplitude=80.0, background=np.linspace(20, 150, 640)[None], noise=3.0)
    errors = _errors(image, truth)
    assert abs(errors.mean()) < 0.08 and np.sqrt(np.mean(errors**2)) < 0.15


def test_a_second_reflection_crosses_the_stripe(stripe_image):
    """A fillet: behind the corner both branches go on dimly, as straight as the other branch."""
    rows = np.arange(480)
    truth = 400.0 - 0.5 * np.abs(rows - 240)
    ghost = 400.0 + 0.4 * np.abs(rows - 240)
    image = np.maximum(stripe_image(truth, amplitude=400.0), stripe_image(ghost, amplitude=120.0))
    image[232:238] = 12  # a shadow just where one must choose
    profile = extract_stripe(image, StripeSettings()).measured()
    errors = profile.columns_px - truth[profile.rows_px.astype(int)]
    assert len(errors) > 460 and np.abs(errors).max() < 2.0


@pytest.mark.parametrize('column', [8.0, 12.3, 627.6, 631.0])
def test_at_the_edge_of_the_image(stripe_image, column):
    truth = np.full(480, column)
    assert np.abs(_errors(stripe_image(truth), truth)).max() < 0.1


@pytest.mark.parametrize('height, width', [(479, 641), (101, 333)])
def test_odd_sizes(stripe_image, height, width):
    truth = 100.0 + 0.4 * np.arange(height)
    errors = _errors(stripe_image(truth, width=width), truth)
    assert len(errors) >= height - 1 and np.abs(errors).max() < 0.1
