"""The drawn root of a groove against one made of single points of light."""

import numpy as np
import pytest
from seam_root_views import APEX, GEOMETRY, picture

from weld_cell.seam.rules.v.root_image import FINE, FINE_SHAPE, PAD_ROWS, SHAPE, draw_root, outline

BLUR = np.exp(-0.5 * (np.arange(FINE * PAD_ROWS + 1) / FINE / 0.8) ** 2)
BLUR /= BLUR[0] + 2.0 * BLUR[1:].sum()
DARK = np.full(4, -50.0)


def drawn(gap=0.8, face=1.0, backing=0.0, share=0.0, left=None, right=None, geometry=GEOMETRY):
    plain = np.full(4, np.log(1.2))
    return draw_root(
        np.array([gap, face, 0.0, 2.3, backing, share]),
        plain if left is None else left,
        plain if right is None else right,
        BLUR,
        geometry,
        np.empty(FINE_SHAPE),
    )


def test_dark_walls_leave_the_picture_dark():
    assert drawn(left=DARK, right=DARK, backing=0.3, share=0.1).max() < 1e-9


@pytest.mark.parametrize(
    ('gap', 'face', 'backing'), [(0.0, 1.0, 0.0), (0.8, 1.0, 0.0), (0.8, 0.5, 0.3), (2.0, 1.5, 0.6)]
)
def test_it_is_the_sum_of_single_points(gap, face, backing):
    facing = np.sin(np.radians(30.0))  # of the walls
    expected = picture(gap, face, backing * 1.2 / facing)
    assert drawn(gap, face, backing) == pytest.approx(expected, abs=0.03)


def test_a_second_reflection_lies_level_in_a_groove_of_60_degrees():
    light = drawn(share=0.1, left=DARK) - drawn(left=DARK)
    rows, columns = np.nonzero(light > 0.5 * light.max())
    assert rows.max() < APEX[0]  # seen in the left wall
    assert columns.mean() == pytest.approx(APEX[1], abs=0.1)


def test_a_camera_aside_sees_one_root_face():
    aside = GEOMETRY.copy()
    aside[6] = -0.2 * GEOMETRY[5]
    seen = drawn(gap=1.5, face=1.5, geometry=aside, right=DARK) - drawn(gap=1.5, face=0.0, geometry=aside, right=DARK)
    assert seen.max() > 0.1
    other = drawn(gap=1.5, face=1.5, geometry=aside, left=DARK) - drawn(gap=1.5, face=0.0, geometry=aside, left=DARK)
    assert np.abs(other).max() < 1e-9


def test_corners_of_a_stepped_groove():
    stepped = GEOMETRY.copy()
    stepped[3] = 0.5
    corners = outline(0.6, 1.0, 0.0, stepped)
    rows = corners[[1, 4], 0] / FINE - PAD_ROWS - APEX[0]
    heights = (corners[[1, 2, 3, 4], 1] - APEX[1]) / GEOMETRY[4]
    assert rows[1] - rows[0] == pytest.approx(0.6 * GEOMETRY[5])
    assert heights[3] - heights[0] == pytest.approx(0.5)
    assert heights[1] == heights[2] == pytest.approx(heights[0] - 1.0)
    assert drawn(geometry=stepped).shape == SHAPE
