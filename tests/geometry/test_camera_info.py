"""The camera of what a driver sends: binned, a region, rectified; or a refusal that says what does not fit."""

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, RegionOfInterest

from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera_info import cameras_of_info, is_rectified

K = np.array([[900.0, 0, 330], [0, 905.0, 236], [0, 0, 1]])
LENS = np.array([-0.2, 0.05, 0.001, 0.002, 0.01])
SIZE = (640, 480)
SHIFT = (0.021, -0.013, 0.3)


def info(**changes):
    width, height = SIZE
    return CameraInfo(**({'width': width, 'height': height, 'k': K.ravel(), 'd': LENS} | changes))


def region(left, top, width, height):
    return RegionOfInterest(x_offset=left, y_offset=top, width=width, height=height)


def spot(place_px):
    """An image of a spot of light whose centroid is known."""
    u, v = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    return (255 * np.exp(-((u - place_px[0]) ** 2 + (v - place_px[1]) ** 2) / 50.0)).astype(np.float32)


def centroid(image):
    v, u = np.indices(image.shape)
    return np.array([(u * image).sum(), (v * image).sum()]) / image.sum()


def projected(matrix, lens):
    return cv2.projectPoints(np.array([SHIFT]), np.zeros(3), np.zeros(3), matrix, lens)[0].ravel()


@pytest.mark.parametrize(
    ('changes', 'sent'),
    [
        ({}, lambda image: image),
        ({'roi': region(0, 0, *SIZE), 'binning_x': 1, 'binning_y': 1}, lambda image: image),
        ({'roi': region(101, 51, 400, 300)}, lambda image: image[51:351, 101:501]),
        ({'binning_x': 2, 'binning_y': 2}, lambda image: cv2.resize(image, (320, 240), interpolation=cv2.INTER_AREA)),
        (
            {'roi': region(100, 40, 400, 300), 'binning_x': 4, 'binning_y': 2},
            lambda image: cv2.resize(image[40:340, 100:500], (100, 150), interpolation=cv2.INTER_AREA),
        ),
    ],
)
def test_a_point_lies_where_the_image_that_is_sent_shows_it(changes, sent):
    image = sent(spot(projected(K, LENS)))
    camera = cameras_of_info(info(**changes))[image.shape[1], image.shape[0]]
    assert camera.size_px == (image.shape[1], image.shape[0])
    np.testing.assert_allclose(projected(camera.matrix, camera.distortion), centroid(image), atol=0.01)


def test_an_image_of_the_told_size_is_taken_as_it_is_told():
    """Drivers that tell their binning, and K, width and height of what they send."""
    camera = cameras_of_info(info(binning_x=2, binning_y=2))[SIZE]
    assert np.array_equal(camera.matrix, K)


@pytest.mark.parametrize(
    ('changes', 'size', 'told'),
    [
        ({'k': np.zeros(9), 'binning_x': 2}, (320, 480), 'not calibrated'),
        ({'roi': region(320, 200, 640, 400)}, (640, 400), 'does not lie in its 640 x 480 px'),
        (
            {'k': np.array([[225.0, 0, 80], [0, 226.0, 60], [0, 0, 1]]).ravel(), 'binning_x': 4, 'binning_y': 4},
            (160, 120),
            'that of images binned 4 x 4',
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, size, told):
    camera = cameras_of_info(info(**changes))[size]
    assert isinstance(camera, CalibrationError) and told in camera.message


def test_rectified_images_have_their_own_matrix_and_no_lens():
    of_rectified = np.array([[850.0, 0, 322, 0], [0, 851.0, 241, 0], [0, 0, 1, 0]])
    (camera,) = cameras_of_info(info(p=of_rectified.ravel(), r=np.eye(3).ravel()), rectified=True).values()
    assert np.array_equal(camera.matrix, of_rectified[:, :3]) and not camera.distortion.any()
    turned, _ = cv2.Rodrigues(np.array([0.0, 0.01, 0.0]))
    (refused,) = cameras_of_info(info(p=of_rectified.ravel(), r=turned.ravel()), rectified=True).values()
    assert isinstance(refused, CalibrationError) and 'image_raw' in refused.remedy


@pytest.mark.parametrize(
    ('topic', 'rectified'),
    [
        ('', False),
        ('/mako/image_raw', False),
        ('/mako/image_rect', True),
        ('/mako/image_rect_color/compressed', True),
        ('/image_rect/image_raw', False),
    ],
)
def test_rectified_images_are_known_by_their_topic(topic, rectified):
    assert is_rectified(topic) == rectified
