"""One branch along straight and curved paths; refusals name place and reason."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from weld_cell.errors import UnreachableError
from weld_cell.geometry.transforms import make_transform
from weld_cell.trajectory.inverse_kinematics import solve_path

DOWN = Rotation.from_matrix(np.diag([1.0, -1.0, -1.0]))


def line(start, end, count=101, rotation=DOWN):
    return np.stack([make_transform(point, rotation) for point in np.linspace(start, end, count)])


def place(i):
    return f'pose {i}'


@pytest.fixture
def solve(robot, settings, welding_tool):
    def run(poses, free_turn=True, start=robot.home_rad, tool=welding_tool, with_settings=settings, model=robot):
        return solve_path(poses, model, tool, start, with_settings, place, free_turn)

    return run


def test_no_poses_are_a_mistake(solve):
    with pytest.raises(ValueError, match='at least 1 tool pose'):
        solve(np.empty((0, 4, 4)))


def test_one_pose_is_solved(solve, robot, welding_tool):
    poses = line((1.0, 0.0, 0.2), (1.0, 0.0, 0.2), count=1)
    found = solve(poses, free_turn=False)
    np.testing.assert_allclose(robot.forward(found.positions_rad, welding_tool), poses, atol=1e-9)


@pytest.mark.parametrize('end', [(1.0, 0.2, 0.2), (1.2, 0.0, 0.2), (0.8, -0.3, 0.4)])
def test_exact_poses_without_free_turn(solve, robot, welding_tool, end):
    poses = line((1.0, -0.2, 0.2), end)
    found = solve(poses, free_turn=False)
    np.testing.assert_allclose(robot.forward(found.positions_rad, welding_tool), poses, atol=1e-9)
    assert np.abs(np.diff(found.positions_rad, axis=0)).max() < 0.02


def test_free_turn_keeps_position_and_axis(solve, robot, welding_tool):
    poses = line((1.0, -0.2, 0.2), (1.0, 0.2, 0.2))
    found = solve(poses)
    realised = robot.forward(found.positions_rad, welding_tool)
    np.testing.assert_allclose(realised[:, :3, 3], poses[:, :3, 3], atol=1e-9)
    np.testing.assert_allclose(realised[:, :3, 2], poses[:, :3, 2], atol=1e-9)
    assert found.limit_margin_rad.min() > np.deg2rad(30.0)


def test_one_branch_along_a_full_circle(solve):
    """x along the travel all round: the turn gives way smoothly or the last robot joint winds, nothing jumps."""
    angle = np.linspace(0.0, 2 * np.pi, 200)
    poses = np.stack(
        [
            make_transform(
                (1.0 + 0.1 * np.cos(a), 0.1 * np.sin(a), 0.2), Rotation.from_euler('z', a + np.pi / 2) * DOWN
            )
            for a in angle
        ]
    )
    found = solve(poses)
    assert np.abs(np.diff(found.positions_rad, axis=0)).max() < 0.1
    assert np.abs(np.diff(found.turn_rad)).max() < 0.1


def test_free_turn_leads_away_from_a_limit(solve, robot):
    """With the last robot joint free for 20 degrees only, a tool along the travel cannot stand; a turned one can."""
    limits = robot.position_limits_rad.copy()
    limits[5] = np.deg2rad([-100.0, -80.0])
    narrow = dataclasses.replace(robot, position_limits_rad=limits)
    poses = line((1.0, -0.1, 0.2), (1.0, 0.1, 0.2))
    with pytest.raises(UnreachableError, match='joint_6'):
        solve(poses, free_turn=False, model=narrow)
    found = solve(poses, model=narrow)
    assert (np.abs(np.rad2deg(found.positions_rad[:, 5]) + 90.0) < 10.0).all()


REFUSED = [
    ('far away from the first pose', line((2.5, 0.0, 0.2), (2.6, 0.0, 0.2)), r'pose 0: out of reach, by \d+ mm'),
    ('runs out of reach', line((1.2, 0.0, 0.2), (1.8, 0.0, 0.2)), r'pose \d+: (out of reach|singularity)'),
    (
        'tool upwards',
        line((1.0, 0.0, 0.2), (1.0, 0.1, 0.2), rotation=Rotation.identity()),
        r'pose 0: joint_\d would stand at -?[\d.]+ deg, its limits are -?\d+ to \d+ deg',
    ),
    ('over the base', line((0.5, 0.0, 1.0), (-0.6, 0.0, 1.0)), r'pose \d+: '),
]


@pytest.mark.parametrize(('poses', 'message'), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refusals_name_place_and_reason(solve, poses, message):
    with pytest.raises(UnreachableError, match=message) as caught:
        solve(poses, free_turn=False)
    assert caught.value.remedy


def test_wrist_singularity_is_named(solve, robot, welding_tool):
    """The forearm points along the tool in the middle of the path."""
    middle = robot.forward(np.deg2rad([0.0, 20.0, 60.0, 0.0, 0.0, 0.0]), welding_tool)
    poses = np.tile(middle, (41, 1, 1))
    poses[:, 1, 3] += np.linspace(-0.05, 0.05, 41)
    with pytest.raises(UnreachableError, match='singularity, joint_4 and joint_6 align'):
        solve(poses, free_turn=False)


def test_winding_beyond_the_limits_is_refused(solve):
    angle = np.linspace(0.0, 6 * np.pi, 400)
    poses = np.stack([make_transform((1.0, 0.0, 0.2 + 1e-3 * a), Rotation.from_euler('z', a) * DOWN) for a in angle])
    with pytest.raises(UnreachableError, match='joint_6 winds through 1080 deg'):
        solve(poses, free_turn=False)


def test_a_moving_start_keeps_its_branch(solve, robot, settings, welding_tool):
    """The wrist is flipped over, near a limit; from rest the robot would flip it back first."""
    pose = line((1.0, 0.0, 0.2), (1.0, 0.0, 0.2), count=1)
    branches = robot.branches(pose, welding_tool)
    flipped = branches.joints[0][(branches.joints[0, :, 4] < 0.0) & (branches.limit_margin[0] > 0.0)][0]
    assert solve(pose, free_turn=False, start=flipped).positions_rad[0, 4] > 0.0
    kept = solve_path(pose, robot, welding_tool, flipped, settings, place, free_turn=False, moving_start=True)
    np.testing.assert_allclose(kept.positions_rad[0], flipped, atol=1e-9)


def test_a_moving_start_far_from_the_path_is_refused(robot, settings, welding_tool):
    poses = line((1.0, 0.0, 0.2), (1.0, 0.1, 0.2))
    with pytest.raises(UnreachableError, match='pose 0: the robot joints would have to jump'):
        solve_path(
            poses, robot, welding_tool, robot.home_rad + 1.0, settings, place, free_turn=False, moving_start=True
        )
