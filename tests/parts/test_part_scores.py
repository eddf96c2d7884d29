"""D, E and F against the formulas of the specification written out, pixel by pixel."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from weld_cell.parts.placement import Placement
from weld_cell.parts.scores import Photometry, match_score
from weld_cell.parts.template import prepare_template
from weld_cell.records import PartTemplate


def square_template(mask=None, part=200, background=0):
    """48 x 40 px, a bright block of 24 x 16 in its middle."""
    pixels = np.full((40, 48), background, np.uint8)
    pixels[12:28, 12:36] = part
    mask = np.ones(pixels.shape, bool) if mask is None else mask
    return PartTemplate('A-R', pixels, mask, np.array([23.5, 19.5]), 0.0, 0.5)


def reference(image, template, placement, gain=1.0, bias=0.0, dead_zone=0.0):
    """The slow judge: sums over pixels as the paper has them, bilinear samples, black outside."""
    pixels, (cu, cv) = template.pixels.astype(float), template.centre_px
    angle = math.radians(placement.angle_deg)
    square = weighted = total = count = 0.0
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            if not template.template.mask[row, column]:
                continue
            x, y = placement.scale * (column - cu), placement.scale * (row - cv)
            u = placement.u + math.cos(angle) * x - math.sin(angle) * y
            v = placement.v + math.sin(angle) * x + math.cos(angle) * y
            t = pixels[row, column]
            difference = abs(sample(image, u, v) - min(max(gain * t + bias, 0.0), 255.0)) / gain
            difference = max(difference - dead_zone, 0.0) / 255.0
            square, weighted, total, count = square + difference**2, weighted + difference * t, total + t, count + 1
    return square / count, weighted / total


def sample(image, u, v):
    column, row = math.floor(u), math.floor(v)
    grey = 0.0
    for k, share_v in ((row, 1 - v + row), (row + 1, v - row)):
        for j, share_u in ((column, 1 - u + column), (column + 1, u - column)):
            if 0 <= k < image.shape[0] and 0 <= j < image.shape[1]:
                grey += share_u * share_v * image[k, j]
    return grey


def test_a_template_on_its_own_picture_is_a_perfect_match():
    template = prepare_template(square_template())
    score = match_score(template.pixels, template, Placement(*template.centre_px, 0.0))
    assert (score.difference, score.coefficient, score.emsd, score.share) == (0.0, 0.0, 0.0, 1.0)


def test_a_part_that_is_absent_differs_by_its_grey():
    """D = share of metal * (200/255)^2, E = 200/255: by hand."""
    template = prepare_template(square_template())
    score = match_score(np.zeros((40, 48), np.uint8), template, Placement(*template.centre_px, 0.0))
    metal = 24 * 16 / (48 * 40)
    assert_allclose((score.difference, score.coefficient), (metal * (200 / 255) ** 2, 200 / 255), rtol=1e-6)
    assert_allclose(score.emsd, metal * (200 / 255) ** 3, rtol=1e-6)


def test_the_coefficient_does_not_see_metal_where_the_template_is_black():
    template = prepare_template(square_template())
    score = match_score(np.full((40, 48), 200, np.uint8), template, Placement(*template.centre_px, 0.0))
    assert score.coefficient == 0.0
    assert score.emsd == 0.0
    assert score.floored(0.05) == pytest.approx(0.05 * (1 - 0.2) * (200 / 255) ** 2)


def test_the_dead_zone_is_taken_off_every_difference():
    template = prepare_template(square_template())
    score = match_score(
        template.pixels + np.uint8(20), template, Placement(*template.centre_px, 0.0), dead_zone_grey=12
    )
    assert_allclose((score.difference, score.coefficient), ((8 / 255) ** 2, 8 / 255), rtol=1e-6)


def test_gain_and_bias_are_taken_out_and_clipping_is_no_difference():
    template = prepare_template(square_template())
    image = np.clip(1.5 * template.pixels.astype(float) + 10, 0, 255).astype(np.uint8)
    score = match_score(image, template, Placement(*template.centre_px, 0.0), Photometry(1.5, 10.0))
    assert score.emsd == 0.0


@settings(max_examples=25, deadline=None)
@given(
    st.floats(10, 70), st.floats(10, 50), st.floats(-180, 180), st.floats(0.8, 1.25), st.floats(0.7, 1.4),
    st.integers(0, 20), st.integers(0, 2**31),
)  # fmt: skip
def test_they_are_those_of_the_slow_reference(u, v, angle, scale, gain, dead_zone, seed):
    rng = np.random.default_rng(seed)
    mask = np.zeros((40, 48), bool)
    mask[8:32, 8:40] = True
    template = prepare_template(square_template(mask, background=10))
    image = rng.integers(0, 256, (60, 80), dtype=np.uint8)
    placement = Placement(u, v, angle, scale)
    score = match_score(image, template, placement, Photometry(gain, 3.0), dead_zone)
    expected = reference(image, template, placement, gain, 3.0, dead_zone)
    assert_allclose((score.difference, score.coefficient), expected, rtol=4e-3, atol=1e-4)
