"""Stripes that lie, or run aslant: how the image is turned, what tells the direction, and what the judge sees."""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from weld_cell.errors import ImageError, StripeAbsentError, StripeAmbiguousError
from weld_cell.records import UPRIGHT
from weld_cell.stripe import StripeFinder, StripeSettings, extract_stripe
from weld_cell.stripe.directions import lean_deg
from weld_cell.stripe.turning import ANGLES_DEG, nearest_angle, turned

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_render import Dials, JudgeRig, render  # noqa: E402

AUTO, LYING = StripeSettings(direction='auto'), StripeSettings(direction='horizontal')
DARK = np.zeros((480, 640), np.uint8)


def line(angle_deg, size=(640, 480), middle=None):
    """A straight stripe through the middle, at an angle to the columns as of ANGLES_DEG."""
    v, u = np.mgrid[: size[1], : size[0]].astype(float)
    middle = middle or (0.5 * size[0], 0.5 * size[1])
    angle = np.radians(angle_deg)
    away = (u - middle[0]) * np.cos(angle) + (v - middle[1]) * np.sin(angle)
    return np.rint(200.0 * np.exp(-0.5 * (away / 2.0) ** 2)).astype(np.uint8)


def off_line(profile, angle_deg, middle=(320.0, 240.0)):
    """(n,) distances of a profile's centres from `line`, pixels."""
    angle = np.radians(angle_deg)
    return np.abs((profile.measured().pixels - middle) @ [np.cos(angle), np.sin(angle)])


@pytest.mark.parametrize('direction', ['vertical', 'horizontal', 'auto'])
def test_a_dark_or_tiny_image_shows_no_stripe(direction):
    with pytest.raises(StripeAbsentError):
        extract_stripe(DARK, StripeSettings(direction=direction))
    with pytest.raises(ImageError):
        extract_stripe(DARK[:4], StripeSettings(direction=direction))


def test_a_direction_that_is_none_is_refused():
    with pytest.raises(ValueError, match='direction'):
        StripeSettings(direction='aslant')


