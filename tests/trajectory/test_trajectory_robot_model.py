"""The robot: forward kinematics by hand, OPW against the URDF chain, refusals."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trajectory_paths import LIMITS, URDF

from weld_cell.errors import ConfigurationError
from weld_cell.sim.urdf_tree import read_urdf
from weld_cell.trajectory.robot_model import STRAIGHT_WRIST_RAD, load_robot, robot_from_description

ROBOT = load_robot(URDF, LIMITS)
TREE = read_urdf(URDF)
DESCRIPTION = TREE.description
POSITIONS = st.lists(st.floats(-1.0, 1.0), min_size=6, max_size=6).map(np.array)

# By hand from the proportions: shoulder (0.15, 0, 0.45), upper arm 0.65 up, elbow to wrist 0.70 ahead and 0.10 up,
# wrist to flange 0.10. tool0's z looks out of the flange.
GOLDEN = [
    ('at zero', (0, 0, 0, 0, 0, 0), (0.95, 0.0, 1.20), (1, 0, 0)),
    ('tool down', (0, 0, 0, 0, 90, 0), (0.85, 0.0, 1.10), (0, 0, -1)),
    ('turned left', (90, 0, 0, 0, 0, 0), (0.0, 0.95, 1.20), (0, 1, 0)),
    ('upper arm ahead', (0, 90, -90, 0, 0, 0), (0.15 + 0.65 + 0.80, 0.0, 0.45 + 0.10), (1, 0, 0)),
    ('forearm down', (0, 0, 90, 0, 0, 0), (0.15 + 0.10, 0.0, 1.10 - 0.80), (0, 0, -1)),
    ('wrist bent left', (0, 0, 0, 90, 90, 0), (0.85, 0.10, 1.20), (0, 1, 0)),
]


@pytest.mark.parametrize(('degrees', 'position', 'out'), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN])
def test_forward_by_hand(degrees, position, out):
    flange = ROBOT.forward(np.deg2rad(np.array(degrees, dtype=float)))
    np.testing.assert_allclose(flange[:3, 3], position, atol=1e-12)
    np.testing.assert_allclose(flange[:3, 2], out, atol=1e-12)


def test_forward_of_no_positions_is_no_poses():
    assert ROBOT.forward(np.empty((0, 6))).shape == (0, 4, 4)


def test_proportions_are_those_of_the_drawing():
    opw = ROBOT.opw
    lengths = (opw.a1, opw.a2, opw.b, opw.c1, opw.c2, opw.c3, opw.c4)
    np.testing.assert_allclose(lengths, (0.15, -0.10, 0.0, 0.45, 0.65, 0.70, 0.10), atol=1e-12)


def test_opw_and_urdf_chain_agree():
    trials = np.random.default_rng(7).uniform(-np.pi, np.pi, (500, 6))
    by_chain = np.stack([TREE.link_poses(trial)['tool0'] for trial in trials])
    np.testing.assert_allclose(ROBOT.forward(trials), by_chain, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(POSITIONS)
def test_inverse_finds_the_positions_again(fractions):
    middle, half = ROBOT.position_limits_rad.mean(axis=1), 0.4 * np.ptp(ROBOT.position_limits_rad, axis=1)
    positions = middle + fractions * half
    pose = ROBOT.forward(positions)
    found = ROBOT.branches(pose[None])
    solutions = found.joints[0][~np.isnan(found.joints[0]).any(axis=1)]
    expected = np.broadcast_to(pose, (len(solutions), 4, 4))
    np.testing.assert_allclose(ROBOT.forward(solutions), expected, atol=STRAIGHT_WRIST_RAD + 1e-8)
    if abs(np.sin(positions[4])) > 1e-3 and found.extension[0] > 1e-6:  # away from singularities the branch is known
        away = np.abs((solutions - positions + np.pi) % (2 * np.pi) - np.pi).max(axis=1)
        assert away.min() < 1e-6


def test_no_posture_is_left_out_at_a_straight_wrist():
    """py-opw-kinematics 1.3.0 alone leaves out the one that such a pose was made from, in a quarter of the cases."""
    rng = np.random.default_rng(5)
    middle, half = ROBOT.position_limits_rad.mean(axis=1), 0.3 * np.ptp(ROBOT.position_limits_rad, axis=1)
    positions = middle + rng.uniform(-1.0, 1.0, (300, 6)) * half
    positions[:, 4] = 0.0
    poses = ROBOT.forward(positions)
    found = ROBOT.branches(poses)
    well_within = found.extension > 1e-3
    arm = np.abs(found.joints[..., :3] - positions[:, None, :3]).max(axis=2)
    assert (np.nanmin(arm, axis=1) < 1e-4)[well_within].all()
    there = ~np.isnan(found.joints[..., 0])
    apart = ROBOT.forward(found.joints[there]) - np.repeat(poses, there.sum(axis=1), axis=0)
    assert np.abs(apart).max() < 2e-6
    assert (np.isnan(found.wrist) == ~there).all() and (np.isnan(found.limit_margin) == ~there).all()


def test_other_zero_and_axis_signs_are_derived_too():
    """KUKA's way: joint axes 1, 4 and 6 reversed, upper arm forward at zero."""
    turned = DESCRIPTION.replace('xyz="0.15 0 0.25" rpy="0 0 0"', 'xyz="0.15 0 0.25" rpy="0 1.3 0"', 1)
    turned = turned.replace('<axis xyz="0 0 1"/>', '<axis xyz="0 0 -1"/>')
    turned = turned.replace('<axis xyz="1 0 0"/>', '<axis xyz="-1 0 0"/>')
    other = robot_from_description(turned, LIMITS)
    assert other.opw.signs == (-1, 1, 1, -1, 1, -1)
    assert other.opw.c2 == pytest.approx(0.65)


