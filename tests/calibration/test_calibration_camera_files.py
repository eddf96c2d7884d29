"""Intrinsics in the forms that people have them in."""

import contextlib
import json

import cv2
import numpy as np
import pytest

from weld_cell.calibration.camera_files import camera_info_yaml, load_intrinsics
from weld_cell.errors import CalibrationError, ConfigurationError

K = np.array([[900.0, 0.0, 319.5], [0.0, 901.0, 239.5], [0.0, 0.0, 1.0]])
LENS = [-0.1, 0.02, 0.001, -0.002, 0.0]
SIZE = (640, 480)


OTHERS = {
    'kalibr.yaml': f"""cam0:
  camera_model: pinhole
  distortion_coeffs: {LENS[:4]}
  distortion_model: radtan
  intrinsics: [900.0, 901.0, 319.5, 239.5]
  resolution: [640, 480]
""",
    'realsense.json': json.dumps(
        {'color': {'fx': 900.0, 'fy': 901.0, 'ppx': 319.5, 'ppy': 239.5, 'coeffs': LENS, 'width': 640, 'height': 480}}
    ),
    'ngp.json': json.dumps(
        {'fl_x': 900.0, 'fl_y': 901.0, 'cx': 319.5, 'cy': 239.5, 'w': 640.0, 'h': 480.0}
        | dict(zip(('k1', 'k2', 'p1', 'p2'), LENS, strict=False))
    ),
    'echoed.yaml': f"""header:
  frame_id: mako_optical_frame
height: 480
width: 640
distortion_model: plumb_bob
d: {LENS}
k: {K.ravel().tolist()}
binning_x: 0
---
""",
    'echoed_by_ros_1.yaml': f"""height: 480
width: 640
distortion_model: plumb_bob
D: {LENS}
K: {K.ravel().tolist()}
""",
    'ost.txt': """# oST version 5.0 parameters


[image]

width
640

height
480

[narrow_stereo]

camera matrix
900.000000 0.000000 319.500000
0.000000 901.000000 239.500000
0.000000 0.000000 1.000000

distortion
-0.100000 0.020000 0.001000 -0.002000 0.000000

rectification
1.000000 0.000000 0.000000
0.000000 1.000000 0.000000
0.000000 0.000000 1.000000
""",
}


def written(path, form):
    if form == 'json':
        path = path / 'camera.json'
        path.write_text(json.dumps({'camera_matrix': K.tolist(), 'distortion_coefficients': [LENS]}))
    elif form == 'ours':
        path = path / 'intrinsics.json'
        path.write_text(json.dumps({'size_px': [640, 480], 'matrix': K.ravel().tolist(), 'distortion': LENS}))
    elif form == 'opencv':
        path = path / 'camera.xml'
        storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
        storage.write('cameraMatrix', K)
        storage.write('distCoeffs', np.array(LENS))
        storage.release()
    elif form in OTHERS:
        path = path / form
        path.write_text(OTHERS[form])
    elif form == 'numpy':
        path = path / 'calib.npz'
        np.savez(path, mtx=K, dist=np.array([LENS]), rvecs=np.zeros((4, 3, 1)))
    else:
        path = path / 'camera.yaml'
        path.write_text(
            f'image_width: 640\nimage_height: 480\ncamera_matrix: {{data: {K.ravel().tolist()}}}\n'
            f'distortion_model: plumb_bob\ndistortion_coefficients: {{data: {LENS}}}\n'
        )
    return path


@pytest.mark.parametrize('form', ['json', 'ours', 'opencv', 'ros', 'numpy', *OTHERS])
def test_forms(tmp_path, form):
    camera = load_intrinsics(written(tmp_path, form), SIZE)
    np.testing.assert_array_equal(camera.matrix, K)
    np.testing.assert_array_equal(camera.distortion, LENS)
    assert camera.size_px == SIZE
    (tmp_path / 'written.yaml').write_text(camera_info_yaml(camera, 'mako'))
    again = load_intrinsics(tmp_path / 'written.yaml', (1, 1))
    np.testing.assert_array_equal(again.matrix, K)
    np.testing.assert_array_equal(again.distortion, LENS)
    assert again.size_px == SIZE


