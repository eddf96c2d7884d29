"""The coarse search, what a limit is learned from, and what is seen of a part: by hand on small images."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from weld_cell.errors import PartUnknownError
from weld_cell.parts.anywhere import MOST_TURNS, levelled, turns_near
from weld_cell.parts.decision import decided
from weld_cell.parts.placement import Placement
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.refine import judged, refined
from weld_cell.parts.scene import edge_contrast, is_cut
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.template import prepare_template
from weld_cell.parts.thresholds import LearnedScores, learn_scores
from weld_cell.records import PartMatch, PartTemplate

AS_WRITTEN = PartSettings(dead_zone_grey=0.0, surface_share=0.0, coefficient_floor=0.0)


def block_template(part=200, side=60, margin=10):
    """A bright square on black."""
    pixels = np.zeros((side + 2 * margin, side + 2 * margin), np.uint8)
    pixels[margin:-margin, margin:-margin] = part
    middle = np.full(2, 0.5 * (len(pixels) - 1))
    return prepare_template(PartTemplate('S', pixels, np.ones(pixels.shape, bool), middle, 0.0, 1.0))


@pytest.mark.parametrize('grey', [0.0, 100.0, 255.0])
def test_an_even_image_levelled_is_nothing(grey):
    assert_array_equal(levelled(np.full((20, 30), grey, np.float32), 7, 50.0), 0.0)


def test_a_slope_of_light_is_levelled_away_from_the_border():
    slope = np.tile(np.arange(40, dtype=np.float32), (20, 1))
    assert_allclose(levelled(slope, 7, 50.0)[:, 3:-3], 0.0, atol=1e-4)


def test_a_glint_counts_no_more_than_a_part():
    """One pixel of 90 in a square of 3 x 3: its mean is 10, it stands out by 80, and 50 are left of that."""
    image = np.zeros((9, 9), np.float32)
    image[4, 4] = 90.0
    level = levelled(image, 3, 50.0)
    assert level[4, 4] == pytest.approx(50.0)
    assert_allclose(level[3:6, 3:6][np.arange(9).reshape(3, 3) != 4], -10.0, rtol=1e-5)
    assert_array_equal(level[0], 0.0)


def test_a_correlation_of_one_turn_and_one_pixel_has_that():
    assert turns_near(np.ones((1, 1, 1), np.float32), 0, 0) == [(0, 0, 0)]


def test_of_turns_that_are_all_alike_a_few_are_kept():
    assert len(turns_near(np.ones((72, 5, 5), np.float32), 2, 2)) == MOST_TURNS


def test_turns_nearly_as_good_are_kept_where_each_is_best():
    """72 turns of 5 degrees. At (10, 8) the best; the opposite one peaks two pixels aside; 10 degrees off the best
    is no peak of its own; 0.79 of the best is too little, and three pixels aside too far."""
    correlation = np.zeros((72, 20, 20), np.float32)
    correlation[10, 8, 10] = 1.0
    correlation[12, 8, 10] = 0.95
    correlation[46, 6, 12] = 0.85
    correlation[28, 8, 10] = 0.79
    correlation[60, 8, 13] = 0.99
    assert turns_near(correlation, 10, 8) == [(10, 8, 10), (12, 6, 46)]


def test_turns_go_all_round_and_a_place_in_the_corner_has_fewer_neighbours():
    """The first and the last turn are 5 degrees apart: one peak."""
    correlation = np.zeros((72, 20, 20), np.float32)
    correlation[71, 1, 2] = 1.0
    correlation[0, 0, 0] = 0.95
    correlation[30, 19, 19] = 0.9
    assert turns_near(correlation, 0, 0) == [(2, 1, 71)]
    assert turns_near(correlation, 19, 19) == [(19, 19, 30)]


@pytest.mark.parametrize(
    ('own', 'rival', 'stranger', 'strictness', 'limit'),
    [
        (0.0, math.inf, 0.0, 1.0, 0.0),  # nothing learned: nothing passes but a perfect match
        (1e-6, math.inf, 2e-3, 1.0, 2e-3),  # alone in the library: a smaller part of its shape is the limit
        (1e-6, 4e-4, 2e-3, 1.0, 3e-5),  # 30 of its own, above the root of 1e-6 * 4e-4 = 2e-5
        (1e-6, 1e-2, 2e-3, 1.0, 1e-4),  # the root of 1e-6 * 1e-2
        (1e-6, 1e-2, 5e-5, 1.0, 5e-5),  # the stranger comes nearer than both
        (1e-6, math.inf, 2e-3, 4.0, 5e-4),
    ],
)
def test_the_limit_by_hand(own, rival, stranger, strictness, limit):
    assert LearnedScores(own, rival, '', stranger).limit(strictness) == pytest.approx(limit, rel=1e-12)


def test_the_stranger_of_a_block_by_hand():
    """A block of 54 x 54 in place of 60 x 60 lacks 684 of 3600 px: 576 wholly, and its rim of 216 px by half."""
    template = block_template()
    with_background, on_metal = learn_scores(template, lambda _: ([], []), AS_WRITTEN, np.random.default_rng(1))
    coefficient = (576 + 216 / 2) / 60**2 * (200 / 255)
    for learned, count in ((with_background, 80**2), (on_metal, 60**2)):
        difference = (576 + 216 / 4) / count * (200 / 255) ** 2
        assert learned.stranger == pytest.approx(coefficient * difference, rel=0.05)
        assert (learned.own, learned.rival) == (0.0, math.inf)


@pytest.mark.parametrize(('score', 'told'), [(0.0, True), (0.99e-3, True), (1.01e-3, False)])
def test_what_scores_above_the_limit_is_unknown(score, told):
    """The stranger's 2e-3, at a strictness of 2."""
    template = block_template()
    candidate = judged(ImagePyramid(template.pixels), template, Placement(39.5, 39.5, 0.0), 1, AS_WRITTEN)
    learned = {'S': LearnedScores(1e-6, math.inf, '', 2e-3)}
    found = decided([replace(candidate, score=score)], learned, PartSettings(strictness=2.0), (0.0, 0.0))
    assert isinstance(found, PartMatch if told else PartUnknownError)