MIMIC = '<joint name="joint_3" type="revolute"><mimic joint="joint_2" multiplier="-1"/>'
REFUSED = [
    ('empty', lambda text: '', 'malformed URDF'),
    ('no robot joints', lambda text: '<robot name="r"><link name="base_link"/></robot>', 'does not hang'),
    (
        'five robot joints',
        lambda text: text.replace('name="joint_6" type="revolute"', 'name="joint_6" type="fixed"'),
        'expected 6 robot joints',
    ),
    (
        'prismatic',
        lambda text: text.replace('name="joint_6" type="revolute"', 'name="joint_6" type="prismatic"'),
        'joint_6',
    ),
    (
        'no spherical wrist',
        lambda text: text.replace('<origin xyz="0.10 0 0" rpy="0 0 0"/>', '<origin xyz="0.10 0 0.05" rpy="0 0 0"/>'),
        'spherical wrist',
    ),
    ('no limit', lambda text: text.replace('lower="-6.2831853" ', ''), 'limit lower'),
    (
        'xacro',
        lambda text: text.replace('rpy="0 0 0"', 'rpy="0 0 ${pi}"', 1),
        'a xacro file, not a URDF.*xacro FILE',
    ),
    ('xacro with macros', lambda text: text.replace('</robot>', '<xacro:arm/></robot>'), 'a xacro file'),
    (
        'coupled',
        lambda text: text.replace('<joint name="joint_3" type="revolute">', MIMIC),
        '"joint_3" mimics another',
    ),
    (
        'zeros of an exporter',
        lambda text: re.sub('<limit[^>]*>', '<limit lower="0" upper="0" velocity="0"/>', text),
        '"joint_1" has no room to move',
    ),
    ('speed of nothing', lambda text: re.sub('velocity="[^"]*"', 'velocity="0"', text), 'at 0 rad/s'),
    (
        'degrees',
        lambda text: re.sub('lower="[^"]*" upper="[^"]*"', 'lower="-180" upper="180"', text),
        'up to 180 rad .* degrees',
    ),
    (
        'degrees a second',
        lambda text: re.sub('velocity="[^"]*"', 'velocity="175"', text),
        '175 rad/s: these are',
    ),
    ('no number', lambda text: text.replace('xyz="0.70 0 0.10"', 'xyz="0.70 zero 0.10"'), 'expected 3 numbers'),
]


@pytest.mark.parametrize(('spoil', 'message'), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_robots_that_cannot_be_planned_for_are_refused(spoil, message):
    with pytest.raises(ConfigurationError, match=message):
        robot_from_description(spoil(DESCRIPTION), LIMITS)


def test_missing_acceleration_limit_names_line_and_key(tmp_path):
    limits = tmp_path / 'limits.yaml'
    limits.write_text('# limits\nacceleration_rad_s2:\n  joint_1: fast\n', encoding='utf-8')
    with pytest.raises(ConfigurationError, match='line 2.*joint_2'):
        load_robot(URDF, str(limits))
