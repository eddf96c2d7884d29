"""The controller's joints: its order, a prefix, external axes, and what it does not have."""

import numpy as np
import pytest

from weld_cell.errors import ConfigurationError, TrajectoryRejectedError
from weld_cell.trajectory.controller import ControllerJoints, ControllerSettings

NAMES = ('a', 'b', 'c')
ROWS = np.array([[1.0, 2.0, 3.0], [1.0, 2.5, 3.5]])
NONE = np.zeros(0)


def joints(**settings):
    return ControllerJoints(NAMES, ControllerSettings(**settings))


@pytest.mark.parametrize(
    ('settings', 'words'),
    [
        ({'joints': 'a a b'}, 'a twice'),
        ({'joints': 'x y'}, 'none of the robot joints a, b, c'),
        ({'joints': 'a b c', 'prefix': 'left_'}, 'none of the robot joints left_a'),
    ],
)
def test_joints_that_cannot_be_the_controllers(settings, words):
    with pytest.raises(ConfigurationError, match=words):
        joints(**settings)


@pytest.mark.parametrize('bad', [{'interface': 'service'}, {'answer_s': 0.0}, {'path_tolerance_rad': -1.0}])
def test_settings_out_of_range(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        ControllerSettings(**bad)


def test_by_default_they_are_the_robots():
    own = joints()
    assert own.names == NAMES and own.external == () and ControllerSettings().plain
    np.testing.assert_array_equal(own.spread(ROWS, NONE), ROWS)


def test_another_order_with_a_prefix_and_external_axes():
    wide = joints(prefix='left_', joints='rail left_c left_a table left_b')
    assert wide.external == ('rail', 'table')
    np.testing.assert_array_equal(
        wide.spread(ROWS, np.array([0.7, 0.8])), [[0.7, 3.0, 1.0, 0.8, 2.0], [0.7, 3.5, 1.0, 0.8, 2.5]]
    )


def test_a_subset_takes_what_does_not_move_the_others():
    some = joints(joints='c b')
    some.check(ROWS)
    np.testing.assert_array_equal(some.spread(ROWS, NONE), ROWS[:, [2, 1]])
    with pytest.raises(TrajectoryRejectedError, match='moves c, which'):
        joints(joints='a b').check(ROWS)
