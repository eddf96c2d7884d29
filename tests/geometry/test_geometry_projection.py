"""Rays and pixels of the camera model beside OpenCV's own."""

import cv2
import numpy as np
import pytest

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.projection import normalised_rays, project

MATRIX = np.array([[2000.0, 0.0, 320.0], [0.0, 1900.0, 240.0], [0.0, 0.0, 1.0]])
CORNERS = np.array([[0.0, 0.0], [639.0, 479.0], [320.0, 240.0], [100.5, 300.25]])
BEYOND = (-40.0, 0.0, 0.0, 0.0, 0.0)  # turns the image inside out: OpenCV leaves such pixels as they are
LENSES = [
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (-0.08, 0.05, 0.0, 0.0, 0.0),
    (-0.3, 0.2, 0.001, -0.002, 0.05),
    (-5.0, 30.0, 0.1, 0.1, 9.0),
    BEYOND,
]


def camera(distortion):
    return CameraModel(MATRIX, np.array(distortion), (640, 480))


@pytest.mark.parametrize('distortion', LENSES)
def test_rays_are_opencvs(distortion):
    expected = cv2.undistortPoints(CORNERS.reshape(-1, 1, 2), MATRIX, np.array(distortion)).reshape(-1, 2)
    rays = normalised_rays(camera(distortion), CORNERS)
    np.testing.assert_allclose(rays[:, :2], expected, atol=1e-12)
    assert (rays[:, 2] == 1.0).all()


@pytest.mark.parametrize('distortion', LENSES)
def test_pixels_are_opencvs(distortion):
    points = np.array([[0.0, 0.0, 0.3], [0.05, -0.03, 0.3], [-0.04, 0.02, 0.25], [0.01, 0.02, 0.0]])
    expected = cv2.projectPoints(points, np.zeros(3), np.zeros(3), MATRIX, np.array(distortion))[0].reshape(-1, 2)
    np.testing.assert_allclose(project(camera(distortion), points), expected, rtol=1e-12)


def test_nothing_has_no_rays_and_no_pixels():
    assert normalised_rays(camera(LENSES[1]), np.empty((0, 2))).shape == (0, 3)
    assert project(camera(LENSES[1]), np.empty((0, 3))).shape == (0, 2)


def test_arrays_of_any_layout_and_type_are_taken():
    turned = CameraModel(np.asfortranarray(MATRIX.astype(int)), np.zeros(5), (640, 480))
    expected = normalised_rays(camera(LENSES[0]), CORNERS[::2])
    np.testing.assert_array_equal(normalised_rays(turned, np.asfortranarray(CORNERS)[::2]), expected)
