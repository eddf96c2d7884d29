"""The work plane: hand-checked numbers, OpenCV as judge, round trips, and what has no answer."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.projection import normalised_rays
from weld_cell.geometry.transforms import invert, make_transform
from weld_cell.geometry.undistortion import exact_rays
from weld_cell.geometry.work_plane import WorkPlane, WorkPlaneSettings
from weld_cell.paths import config_file

MATRIX = np.array([[2000.0, 0.0, 700.0], [0.0, 1900.0, 500.0], [0.0, 0.0, 1.0]])
SIZE_PX = (1456, 1088)
PINHOLE = CameraModel(MATRIX, np.zeros(5), SIZE_PX)
WIDE = np.array([[1150.0, 0.0, 700.0], [0.0, 1100.0, 500.0], [0.0, 0.0, 1.0]])
STRONG = CameraModel(WIDE, np.array([-0.32, 0.18, 0.002, -0.003, 0.05]), SIZE_PX)
CUSHION = CameraModel(WIDE, np.array([0.4, 0.3, -0.002, 0.001, 0.1]), SIZE_PX)
CAMERAS = (PINHOLE, STRONG, CUSHION)
DOWN = make_transform((1.0, 0.0, 1.5), Rotation.from_euler('xyz', [180.0, 0.0, 90.0], degrees=True))
TIGHT = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 1000, 1e-15)

pixels_in_image = st.tuples(st.floats(-0.5, 1455.5), st.floats(-0.5, 1087.5)).map(lambda uv: np.array([uv]))
leans = st.tuples(st.floats(-25.0, 25.0), st.floats(-25.0, 25.0), st.floats(-180.0, 180.0))


def corners_and_middle():
    u, v = np.meshgrid(np.linspace(-0.5, 1455.5, 9), np.linspace(-0.5, 1087.5, 7))
    return np.column_stack([u.ravel(), v.ravel()])


def leaning(lean):
    """A work plane 0.3 m over base_link's floor that leans by up to 25 degrees, seen from above."""
    turn = Rotation.from_euler('xyz', lean, degrees=True)
    return WorkPlane(STRONG, DOWN, make_transform((1.0, 0.0, 0.3), turn))


@pytest.mark.parametrize('camera', CAMERAS)
def test_nothing_makes_nothing(camera):
    plane, none = WorkPlane.level(camera, DOWN, 0.2), np.empty((0, 2))
    assert plane.points(none).shape == (0, 2)
    assert plane.base_points(none).shape == (0, 3)
    assert plane.pixels(none).shape == (0, 2)
    assert plane.base_pixels(np.empty((0, 3))).shape == (0, 2)
    assert plane.jacobian_mm(none).shape == (0, 2, 2)
    assert plane.mm_per_px(none).shape == (0,)


@pytest.mark.parametrize('pixels', [np.empty(2), np.empty((1, 3)), np.array([[np.nan, 0.0]])])
def test_what_is_no_pixel_is_a_mistake(pixels):
    with pytest.raises(ValueError, match='finite pixels'):
        WorkPlane.level(PINHOLE, DOWN, 0.2).points(pixels)


def test_points_by_hand():
    """The camera's x is base_link's y, its y base_link's x, 1.3 m over the plane at 0.2 m."""
    plane = WorkPlane.level(PINHOLE, DOWN, 0.2)
    seen = plane.base_points(np.array([[700.0, 500.0], [900.0, 500.0], [700.0, 310.0]]))
    np.testing.assert_allclose(seen, [[1.0, 0.0, 0.2], [1.0, 0.13, 0.2], [0.87, 0.0, 0.2]], atol=1e-12)
    np.testing.assert_allclose(plane.points(np.array([[900.0, 500.0]])), [[1.0, 0.13]], atol=1e-12)


def test_scale_by_hand():
    plane = WorkPlane.level(PINHOLE, DOWN, 0.2)
    jacobian = plane.jacobian_mm(np.array([[123.0, 456.0]]))[0]
    np.testing.assert_allclose(jacobian, [[0.0, 1300.0 / 1900.0], [1300.0 / 2000.0, 0.0]], atol=1e-9)
    np.testing.assert_allclose(plane.mm_per_px(np.array([[5.0, 6.0]])), [1300.0 / np.sqrt(2000.0 * 1900.0)])


@pytest.mark.parametrize('camera', CAMERAS)
def test_rays_are_those_of_opencv_iterated_to_the_end(camera):
    pixels = corners_and_middle()
    expected = cv2.undistortPoints(pixels[:, None], camera.matrix, camera.distortion, criteria=TIGHT).reshape(-1, 2)
    np.testing.assert_allclose(exact_rays(camera, pixels)[:, :2], expected, atol=1e-12)


def test_five_rounds_are_not_enough_for_this_lens():
    corner = np.array([[-0.5, -0.5]])
    rounds = normalised_rays(CUSHION, corner)[:, :2] - exact_rays(CUSHION, corner)[:, :2]
    assert np.abs(1150.0 * rounds).max() > 0.5  # pixels


