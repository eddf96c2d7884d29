"""Whole motions: every joint type around the middle of the workspace, scans, corrections, refusals."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from trajectory_paths import RIG, URDF

from weld_cell.config import load_yaml
from weld_cell.errors import MotionLimitError, UnreachableError
from weld_cell.geometry.transforms import make_transform, transform_from_xyz_rpy_deg
from weld_cell.records import JointType, MotionPhase
from weld_cell.sim.urdf_tree import read_urdf
from weld_cell.trajectory.limits import check_trajectory, planned_state, tool_speed_error_pct
from weld_cell.trajectory.plan import plan_joint_move, plan_stop, plan_tool_motion, plan_weld
from weld_cell.trajectory.tool_path import weld_tool_poses

SCAN_M_S = 0.05
LEAN_DEG = {JointType.FILLET: 45.0}
AHEAD_M, ABOVE_M = 0.2, 0.04


def scan_poses(heading_deg=90.0, centre=(1.0, 0.0, 0.2), length_m=0.24):
    """The tool behind the laser plane, floating over the plate, from before the start to after the end."""
    rotation = Rotation.from_euler('z', heading_deg, degrees=True) * Rotation.from_matrix(np.diag([1.0, -1.0, -1.0]))
    along = rotation.apply([1.0, 0.0, 0.0])
    middle = np.array(centre) - AHEAD_M * along + [0.0, 0.0, ABOVE_M]
    return np.stack([make_transform(middle + side * length_m / 2 * along, rotation) for side in (-1.0, 1.0)])


@pytest.mark.parametrize('points', [0, 1])
def test_a_seam_without_two_points_is_a_mistake(straight_seam, procedures, robot, welding_tool, settings, points):
    seam = straight_seam(points=points)
    with pytest.raises(ValueError, match='at least 2 points'):
        plan_weld(seam, procedures[JointType.LAP], robot, welding_tool, robot.home_rad, settings)


@pytest.mark.parametrize('heading_deg', [0.0, 90.0, 200.0])
@pytest.mark.parametrize('joint_type', list(JointType))
def test_every_joint_type_is_welded(
    straight_seam, procedures, robot, welding_tool, settings, joint_type, heading_deg
):
    seam = straight_seam(heading_deg=heading_deg, lean_deg=LEAN_DEG.get(joint_type, 0.0))
    procedure = procedures[joint_type]
    trajectory = plan_weld(seam, procedure, robot, welding_tool, robot.home_rad, settings)
    check_trajectory(trajectory, robot)
    np.testing.assert_array_equal(trajectory.positions_rad[0], robot.home_rad)
    assert list(dict.fromkeys(trajectory.phases)) == [MotionPhase.APPROACH, MotionPhase.WELD, MotionPhase.DEPARTURE]
    speed = 1e-3 * procedure.travel_speed_mm_s
    assert tool_speed_error_pct(trajectory, robot, welding_tool, speed, settings.blend_s) < 0.01
    weld = np.array([phase is MotionPhase.WELD for phase in trajectory.phases])
    contact_tips = trajectory.tool_poses[weld] @ [0.0, 0.0, -1e-3 * settings.calibrated_stick_out_mm, 1.0]
    wire_ends = contact_tips[:, :3] + 1e-3 * procedure.stick_out_mm * trajectory.tool_poses[weld][:, :3, 2]
    beside = np.cross(wire_ends - seam.positions_m[0], seam.tangents[0])
    assert np.linalg.norm(beside, axis=1).max() < 1e-6
    np.testing.assert_allclose(wire_ends[0], seam.positions_m[0], atol=1e-6)
    np.testing.assert_allclose(trajectory.velocities_rad_s[-1], 0.0, atol=1e-9)


def test_a_curved_seam_keeps_its_speed(arc_seam, procedures, robot, welding_tool, settings):
    trajectory = plan_weld(arc_seam(), procedures[JointType.LAP], robot, welding_tool, robot.home_rad, settings)
    assert tool_speed_error_pct(trajectory, robot, welding_tool, 0.010, settings.blend_s) < 0.05
    assert np.abs(np.diff(trajectory.positions_rad, axis=0)).max() < 0.2


def test_too_fast_a_weld_is_refused_not_slowed(arc_seam, procedures, robot, welding_tool, settings):
    slow = dataclasses.replace(robot, velocity_limits_rad_s=np.array([3.0, 3.0, 3.0, 6.0, 6.0, 0.05]))
    with pytest.raises(MotionLimitError, match=r'(approach|weld) .*joint_6 would need a speed of -?[\d.]+ deg/s'):
        plan_weld(arc_seam(radius_m=0.03), procedures[JointType.LAP], slow, welding_tool, robot.home_rad, settings)


def test_the_place_of_a_broken_limit_is_named(arc_seam, procedures, robot, welding_tool, settings):
    """Round a bend of 10 mm radius at 0.3 m/s the last robot joint would turn at 30 rad/s."""
    poses = weld_tool_poses(arc_seam(radius_m=0.01), procedures[JointType.LAP], settings.calibrated_stick_out_mm)
    at_speed = r'scan point \d+, [\d.]+ mm along the path, at \(1.0\d+, 0.0\d+, 0.1\d+\) m in base_link: joint_6'
    with pytest.raises(MotionLimitError, match=at_speed):
        plan_tool_motion(poses, 0.3, robot, welding_tool, robot.home_rad, None, settings)


@pytest.mark.parametrize(
    ('length_m', 'centre_x_m', 'message'),
    [
        (1.6, 1.0, r'approach point 0, 0.0 mm along the path, at \(.*joint_2 would stand at'),
        (1.0, 1.2, r'weld point \d{3}, \d{3}\.\d mm along the path, at \(1.\d+, 0.000, 0.197\) m in base_link: '),
    ],
)
def test_an_unreachable_seam_names_point_and_place(
    straight_seam, procedures, robot, welding_tool, settings, length_m, centre_x_m, message
):
    seam = straight_seam(length_m=length_m, heading_deg=0.0, points=801, centre=(centre_x_m, 0.0, 0.2))
    with pytest.raises(UnreachableError, match=message) as caught:
        plan_weld(seam, procedures[JointType.BUTT], robot, welding_tool, robot.home_rad, settings)
    assert caught.value.remedy


@pytest.mark.parametrize('heading_deg', [0.0, 90.0, 180.0, 270.0])
def test_scan_with_the_sensor_ahead(robot, welding_tool, settings, heading_deg):
    poses = scan_poses(heading_deg)
    trajectory = plan_tool_motion(poses, SCAN_M_S, robot, welding_tool, robot.home_rad, None, settings)
    assert set(trajectory.phases) == {MotionPhase.APPROACH, MotionPhase.SCAN}
    scan = np.array([phase is MotionPhase.SCAN for phase in trajectory.phases])
    np.testing.assert_allclose(trajectory.tool_poses[scan][[0, -1]], poses, atol=1e-6)
    np.testing.assert_allclose(
        trajectory.tool_poses[scan][:, :3, :3], np.tile(poses[0, :3, :3], (scan.sum(), 1, 1)), atol=1e-6
    )
    error = tool_speed_error_pct(trajectory, robot, welding_tool, SCAN_M_S, settings.blend_s, MotionPhase.SCAN)
    assert error < 0.01


def test_a_scan_from_its_first_pose_has_no_approach(robot, welding_tool, settings):
    poses = scan_poses()
    first = plan_tool_motion(poses, SCAN_M_S, robot, welding_tool, robot.home_rad, None, settings)
    start = first.positions_rad[first.phases.index(MotionPhase.SCAN)]
    again = plan_tool_motion(poses, SCAN_M_S, robot, welding_tool, start, None, settings)
    assert set(again.phases) == {MotionPhase.SCAN}


def test_a_scan_is_corrected_in_flight_without_a_step(robot, welding_tool, settings):
    """Every half second the rest of the line moves by 4 mm and 1 degree; tool and robot joints go on smoothly."""
    poses = scan_poses()
    trajectory = plan_tool_motion(poses, SCAN_M_S, robot, welding_tool, robot.home_rad, None, settings)
    takeover_s = trajectory.times_s[trajectory.phases.index(MotionPhase.SCAN)] + 1.0
    for _ in range(4):
        state, velocity = planned_state(trajectory, takeover_s)
        here = robot.forward(state, welding_tool)
        turn = make_transform((0.0, 0.004, 0.0), Rotation.from_euler('z', 1.0, degrees=True))
        ahead = [here @ turn @ make_transform((x, 0.0, 0.0), Rotation.identity()) for x in (0.0, 0.1)]
        trajectory = plan_tool_motion(np.stack(ahead), SCAN_M_S, robot, welding_tool, state, velocity, settings)
        np.testing.assert_allclose(trajectory.positions_rad[0], state, atol=1e-12)
        np.testing.assert_allclose(trajectory.velocities_rad_s[0], velocity, atol=1e-12)
        error = tool_speed_error_pct(
            trajectory,
            robot,
            welding_tool,
            SCAN_M_S,
            settings.takeover_s + settings.sample_period_s,
            MotionPhase.SCAN,
        )
        assert error < 0.01
        takeover_s = 0.5


def test_joint_move_to_where_the_robot_stands_is_a_mistake(robot, settings):
    with pytest.raises(ValueError, match='is its start'):
        plan_joint_move(robot.home_rad, robot.home_rad, robot, settings)


def test_joint_move_beyond_a_limit_is_refused(robot, settings):
    goal = robot.home_rad + np.array([0.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    with pytest.raises(UnreachableError, match='joint_5 would need a position of .* allowed are -120.0 to 120.0'):
        plan_joint_move(robot.home_rad, goal, robot, settings)


@pytest.mark.parametrize('row', [[], [0.0] * 5, [np.nan] * 6])
def test_malformed_starts_are_mistakes(robot, settings, row):
    with pytest.raises(ValueError, match='6 finite robot joint values'):
        plan_joint_move(np.array(row), robot.home_rad, robot, settings)


def test_stop_comes_to_rest(robot, settings):
    with pytest.raises(ValueError, match='at rest'):
        plan_stop(robot.home_rad, np.zeros(6), robot, settings)
    stop = plan_stop(robot.home_rad, np.linspace(-1.0, 1.0, 6), robot, settings)
    np.testing.assert_allclose(stop.velocities_rad_s[-1], 0.0, atol=1e-9)
    assert stop.times_s[-1] < 0.5


def test_planned_state_by_hand(robot, settings):
    goal = robot.home_rad + np.array([0.4, 0.0, 0.0, 0.0, 0.0, 0.0])
    move = plan_joint_move(robot.home_rad, goal, robot, settings)
    with pytest.raises(ValueError, match='from 0 on, got -0.1 s'):
        planned_state(move, -0.1)
    position, velocity = planned_state(move, 0.5 * move.times_s[-1])
    assert position[0] == pytest.approx(0.2, abs=1e-6)
    assert velocity[0] == pytest.approx(0.4 * 15.0 / 8.0 / move.times_s[-1], rel=1e-4)
    held, stopped = planned_state(move, 99.0)
    np.testing.assert_allclose(held, goal, atol=1e-12)
    assert not stopped.any()


def test_limits_are_checked_between_the_points(robot, settings):
    """Two points within all limits whose quintic overshoots the position limit between them."""
    move = plan_joint_move(robot.home_rad, robot.home_rad + 0.1, robot, settings)
    upper = robot.position_limits_rad[0, 1]
    positions = np.array([[upper - 0.05, *robot.home_rad[1:]], [upper - 0.04, *robot.home_rad[1:]]])
    velocities = np.zeros((2, 6))
    velocities[0, 0] = 1.0
    spoilt = dataclasses.replace(
        move,
        times_s=np.array([0.0, 0.5]),
        positions_rad=positions,
        velocities_rad_s=velocities,
        accelerations_rad_s2=np.zeros((2, 6)),
    )
    with pytest.raises(UnreachableError, match=r'at 0\.\d+ s: joint_1'):
        check_trajectory(spoilt, robot)


@pytest.mark.parametrize('times', [[], [0.0], [0.0, 0.0], [0.1, 0.2]])
def test_times_have_to_ascend_from_zero(robot, settings, times):
    move = plan_joint_move(robot.home_rad, robot.home_rad + 0.1, robot, settings)
    count = len(times)
    with pytest.raises(ValueError, match='strictly ascending'):
        check_trajectory(
            dataclasses.replace(
                move,
                times_s=np.array(times),
                positions_rad=move.positions_rad[:count],
                velocities_rad_s=move.velocities_rad_s[:count],
                accelerations_rad_s2=move.accelerations_rad_s2[:count],
            ),
            robot,
        )


def test_rig_and_robot_description_agree_about_the_welding_tool(robot):
    tool = load_yaml(RIG)['welding_tool']
    links = read_urdf(URDF).link_transforms(np.zeros(6))
    described = next(transform for _, child, transform in links if child == 'welding_tool')
    np.testing.assert_allclose(described, transform_from_xyz_rpy_deg(tool['xyz_m'], tool['rpy_deg']), atol=1e-12)
