"""Results into the rig file: values replaced, comments and the old file kept, nothing half written."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from weld_cell.calibration.record import CalibrationRecord
from weld_cell.calibration.rig import load_rig, save_rig
from weld_cell.calibration.rig_file import (
    SectionChange,
    camera_change,
    frame_change,
    plane_change,
    tool_change,
    update_rig_file,
)
from weld_cell.commands.check import calibrated_text
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import transform_from_xyz_rpy_deg

SHIPPED = Path(__file__).parents[2] / 'config' / 'rig.yaml'
DAY = datetime.date(2026, 11, 29)
RECORD = CalibrationRecord(DAY, 'pointing', 0.2, 'mm', 6, (1e-4, 1e-4, 2e-4), 'a' * 64)
FRAME = CalibrationRecord.of_covariance(
    np.diag(np.arange(1.0, 7.0) ** 2 * 1e-8),
    date=DAY,
    method='Park and Martin 1994, refined',
    residual=0.15,
    residual_unit='px',
    views=20,
    input_sha256='b' * 64,
)
POSE = transform_from_xyz_rpy_deg(np.array([0.351, 0.002, 0.08]), np.array([0.5, -29.0, 1.0]))
CAMERA = CameraModel(
    np.diag([2010.0, 2011.0, 1.0]) + [[0, 0, 321], [0, 0, 239], [0, 0, 0]], np.full(5, 0.01), (640, 480)
)


@pytest.fixture
def rig_file(tmp_path):
    path = tmp_path / 'rig.yaml'
    path.write_bytes(SHIPPED.read_bytes())
    return path


@pytest.mark.parametrize('changes', [{}, {'gripper': tool_change(np.zeros(3), RECORD)}])
def test_nothing_and_an_unknown_section_are_refused(rig_file, changes):
    with pytest.raises(ValueError, match='expected some of welding_tool'):
        update_rig_file(rig_file, changes)
    assert [p.name for p in rig_file.parent.iterdir()] == ['rig.yaml']


def test_all_sections_twice(rig_file):
    changes = {
        'welding_tool': tool_change(np.array([0.001, -0.002, 0.301]), RECORD),
        'laser_sensor': frame_change(POSE, 0.08, FRAME),
        'laser_sensor.camera': camera_change(CAMERA, 0.1, replace(RECORD, standard_deviations=(0.1,) * 9)),
        'laser_sensor.laser_plane': plane_change(np.array([-5.7, 0.01, 3.3]), 0.03, RECORD),
        'mako': frame_change(transform_from_xyz_rpy_deg(np.ones(3), np.array([180.0, 0, 90])), 0.4, FRAME),
    }
    kept = update_rig_file(rig_file, changes)
    assert kept.read_bytes() == SHIPPED.read_bytes()
    rig, text = load_rig(str(rig_file)), rig_file.read_text()
    np.testing.assert_allclose(rig.laser_sensor.T_parent_sensor, POSE, atol=2e-6)
    np.testing.assert_array_equal(rig.laser_sensor.camera.matrix, CAMERA.matrix)
    assert rig.welding_tool.xyz_m == (0.001, -0.002, 0.301) and rig.welding_tool.rpy_deg == (0.0, 0.0, 0.0)
    assert rig.laser_sensor.plane_residual_mm == 0.03 and rig.laser_sensor.residual_mm == 0.08
    assert rig.date == DAY and rig.records['laser_sensor'] == FRAME and rig.records['welding_tool'] == RECORD
    assert rig.nominal() == ('mako.camera',)
    comments = [line.partition('#')[2] for line in SHIPPED.read_text().splitlines() if '#' in line]
    assert len(comments) == 10 and all(comment in text for comment in comments)
    again = update_rig_file(rig_file, {'laser_sensor': frame_change(POSE, 0.07, replace(FRAME, views=21))})
    assert again != kept and load_rig(str(rig_file)).records['laser_sensor'].views == 21
    assert rig_file.read_text() == text.replace('residual_mm: 0.08 ', 'residual_mm: 0.07 ').replace(
        'views: 20', 'views: 21', 1
    )
    save_rig(load_rig(str(rig_file)), str(rig_file))
    assert load_rig(str(rig_file)).records['laser_sensor'].views == 21


def test_flow_form_anchors_and_a_file_without_a_last_newline(rig_file):
    content = yaml.safe_load(SHIPPED.read_text())
    rig_file.write_text('# mine\n' + yaml.safe_dump(content, default_flow_style=True, width=10**6).strip())
    update_rig_file(rig_file, {'welding_tool': tool_change(np.array([0.0, 0.0, 0.31]), RECORD)})
    assert '# mine' in rig_file.read_text() and load_rig(str(rig_file)).records['welding_tool'] == RECORD
    text = SHIPPED.read_text().replace('[0.0, 0.0, 0.300]', '&zero [0.0, 0.0, 0.0]', 1)
    text = text.replace('rpy_deg: [0.0, 0.0, 0.0]', 'rpy_deg: *zero', 1).rstrip()
    rig_file.write_text(text)
    update_rig_file(rig_file, {'welding_tool': tool_change(np.array([0.0, 0.0, 0.31]), RECORD)})
    rig = load_rig(str(rig_file))
    assert rig.welding_tool.xyz_m == (0.0, 0.0, 0.31) and rig.welding_tool.rpy_deg == (0.0, 0.0, 0.0)


def test_a_result_that_cannot_be_and_a_folder_that_is_closed_lose_nothing(rig_file, monkeypatch):
    far = frame_change(transform_from_xyz_rpy_deg(np.full(3, 350.0), np.zeros(3)), 0.1, FRAME)
    told = f'^{rig_file} cannot take the result: "laser_sensor.xyz_m": expected at most 2 m'
    with pytest.raises(CalibrationError, match=told):
        update_rig_file(rig_file, {'laser_sensor': far})
    with pytest.raises(ConfigurationError, match='unknown key'):
        update_rig_file(rig_file, {'mako': SectionChange({'gain': 3.0}, FRAME)})
    assert [p.name for p in rig_file.parent.iterdir()] == ['rig.yaml']

    room_for = iter([False, True, False])  # neither, then the kept file alone

    def fsync(*_):
        if not next(room_for):
            raise OSError(28, 'No space left on device')

    monkeypatch.setattr('os.fsync', fsync)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match='No space left'):
            update_rig_file(rig_file, {'laser_sensor': frame_change(POSE, 0.1, FRAME)})
    assert next(room_for, None) is None
    assert rig_file.read_bytes() == SHIPPED.read_bytes() and [p.name for p in rig_file.parent.iterdir()] == [
        'rig.yaml'
    ]


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('views: 20', 'views: 0', '"laser_sensor.calibration.views": expected a number from 1'),
        ('method: ', 'mehtod: ', '"method" is missing'),
        ('input_sha256: b', 'input_sha256: x', '64 hexadecimal digits'),
        ('standard_deviations: [', 'standard_deviations: [1.0, ', 'expected a row of 6 numbers'),
        ('standard_deviations: [', 'standard_deviations: [-', 'expected numbers from 0'),
        ('covariance: [', 'covariance: [1.0, ', 'expected a row of 36 numbers'),
        ('views: 20', 'views: 20\n    gain: 3', '"laser_sensor.calibration.gain": unknown key'),
    ],
)
def test_a_damaged_record_is_named(rig_file, old, new, message):
    update_rig_file(rig_file, {'laser_sensor': frame_change(POSE, 0.1, FRAME)})
    text = rig_file.read_text()
    assert old in text
    rig_file.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError, match='calibration|method') as caught:
        load_rig(str(rig_file))
    assert message in str(caught.value)


def test_check_says_what_is_nominal(rig_file):
    update_rig_file(rig_file, {'laser_sensor': frame_change(POSE, 0.1, FRAME)})
    said = calibrated_text(str(rig_file))
    assert 'calibrated laser_sensor: 2026-11-29, Park and Martin 1994, refined, residual 0.15 px, 20 views' in said
    assert (
        'nominal, not calibrated: welding_tool, laser_sensor.camera, laser_sensor.laser_plane, mako, mako.camera'
        in said
    )