@pytest.mark.parametrize(
    ('name', 'content', 'error', 'message'),
    [
        ('a.json', '', ConfigurationError, 'no intrinsics'),
        ('a.txt', 'camera matrix', ConfigurationError, 'no camera matrix of nine numbers'),
        ('a.npz', '', ConfigurationError, 'no NumPy archive'),
        (
            'a.yaml',
            'cam0: {intrinsics: [9, 9, 3, 2], distortion_model: equidistant, distortion_coeffs: [0, 0, 0, 0]}',
            CalibrationError,
            'a.yaml: The lens model "equidistant"',
        ),
        ('a.json', '[1]', ConfigurationError, 'no intrinsics'),
        ('a.json', '{"f": 900}', ConfigurationError, 'no camera matrix of nine numbers'),
        ('a.json', json.dumps({'K': [0.0] * 9}), CalibrationError, 'no focal length'),
        ('a.json', json.dumps({'K': K.tolist(), 'D': [0.1] * 8}), CalibrationError, 'lens model'),
        (
            'a.yml',
            '%YAML:1.0\n---\nx: !!opencv-matrix\n   rows: 1',
            ConfigurationError,
            'OpenCV file|no camera matrix',
        ),
        ('a.yaml', 'image_width: 640', ConfigurationError, 'camera_matrix'),
    ],
)
def test_files_that_are_no_camera(tmp_path, name, content, error, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(error, match=message):
        load_intrinsics(tmp_path / name, SIZE)
    with pytest.raises(ConfigurationError, match='cannot be read'):
        load_intrinsics(tmp_path / 'none.json', SIZE)


@pytest.mark.parametrize(
    ('name', 'content', 'told'),
    [
        (
            'realsense.json',
            {'fx': 9, 'fy': 9, 'ppx': 3, 'ppy': 2, 'coeffs': LENS, 'model': 'kannala_brandt4'},
            'kannala',
        ),
        (
            'realsense.json',
            {'fx': 9, 'fy': 9, 'ppx': 3, 'ppy': 2, 'coeffs': LENS, 'model': 'distortion.inverse_brown_conrady'},
            'inverse',
        ),
        ('ngp.json', {'fl_x': 9, 'fl_y': 9, 'cx': 3, 'cy': 2, 'is_fisheye': True, 'k1': 0.1, 'k4': 0.1}, 'fisheye'),
        ('ngp.json', {'fl_x': 9, 'fl_y': 9, 'cx': 3, 'cy': 2, 'k1': 0.1, 'k4': 0.1}, '8 coefficients'),
        (
            'info.json',
            {'K': [9, 0, 3, 0, 9, 2, 0, 0, 1], 'D': LENS[:4], 'distortion_model': 'equidistant'},
            'equidistant',
        ),
        ('arrays.npz', {'K': K, 'D': LENS[:4], 'camera_model': 'fisheye'}, 'fisheye'),
    ],
)
def test_another_lens_is_refused_by_its_name(tmp_path, name, content, told):
    path = tmp_path / name
    if path.suffix == '.npz':
        np.savez(path, **content)
    else:
        path.write_text(json.dumps(content))
    with pytest.raises(CalibrationError, match=f'lens model .*{told}'):
        load_intrinsics(path, SIZE)


@pytest.mark.parametrize('fisheye', [0, 1])
def test_opencvs_sample_says_whether_its_lens_is_a_fisheye(tmp_path, fisheye):
    storage = cv2.FileStorage(str(tmp_path / 'out.xml'), cv2.FILE_STORAGE_WRITE)
    storage.write('fisheye_model', fisheye)
    storage.write('camera_matrix', K)
    storage.write('distortion_coefficients', np.array(LENS[:4]).reshape(4, 1))
    storage.release()
    with pytest.raises(CalibrationError, match='fisheye') if fisheye else contextlib.nullcontext():
        np.testing.assert_array_equal(load_intrinsics(tmp_path / 'out.xml', SIZE).distortion[:4], LENS[:4])


def test_an_inverse_lens_of_zeros_is_none(tmp_path):
    content = {'fx': 9, 'fy': 9, 'ppx': 3, 'ppy': 2, 'coeffs': [0.0] * 5, 'model': 'inverse_brown_conrady'}
    (tmp_path / 'realsense.json').write_text(json.dumps(content))
    assert not load_intrinsics(tmp_path / 'realsense.json', SIZE).distortion.any()


@pytest.mark.parametrize('form', ['matlab.json', 'row.yaml', 'numpy.npz', 'opencv.xml'])
def test_a_lens_under_an_unknown_name_is_not_taken_for_none(tmp_path, form):
    file = tmp_path / form
    if form == 'matlab.json':
        file.write_text(json.dumps({'K': K.tolist(), 'RadialDistortion': LENS[:2]}))
    elif form == 'row.yaml':
        file.write_text('fx: 900\nfy: 901\ncx: 320\ncy: 240\nradial: [-0.1, 0.02]\n')
    elif form == 'numpy.npz':
        np.savez(file, mtx=K, dist_coefs=LENS)
    else:
        storage = cv2.FileStorage(str(file), cv2.FILE_STORAGE_WRITE)
        storage.write('K', K)
        storage.write('dist_coefs', np.array(LENS))
        storage.release()
    with pytest.raises(ConfigurationError, match='RadialDistortion|radial|dist_coefs'):
        load_intrinsics(file, SIZE)
