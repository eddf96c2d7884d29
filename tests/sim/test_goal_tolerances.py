"""The simulated controller's tolerances and drives, by hand-computed numbers."""

import numpy as np
import pytest

from weld_cell.sim.drives import Drives, DriveSettings
from weld_cell.sim.goal_tolerances import (
    ConstraintSettings,
    JointTolerance,
    Verdict,
    default_tolerances,
    judge,
    tolerances_of_goal,
)
from weld_cell.sim.robot import RobotState

NAMES = ('a', 'b')
DEFAULTS = default_tolerances(ConstraintSettings(trajectory=0.1, goal=0.01, goal_time=0.5), 2)
ZERO = np.zeros(2)


def asked(path=(), goal=(), goal_time_s=0.0):
    return tolerances_of_goal(DEFAULTS, NAMES, path, goal, goal_time_s)


def test_a_goal_without_tolerances_has_the_controllers():
    tolerances, wrong = asked()
    assert not wrong and tolerances.goal_time_s == 0.5
    np.testing.assert_array_equal(tolerances.path, DEFAULTS.path)


@pytest.mark.parametrize(
    'wrong',
    [
        {'path': [JointTolerance('elbow', 1.0, 0.0, 0.0)]},
        {'goal': [JointTolerance('a', -0.5, 0.0, 0.0)]},
        {'path': [JointTolerance('a', 0.0, 0.0, -2.0)]},
        {'goal_time_s': -0.3},
    ],
)
def test_one_that_is_wrong_leaves_all_of_the_controllers(wrong):
    good = [JointTolerance('a', 5.0, 0.0, 0.0)]
    tolerances, why = asked(**{'path': good, **wrong} if 'path' not in wrong else {'path': good + wrong['path']})
    assert why and tolerances is DEFAULTS


def test_zero_leaves_minus_one_erases_and_another_replaces():
    tolerances, wrong = asked([JointTolerance('b', -1.0, 0.2, 0.0)], [JointTolerance('a', 0.0, -1.0, 0.0)], -1.0)
    assert not wrong and tolerances.goal_time_s == 0.0
    np.testing.assert_array_equal(tolerances.path, [[0.1, 0.0], [0.0, 0.2]])
    np.testing.assert_array_equal(tolerances.goal, [[0.01, 0.01], [0.0, 0.01]])


@pytest.mark.parametrize(
    ('error_rad', 'speed_rad_s', 'past_end_s', 'first', 'verdict'),
    [
        (0.0, 0.0, -1.0, False, Verdict.GOING),
        (0.099, 9.0, -1.0, False, Verdict.GOING),
        (-0.101, 0.0, -1.0, False, Verdict.OFF_PATH),
        (0.2, 0.0, 0.1, True, Verdict.OFF_PATH),  # a first look at the end counts as on the way
        (0.2, 0.0, 0.1, False, Verdict.GOING),
        (0.009, 0.0, 0.0, False, Verdict.REACHED),
        (0.009, 0.02, 0.1, False, Verdict.GOING),  # it is there but has not stopped
        (0.011, 0.0, 0.5, False, Verdict.GOING),
        (0.011, 0.0, 0.51, False, Verdict.OFF_GOAL),
    ],
)
def test_how_a_motion_stands(error_rad, speed_rad_s, past_end_s, first, verdict):
    errors = np.array([0.0, error_rad]), np.array([0.0, speed_rad_s])
    assert judge(DEFAULTS, *errors, past_end_s, first) is verdict


def test_without_a_goal_time_it_may_come_however_late():
    forever = default_tolerances(ConstraintSettings(goal=0.01), 2)
    assert judge(forever, np.array([0.0, 0.5]), ZERO, 1e6, False) is Verdict.GOING


def states(drives, settings, count=50):
    """The true states of a robot that is commanded to move both joints at 1 rad/s, 100 times a second."""
    return [
        drives.follow(RobotState(k * 10_000_000, np.full(2, k / 100), np.ones(2), ZERO), settings)
        for k in range(count)
    ]


def test_drives_without_a_fault_do_what_they_are_told():
    assert states(Drives(NAMES), DriveSettings())[-1].positions_rad == pytest.approx([0.49, 0.49])


def test_drives_that_lag_come_a_time_constant_later():
    late = states(Drives(NAMES), DriveSettings(lag_s=0.05))[-1]
    assert 0.49 - late.positions_rad == pytest.approx([0.045, 0.045], abs=0.006)


def test_a_robot_joint_that_is_held_stays():
    held = states(Drives(NAMES), DriveSettings(held='b'))[-1]
    assert held.positions_rad == pytest.approx([0.49, 0.0]) and held.velocities_rad_s[1] == 0.0
