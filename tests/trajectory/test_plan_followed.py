"""Planner and simulated robot judge each other: two kinematics, two readings of the limits, one robot."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from trajectory_paths import LIMITS, URDF

from weld_cell.geometry.transforms import make_transform
from weld_cell.records import JointType, MotionPhase
from weld_cell.sim.robot import load_simulated_robot
from weld_cell.sim.trajectory_command import TrajectoryCommand
from weld_cell.trajectory.plan import plan_stop, plan_tool_motion, plan_weld

SECOND = 1_000_000_000
NOW = 50 * SECOND
SCAN_M_S = 0.05


@pytest.fixture
def simulated():
    return load_simulated_robot(URDF, LIMITS)


def follow(simulated, trajectory, now_ns, start_ns=0):
    simulated.follow(
        TrajectoryCommand(
            trajectory.joint_names,
            trajectory.times_s,
            trajectory.positions_rad,
            trajectory.velocities_rad_s,
            trajectory.accelerations_rad_s2,
            start_ns,
        ),
        now_ns,
    )


@pytest.mark.parametrize('joint_type', list(JointType))
def test_welds_are_accepted_and_the_tool_goes_where_it_was_planned(
    simulated, straight_seam, procedures, robot, welding_tool, settings, joint_type
):
    trajectory = plan_weld(
        straight_seam(heading_deg=60.0), procedures[joint_type], robot, welding_tool, robot.home_rad, settings
    )
    follow(simulated, trajectory, NOW)
    for i in range(0, len(trajectory.times_s), 40):
        tool = simulated.link_poses(NOW + round(trajectory.times_s[i] * 1e9))['welding_tool']
        np.testing.assert_allclose(tool, trajectory.tool_poses[i], atol=1e-7)


def test_scan_corrected_in_flight_stays_on_the_line_at_its_speed(simulated, robot, welding_tool, settings):
    """The true line lies 8 mm beside and 2 degrees off; the correction is planned 0.2 s before it takes over."""
    down = Rotation.from_euler('z', 90.0, degrees=True) * Rotation.from_matrix(np.diag([1.0, -1.0, -1.0]))
    nominal = [make_transform((1.0, y, 0.24), down) for y in (-0.35, 0.0)]
    true_start = make_transform((1.008, -0.35, 0.24), Rotation.from_euler('z', 2.0, degrees=True) * down)
    scan = plan_tool_motion(np.stack(nominal), SCAN_M_S, robot, welding_tool, robot.home_rad, None, settings)
    follow(simulated, scan, NOW)
    takeover = NOW + round(1e9 * scan.times_s[scan.phases.index(MotionPhase.SCAN)]) + SECOND
    for _ in range(6):
        state = simulated.state_at(takeover)
        done = np.dot(robot.forward(state.positions_rad, welding_tool)[:3, 3] - true_start[:3, 3], true_start[:3, 0])
        ahead = [true_start @ make_transform((x, 0.0, 0.0), Rotation.identity()) for x in (done, 0.35)]
        correction = plan_tool_motion(
            np.stack(ahead), SCAN_M_S, robot, welding_tool, state.positions_rad, state.velocities_rad_s, settings
        )
        follow(simulated, correction, takeover - SECOND // 5, takeover)
        takeover += SECOND // 2
    times = takeover + np.arange(0, SECOND, SECOND // 40)
    tools = np.stack([simulated.link_poses(int(t))['welding_tool'] for t in times])
    beside = np.cross(tools[:, :3, 3] - true_start[:3, 3], true_start[:3, 0])
    assert np.linalg.norm(beside, axis=1).max() < 1e-5
    steps = np.linalg.norm(np.diff(tools[:, :3, 3], axis=0), axis=1) * 40
    np.testing.assert_allclose(steps, SCAN_M_S, rtol=1e-3)


def test_a_running_weld_is_stopped(simulated, straight_seam, procedures, robot, welding_tool, settings):
    trajectory = plan_weld(straight_seam(), procedures[JointType.LAP], robot, welding_tool, robot.home_rad, settings)
    follow(simulated, trajectory, NOW)
    middle = NOW + 300_000_000
    state = simulated.state_at(middle)
    follow(simulated, plan_stop(state.positions_rad, state.velocities_rad_s, robot, settings), middle)
    assert simulated.is_moving(middle)
    assert not simulated.is_moving(middle + SECOND)
