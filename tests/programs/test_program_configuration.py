"""Configuration data from robot joints, against values worked out by hand from the manuals' definitions."""

import numpy as np
import pytest
from program_parts import robot

from weld_cell.errors import ArmConfigurationError
from weld_cell.programs.configuration import (
    arm_posture,
    inform_configuration,
    krl_configuration,
    rapid_configuration,
    tp_configuration,
)
from weld_cell.programs.controller_axes import controller_degrees, planned_joints
from weld_cell.programs.settings import AxisSettings, KrlSettings, ProgramSettings

MAKERS = ProgramSettings()
"""The makers' usual arms, not the simulated cell's."""

# Robot joints in degrees: upper arm upright, forearm level at 0; joint 5 positive bends the tool down.
POSES = {
    'home': (0, 0, 0, 0, 90, 0),
    'left': (100, 20, 10, -30, 60, 200),
    'wrist over': (0, 0, 0, 180, -90, 180),
    'elbow behind': (0, 0, -150, 0, 90, 0),
    'overhead': (-10, -75, -80, 0, 30, -10),
}


def joints(name):
    return np.deg2rad(np.array(POSES[name], dtype=float))


@pytest.mark.parametrize(
    ('name', 'overhead', 'front', 'negative'),
    [
        ('home', False, True, False),
        ('wrist over', False, True, True),
        ('elbow behind', True, False, False),  # the forearm points back over axis 1
        ('overhead', True, True, False),
    ],
)
def test_posture(name, overhead, front, negative):
    posture = arm_posture(joints(name), robot())
    assert (posture.overhead, posture.elbow_front, posture.wrist_negative) == (overhead, front, negative)


@pytest.mark.parametrize(
    ('language', 'name', 'shown'),
    [
        # x of the flange points up at 0 here, down at ABB and KUKA: their axis 6 stands half a turn further
        ('rapid', 'home', (0, 0, 0, 0, 90, 180)),
        ('krl', 'home', (0, -90, 90, 0, 90, -180)),
        ('inform', 'home', (0, 0, 0, 0, -90, 0)),
        ('rapid', 'left', (100, 20, 10, -30, 60, 380)),
        ('krl', 'left', (-100, -70, 100, 30, 60, -380)),
        ('tp', 'left', (100, 20, -30, 30, -60, -200)),  # axis 3 from the horizon: -10 - 20
    ],
)
def test_the_joints_as_each_controller_shows_them(language, name, shown):
    axes = getattr(MAKERS, language)
    degrees = controller_degrees(joints(name), robot(), axes)
    np.testing.assert_allclose(degrees, shown, atol=1e-5)
    np.testing.assert_allclose(planned_joints(degrees, robot(), axes), joints(name), atol=1e-9)


@pytest.mark.parametrize(
    ('name', 'rapid', 'krl', 'inform', 'tp'),
    [
        # krl T: bits of the negative axes 1 to 6; home has A2 = -90 alone
        ('home', (0, 0, 2, 0), (2, 0b000010), (0, 0, 0, 0, 0, 0), (0, 1, 1, 0, 0, 0)),
        # axis 1 in the second quarter, 4 in the first below 0, 6 in the fifth
        ('left', (1, -1, 4, 0), (2, 0b100011), (0, 0, 0, 0, 1, 0), (0, 1, 1, 0, 0, -1)),
        ('wrist over', (0, 2, 4, 1), (6, 0b111010), (1, 0, 0, 1, 1, 0), (1, 1, 1, 0, 0, 0)),
        ('elbow behind', (0, 0, 2, 6), (1, 0b000110), (0, 1, 1, 0, 0, 0), (0, 0, 0, 0, 0, 0)),
        ('overhead', (-1, 0, 1, 4), (3, 0b000010), (0, 0, 1, 0, 0, 0), (0, 1, 0, 0, 0, 0)),
    ],
)
def test_configuration_in_each_language(name, rapid, krl, inform, tp):
    positions = joints(name)
    in_cell = KrlSettings(axis_zero_deg=(0.0, 90.0, 0.0, 0.0, 0.0, 180.0))  # in the simulated cell A6 = -joint_6
    assert rapid_configuration(positions, robot(), MAKERS.rapid) == rapid
    assert krl_configuration(positions, robot(), in_cell) == krl
    assert inform_configuration(positions, robot(), MAKERS.inform) == inform
    assert tp_configuration(positions, robot(), MAKERS.tp) == tp


def test_a_sign_is_one_or_minus_one():
    with pytest.raises(ValueError, match='axis_signs: expected 1 or -1 each'):
        AxisSettings(axis_signs=(0.0, 1.0, 1.0, 1.0, 1.0, 1.0))


def test_a_turn_that_krl_cannot_tell_is_refused():
    with pytest.raises(ArmConfigurationError, match='A6 would stand at -380.0 deg'):
        krl_configuration(joints('left'), robot(), MAKERS.krl)
