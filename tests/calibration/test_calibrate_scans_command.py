"""The whole way as an integrator goes it: scans rendered in the simulated cell, the commands, the rig file."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from scipy.spatial.transform import Rotation

from weld_cell.bags.writing import open_image_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.geometry.transforms import invert, make_transform, transform_from_xyz_quaternion
from weld_cell.images import read_image

SHIPPED = Path(__file__).parents[2] / 'config' / 'rig.yaml'
STEP = ['--target', 'step', '--height-mm', '10']


@pytest.fixture(scope='module')
def scans(tmp_path_factory):
    folder = tmp_path_factory.mktemp('scans') / 'step'
    assert main(['sim', 'export', 'scans', str(folder), '--images', '18', '--target', 'step', '--seed', '4']) == 0
    return folder


@pytest.fixture
def drawing(tmp_path):
    """A rig file as of the drawing: the sensor of the simulated cell sits elsewhere."""
    text = SHIPPED.read_text()
    for true, drawn in (
        ('xyz_m: [0.350, 0.0, 0.0802]', 'xyz_m: [0.356, -0.005, 0.0842]'),
        ('rpy_deg: [0.0, -30.0, 0.0]', 'rpy_deg: [1.0, -31.5, 1.0]'),
        ('[-5.7735027, 0.0, 3.3333333]', '[-5.85, 0.05, 3.36]'),
    ):
        assert true in text
        text = text.replace(true, drawn)
    (tmp_path / 'rig.yaml').write_text(text)
    return tmp_path / 'rig.yaml'


def copied(scans, tmp_path, images=None, poses=None):
    folder = tmp_path / 'copy'
    folder.mkdir()
    for path in sorted(scans.glob('*.png'))[:images]:
        (folder / path.name).symlink_to(path)
    lines = (scans / 'poses.csv').read_text().splitlines()
    (folder / 'poses.csv').write_text('\n'.join(poses(lines) if poses else lines) + '\n')
    return folder


def test_a_step_gives_the_sensor_back_and_the_check_agrees(scans, drawing, tmp_path, capsys):
    assert main(['calibrate', 'check', str(scans), '--height-mm', '10', '--rig', str(drawing)]) == 3
    assert 'does not hold' in capsys.readouterr().out
    out = ['--json', str(tmp_path / 'r.json'), '--picture', str(tmp_path / 'p.png')]
    assert main(['calibrate', 'scans', str(scans), *STEP, '--rig', str(drawing), *out]) == 0, capsys.readouterr()
    assert farthest_mm(drawing, SHIPPED) < 0.15
    result = json.loads((tmp_path / 'r.json').read_text())
    assert max(result['seam_half_widths_95_mm']) < 0.2 and len(result['views']) >= 15
    assert cv2.imread(str(tmp_path / 'p.png')).shape[1] == 960
    assert len(list(tmp_path.glob('rig.*.yaml'))) == 1  # the old file
    assert main(['calibrate', 'check', str(scans), '--height-mm', '10', '--rig', str(drawing)]) == 0
    assert 'holds' in capsys.readouterr().out


def farthest_mm(rig, other, turn_deg=0.0):
    """Between the points that two rig files' sensors see in the same pixels, of images turned by so much."""
    rays = np.array([[0.0, -0.1, 1.0], [0.0, 0.0, 1.0], [0.03, 0.1, 1.0], [-0.03, 0.05, 1.0]])
    rays, points = Rotation.from_euler('z', turn_deg, degrees=True).apply(rays), []
    for sensor in (load_rig(str(path)).laser_sensor for path in (rig, other)):
        met = rays / (rays @ sensor.laser_plane)[:, None]
        points.append(met @ sensor.T_parent_sensor[:3, :3].T + sensor.T_parent_sensor[:3, 3])
    return 1e3 * np.linalg.norm(points[0] - points[1], axis=1).max()


