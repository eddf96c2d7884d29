"""The commands over rendered images, from a folder and from a bag, and over other people's photographs."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from rendered_boards import CAMERA, X, rendered_views
from scipy.spatial.transform import Rotation

from weld_cell.bags.writing import open_image_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.commands.check import calibrated_text
from weld_cell.geometry.transforms import invert, quaternion_xyzw

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / 'shared/data/calibration'
OPTIONS = ['--kind', 'chessboard', '--size', '9x6', '--pitch-mm', '15']


@pytest.fixture(scope='module')
def rendered():
    return rendered_views()


@pytest.fixture
def rig(tmp_path):
    content = yaml.safe_load((ROOT / 'config' / 'rig.yaml').read_text())
    content['laser_sensor']['camera'] |= {'matrix': CAMERA.matrix.ravel().tolist(), 'distortion': [0.0] * 5}
    path = tmp_path / 'rig.yaml'
    path.write_text(yaml.safe_dump(content))
    return path


def require_truth(rig, message):
    written = load_rig(str(rig))
    off = invert(X) @ written.laser_sensor.T_parent_sensor
    assert 1000 * np.linalg.norm(off[:3, 3]) < 0.5, message
    assert np.degrees(Rotation.from_matrix(off[:3, :3]).magnitude()) < 0.1
    assert written.records['laser_sensor'].views == 8 and 'laser_sensor' not in written.nominal()


def test_hand_eye_from_a_folder(tmp_path, rig, rendered, capsys):
    images, poses = rendered
    folder = tmp_path / 'photos'
    folder.mkdir()
    rows = ['image,x_m,y_m,z_m,qx,qy,qz,qw']
    for number, (image, T) in enumerate(zip(images, poses, strict=True)):
        cv2.imwrite(str(folder / f'{number}.png'), image)
        rows.append(','.join(map(str, [f'{number}.png', *T[:3, 3], *quaternion_xyzw(T)])))
    cv2.imwrite(str(folder / '9.png'), np.full((480, 640), 90, np.uint8))
    (folder / 'poses.csv').write_text('\n'.join(rows))
    words = ['calibrate', 'hand-eye', str(folder), *OPTIONS, '--rig', str(rig)]
    assert main([*words, '--json', str(tmp_path / 'result.json')]) == 0
    said = capsys.readouterr().out
    require_truth(rig, said)
    assert 'no pose: 9.png' in said and '8 views' in said and 'the old file is kept' in said
    assert 'POOR' not in said and 'standard deviation 0.' in calibrated_text(str(rig))
    result = json.loads((tmp_path / 'result.json').read_text())
    assert result['mount'] == 'eye_in_hand' and len(result['covariance']) == 6
    assert main([*words, '--camera', 'mako']) == 1
    assert '"mako.parent" is base_link' in capsys.readouterr().err
    before, other = rig.read_bytes(), tmp_path / 'camera.json'
    other.write_text(json.dumps({'matrix': [950.0, 0, 319.5, 0, 950.0, 239.5, 0, 0, 1], 'distortion': [0.0] * 5}))
    assert main([*words, '--camera-info', str(other)]) == 1
    assert 'f 950 and 950 px, not 640 x 480 px, f 900' in capsys.readouterr().err and rig.read_bytes() == before
    content = yaml.safe_load(rig.read_text())
    content['laser_sensor']['camera'] |= {'size_px': [700, 500]}
    rig.write_text(yaml.safe_dump(content))
    words = ['calibrate', 'intrinsics', str(folder), *OPTIONS, '--rig', str(rig), '--camera', 'laser_sensor']
    assert main(words) == 0
    said = capsys.readouterr().out
    assert 'let laser_sensor send images of 640 x 480 px' in said and 'belong to the intrinsics before' in said


def test_hand_eye_from_a_bag_in_which_the_robot_stood_still_now_and_then(tmp_path, rig, rendered, capsys):
    images, poses = rendered
    bag = tmp_path / 'bag'
    with open_image_bag(bag, topic='laser_sensor/image_raw', frame='camera', camera=CAMERA) as writer:
        for number, (image, T) in enumerate(zip(images, poses, strict=True)):
            for tenths in range(11):  # it stands for a second, then takes one to the next place
                stamp_ns = int((1 + 2 * number + 0.1 * tenths) * 1e9)
                writer.transforms(stamp_ns, [('base_link', 'tool0', T)])
                if tenths in (5, 10):
                    writer.image(stamp_ns, image)
    assert main(['calibrate', 'hand-eye', str(bag), *OPTIONS, '--rig', str(rig)]) == 0
    require_truth(rig, capsys.readouterr().out)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason=f'{REAL} is absent')
def test_other_peoples_sets(tmp_path, capsys):
    folder = REAL / 'hand_eye_chessboard'
    words = ['calibrate', 'hand-eye', str(folder), '--kind', 'chessboard', '--size', '9x11', '--pitch-mm', '20.2']
    words += ['--camera-info', str(folder / 'camera_info.yaml'), '--json', str(tmp_path / 'found.json')]
    assert main(words) == 1
    assert '--resolve-turns' in capsys.readouterr().err
    assert main([*words, '--resolve-turns']) == 0
    found = json.loads((tmp_path / 'found.json').read_text())
    assert np.linalg.norm(np.array(found['xyz_m']) - [-0.0290, -0.0394, 0.0720]) < 0.0015
    assert '009_image.jpg' in [view['name'] for view in found['views'] if not view['used']]


def test_the_evaluation(tmp_path, capsys):
    file = tmp_path / 'figures.json'
    assert main(['evaluate', 'calibration', '--sets', '4', '--data', str(tmp_path), '--json', str(file)]) == 0
    assert f'real sets left out: they are not in {tmp_path}' in capsys.readouterr().out
    figures = json.loads(file.read_text())
    assert 0.0 < figures['sim_hand_eye_mm'] < 0.2 and figures['sim_hand_eye_deg'] < 0.04
    assert {figure['name'] for figure in figures['figures']} >= {'sim_hand_eye_mm', 'sim_hand_eye_deg', 'coverage'}
