"""Intrinsics of simulated views whose truth is known, and the sets that cannot calibrate."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board, BoardView
from weld_cell.calibration.coverage import missing_views
from weld_cell.calibration.intrinsics import calibrate_intrinsics
from weld_cell.calibration.rig import load_rig
from weld_cell.calibration.views import find_views
from weld_cell.cli import main
from weld_cell.errors import BoardNotFoundError, CalibrationError

REAL = Path(__file__).parents[3] / 'shared/data/calibration/intrinsics_chessboard'
BOARD = Board('chessboard', 9, 6, 0.03)
K = np.array([[1200.0, 0.0, 650.0], [0.0, 1195.0, 500.0], [0.0, 0.0, 1.0]])
LENS = np.array([-0.12, 0.08, 0.0004, -0.0003, 0.0])
SIZE = (1280, 1024)


def view(number, tilt_deg, rng, noise_px=0.1, size=SIZE):
    rotation = Rotation.from_euler('xyz', [*tilt_deg, rng.uniform(-40, 40)], degrees=True)
    at = np.array([*rng.uniform(-0.1, 0.1, 2), rng.uniform(0.5, 0.7)]) - rotation.apply(BOARD.middle)
    pixels, _ = cv2.projectPoints(BOARD.points, rotation.as_rotvec(), at, K, LENS)
    pixels = np.asarray(pixels).reshape(-1, 2) + rng.normal(0, noise_px, (len(BOARD.points), 2))
    return BoardView(f'{number:02}.png', size, pixels, np.arange(len(pixels)), BOARD)


def tilted_views(seed, count=15):
    rng = np.random.default_rng(seed)
    return [view(n, rng.uniform(-35, 35, 2), rng) for n in range(count)]


def test_the_truth_lies_within_the_deviations():
    off = []
    for seed in range(6):
        result = calibrate_intrinsics(tilted_views(seed))
        found = np.array([*result.camera.matrix[[0, 1, 0, 1], [0, 1, 2, 2]], *result.camera.distortion[:4]])
        off.append((found - [1200.0, 1195.0, 650.0, 500.0, *LENS[:4]]) / result.deviations[:8])
        assert result.used == 15 and 0.09 < result.rms_px / np.sqrt(2) < 0.11
        assert result.deviations[0] < 2.0
    assert 0.5 < np.sqrt(np.mean(np.square(off))) < 1.5 and np.abs(off).max() < 4.0


def test_an_outlier_is_named_and_left_out():
    views = tilted_views(3)
    views[4].pixels[:] += np.random.default_rng(0).normal(0, 3.0, views[4].pixels.shape)
    result = calibrate_intrinsics(views)
    assert [view.name for view in result.outliers] == ['04.png'] and result.outliers[0].rms_px > 2.0
    assert abs(result.camera.matrix[0, 0] - 1200.0) < 4.0


@pytest.mark.parametrize(
    ('views', 'message'),
    [
        ([], '0 views of the board cannot calibrate a camera'),
        (tilted_views(0, 1), '1 view of the board cannot'),
        ([view(n, (1.0, 2.0), np.random.default_rng(n)) for n in range(8)], 'All 8 views are alike'),
        ([*tilted_views(0, 4), view(7, (9.0, 3.0), np.random.default_rng(0), size=(640, 480))], '2 sizes'),
    ],
)
def test_sets_that_cannot_calibrate(views, message):
    with pytest.raises(CalibrationError, match=message) as caught:
        calibrate_intrinsics(views)
    assert caught.value.remedy


def test_no_board_in_any_view():
    blank = [(f'{n}.png', np.full((120, 160), 90, np.uint8)) for n in range(3)]
    with pytest.raises(BoardNotFoundError, match='in none of 3 images.* inner corners'):
        find_views(BOARD, blank)
    with pytest.raises(BoardNotFoundError, match='there are no images'):
        find_views(BOARD, [])


def test_what_is_missing_is_said():
    views = tilted_views(1)
    left = [v for v in views if v.pixels[:, 0].max() < 800]
    tilts = calibrate_intrinsics(views).tilts_deg
    assert not [line for line in missing_views(views, tilts) if 'edge' in line]
    assert any('right of the image' in line for line in missing_views(left, tilts[: len(left)]))
    rng = np.random.default_rng(4)
    one_side = [view(n, (rng.uniform(16, 35), rng.uniform(-35, 35)), rng) for n in range(12)]
    missing = missing_views(one_side, calibrate_intrinsics(one_side).tilts_deg)
    assert any('lower edge of the board towards the camera' in line for line in missing)
    assert not any('upper edge' in line for line in missing)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason=f'{REAL} is absent')
def test_the_command_on_real_photographs(tmp_path, capsys):
    rig = tmp_path / 'rig.yaml'
    rig.write_bytes((Path(__file__).parents[2] / 'config' / 'rig.yaml').read_bytes())
    words = ['calibrate', 'intrinsics', str(REAL), '--kind', 'chessboard']
    words += ['--size', '9x6', '--pitch-mm', '30', '--picture', str(tmp_path / 'coverage.png')]
    assert main([*words, '--rig', str(rig), '--camera', 'mako', '--json', str(tmp_path / 'result.json')]) == 0
    assert load_rig(str(rig)).records['mako.camera'].views == 25 and 'RMS 0.14' in capsys.readouterr().out
    result = json.loads((tmp_path / 'result.json').read_text())
    assert result['rms_px'] <= 0.145 and abs(result['matrix'][0] / 518.05 - 1) < 0.003
    assert cv2.imread(str(tmp_path / 'coverage.png')).shape[1] == 960
