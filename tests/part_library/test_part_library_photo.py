"""A part out of a photograph: where it is to fractions of a pixel, and what is refused."""

import cv2
import numpy as np
import pytest

from weld_cell.errors import ImageError
from weld_cell.part_library.photo import cut_out
from weld_cell.sim.sheet_metal import ClosedCurve, SheetPart
from weld_cell.sim.sheet_metal_drawing import draw_part

PART = SheetPart(
    ClosedCurve(np.array([[-60.0, -30, 0], [60, -30, 0], [60, 20, 0], [0, 40, 0.2], [-60, 40, 0]])),
    (ClosedCurve.circle(np.array([20.0, 0.0]), 12.0),),
)


def photo(background=20, places=((150.4, 120.7),), noise=2.0, size=(320, 240), slope=0.0):
    rng = np.random.default_rng(6)
    image = np.full((size[1], size[0]), background, np.uint8)
    for place in places:
        image = draw_part(PART, 25.0, np.array(place), size, 1.2, image, rng)
    light = slope * (np.arange(size[0]) - size[0] / 2)
    seen = cv2.GaussianBlur(image, (0, 0), 0.7) + light + rng.normal(0.0, noise, image.shape)
    return np.clip(np.round(seen), 0, 255).astype(np.uint8)


@pytest.mark.parametrize('image', [photo(places=()), np.zeros((40, 40), np.uint8), photo(background=178)])
def test_no_part(image):
    with pytest.raises(ImageError, match='No part is distinguishable') as caught:
        cut_out(image)
    assert 'even background' in caught.value.remedy


@pytest.mark.parametrize('background', [0, 60, 250])
@pytest.mark.parametrize('slope', [0.0, 0.06])
def test_area_and_place_to_fractions_of_a_pixel(background, slope):
    found = cut_out(photo(background, slope=slope))
    assert found.cover.sum() / 255 / 1.2**2 == pytest.approx(PART.area_mm2, rel=2e-3)
    exact = draw_part(PART, 25.0, np.array([150.4, 120.7]), (320, 240), 1.2, 0, np.random.default_rng(0))
    rows, columns = np.indices(exact.shape)
    centre = np.array([(exact * columns).sum(), (exact * rows).sum()]) / exact.sum()
    np.testing.assert_allclose(found.centroid_px, centre, atol=0.1)
    u, v = found.corner_px
    np.testing.assert_array_equal(found.pixels.shape, found.cover.shape)
    np.testing.assert_array_equal(
        found.pixels, photo(background, slope=slope)[v:, u:][: found.pixels.shape[0], : found.pixels.shape[1]]
    )


def test_a_photo_in_colour_is_one_in_grey():
    grey = cut_out(photo())
    colour = cut_out(cv2.cvtColor(photo(), cv2.COLOR_GRAY2BGR))
    np.testing.assert_array_equal(colour.pixels, grey.pixels)


def test_two_parts_are_refused_and_a_box_chooses():
    both = photo(places=((100.0, 90.0), (290.0, 160.0)), size=(400, 260))
    with pytest.raises(ImageError, match='2 objects of similar size') as caught:
        cut_out(both)
    assert '--box' in caught.value.remedy
    found = cut_out(both, (0, 0, 190, 200))
    assert found.cover.sum() / 255 / 1.2**2 == pytest.approx(PART.area_mm2, rel=3e-3)


@pytest.mark.parametrize('place', [(20.0, 120.0), (300.0, 120.0), (150.0, 20.0), (150.0, 230.0)])
def test_a_part_cut_by_the_border_is_refused(place):
    with pytest.raises(ImageError, match='The image border cuts off the part') as caught:
        cut_out(photo(places=(place,)))
    assert 'whole part' in caught.value.remedy


def test_a_box_that_cuts_the_part():
    with pytest.raises(ImageError, match='The image border cuts off the part'):
        cut_out(photo(), (0, 0, 150, 240))


@pytest.mark.parametrize(
    'box', [(-1, 0, 50, 50), (300, 0, 21, 50), (0, 230, 50, 11), (0, 0, 0, 0), (0, 0, 15, 100), (500, 500, 50, 50)]
)
def test_a_box_outside_of_the_photo(box):
    with pytest.raises(ValueError, match='expected a box from 16 px within the photograph of 320 x 240'):
        cut_out(photo(), box)


def test_dirt_is_passed_over_and_counted():
    image = photo()
    image[10:14, 10:14] = 180
    assert cut_out(image).dirt == 1


def test_a_part_of_a_few_pixels():
    image = np.zeros((60, 60), np.uint8)
    image[20:30, 20:30] = 200
    with pytest.raises(ImageError, match='only 10 x 10 px'):
        cut_out(image)