def a_quarter_turned(rig, path):
    """A rig file whose laser sensor sends its images turned by 90 degrees clockwise."""
    content = yaml.safe_load(rig.read_text())
    sensor = content['laser_sensor']
    width, height = sensor['camera']['size_px']
    (fx, _, cx), (_, fy, cy) = np.reshape(sensor['camera']['matrix'], (3, 3))[:2].tolist()
    turn = Rotation.from_euler('z', 90.0, degrees=True)
    sensor['camera']['size_px'] = [height, width]
    sensor['camera']['matrix'] = [fy, 0.0, height - 1 - cy, 0.0, fx, cx, 0.0, 0.0, 1.0]
    sensor['laser_plane']['coefficients'] = turn.apply(sensor['laser_plane']['coefficients']).tolist()
    placed = Rotation.from_euler('xyz', sensor['rpy_deg'], degrees=True) * turn.inv()
    sensor['rpy_deg'] = placed.as_euler('xyz', degrees=True).tolist()
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_sensor_whose_stripes_lie_in_the_image_is_found_as_well(scans, drawing, tmp_path, capsys):
    folder, rig = copied(scans, tmp_path, 0), a_quarter_turned(drawing, tmp_path / 'turned.yaml')
    for path in scans.glob('*.png'):
        cv2.imwrite(str(folder / path.name), cv2.rotate(read_image(path), cv2.ROTATE_90_CLOCKWISE))
    assert main(['calibrate', 'scans', str(folder), *STEP, '--rig', str(rig)]) == 0, capsys.readouterr()
    assert farthest_mm(rig, a_quarter_turned(SHIPPED, tmp_path / 'true.yaml'), turn_deg=90.0) < 0.15
    assert main(['calibrate', 'check', str(folder), '--height-mm', '10', '--rig', str(rig)]) == 0


def test_a_check_notices_a_height_that_is_one_per_cent_wrong(scans, capsys):
    for height_mm, told in (('10', False), ('9.9', True), ('10.1', True)):
        assert main(['calibrate', 'check', str(scans), '--height-mm', height_mm]) == 0
        said = capsys.readouterr().out
        assert ('beyond chance: measure the step again' in said) == told, said


def test_a_bag_of_the_robot_standing_here_and_there_is_as_good(scans, drawing, tmp_path, capsys):
    sensor = load_rig(str(SHIPPED)).laser_sensor
    rows = [line.split(',') for line in (scans / 'poses.csv').read_text().splitlines()[1:]]
    with open_image_bag(tmp_path / 'bag', 'laser_sensor/image_raw', sensor.frame, sensor.camera) as bag:
        for number, (name, *pose) in enumerate(rows):
            numbers = np.array(pose, float)
            T_base_tool0 = transform_from_xyz_quaternion(numbers[:3], numbers[3:])
            for tenths in range(11):
                stamp_ns = int((1 + 2 * number + 0.1 * tenths) * 1e9)
                bag.transforms(stamp_ns, [('base_link', 'tool0', T_base_tool0)])
                if tenths == 5:
                    bag.image(stamp_ns, read_image(scans / name))
    assert main(['calibrate', 'scans', str(tmp_path / 'bag'), *STEP, '--rig', str(drawing)]) == 0, capsys.readouterr()
    found = load_rig(str(drawing)).laser_sensor
    assert 1e3 * np.linalg.norm(found.T_parent_sensor[:3, 3] - sensor.T_parent_sensor[:3, 3]) < 0.5


def test_a_bag_of_a_robot_that_never_stands_still(scans, drawing, tmp_path, capsys):
    """Its poses are interpolated at the images' stamps."""
    sensor = load_rig(str(SHIPPED)).laser_sensor
    rows = [line.split(',') for line in (scans / 'poses.csv').read_text().splitlines()[1:]]
    step = make_transform(np.array([0.004, -0.002, 0.003]), Rotation.from_rotvec([0.03, 0.01, -0.02]))
    with open_image_bag(tmp_path / 'bag', 'laser_sensor/image_raw', sensor.frame, sensor.camera) as bag:
        for number, (name, *pose) in enumerate(rows):
            numbers, stamp_ns = np.array(pose, float), (1 + number) * 10**9
            T_base_tool0 = transform_from_xyz_quaternion(numbers[:3], numbers[3:])
            for beat_ns, motion in ((-100_000_000, invert(step)), (100_000_000, step)):
                turned, shift = T_base_tool0 @ motion, T_base_tool0[:3, :3] @ step[:3, 3]
                turned[:3, 3] = T_base_tool0[:3, 3] + np.sign(beat_ns) * shift
                bag.transforms(stamp_ns + beat_ns, [('base_link', 'tool0', turned)])
                if beat_ns < 0:
                    bag.image(stamp_ns, read_image(scans / name))
    words = ['calibrate', 'scans', str(tmp_path / 'bag'), *STEP, '--rig', str(drawing)]
    assert main(words) == 1
    assert 'no image on /laser_sensor/image_raw at which "tool0" stood still' in capsys.readouterr().err
    assert main([*words, '--moving']) == 0, capsys.readouterr()
    found = load_rig(str(drawing)).laser_sensor
    assert 1e3 * np.linalg.norm(found.T_parent_sensor[:3, 3] - sensor.T_parent_sensor[:3, 3]) < 0.5


