"""The laser plane from stripes over a board: by hand, on other people's images, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board, BoardView
from weld_cell.calibration.laser_plane import StripeOnBoard, calibrate_laser_plane, plane_gap_mm
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / 'shared' / 'data' / 'calibration' / 'laser_plane_circle_grid'
BOARD = Board('chessboard', 8, 6, 0.020)
CAMERA = CameraModel(
    np.array([[1000.0, 0.0, 320.0], [0.0, 1000.0, 240.0], [0.0, 0.0, 1.0]]),
    np.array([-0.1, 0.02, 0, 0, 0]),
    (640, 480),
)
PLANE = np.array([-2.0, 0.5, 2.5])


def seen(points):
    pixels, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), CAMERA.matrix, CAMERA.distortion)
    return pixels.reshape(-1, 2)


def lit_board(number, tilt, depth_m, noise_px=0.0, turn=0.0):
    """A board about the optical axis, and where the plane PLANE crosses it; projected by OpenCV."""
    rng = np.random.default_rng(number)
    rotation = Rotation.from_euler('xyz', [*tilt, turn], degrees=True).as_matrix()
    shift = np.array([0.0, 0.0, depth_m]) - rotation @ BOARD.middle
    corners = seen(BOARD.points @ rotation.T + shift)
    # On the board r(x, y) = rotation [x, y, 0] + shift: PLANE . r = 1 is a line there, solved for x.
    a, b = PLANE @ rotation[:, 0], PLANE @ rotation[:, 1]
    y = np.linspace(0.0, 0.1, 150)
    x = (1.0 - PLANE @ shift - b * y) / a
    stripe = seen(np.column_stack([x, y, np.zeros_like(y)]) @ rotation.T + shift)
    noisy = [pixels + noise_px * rng.standard_normal(pixels.shape) for pixels in (corners, stripe)]
    view = BoardView(f'{number}.png', CAMERA.size_px, noisy[0], np.arange(len(BOARD.points)), BOARD)
    return StripeOnBoard(view, noisy[1])


TILTS = [
    (0, 0, 0.40),
    (20, 5, 0.38),
    (-15, 20, 0.42),
    (10, -25, 0.42),
    (-20, -10, 0.38),
    (5, 30, 0.41),
    (25, 0, 0.41),
]


def some_views(noise_px=0.0):
    return [lit_board(number, (a, b), depth, noise_px) for number, (a, b, depth) in enumerate(TILTS)]


def test_no_views_one_view_and_views_that_are_all_alike_are_refused():
    with pytest.raises(CalibrationError, match='0 views of the stripe.*Was the laser off'):
        calibrate_laser_plane([], CAMERA)
    with pytest.raises(CalibrationError, match='1 view of the stripe'):
        calibrate_laser_plane(some_views()[:1], CAMERA)
    same = [lit_board(number, (0, 0), 0.4, 0.05) for number in range(6)]
    scattered = [replace(v, stripe_px=v.stripe_px + [25.0 * (n % 3), 0.0]) for n, v in enumerate(some_views())]
    with pytest.raises(CalibrationError, match='do not lie on a plane.*Check that what is seen is the laser'):
        calibrate_laser_plane(scattered, CAMERA)
    with pytest.raises(CalibrationError, match='All views of the stripe are alike'):
        calibrate_laser_plane(same, CAMERA)


def test_the_plane_is_found_and_its_deviations_are_of_its_errors_size():
    exact = calibrate_laser_plane(some_views(), CAMERA)
    np.testing.assert_allclose(exact.coefficients, PLANE, atol=2e-5)
    assert exact.scatter_mm < 1e-3 and exact.used == len(TILTS)
    noisy = calibrate_laser_plane(some_views(0.1), CAMERA)
    deviations = np.sqrt(np.diag(noisy.covariance))
    assert 0.2 < np.sqrt(np.mean(((noisy.coefficients - PLANE) / deviations) ** 2)) < 3.0
    assert plane_gap_mm(noisy.coefficients, PLANE, np.array([[0.0, 0.0, 0.4]])) < 0.1


def test_a_view_whose_board_moved_is_named_and_stray_points_do_no_harm():
    views = some_views(0.05)
    views[2] = replace(views[2], stripe_px=views[2].stripe_px + [6.0, 0.0])
    stray = np.vstack([views[4].stripe_px, seen(np.array([[0.01, 0.01, 0.36]] * 9)) + np.arange(9)[:, None]])
    views[4] = replace(views[4], stripe_px=stray)
    found = calibrate_laser_plane(views, CAMERA)
    assert [view.name for view in found.outliers] == ['2.png']
    assert plane_gap_mm(found.coefficients, PLANE, np.array([[0.0, 0.0, 0.4]])) < 0.1


def test_intrinsics_of_another_camera_or_size_are_noticed():
    with pytest.raises(CalibrationError, match='640 x 480 px, the intrinsics are for 1280 x 960'):
        calibrate_laser_plane(some_views(), replace(CAMERA, size_px=(1280, 960)))
    other = replace(CAMERA, distortion=np.array([3.0, 0.0, 0.0, 0.0, 0.0]))
    with pytest.raises(CalibrationError, match='the intrinsics miss the points of the board by'):
        calibrate_laser_plane(some_views(), other)


@pytest.fixture
def real_camera(tmp_path):
    if not REAL.is_dir():
        pytest.skip('needs ../shared/data/calibration/laser_plane_circle_grid, which is not here')
    said = cv2.FileStorage(str(REAL / 'Parameters.xml'), cv2.FILE_STORAGE_READ)
    lens = said.getNode('distCoeffs').mat().ravel().tolist()
    content = {
        'image_width': 1920,
        'image_height': 1080,
        'distortion_model': 'plumb_bob',
        'camera_matrix': {'rows': 3, 'cols': 3, 'data': said.getNode('cameraMatrix').mat().ravel().tolist()},
        'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': lens},
    }
    (tmp_path / 'camera.yaml').write_text(yaml.safe_dump(content))
    plane = np.array([said.getNode(f'Formular_{name}').real() for name in 'ABC'])
    return tmp_path / 'camera.yaml', 1e3 * plane / said.getNode('Formular_D').real()


GRID = ['--kind', 'circles', '--size', '7x7', '--pitch-mm', '37.5']


@pytest.mark.real_data
def test_a_real_set_through_the_command(real_camera, tmp_path, capsys):
    camera, published = real_camera
    rig, result = tmp_path / 'rig.yaml', tmp_path / 'plane.json'
    rig.write_bytes((ROOT / 'config' / 'rig.yaml').read_bytes())
    words = ['calibrate', 'laser-plane', str(REAL / 'laser_on'), '--boards', str(REAL / 'laser_off'), *GRID]
    words += ['--camera-info', str(camera), '--rig', str(rig), '--json', str(result)]
    assert main(words) == 1
    assert 'is not the camera that' in capsys.readouterr().err and not result.exists()
    said, content = yaml.safe_load(camera.read_text()), yaml.safe_load(rig.read_text())
    content['laser_sensor']['camera'] |= {
        'size_px': [1920, 1080],
        'matrix': said['camera_matrix']['data'],
        'distortion': said['distortion_coefficients']['data'],
    }
    rig.write_text(yaml.safe_dump(content))
    assert main([*words, '--picture', str(tmp_path / 'p.png')]) == 0, capsys.readouterr()
    found = json.loads(result.read_text())
    assert found['scatter_mm'] < 0.2 and len(found['views']) == 12
    gap = plane_gap_mm(np.array(found['coefficients']), published, np.array([[0.0, 0.02, 0.43], [0.1, 0.0, 0.32]]))
    assert gap < 4.0
    sensor = load_rig(str(rig)).laser_sensor
    np.testing.assert_allclose(sensor.laser_plane, found['coefficients'], rtol=1e-6)
    assert cv2.imread(str(tmp_path / 'p.png')).shape[0] > 12 * 40


@pytest.mark.real_data
def test_a_laser_that_was_off_is_named(real_camera, tmp_path, capsys):
    folder = tmp_path / 'off'
    folder.mkdir()
    for number in (0, 1):
        (folder / f'calib{number}.jpg').symlink_to(REAL / 'laser_off' / f'calib{number}.jpg')
    assert main(['calibrate', 'laser-plane', str(folder), *GRID, '--camera-info', str(real_camera[0])]) == 1
    said = capsys.readouterr().err
    assert 'No view shows both the board and the stripe' in said and 'Switch the laser on' in said