@pytest.mark.parametrize(('offset', 'cut'), [(0.0, False), (9.0, False), (11.5, True), (40.0, True), (500.0, True)])
def test_a_block_is_cut_once_its_edge_is_outside(offset, cut):
    """It begins 10 px inwards of its picture's left border; its edge is a pixel wide to both sides of that."""
    template = block_template()
    image = np.zeros((200, 300), np.uint8)
    candidate = judged(
        ImagePyramid(image), template, Placement(39.5 - offset, 100.0, 0.0), 1, AS_WRITTEN, metal_only=True
    )
    assert is_cut(candidate, (300, 200)) is cut


def test_what_is_outside_of_the_image_does_not_count():
    """Half of the block is seen, and fits; nothing of it is seen beyond the image."""
    template = block_template()
    image = np.zeros((200, 300), np.uint8)
    image[70:130, :30] = 200
    pyramid = ImagePyramid(image)
    half = judged(pyramid, template, Placement(-0.5, 99.5, 0.0), 1, AS_WRITTEN, metal_only=True)
    assert (half.match.share, half.match.emsd) == (0.5, 0.0)
    assert edge_contrast(pyramid, half) == pytest.approx(1.0, abs=0.02)
    none = replace(half, placement=Placement(-500.0, 99.5, 0.0))
    assert edge_contrast(pyramid, none) == 0.0
    assert not judged(pyramid, template, none.placement, 1, AS_WRITTEN).match.shows_metal(1.0)


def test_a_cut_block_is_aligned_by_what_is_seen_of_it():
    template = block_template()
    image = np.zeros((200, 300), np.uint8)
    image[70:130, :40] = 200
    found = refined(ImagePyramid(image), template, Placement(7.0, 101.0, 3.0), template.factors, AS_WRITTEN, True)
    assert_allclose((found.placement.u, found.placement.v), (9.5, 99.5), atol=0.1)
    assert abs(found.placement.angle_deg) < 0.2
    assert found.match.share == pytest.approx(40 / 60, abs=0.02)
