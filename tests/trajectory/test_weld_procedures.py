"""Weld procedures: what ships, and messages that name file, line and key."""

from pathlib import Path

import pytest
from trajectory_paths import PROCEDURES

from weld_cell.errors import ConfigurationError
from weld_cell.records import JointType
from weld_cell.trajectory.procedures import PLATE, load_procedures

SHIPPED = Path(PROCEDURES).read_text(encoding='utf-8')

SPOILT = [
    ('empty', lambda text: '', 'expected a mapping'),
    ('type missing', lambda text: text.replace('\nfillet:', '\nfilet:'), r'line \d+: unknown weld procedure "filet"'),
    ('plate missing', lambda text: text.split('\nplate:')[0], 'key "plate" is missing'),
    ('key missing', lambda text: text.replace('  current_a: 140.0\n', ''), 'lap: key "current_a" is missing'),
    (
        'unknown key',
        lambda text: text.replace('current_a: 140.0', 'amps: 140.0'),
        r'lap: line \d+: unknown key "amps"',
    ),
    (
        'out of range',
        lambda text: text.replace('travel_speed_mm_s: 10.0', 'travel_speed_mm_s: 0.0'),
        r'lap: line \d+: travel_speed_mm_s: expected 1.0 to 50.0 mm/s, got 0.0',
    ),
    (
        'no number',
        lambda text: text.replace('voltage_v: 23.0', 'voltage_v: high'),
        r'filler_layer: line \d+: voltage_v: expected float',
    ),
    ('malformed', lambda text: text.replace('lap:', 'lap: ['), 'malformed YAML'),
    ('no mapping', lambda text: 'lap: 3\n' + 'butt:' + text.split('butt:')[1], 'lap: expected a mapping, got 3'),
]


@pytest.mark.parametrize(('spoil', 'message'), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_a_spoilt_file_is_refused_by_line_and_key(tmp_path, spoil, message):
    path = tmp_path / 'weld_procedures.yaml'
    path.write_text(spoil(SHIPPED), encoding='utf-8')
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_procedures(str(path))
    assert str(path) in caught.value.message


def test_the_line_is_the_keys_own(tmp_path):
    path = tmp_path / 'weld_procedures.yaml'
    path.write_text(SHIPPED.replace('voltage_v: 20.0', 'voltage_v: 99.0'), encoding='utf-8')
    line = 1 + SHIPPED.splitlines().index('  voltage_v: 20.0')
    with pytest.raises(ConfigurationError, match=f'fillet: line {line}: voltage_v'):
        load_procedures(str(path))


def test_every_joint_type_and_the_plate_seam_ship_with_a_procedure(procedures):
    assert list(procedures) == [*JointType, PLATE]
    assert procedures[PLATE].current_a == 100.0
    assert procedures[JointType.LAP].travel_angle_deg == 10.0