def test_a_laser_that_was_off_is_named(tmp_path, scans, capsys):
    folder = copied(scans, tmp_path, 0)
    for number in range(3):
        dark = np.random.default_rng(number).integers(0, 8, (480, 640), np.uint8)
        cv2.imwrite(str(folder / f'{number:03d}.png'), dark)
    assert main(['calibrate', 'scans', str(folder), *STEP]) == 1
    said = capsys.readouterr().err
    assert 'None of 3 images shows the stripe on the step' in said and 'Switch the laser on' in said
    assert 'along the columns of the image' in said


def in_millimetres(lines):
    rows = [line.split(',') for line in lines[1:]]
    return [lines[0], *(','.join([r[0], *(f'{1e3 * float(v):.6f}' for v in r[1:4]), *r[4:]]) for r in rows)]


def shuffled(lines):
    rows = [line.split(',') for line in lines[1:]]
    return [lines[0], *(','.join([a[0], *b[1:]]) for a, b in zip(rows, rows[5:] + rows[:5], strict=True))]


@pytest.mark.parametrize(
    ('poses', 'named'),
    [
        (lambda lines: lines[:1], 'expected 18 poses'),
        (lambda lines: lines[:5], 'too few'),  # fewer poses than images
        (in_millimetres, 'metres'),
        (shuffled, 'images and poses belong together'),
    ],
)
def test_poses_that_do_not_fit_are_named_and_the_rig_file_stays(poses, named, scans, drawing, tmp_path, capsys):
    before = drawing.read_bytes()
    folder = copied(scans, tmp_path, poses=poses)
    assert main(['calibrate', 'scans', str(folder), *STEP, '--rig', str(drawing)]) == 1
    assert named in capsys.readouterr().err
    assert drawing.read_bytes() == before and not list(tmp_path.glob('rig.*.yaml'))


def test_a_wrong_height_of_the_step_is_named(scans, drawing, capsys):
    before = drawing.read_bytes()
    words = ['calibrate', 'scans', str(scans), '--target', 'step', '--height-mm', '11', '--rig', str(drawing)]
    assert main(words) == 1
    said = capsys.readouterr()
    assert 'measure the step again; a height of 11 mm was given (--height-mm). Else add views' in said.err
    assert 'POOR RESULT?' in said.out and drawing.read_bytes() == before


def test_what_is_asked_wrongly_is_refused(scans, capsys):
    assert main(['calibrate', 'scans', str(scans), '--target', 'step']) == 2
    assert '--height-mm: expected for a step' in capsys.readouterr().err
    with pytest.raises(SystemExit, match='2'):
        main(['calibrate', 'check', str(scans), '--height-mm', '0'])
    assert '--height-mm: expected 0.5 to 500 mm, got 0' in capsys.readouterr().err


def test_a_rendered_ball_calibrates(drawing, tmp_path):
    ball, true = ['--target', 'sphere', '--radius-mm', '20'], load_rig(str(SHIPPED)).laser_sensor
    assert main(['sim', 'export', 'scans', str(tmp_path / 'ball'), '--images', '20', '--seed', '2', *ball]) == 0
    assert main(['calibrate', 'scans', str(tmp_path / 'ball'), *ball, '--rig', str(drawing)]) == 0
    found = load_rig(str(drawing)).laser_sensor
    middles_m = [each.T_parent_sensor @ [0.0, 0.0, 1.0 / each.laser_plane[2], 1.0] for each in (true, found)]
    np.testing.assert_allclose(*middles_m, atol=0.1e-3)


def test_a_ball_without_a_size_is_refused(tmp_path):
    words = ['--target', 'sphere', '--radius-mm', '0']
    with pytest.raises(SystemExit, match='2'):
        main(['sim', 'export', 'scans', str(tmp_path / 'ball'), *words])
    assert not (tmp_path / 'ball').exists()
