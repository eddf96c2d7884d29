"""The wire's tip by pointing: the truth within what it says of itself, and pointings that do not say it."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from weld_cell.calibration.rig import load_rig
from weld_cell.calibration.tool_tip import calibrate_tool
from weld_cell.cli import main
from weld_cell.errors import CalibrationError
from weld_cell.geometry.transforms import make_transform

TIP, PLACE = np.array([0.002, -0.003, 0.305]), np.array([0.9, 0.1, 0.2])


def pointings(rng, count=8, lean_deg=30.0, noise_mm=0.2):
    poses = []
    for _ in range(count):
        lean = rng.uniform(-lean_deg, lean_deg, 3) + [180, 0, 0]
        rotation = Rotation.from_euler('xyz', lean, degrees=True)
        poses.append(make_transform(PLACE - rotation.apply(TIP) + rng.normal(0, noise_mm / 1000, 3), rotation))
    return np.stack(poses)


def named(poses):
    return calibrate_tool(poses, tuple(f'p{n}' for n in range(len(poses))))


def test_the_tip_and_how_well_it_is_known():
    exact = named(pointings(np.random.default_rng(0), 4, noise_mm=0.0))
    np.testing.assert_allclose(exact.tip_m, TIP, atol=1e-9)
    np.testing.assert_allclose(exact.place_m, PLACE, atol=1e-9)
    inside = []
    for seed in range(60):
        result = named(pointings(np.random.default_rng(seed)))
        inside.append(np.abs(result.tip_m - TIP) <= 1.96 * np.sqrt(np.diag(result.covariance)))
    assert 0.88 <= np.mean(inside) <= 0.99


def test_a_bad_pointing_is_named():
    poses = pointings(np.random.default_rng(1))
    poses[5, :3, 3] += [0.004, 0.0, -0.003]
    result = named(poses)
    assert [pointing.name for pointing in result.bad] == ['p5'] and 3.0 < result.bad[0].miss_mm < 7.0
    assert np.linalg.norm(result.tip_m - TIP) < 0.0006


@pytest.mark.parametrize(
    ('poses', 'message'),
    [
        (pointings(np.random.default_rng(0), 3), '3 pointings cannot determine'),
        (pointings(np.random.default_rng(0), 6, lean_deg=2.0), 'turned too little'),
        (pointings(np.random.default_rng(0), 6, noise_mm=40.0), 'do not meet at one place|do not determine'),
    ],
)
def test_pointings_that_do_not_say_it(poses, message):
    with pytest.raises(CalibrationError, match=message) as caught:
        named(poses)
    assert 'oint at' in caught.value.remedy


def test_the_command_writes_the_rig(tmp_path, capsys):
    rig, file = tmp_path / 'rig.yaml', tmp_path / 'poses.csv'
    rig.write_bytes((Path(__file__).parents[2] / 'config' / 'rig.yaml').read_bytes())
    poses = pointings(np.random.default_rng(2))
    rpy = Rotation.from_matrix(poses[:, :3, :3]).as_euler('xyz', degrees=True)
    rows = [','.join(map(str, [*(1000 * t[:3, 3]), *a])) for t, a in zip(poses, rpy, strict=True)]
    file.write_text('x_mm,y_mm,z_mm,rx_deg,ry_deg,rz_deg\n' + '\n'.join(rows))
    assert main(['calibrate', 'tool', str(file), '--rig', str(rig), '--json', str(tmp_path / 'tool.json')]) == 0
    written = load_rig(str(rig))
    np.testing.assert_allclose(written.welding_tool.xyz_m, TIP, atol=0.0008)
    assert written.records['welding_tool'].views == 8 and 'welding_tool' not in written.nominal()
    said = capsys.readouterr().out
    assert '8 pointings miss the place' in said and 'from where the rig file has the tip' in said


@pytest.mark.parametrize(
    ('noise_mm', 'scale', 'words', 'told'),
    [
        (0.0, 1.0, [], 'metres taken for millimetres'),
        (0.0, 1e6, [], 'millimetres taken for metres'),
        (1.0, 1000.0, [], 'expected at most 0.5 mm'),
        (1.0, 1000.0, ['--most-mm', '3'], None),
    ],
)
def test_another_unit_and_poor_pointings_are_not_written(tmp_path, capsys, noise_mm, scale, words, told):
    rig, file = tmp_path / 'rig.yaml', tmp_path / 'poses.csv'
    rig.write_bytes((Path(__file__).parents[2] / 'config' / 'rig.yaml').read_bytes())
    poses, before = pointings(np.random.default_rng(3), noise_mm=noise_mm), rig.read_bytes()
    rpy = Rotation.from_matrix(poses[:, :3, :3]).as_euler('xyz', degrees=True)
    rows = [','.join(map(str, [*(scale * t[:3, 3]), *a])) for t, a in zip(poses, rpy, strict=True)]
    file.write_text('x_mm,y_mm,z_mm,rx_deg,ry_deg,rz_deg\n' + '\n'.join(rows))
    assert main(['calibrate', 'tool', str(file), '--rig', str(rig), *words]) == (0 if told is None else 1)
    assert told is None or (told in capsys.readouterr().err and rig.read_bytes() == before)