@pytest.mark.parametrize('angle_deg', ANGLES_DEG)
def test_turned_there_and_back(angle_deg, rng):
    upright, turn, blank = turned(line(angle_deg), angle_deg)
    places = rng.uniform(0, 400, (9, 2))
    assert np.allclose(turn.from_image(turn.to_image(places)), places)
    column = upright[upright.shape[0] // 2 - 100 : upright.shape[0] // 2 + 100].astype(int).sum(axis=0)
    assert column.max() > 200 * 180 and 0.0 <= blank < 0.6
    if angle_deg in (0, 90):
        u, v = np.rint(turn.to_image(np.array([[7.0, 3.0]]))[0]).astype(int)
        assert upright[3, 7] == line(angle_deg)[v, u] and blank == 0.0


@pytest.mark.parametrize(
    'angle_deg, nearest',
    [(0.0, 0), (14.0, 0), (-16.0, -30), (37.0, 30), (50.0, 45), (76.0, 90), (-80.0, 90), (100, 90)],
)
def test_the_nearest_angle(angle_deg, nearest):
    assert nearest_angle(angle_deg) == nearest


@pytest.mark.parametrize('angle_deg', [0.0, 12.0, -22.0, 37.0, 45.0, -52.0, 60.0, -68.0, 80.0, 90.0])
def test_the_stripe_is_found_at_any_angle_in_the_pixels_of_the_camera(angle_deg):
    profile = extract_stripe(line(angle_deg), AUTO)
    assert np.percentile(off_line(profile, angle_deg), 95) < 0.1
    assert abs(lean_deg(profile)) < 16.0
    assert profile.image_size_px == (640, 480)
    length = min(
        480 / max(abs(np.cos(np.radians(angle_deg))), 1e-9), 640 / max(abs(np.sin(np.radians(angle_deg))), 1e-9)
    )
    assert len(profile.rows_px) > 0.9 * length


def test_a_stripe_along_the_columns_is_the_same_to_the_last_bit_by_auto():
    pixels = line(5.0)
    ours, same = extract_stripe(pixels, AUTO), extract_stripe(pixels, StripeSettings())
    assert ours.turn == UPRIGHT and np.array_equal(ours.columns_px, same.columns_px)


def test_a_lying_stripe_is_that_of_the_transposed_image():
    pixels = line(85.0)
    lying, standing = extract_stripe(pixels, LYING), extract_stripe(np.ascontiguousarray(pixels.T), StripeSettings())
    assert np.array_equal(lying.pixels, standing.pixels[:, ::-1])
    assert lying.image_size_px == standing.image_size_px[::-1]
    with pytest.raises(StripeAbsentError):
        extract_stripe(pixels, StripeSettings())


@pytest.mark.parametrize('angle_deg', [0.0, 45.0, 90.0])
def test_a_region_of_interest_counts_in_the_image_of_the_camera(angle_deg):
    pixels = line(angle_deg)
    pixels[:60] = 255  # a lamp at the upper edge
    lit = extract_stripe(pixels, replace(AUTO, roi_left_px=30, roi_top_px=100, roi_width_px=580, roi_height_px=350))
    places = lit.measured().pixels
    assert np.percentile(off_line(lit, angle_deg), 95) < 0.1
    assert places[:, 1].min() >= 99.0 and places[:, 0].min() >= 29.0


def test_two_lines_that_cross_are_refused():
    with pytest.raises(StripeAmbiguousError, match='directions'):
        extract_stripe(cv2.max(line(0.0), line(90.0)), AUTO)


def test_the_first_images_settle_the_direction_and_one_reflection_does_not_change_it():
    finder = StripeFinder()
    for _ in range(3):
        assert finder.angle_deg is None
        finder.find(line(88.0), AUTO)
    assert finder.angle_deg == 90
    for _ in range(14):  # two looks around
        with pytest.raises(StripeAbsentError, match='as those before'):
            finder.find(line(2.0), AUTO)
    finder.find(line(90.0), AUTO)
    assert finder.angle_deg == 90


def test_a_sensor_that_was_mounted_anew_is_noticed():
    finder = StripeFinder()
    for _ in range(3):
        finder.find(line(0.0), AUTO)
    for _ in range(14):
        with pytest.raises(StripeAbsentError):
            finder.find(line(90.0), AUTO)
    assert finder.find(line(90.0), AUTO).turn != UPRIGHT and finder.angle_deg == 90


def test_a_dark_image_neither_tells_nor_forgets_a_direction():
    finder = StripeFinder()
    for pixels in [DARK, line(45.0), DARK, line(45.0), line(45.0), *[DARK] * 12]:
        try:
            finder.find(pixels, AUTO)
        except StripeAbsentError:
            assert not pixels.any()
    assert finder.angle_deg == 45


@pytest.mark.parametrize('name', ['lap', 'fillet', 'v'])
@pytest.mark.parametrize('roll_deg', [90.0, -90.0, 40.0, -35.0])
def test_the_judges_sensor_turned_about_its_axis(name, roll_deg):
    judged = render(name, replace(Dials(), rig=JudgeRig(roll_deg=roll_deg)), np.random.default_rng(5))
    profile = extract_stripe(judged.pixels, AUTO)
    assert len(profile.rows_px) > 400 and abs(lean_deg(profile)) < 25.0


@pytest.mark.parametrize('angle_deg', [30.0, -45.0, 60.0])
@pytest.mark.parametrize('channels', [1, 3])
def test_the_corners_of_a_bright_image_are_no_part_of_a_short_stripe(angle_deg, channels, rng):
    v, u = np.mgrid[:480, :640]
    near = np.hypot(u - 320, v - 240) < 180
    light = 70.0 + np.where(near, line(angle_deg), 0) + 2.0 * rng.standard_normal((480, 640))
    grey = np.clip(light, 0, 255).astype(np.uint8)
    profile = extract_stripe(grey if channels == 1 else cv2.merge([grey] * 3), AUTO)
    assert np.hypot(*(profile.pixels - [320.0, 240.0]).T).max() < 190.0
