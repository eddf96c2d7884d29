"""The simulated robot: what it refuses, what it follows, and when."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from weld_cell.errors import ConfigurationError, TrajectoryRejectedError
from weld_cell.sim.robot import load_simulated_robot
from weld_cell.sim.trajectory_command import TrajectoryCommand

CONFIG = Path(__file__).parents[2] / 'config' / 'robot'
URDF, LIMITS = str(CONFIG / 'arc_robot.urdf'), str(CONFIG / 'limits.yaml')
SECOND = 1_000_000_000
NOW = 100 * SECOND
REST = np.zeros(6)


@pytest.fixture
def robot():
    return load_simulated_robot(URDF, LIMITS)


@pytest.fixture
def home(robot):
    return robot.state_at(0).positions_rad


def command(robot, points, start_ns=0):
    """Points: rows (time, positions[, velocities[, accelerations]])."""
    table = [[point[level] if len(point) > level else () for point in points] for level in range(4)]
    return TrajectoryCommand(robot.joint_names, *table, start_ns)


def move_by(robot, home, offset, seconds=2.0, start_ns=0):
    return command(robot, [(0.0, home, REST, REST), (seconds, home + offset, REST, REST)], start_ns)


REFUSED = [
    ('no points', lambda c: dataclasses.replace(c, times_s=[], positions_rad=[]), 'no points'),
    ('no names', lambda c: dataclasses.replace(c, joint_names=[]), 'robot joints none, expected joint_1'),
    ('a name missing', lambda c: dataclasses.replace(c, joint_names=c.joint_names[:5]), 'expected joint_1'),
    (
        'a name twice',
        lambda c: dataclasses.replace(c, joint_names=('joint_1', *c.joint_names[:5])),
        'expected joint_1',
    ),
    ('unknown name', lambda c: dataclasses.replace(c, joint_names=(*c.joint_names[:5], 'elbow')), 'elbow'),
    (
        'rows missing',
        lambda c: dataclasses.replace(c, positions_rad=c.positions_rad[:1]),
        '1 rows of positions for 2',
    ),
    (
        'short row',
        lambda c: dataclasses.replace(c, positions_rad=[c.positions_rad[0], REST[:5]]),
        'point 1 has 5 positions for 6',
    ),
    (
        'short velocities',
        lambda c: dataclasses.replace(c, velocities_rad_s=[REST, REST[:2]]),
        'point 1 has 2 velocities',
    ),
    (
        'no velocities',
        lambda c: dataclasses.replace(c, velocities_rad_s=[(), ()]),
        'accelerations without velocities',
    ),
    (
        'not a number',
        lambda c: dataclasses.replace(c, positions_rad=[c.positions_rad[0], np.full(6, np.nan)]),
        'point 1 has positions that are not finite',
    ),
    (
        'times equal',
        lambda c: dataclasses.replace(c, times_s=[1.0, 1.0]),
        'points 0 and 1 are at 1.000000 and 1.000000',
    ),
    ('times negative', lambda c: dataclasses.replace(c, times_s=[-1.0, 1.0]), 'run from -1.0'),
    ('time not a number', lambda c: dataclasses.replace(c, times_s=[0.0, np.nan]), 'not ascending'),
    (
        'still moving at the end',
        lambda c: dataclasses.replace(c, velocities_rad_s=[REST, np.full(6, 0.1)]),
        'still moves at its end, at 5.730 deg/s',
    ),
    ('ended in the past', lambda c: dataclasses.replace(c, start_ns=NOW - 3 * SECOND), 'ended 1.000 s ago'),
    (
        'starts elsewhere',
        lambda c: dataclasses.replace(c, positions_rad=[np.full(6, 0.5)] * 2),
        r'joint_5 stands at 90.00 deg and the trajectory starts at 28.65 deg',
    ),
    (
        'beyond a position limit',
        lambda c: dataclasses.replace(c, positions_rad=[c.positions_rad[0], np.full(6, 2.2)]),
        r'joint_. would have a position of .* deg at',
    ),
    ('too fast', lambda c: dataclasses.replace(c, times_s=[0.0, 0.4]), 'joint_1 would have a (speed|acceleration)'),
    (
        'a step of the speed',
        lambda c: dataclasses.replace(
            c, times_s=[0.0, 0.5], velocities_rad_s=[(), ()], accelerations_rad_s2=[(), ()]
        ),
        'the speed of joint_2 steps by 114.6 deg/s where it takes over',
    ),
]


@pytest.mark.parametrize(('spoil', 'message'), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refusals_tell_the_reason_and_nothing_moves(robot, home, spoil, message):
    good = move_by(robot, home, np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0]))
    with pytest.raises(TrajectoryRejectedError, match=message):
        robot.follow(spoil(good), NOW)
    np.testing.assert_array_equal(robot.state_at(NOW + SECOND).positions_rad, home)
    assert not robot.is_moving(NOW)
    robot.follow(good, NOW)


def test_stands_at_home_until_told_otherwise(robot):
    state = robot.state_at(NOW)
    np.testing.assert_allclose(state.positions_rad, [0, 0, 0, 0, np.pi / 2, 0], atol=1e-7)
    assert not state.velocities_rad_s.any()


def test_quintic_by_hand_and_held_at_the_end(robot, home):
    robot.follow(move_by(robot, home, _first(1.0), seconds=4.0), NOW)
    middle = robot.state_at(NOW + 2 * SECOND)
    assert middle.positions_rad[0] == pytest.approx(0.5)
    assert middle.velocities_rad_s[0] == pytest.approx(15.0 / 8.0 / 4.0)
    assert middle.accelerations_rad_s2[0] == pytest.approx(0.0, abs=1e-9)
    assert robot.is_moving(NOW + 2 * SECOND)
    end = robot.state_at(NOW + 9 * SECOND)
    assert end.positions_rad[0] == pytest.approx(1.0)
    assert not end.velocities_rad_s.any()
    assert not robot.is_moving(NOW + 9 * SECOND)
    np.testing.assert_array_equal(robot.state_at(NOW - 1).positions_rad, home)


def _first(angle_rad):
    return np.array([angle_rad, 0.0, 0.0, 0.0, 0.0, 0.0])


def test_cubic_with_velocities_linear_with_positions(robot, home):
    goal = home + _first(0.1)
    robot.follow(command(robot, [(0.0, home, REST), (2.0, goal, REST)]), NOW)
    assert robot.state_at(NOW + SECOND // 2).positions_rad[0] == pytest.approx(0.015625)  # 0.1 (3 u^2 - 2 u^3)
    later = NOW + 10 * SECOND
    robot.follow(command(robot, [(0.0, goal), (2.0, home)]), later)
    assert robot.state_at(later + SECOND // 2).positions_rad[0] == pytest.approx(0.075)


def test_names_in_any_order(robot, home):
    good = move_by(robot, home, _first(1.0))
    mixed = TrajectoryCommand(
        robot.joint_names[::-1],
        good.times_s,
        *(
            [row[::-1] for row in table]
            for table in (good.positions_rad, good.velocities_rad_s, good.accelerations_rad_s2)
        ),
    )
    robot.follow(mixed, NOW)
    np.testing.assert_allclose(robot.state_at(NOW + 3 * SECOND).positions_rad, home + _first(1.0), atol=1e-9)


def test_stamp_in_the_future_is_waited_for(robot, home):
    robot.follow(move_by(robot, home, _first(1.0), start_ns=NOW + SECOND), NOW)
    assert robot.state_at(NOW + SECOND).positions_rad[0] == pytest.approx(0.0)
    assert robot.state_at(NOW + 2 * SECOND).positions_rad[0] == pytest.approx(0.5)


def test_stamp_in_the_past_joins_where_the_trajectory_is_now(robot, home):
    late = move_by(robot, home, _first(0.001), start_ns=NOW - SECOND)
    robot.follow(late, NOW)
    assert robot.state_at(NOW).positions_rad[0] == pytest.approx(0.0005)


def test_a_first_point_ahead_is_led_to_from_the_present_state(robot, home):
    robot.follow(command(robot, [(2.0, home + _first(1.0), REST, REST)]), NOW)
    assert robot.state_at(NOW + SECOND).positions_rad[0] == pytest.approx(0.5)


def test_replacing_a_running_trajectory_goes_on_from_its_state(robot, home):
    robot.follow(move_by(robot, home, _first(1.0)), NOW)
    takeover = NOW + SECOND
    before = robot.state_at(takeover)
    robot.follow(command(robot, [(1.5, home, REST, REST)]), takeover)
    after = robot.state_at(takeover)
    np.testing.assert_allclose(after.positions_rad, before.positions_rad, atol=1e-12)
    np.testing.assert_allclose(after.velocities_rad_s, before.velocities_rad_s, atol=1e-12)
    np.testing.assert_allclose(robot.state_at(takeover + 2 * SECOND).positions_rad, home, atol=1e-12)
    assert robot.state_at(NOW + SECOND // 2).positions_rad[0] == pytest.approx(1.0 * (10 / 64 - 15 / 256 + 6 / 1024))


def test_a_refused_replacement_lets_the_running_one_go_on(robot, home):
    robot.follow(move_by(robot, home, _first(1.0)), NOW)
    with pytest.raises(TrajectoryRejectedError, match='stands at 28.65 deg'):
        robot.follow(move_by(robot, home, _first(0.0)), NOW + SECOND)
    assert robot.state_at(NOW + 3 * SECOND).positions_rad[0] == pytest.approx(1.0)


def test_a_step_of_the_speed_on_the_way_is_refused(robot, home):
    """Without velocities the robot would turn round at a corner: 2 deg/s up, 100 deg/s down."""
    corner = [(0.0, home), (1.0, home + _first(0.035)), (2.0, home - _first(1.7)), (60.0, home)]
    with pytest.raises(TrajectoryRejectedError, match=r'the speed of joint_1 steps by -101.4 deg/s at 1.000 s'):
        robot.follow(command(robot, corner), NOW)


def test_many_replacements_are_forgotten_from_the_oldest(robot, home):
    for i in range(100):
        robot.follow(command(robot, [(1.0, home + _first(0.001 * i), REST, REST)]), NOW + i * SECOND)
    assert robot.state_at(NOW + 200 * SECOND).positions_rad[0] == pytest.approx(0.099)
    assert robot.state_at(NOW + 90 * SECOND).positions_rad[0] == pytest.approx(0.089, abs=2e-3)
    assert 0.06 < robot.state_at(NOW).positions_rad[0] < 0.07


@pytest.mark.parametrize('rate', [0.0, -1.0])
def test_time_does_not_stand_or_run_back(rate):
    with pytest.raises(ValueError, match='rate must be positive'):
        load_simulated_robot(URDF, LIMITS, rate=rate)


def test_rate_shortens_the_time_that_motion_takes(home):
    quick = load_simulated_robot(URDF, LIMITS, rate=10.0)
    quick.follow(move_by(quick, home, _first(1.0)), NOW)
    state = quick.state_at(NOW + SECOND // 10)
    assert state.positions_rad[0] == pytest.approx(0.5)
    assert state.velocities_rad_s[0] == pytest.approx(10.0 * 15.0 / 8.0 / 2.0)
    assert not quick.is_moving(NOW + SECOND // 4)


@pytest.mark.parametrize('seed', range(5))
def test_quaternions_are_the_rotations_of_the_links(robot, seed):
    positions_rad = np.random.default_rng(seed).uniform(-2 * np.pi, 2 * np.pi, 6)
    quaternions = robot.tree.quaternions(positions_rad)
    names, edges = robot.tree.joint_names, robot.tree.edges
    moving = [
        transform
        for edge, (_, _, transform) in zip(edges, robot.tree.link_transforms(positions_rad), strict=True)
        if edge.name in names
    ]
    assert (quaternions[:, 3] >= 0.0).all()
    for xyzw, transform in zip(quaternions, moving, strict=True):
        np.testing.assert_allclose(Rotation.from_quat(xyzw).as_matrix(), transform[:3, :3], atol=1e-12)


def test_links_by_hand(robot):
    """Upright upper arm, tool down: the numbers of the drawing."""
    poses = robot.link_poses(NOW)
    np.testing.assert_allclose(poses['base_link'], np.eye(4))
    np.testing.assert_allclose(poses['link_2'][:3, 3], [0.15, 0.0, 0.45], atol=1e-7)
    np.testing.assert_allclose(poses['link_3'][:3, 3], [0.15, 0.0, 1.10], atol=1e-7)
    np.testing.assert_allclose(poses['link_4'][:3, 3], [0.85, 0.0, 1.20], atol=1e-7)
    np.testing.assert_allclose(poses['tool0'][:3, 3], [0.85, 0.0, 1.10], atol=1e-7)
    np.testing.assert_allclose(poses['welding_tool'][:3, 3], [0.85, 0.0, 0.80], atol=1e-7)
    np.testing.assert_allclose(poses['welding_tool'][:3, :3], np.diag([1.0, -1.0, -1.0]), atol=1e-7)


SPOILT = [
    ('empty', lambda text: '', 'malformed URDF'),
    ('no joints', lambda text: '<robot name="r"/>', 'one root link, found 0'),
    ('two roots', lambda text: text.replace('<parent link="link_2"/>', '<parent link="elsewhere"/>'), 'found 2'),
    ('no parent', lambda text: text.replace('<parent link="link_2"/>', ''), 'joint_3 lacks parent link'),
    ('no number', lambda text: text.replace('velocity="2.9670597"', 'velocity="fast"'), 'fast'),
    ('two numbers', lambda text: text.replace('xyz="0 0 0.65"', 'xyz="0 0.65"'), 'has 2 numbers, expected 3'),
    ('slides', lambda text: text.replace('"joint_1" type="revolute"', '"joint_1" type="prismatic"'), 'prismatic'),
]


@pytest.mark.parametrize(('spoil', 'message'), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_spoilt_descriptions_are_refused(tmp_path, spoil, message):
    path = tmp_path / 'robot.urdf'
    path.write_text(spoil(Path(URDF).read_text(encoding='utf-8')), encoding='utf-8')
    with pytest.raises(ConfigurationError, match=message):
        load_simulated_robot(str(path), LIMITS)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r'nothing\.urdf: cannot be read'):
        load_simulated_robot(str(tmp_path / 'nothing.urdf'), LIMITS)
    spoilt = tmp_path / 'limits.yaml'
    spoilt.write_text('acceleration_rad_s2:\n  joint_1: 3\n', encoding='utf-8')
    with pytest.raises(ConfigurationError, match='line 1: acceleration_rad_s2'):
        load_simulated_robot(URDF, str(spoilt))


def test_a_trajectory_of_some_robot_joints_is_followed_where_that_is_allowed(robot, home):
    whole = move_by(robot, home, np.array([0.1, 0.2, 0, 0, 0, 0]))
    part = dataclasses.replace(
        whole,
        joint_names=('joint_2', 'joint_1'),
        positions_rad=[np.asarray(row)[[1, 0]] for row in whole.positions_rad],
        velocities_rad_s=[REST[:2]] * 2,
        accelerations_rad_s2=[REST[:2]] * 2,
    )
    with pytest.raises(TrajectoryRejectedError, match='expected joint_1'):
        robot.follow(part, NOW)
    with pytest.raises(TrajectoryRejectedError, match='elbow'):
        robot.follow(dataclasses.replace(part, joint_names=('joint_2', 'elbow')), NOW, partial=True)
    robot.follow(part, NOW, partial=True)
    np.testing.assert_allclose(
        robot.state_at(NOW + 3 * SECOND).positions_rad, home + np.array([0.1, 0.2, 0, 0, 0, 0]), atol=1e-12
    )


def test_a_robot_that_is_held_stands_at_once(robot, home):
    robot.follow(move_by(robot, home, np.full(6, 0.1)), NOW)
    there = robot.state_at(NOW + SECOND).positions_rad
    robot.hold(there, NOW + SECOND)
    for later_ns in (SECOND, SECOND + 1_000_000, 9 * SECOND):
        state = robot.state_at(NOW + later_ns)
        np.testing.assert_allclose(state.positions_rad, there, atol=1e-15)
        np.testing.assert_allclose(state.velocities_rad_s, 0.0, atol=1e-12)
    assert robot.past_end_s(NOW + 2 * SECOND) == pytest.approx(0.999)
