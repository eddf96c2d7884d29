"""Camera and laser plane: hand-checked numbers, and projection against triangulation."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import plane_basis, triangulate
from weld_cell.geometry.projection import normalised_rays, project

MATRIX = np.array([[2000.0, 0.0, 320.0], [0.0, 1000.0, 240.0], [0.0, 0.0, 1.0]])
PINHOLE = CameraModel(MATRIX, np.zeros(5), (640, 480))
LENS = CameraModel(MATRIX, np.array([-0.08, 0.05, 0.001, -0.001, 0.0]), (640, 480))
PLANE = np.array([-5.7735027, 0.0, 3.3333333])

pixels_in_image = st.tuples(st.floats(0.0, 639.0), st.floats(0.0, 479.0)).map(lambda uv: np.array([uv]))


@pytest.mark.parametrize('matrix', [np.zeros((3, 3)), np.eye(4), np.full((3, 3), np.nan)])
def test_an_uncalibrated_camera_is_refused(matrix):
    with pytest.raises(CalibrationError, match='not calibrated'):
        CameraModel(matrix, np.zeros(5), (640, 480))


@pytest.mark.parametrize('camera', [PINHOLE, LENS])
def test_no_pixels_and_no_points_make_none(camera):
    assert project(camera, np.empty((0, 3))).shape == (0, 2)
    assert normalised_rays(camera, np.empty((0, 2))).shape == (0, 3)
    assert triangulate(camera, PLANE, np.empty((0, 2))).shape == (0, 3)


def test_rays_by_hand():
    rays = normalised_rays(PINHOLE, np.array([[320.0, 240.0], [520.0, 140.0]]))
    np.testing.assert_allclose(rays, [[0.0, 0.0, 1.0], [0.1, -0.1, 1.0]])


def test_projection_by_hand():
    # (0.1, -0.2, 2): u = 320 + 2000 * 0.05, v = 240 - 1000 * 0.1
    np.testing.assert_allclose(project(PINHOLE, np.array([[0.1, -0.2, 2.0]])), [[420.0, 140.0]])


def test_triangulation_by_hand():
    # The ray (0.1, 0, 1) meets -2 x + 4 z = 1 at z = 1 / 3.8.
    point = triangulate(PINHOLE, np.array([-2.0, 0.0, 4.0]), np.array([[520.0, 240.0]]))
    np.testing.assert_allclose(point, [[0.1 / 3.8, 0.0, 1.0 / 3.8]])


def test_triangulation_is_the_equation_of_the_paper():
    a, b, c = -5.0, 0.4, 3.0
    u, v, k_x, k_y = 400.0, 100.0, 2000.0, 1000.0
    # Zeng et al. 2020, equation 1: pixel offsets scaled by the other axis' focal length, over d.
    d = a * k_y * (u - 320.0) + b * k_x * (v - 240.0) + c * k_x * k_y
    expected = [k_y * (u - 320.0) / d, k_x * (v - 240.0) / d, k_x * k_y / d]
    np.testing.assert_allclose(triangulate(PINHOLE, np.array([a, b, c]), np.array([[u, v]])), [expected])


@given(pixels_in_image)
def test_triangulated_pixels_project_back(pixel):
    point = triangulate(LENS, PLANE, pixel)
    np.testing.assert_allclose(point @ PLANE, [1.0], atol=1e-9)
    back = cv2.projectPoints(point, np.zeros(3), np.zeros(3), LENS.matrix, LENS.distortion)[0].reshape(-1, 2)
    np.testing.assert_allclose(back, pixel, atol=2e-3)
    np.testing.assert_allclose(project(LENS, point), back, atol=1e-9)


def test_a_ray_that_misses_the_plane_is_refused():
    with pytest.raises(CalibrationError, match='does not meet the laser plane'):
        triangulate(PINHOLE, -PLANE, np.array([[320.0, 240.0]]))


@given(st.tuples(st.floats(-8.0, 8.0), st.floats(-2.0, 2.0), st.floats(0.5, 8.0)).map(np.array))
def test_the_basis_lies_in_the_plane(plane):
    origin, across, up = plane_basis(plane)
    np.testing.assert_allclose(origin @ plane, 1.0, atol=1e-9)
    np.testing.assert_allclose([across @ plane, up @ plane, across @ up], 0.0, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm([across, up], axis=1), 1.0)
    assert across[1] > 0
    assert up[2] <= 1e-12


def test_the_basis_of_the_nominal_sensor_by_hand():
    origin, across, up = plane_basis(PLANE)
    np.testing.assert_allclose(origin, [0.0, 0.0, 0.3], atol=1e-7)
    np.testing.assert_allclose(across, [0.0, 1.0, 0.0], atol=1e-7)
    np.testing.assert_allclose(up, [-0.5, 0.0, -np.sqrt(0.75)], atol=1e-7)


def test_the_basis_of_a_plane_beside_the_optical_axis():
    origin, _, _ = plane_basis(np.array([10.0, 0.0, 0.0]))
    np.testing.assert_allclose(origin, [0.1, 0.0, 0.0])
