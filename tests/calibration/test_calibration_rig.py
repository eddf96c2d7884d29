"""The rig file: what it says is what is read, and what is wrong with it is named."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig, save_rig
from weld_cell.errors import CalibrationError, ConfigurationError

SHIPPED = Path(__file__).parents[2] / 'config' / 'rig.yaml'


def test_the_shipped_rig_by_hand():
    rig = load_rig(str(SHIPPED))
    assert rig.laser_sensor.frame == 'laser_sensor_optical_frame'
    assert rig.laser_sensor.camera.size_px == (640, 480)
    np.testing.assert_allclose(rig.T_tool0_tool, [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0.3], [0, 0, 0, 1]])
    # The optical axis leans back by 30 degrees from tool z; the laser hits 200 mm ahead of the tool's tip.
    T_tool0_sensor = rig.laser_sensor.T_parent_sensor
    np.testing.assert_allclose(T_tool0_sensor[:3, 2], [-0.5, 0.0, np.sqrt(0.75)], atol=1e-12)
    np.testing.assert_allclose(T_tool0_sensor @ [0.0, 0.0, 0.3, 1.0], [0.2, 0.0, 0.34, 1.0], atol=1e-4)


def test_saved_rig_reads_back_the_same(tmp_path):
    rig, copy = load_rig(str(SHIPPED)), tmp_path / 'rig.yaml'
    save_rig(rig, str(copy))
    again = load_rig(str(copy))
    assert again.date == rig.date == datetime.date(2026, 11, 20)
    assert again.laser_sensor.mounting == rig.laser_sensor.mounting
    assert again.mako.mounting == rig.mako.mounting
    np.testing.assert_array_equal(again.laser_sensor.laser_plane, rig.laser_sensor.laser_plane)
    np.testing.assert_array_equal(again.mako.camera.matrix, rig.mako.camera.matrix)
    np.testing.assert_array_equal(again.laser_sensor.camera.distortion, rig.laser_sensor.camera.distortion)


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('date:', 'day:', '"date" is missing'),
        ('date: "2026-11-20"', 'date: soon', 'line 4: "date": expected a date'),
        ('xyz_m: [0.0, 0.0, 0.300]', 'xyz_m: [0.0, 0.300]', 'line 7: "welding_tool.xyz_m": expected a row of 3'),
        ('xyz_m: [0.350, 0.0, 0.0802]', 'xyz_m: [0.350, .nan, 0.0802]', 'laser_sensor.xyz_m": expected a row of 3'),
        ('size_px: [640, 480]', 'size_px: [640, 480.5]', 'laser_sensor.camera.size_px": expected width and height'),
        ('parent: tool0', 'parent: 7', 'laser_sensor.parent": expected a name, got 7'),
        ('residual_px: 0.0', 'residual_px: -1.0', 'residual_px": expected a number from 0'),
        ('distortion: [-0.08', 'distortion: [zero', 'distortion": expected a row of 5'),
        ('welding_tool: ', 'welding_tool: 3\nunused: ', '"welding_tool": expected a mapping'),
        ('[0.350, 0.0, 0.0802]', '[0.350, 0.0, 0.0802', 'malformed YAML'),
        ('mako: ', 'welding_gun: {}\nmako: ', '"welding_gun": unknown key'),
        (
            '    size_px: [640, 480]',
            '    size_px: [640, 480]\n    gain: 3',
            '"laser_sensor.camera.gain": unknown key',
        ),
        ('date:', '\tdate:', 'malformed YAML'),
        ('date: "2026-11-20"', 'date: "2026-11-20"\ndate: "2026-11-21"', 'line 5 malformed YAML (key "date" twice)'),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(tmp_path, old, new, message):
    text = SHIPPED.read_text()
    assert old in text
    path = tmp_path / 'rig.yaml'
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError) as caught:
        load_rig(str(path))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('matrix: [2000.0', 'matrix: [0.0', '"laser_sensor.camera.matrix": The camera matrix has no focal length'),
        (
            '[0.0, 0.0, 0.300]',
            '[0.0, 0.0, 300.0]',
            'line 7: "welding_tool.xyz_m": expected at most 2 m',
        ),  # millimetres
        ('[0.350, 0.0, 0.0802]', '[350.0, 0.0, 80.2]', '"laser_sensor.xyz_m": expected at most 2 m'),
        ('[1.000, 0.0, 1.500]', '[1000.0, 0.0, 1500.0]', '"mako.xyz_m": expected at most 10 m'),
        (
            '[-5.7735027, 0.0, 3.3333333]',
            '[-0.0057735, 0.0, 0.0033333]',
            'crosses the optical axis 0.02 to 3 m ahead',
        ),
        ('rpy_deg: [0.0, -30.0', 'rpy_deg: [0.0, -3000.0', '"laser_sensor.rpy_deg": expected at most 360'),
        ('matrix: [2000.0', 'matrix: [0.008', '"laser_sensor.camera.matrix": expected focal lengths'),  # in metres
        ('0.0, 320.0, 0.0', '0.0, 3200.0, 0.0', '"laser_sensor.camera.matrix": expected a principal point'),
        ('3.3333333]', '-3.3333333]', '"laser_sensor.laser_plane.coefficients": the laser plane does not cross'),
    ],
)
def test_numbers_that_cannot_be_are_refused(tmp_path, old, new, message):
    path = tmp_path / 'rig.yaml'
    path.write_text(SHIPPED.read_text().replace(old, new, 1))
    with pytest.raises(CalibrationError) as caught:
        load_rig(str(path))
    assert message in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(ConfigurationError, match='cannot be read'):
        load_rig(str(tmp_path / 'none.yaml'))
    with pytest.raises(ConfigurationError, match='cannot be written'):
        save_rig(load_rig(str(SHIPPED)), str(tmp_path / 'none' / 'rig.yaml'))