@pytest.mark.parametrize('camera', CAMERAS)
def test_rays_project_back_by_opencv(camera):
    pixels = corners_and_middle()
    back, _ = cv2.projectPoints(
        exact_rays(camera, pixels), np.zeros(3), np.zeros(3), camera.matrix, camera.distortion
    )
    np.testing.assert_allclose(back.reshape(-1, 2), pixels, atol=1e-6)


@given(pixels_in_image, leans)
def test_pixels_come_back(pixel, lean):
    plane = leaning(lean)
    np.testing.assert_allclose(plane.pixels(plane.points(pixel)), pixel, atol=1e-6)
    np.testing.assert_allclose(plane.base_pixels(plane.base_points(pixel)), pixel, atol=1e-6)


@given(leans, pixels_in_image)
def test_opencv_sees_the_points_in_the_pixels(lean, pixel):
    plane = leaning(lean)
    T_camera_base = invert(plane.T_base_camera)
    turn = Rotation.from_matrix(T_camera_base[:3, :3]).as_rotvec()
    seen, _ = cv2.projectPoints(
        plane.base_points(pixel), turn, T_camera_base[:3, 3], STRONG.matrix, STRONG.distortion
    )
    np.testing.assert_allclose(seen.reshape(-1, 2), pixel, atol=1e-6)
    on_plane = invert(plane.T_base_plane) @ np.append(plane.base_points(pixel)[0], 1.0)
    assert abs(on_plane[2]) < 1e-12


@settings(max_examples=30)
@given(pixels_in_image, leans)
def test_the_jacobian_is_the_slope_of_the_points(pixel, lean):
    plane, step = leaning(lean), 1e-3
    by_differences = [
        (plane.points(pixel + side) - plane.points(pixel - side))[0] / (2.0 * step)
        for side in (np.array([step, 0.0]), np.array([0.0, step]))
    ]
    np.testing.assert_allclose(
        plane.jacobian_mm(pixel)[0], 1e3 * np.column_stack(by_differences), rtol=1e-5, atol=1e-5
    )


def test_a_plane_behind_the_camera_is_refused():
    with pytest.raises(CalibrationError, match='does not meet the work plane') as refused:
        WorkPlane.level(PINHOLE, DOWN, 1.6).points(np.array([[700.0, 500.0]]))
    assert 'work_plane.height_m' in refused.value.remedy


def test_a_ray_that_looks_over_the_horizon_is_refused():
    """80 degrees from the vertical: the lower half of the image shows the table, the upper one what is above it."""
    lean = make_transform((1.0, 0.0, 1.5), Rotation.from_euler('xyz', [180.0 + 85.0, 0.0, 90.0], degrees=True))
    plane = WorkPlane.level(PINHOLE, lean, 0.2)
    met = [_meets(plane, np.array([[700.0, row]])) for row in (0.0, 1087.0)]
    assert sorted(met) == [False, True]


def _meets(plane, pixel):
    try:
        plane.points(pixel)
    except CalibrationError:
        return False
    return True


def test_a_plane_through_the_camera_is_refused():
    with pytest.raises(CalibrationError, match='through the camera'):
        WorkPlane.level(PINHOLE, DOWN, 1.5).points(np.array([[700.0, 500.0]]))


def test_a_point_behind_the_camera_is_refused():
    with pytest.raises(CalibrationError, match='behind the camera'):
        WorkPlane.level(PINHOLE, DOWN, 0.2).base_pixels(np.array([[1.0, 0.0, 1.6]]))


@pytest.mark.parametrize('distortion', [(-40.0, 0.0, 0.0, 0.0, 0.0), (-2.5, 0.0, 0.0, 0.0, 0.0)])
def test_a_pixel_that_the_lens_model_does_not_reach_is_refused(distortion):
    camera = CameraModel(MATRIX, np.array(distortion), SIZE_PX)
    assert exact_rays(camera, MATRIX[None, :2, 2]).shape == (1, 3)
    with pytest.raises(CalibrationError, match=r'no viewing ray for 1 of 1 pixels, the first at \(-0.5, -0.5\)'):
        exact_rays(camera, np.array([[-0.5, -0.5]]))


@pytest.mark.parametrize('matrix', [np.zeros((3, 3)), np.full((3, 3), np.nan)])
def test_an_uncalibrated_camera_has_no_work_plane(matrix):
    with pytest.raises(CalibrationError, match='not calibrated'):
        WorkPlane.level(CameraModel(matrix, np.zeros(5), SIZE_PX), DOWN, 0.2)


def test_the_installed_camera_on_its_table():
    """1.3 m over the table at 3.45 um and 8 mm: 0.56 mm a pixel in the middle."""
    mako = load_rig(str(config_file('rig.yaml'))).mako
    plane = WorkPlane.level(mako.camera, mako.T_parent_sensor, WorkPlaneSettings().height_m)
    middle = mako.camera.matrix[None, :2, 2]
    np.testing.assert_allclose(plane.base_points(middle), [[1.0, 0.0, 0.2]], atol=1e-12)
    np.testing.assert_allclose(plane.mm_per_px(middle), [1300.0 / 2319.0], rtol=1e-9)
