"""The cover of pixels by polygons: by hand, and against areas that are known."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weld_cell.geometry.polygon_cover import polygon_cover

SQUARE = np.array([[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]])


@pytest.mark.parametrize('polygons', [[], [np.empty((0, 2))], [SQUARE[:1]], [SQUARE[:2]], [SQUARE - 90.0]])
def test_nothing_is_covered_by_nothing(polygons):
    np.testing.assert_array_equal(polygon_cover(polygons, (5, 4)), np.zeros((4, 5)))


def test_a_square_by_hand():
    """From the middle of pixel 1 to the middle of pixel 3: quarters at the corners, halves at the edges."""
    expected = np.zeros((5, 6))
    expected[1:4, 1:4] = [[0.25, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 0.25]]
    np.testing.assert_allclose(polygon_cover([SQUARE], (6, 5)), expected, atol=1e-6)
    np.testing.assert_allclose(polygon_cover([SQUARE[::-1]], (6, 5)), expected, atol=1e-6)


def test_a_slanted_edge_by_hand():
    """The triangle below the diagonal of two pixels side by side: a quarter of the left one, three of the right."""
    triangle = np.array([[-0.5, 0.5], [1.5, -0.5], [1.5, 0.5]])
    np.testing.assert_allclose(polygon_cover([triangle], (2, 1)), [[0.25, 0.75]], atol=1e-6)


def test_a_hole_runs_the_other_way_round():
    frame = np.array([[-0.5, -0.5], [5.5, -0.5], [5.5, 5.5], [-0.5, 5.5]])
    np.testing.assert_allclose(
        polygon_cover([frame, SQUARE[::-1]], (6, 6)), 1.0 - polygon_cover([SQUARE], (6, 6)), atol=1e-6
    )


def test_what_lies_beyond_the_image_is_left_out():
    large = np.array([[-9.0, -7.0], [30.0, -5.0], [28.0, 40.0], [-8.0, 35.0]])
    np.testing.assert_allclose(polygon_cover([large], (7, 5)), np.ones((5, 7)), atol=1e-6)
    whole = polygon_cover([large + 12.0], (60, 60))
    np.testing.assert_allclose(
        polygon_cover([large + [12.0 - 20.0, 12.0 - 10.0]], (25, 30)), whole[10:40, 20:45], atol=1e-6
    )


@given(st.floats(2.0, 14.0), st.floats(0.0, 6.3), st.floats(18.0, 22.0), st.floats(18.0, 22.0), st.integers(3, 40))
def test_the_area_of_any_regular_polygon(radius, turn, u, v, corners):
    angles = turn + np.arange(corners) * 2 * np.pi / corners
    polygon = [u, v] + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    cover = polygon_cover([polygon], (41, 41))
    assert cover.sum() == pytest.approx(0.5 * corners * radius**2 * np.sin(2 * np.pi / corners), rel=1e-5)
    columns, rows = np.meshgrid(np.arange(41.0), np.arange(41.0))
    assert (cover * columns).sum() / cover.sum() == pytest.approx(u, abs=radius * 0.02 + 0.01)
    assert (cover * rows).sum() / cover.sum() == pytest.approx(v, abs=radius * 0.02 + 0.01)


def test_it_agrees_with_opencv_drawn_large():
    polygon = np.array([[3.2, 4.1], [30.7, 9.9], [22.0, 15.0], [35.3, 33.3], [8.8, 30.1]])
    large = np.zeros((640, 640), np.uint8)
    cv2.fillPoly(large, [np.round((polygon + 0.5) * 16 - 0.5).astype(np.int32)], 1)
    drawn = cv2.resize(large.astype(np.float32), (40, 40), interpolation=cv2.INTER_AREA)
    assert np.abs(polygon_cover([polygon], (40, 40)) - drawn).max() < 0.12
