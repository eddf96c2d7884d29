"""What the cell is set up with is looked at before anything moves."""

import shutil
from pathlib import Path

import pytest

from weld_cell.cell_check import _parameters
from weld_cell.cli import main
from weld_cell.errors import ConfigurationError

CONFIG = Path(__file__).parents[1] / 'config'
FILES = {
    '--rig': 'rig.yaml',
    '--procedures': 'weld_procedures.yaml',
    '--urdf': 'robot/arc_robot.urdf',
    '--limits': 'robot/limits.yaml',
    '--settings': 'cell.yaml',
    '--programs': 'robot_programs.yaml',
}


@pytest.mark.parametrize(
    ('option', 'old', 'new', 'told'),
    [
        ('--rig', '', '', None),
        ('--rig', 'xyz_m: [0.350, 0.0, 0.0802]', 'xyz_m: [350.0, 0.0, 80.2]', 'laser_sensor.xyz_m'),
        ('--procedures', 'fillet:', 'filet:', 'unknown weld procedure "filet"'),
        ('--settings', 'end_m: [1.0, 0.1, 0.2]', 'end_m: [1000.0, 100.0, 200.0]', 'cannot lead the sensor'),
        ('--settings', 'speed_mm_s: 25.0', 'sped_mm_s: 25.0', 'unknown key "sped_mm_s"'),
        ('--settings', 'normal: [0.0, 0.0, 1.0]', 'normal: [0.0, 1.0, 0.0]', 'Correct the value'),
        ('--settings', 'vote_images: 40', 'vote_images: 0', 'vote_images'),
        ('--programs', 'tool_number: 1', 'tool_number: 0', 'tool_number: expected 1 to 128'),
        ('--programs', 'rapid:', 'abb:', 'unknown section "abb"'),
        ('--limits', 'home_rad:', 'home:', '"home_rad" is missing'),
        ('--urdf', '<robot', '<robo', 'arc_robot.urdf'),
    ],
)
def test_each_fault_is_named_and_the_rest_is_looked_at(tmp_path, capsys, option, old, new, told):
    path = tmp_path / Path(FILES[option]).name
    content = (CONFIG / FILES[option]).read_text()
    assert old in content
    path.write_text(content.replace(old, new, 1))
    assert main(['check', option, str(path)]) == (0 if told is None else 1)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 10 and sum(line.endswith(': ok') for line in lines) >= 7
    assert told is None or any(told in line for line in lines)


@pytest.mark.parametrize(
    ('node', 'wrong', 'named'),
    [
        ('cell_supervisor', 'tracking: {lead_s: -1.0}', 'lead_s: expected'),
        ('trajectory_publisher', 'tracking: {no_such: 1.0}', 'unknown key "no_such"'),
        ('cell_supervisor', 'controller: {prefix: 3}', 'prefix: expected'),
        ('cell_supervisor', 'approval: {no_such: 1.0}', 'unknown key "no_such"'),
        ('laser_sensor', 'device: {backend: usb}', 'backend: expected one of'),
        ('mako_camera', 'device: {rate_hz: 0.0}', 'rate_hz: expected'),
        ('operator_page', 'page: {port: -1}', 'port: expected'),
    ],
)
def test_the_parameters_of_every_node_are_looked_at(tmp_path, node, wrong, named):
    file = tmp_path / 'cell.yaml'
    file.write_text(f'/**/{node}:\n  ros__parameters:\n    {wrong}\n')
    with pytest.raises((ConfigurationError, ValueError), match=named):
        _parameters(file)


def test_a_damaged_part_and_a_missing_file_are_named(tmp_path, capsys):
    shutil.copytree(CONFIG / 'parts', tmp_path / 'parts')
    (tmp_path / 'parts' / 'A-L' / 'part.yaml').write_text('code: [')
    assert main(['check', '--parts', str(tmp_path / 'parts'), '--rig', str(tmp_path / 'none.yaml')]) == 1
    shown = capsys.readouterr().out
    assert 'A-L' in shown and 'none.yaml' in shown


def test_an_empty_part_library_is_none(tmp_path, capsys):
    assert main(['check', '--parts', str(tmp_path)]) == 1
    assert f'{tmp_path} has no parts' in capsys.readouterr().out


@pytest.mark.parametrize('option', ['--rig', '--urdf', '--limits', '--settings'])
def test_a_fault_is_told_once(tmp_path, capsys, option):
    path = tmp_path / Path(FILES[option]).name
    path.write_text((CONFIG / FILES[option]).read_text()[:-300] + '\n}{')
    assert main(['check', option, str(path)]) == 1
    faults = [line for line in capsys.readouterr().out.splitlines() if 'Remedy:' in line]
    assert len(faults) == 1
