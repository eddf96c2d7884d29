"""Which part lies in a drawn image, where and how turned; and what is refused, by name and with a remedy."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_parts import PX_PER_MM, SIZE_PX, draw_parts, random_part
from part_pictures import MIDDLE, drawn, template_of

from weld_cell.errors import ImageError, PartAmbiguousError, PartCutError, PartLibraryError, PartUnknownError
from weld_cell.parts.identify import PartIdentifier, identify
from weld_cell.records import PartTemplate


def salt_and_pepper(image, count, rng):
    noisy = image.copy()
    at = rng.choice(image.size, count, replace=False)
    noisy.ravel()[at[: count // 2]] = 0
    noisy.ravel()[at[count // 2 :]] = 255
    return noisy


DISTURBANCES = {
    'none': lambda image, rng: image,
    'salt and pepper': lambda image, rng: salt_and_pepper(image, 40000, rng),
    'blur': lambda image, rng: cv2.GaussianBlur(image, (5, 5), 0),
    'less contrast': lambda image, rng: cv2.convertScaleAbs(image, alpha=0.8),
    'more contrast': lambda image, rng: cv2.convertScaleAbs(image, alpha=1.3),
}


def test_an_empty_library_is_refused():
    with pytest.raises(PartLibraryError, match='empty.*weld_cell parts add'):
        identify(np.zeros((100, 100), np.uint8), [])


def test_an_empty_table_is_said_to_be_empty(identifier):
    rng = np.random.default_rng(1)
    with pytest.raises(PartUnknownError, match='No part of the library lies'):
        identifier.identify(draw_parts([], SIZE_PX, PX_PER_MM, 8, rng))


@pytest.mark.parametrize('disturbance', DISTURBANCES)
def test_each_part_is_told_from_its_mirror_image(identifier, parts, disturbance):
    rng = np.random.default_rng(11)
    for code, part in parts.items():
        image = drawn(part, rng.uniform(-180, 180), MIDDLE + rng.uniform(-60, 60, 2), rng)
        (match,) = identifier.identify(DISTURBANCES[disturbance](image, rng))
        assert match.code == code
        assert match.runner_up == code[:2] + {'R': 'L', 'L': 'R'}[code[2]]
        assert match.margin > 0.4


def test_the_pose_is_that_of_the_drawing(identifier, parts):
    """The frame of a cut template is the middle of the part's box; it turns with the part."""
    rng = np.random.default_rng(12)
    offset = identifier.library.templates[0].template.origin_px
    angle, shift = 37.25, np.array([31.4, -20.3])
    (still,) = identifier.identify(drawn(parts['A-R'], 0.0, MIDDLE, rng))
    (moved,) = identifier.identify(drawn(parts['A-R'], angle, MIDDLE + shift, rng))
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    expected = MIDDLE + shift + matrix @ (still.origin_px - MIDDLE)
    assert offset.shape == (2,)
    assert abs(moved.axis_deg - still.axis_deg - angle) < 0.03
    assert np.hypot(*(moved.origin_px - expected)) < 0.2


def test_a_part_that_the_library_lacks_is_unknown(identifier):
    rng = np.random.default_rng(13)
    for _ in range(3):
        with pytest.raises(PartUnknownError, match='Add'):
            identifier.identify(drawn(random_part(rng, 0.34)[0], rng.uniform(-180, 180), MIDDLE, rng))


def test_a_part_that_the_border_cuts_is_refused(identifier, parts):
    rng = np.random.default_rng(14)
    with pytest.raises(PartCutError, match='extends beyond the image'):
        identifier.identify(drawn(parts['A-R'], 20.0, (60.0, 544.0), rng))


def test_a_symmetric_pair_is_ambiguous_and_told_to_be_one_part():
    rng = np.random.default_rng(15)
    pair = random_part(rng, 0.0)
    same = PartIdentifier([template_of('S-R', pair[0], rng), template_of('S-L', pair[1], rng)])
    with pytest.raises(PartAmbiguousError, match='keep one code for both'):
        same.identify(drawn(pair[0], 77.0, MIDDLE, rng))


def test_two_templates_of_one_code_are_refused(templates):
    with pytest.raises(PartLibraryError, match='Two templates of one code: A-R'):
        PartIdentifier([templates[0], templates[0]])


