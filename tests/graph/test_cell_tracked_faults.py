"""What goes wrong in the running cell while it corrects a weld: each is a fault with its name, and the arc is off.

One launch of the whole simulated cell, armed, for all tests of this file; each begins a cycle of its own, whose weld
a person approves and arms, and breaks it once the seam is tracked.
"""

import numpy as np
import pytest
from cell_graph import CONFIG, needs_ros2, running_graph
from launched_cell import COMMANDS
from lifecycle_msgs.msg import Transition
from tracked_launch import TrackedCell
from trajectory_msgs.msg import JointTrajectory

from weld_cell.ros.conversions import trajectory_to_message
from weld_cell.ros.qos import STATE, publisher
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    folder = tmp_path_factory.mktemp('cell')
    with running_graph(folder) as graph:
        yield TrackedCell(graph, folder)


def test_a_laser_that_goes_off_is_a_lost_stripe(cell):
    cell.weld()
    cell.laser(on=False)
    reason, tracking = cell.await_safe_fault()
    cell.laser(on=True)
    assert 'in stage weld: The seam ahead of the tool has not been seen for' in reason and 'Remedy' in reason
    assert tracking.points > 20 and tracking.lost[-1].lasted_s > 1.5


def test_images_that_stop_are_a_lost_stripe(cell):
    cell.weld()
    cell.camera(Transition.TRANSITION_DEACTIVATE)
    reason, tracking = cell.await_safe_fault()
    cell.camera(Transition.TRANSITION_ACTIVATE)
    assert 'The seam ahead of the tool has not been seen for' in reason
    assert tracking.points > 20 and tracking.lost[-1].lasted_s > 1.5


def test_a_laser_sensor_that_is_killed_is_named(cell):
    """It is back within two seconds, and by which of the two signs of its end it is known hangs on the machine."""
    cell.weld()
    cell.kill('laser_sensor')
    reason, tracking = cell.await_safe_fault()
    assert 'laser_sensor' in reason or 'has not been seen for' in reason
    assert tracking.points > 20


def test_a_controller_that_refuses_is_believed(cell):
    """Somebody else's trajectory, from where the robot is not: a topic does not say whose it was."""
    robot = load_robot(str(CONFIG / 'robot/arc_robot.urdf'), str(CONFIG / 'robot/limits.yaml'))
    other = publisher(cell.graph.node, JointTrajectory, COMMANDS, STATE)
    cell.weld()
    assert cell.graph.wait(lambda: cell.graph.has_listener(f'/{COMMANDS}', 'robot_sim'))
    elsewhere = np.array(cell.graph.messages['joint_states'][-1].position) + 0.3
    other.publish(trajectory_to_message(plan_joint_move(elsewhere, elsewhere + 0.1, robot, TrajectorySettings())))
    reason, tracking = cell.await_safe_fault()
    assert 'refused' in reason and 'stands at' in reason and tracking.points > 20
    cell.graph.node.destroy_publisher(other)


def test_a_workpiece_that_moves_too_far_is_given_up_and_the_next_cycle_begins(cell):
    cell.set_drift('thermal')
    cell.weld()
    reason, tracking = cell.await_safe_fault()
    assert 'corrections are bounded to 1 mm' in reason and 0.7 < tracking.max_mm < 1.5
    cell.set_drift('none')
    cell.begin('approach')
    assert cell.graph.call('cell/stop').success
    assert 'The cycle was stopped' in cell.await_fault()
