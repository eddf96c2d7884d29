"""One constructor for every calibration that comes from outside: right, or refused by the name of the lens model."""

import numpy as np
import pytest
import yaml
from sensor_msgs.msg import CameraInfo

from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.geometry.camera import camera_from_ros, load_camera_info
from weld_cell.geometry.camera_info import camera_from_info

K = [900.0, 0, 320, 0, 900.0, 240, 0, 0, 1]
SIZE_PX = (640, 480)
TAKEN = [
    ('', [], [0] * 5),
    ('plumb_bob', [-0.1, 0.02, 0.001, 0.002], [-0.1, 0.02, 0.001, 0.002, 0]),
    ('plumb_bob', [-0.1, 0.02, 0.001, 0.002, 0.03], [-0.1, 0.02, 0.001, 0.002, 0.03]),
    ('rational_polynomial', [-0.1, 0.02, 0.001, 0.002, 0.03, 0, 0, 0], [-0.1, 0.02, 0.001, 0.002, 0.03]),
]
REFUSED = [
    ('equidistant', [0.0] * 4),
    ('fisheye', [0.1, 0, 0, 0]),
    ('rational_polynomial', [-0.1, 0.02, 0.001, 0.002, 0.03, 0.2, 0, 0]),
    ('plumb_bob', [np.nan, 0, 0, 0, 0]),
]


def by_node(model, distortion):
    width, height = SIZE_PX
    return camera_from_info(CameraInfo(distortion_model=model, d=distortion, k=K, width=width, height=height))


def by_file(model, distortion, folder):
    path = folder / 'camera.yaml'
    content = {
        'image_width': SIZE_PX[0],
        'image_height': SIZE_PX[1],
        'distortion_model': model,
        'camera_matrix': {'data': K},
        'distortion_coefficients': {'data': [float(k) for k in distortion]},
    }
    path.write_text(yaml.safe_dump(content))
    return load_camera_info(path)


@pytest.mark.parametrize(('model', 'distortion', 'expected'), TAKEN)
def test_what_is_plumb_bob_is_taken(tmp_path, model, distortion, expected):
    for camera in (by_node(model, distortion), by_file(model, distortion, tmp_path)):
        assert camera.distortion.tolist() == expected and camera.size_px == SIZE_PX


@pytest.mark.parametrize(('model', 'distortion'), REFUSED)
def test_what_is_not_is_refused_by_name(tmp_path, model, distortion):
    for make in (lambda: by_node(model, distortion), lambda: by_file(model, distortion, tmp_path)):
        with pytest.raises(CalibrationError, match=model if np.isfinite(distortion).all() else 'finite'):
            make()


def test_an_uncalibrated_camera_of_any_lens_is_said_to_be_uncalibrated():
    with pytest.raises(CalibrationError, match='not calibrated'):
        camera_from_ros('equidistant', [], np.zeros(9), SIZE_PX)


def test_a_file_whose_numbers_are_none_is_named(tmp_path):
    (tmp_path / 'camera.yaml').write_text(
        'image_width: 640\nimage_height: 480\ncamera_matrix: {data: [a, b]}\ndistortion_coefficients: {data: []}\n'
    )
    with pytest.raises(ConfigurationError, match='camera.yaml'):
        load_camera_info(tmp_path / 'camera.yaml')