@pytest.mark.parametrize(
    ('image', 'says'),
    [
        (np.zeros((0, 0), np.uint8), 'has only 0 x 0'),
        (np.zeros((480, 640, 3), np.uint8), 'Mono8'),
        (np.zeros((480, 640), np.uint16), '8 bits a pixel, got uint16'),
    ],
)
def test_an_image_of_another_kind_is_refused(identifier, image, says):
    with pytest.raises(ImageError, match=says):
        identifier.identify(image)


def test_a_template_without_a_part_is_refused():
    blank = PartTemplate('B', np.full((80, 80), 90, np.uint8), np.ones((80, 80), bool), np.zeros(2), 0.0, 0.5)
    with pytest.raises(PartLibraryError, match='No part is visible in'):
        PartIdentifier([blank])


@pytest.mark.parametrize(
    ('pixels', 'error', 'says'),
    [
        (np.zeros((80, 80, 3), np.uint8), ImageError, 'Mono8'),
        (np.zeros((80, 80), np.uint16), ImageError, '8 bits a pixel, got uint16'),
        (np.zeros((15, 40), np.uint8), PartLibraryError, 'The template of B is too small'),
    ],
)
def test_a_template_of_another_kind_is_refused(pixels, error, says):
    template = PartTemplate('B', pixels, np.ones(pixels.shape[:2], bool), np.zeros(2), 0.0, 0.5)
    with pytest.raises(error, match=says):
        PartIdentifier([template])


def test_a_template_of_which_nothing_counts_is_refused():
    template = PartTemplate('B', np.zeros((80, 80), np.uint8), np.zeros((80, 80), bool), np.zeros(2), 0.0, 0.5)
    with pytest.raises(PartLibraryError, match='The template of B is too small or all masked'):
        PartIdentifier([template])


def test_a_mask_of_another_size_is_a_mistake():
    with pytest.raises(ValueError, match='mask'):
        PartIdentifier(
            [PartTemplate('B', np.zeros((80, 80), np.uint8), np.ones((8, 8), bool), np.zeros(2), 0.0, 0.5)]
        )


def test_parts_darker_and_brighter_than_their_background_are_not_mixed(templates):
    dark = replace(templates[2], pixels=255 - templates[2].pixels)
    with pytest.raises(
        PartLibraryError, match=r'Some parts are darker than their background \(B-R\).*light of the cell'
    ):
        PartIdentifier([templates[0], dark])


def test_dark_parts_on_a_bright_background_are_found_as_well(parts):
    rng = np.random.default_rng(16)
    dark = [template_of(code, part, rng) for code, part in parts.items()]
    dark = [PartTemplate(t.code, 255 - t.pixels, t.mask, t.origin_px, t.axis_deg, t.mm_per_px) for t in dark]
    (match,) = PartIdentifier(dark).identify(255 - drawn(parts['B-L'], 140.0, MIDDLE, rng))
    assert match.code == 'B-L'


def test_the_other_hand_of_a_part_is_refused_where_the_library_lacks_it(templates, parts):
    rng = np.random.default_rng(17)
    right_only = PartIdentifier(templates[::2])
    (match,) = right_only.identify(drawn(parts['A-R'], 33.0, MIDDLE, rng))
    assert (match.code, match.runner_up) == ('A-R', 'A-R mirrored')
    with pytest.raises(PartUnknownError, match='the mirror image of A-R'):
        right_only.identify(drawn(parts['A-L'], 33.0, MIDDLE, rng))


def test_marks_and_oil_on_a_piece_do_not_hide_its_part(identifier, parts):
    """A dark block and a stain to the very edge, which no template has."""
    rng = np.random.default_rng(18)
    for code, part in parts.items():
        image = drawn(part, 12.0, MIDDLE, rng)
        metal = image > 80
        u, v = (int(x.mean()) for x in np.nonzero(metal)[::-1])
        image[v + 30 : v + 60, u - 15 : u + 15][metal[v + 30 : v + 60, u - 15 : u + 15]] = 85
        columns, rows = np.meshgrid(np.arange(image.shape[1]), np.arange(image.shape[0]))
        stain = 1.0 - 0.35 * np.exp(-((columns - u + 150) ** 2 + (rows - v) ** 2) / (2 * 45.0**2))
        (match,) = identifier.identify((image * stain).astype(np.uint8))
        assert match.code == code
