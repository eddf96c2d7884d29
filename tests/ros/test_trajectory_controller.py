"""What is sent to the robot's controller, by real messages."""

import time

import numpy as np
import pytest
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import ConfigurationError, DeviceError
from weld_cell.paths import config_file
from weld_cell.ros import follow_trajectory
from weld_cell.ros.conversions import make_header, trajectory_to_message
from weld_cell.ros.follow_trajectory import COMMANDS, FollowJointTrajectory
from weld_cell.ros.qos import STATE, publisher
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.trajectory_controller import TrajectoryController
from weld_cell.trajectory.controller import ControllerSettings
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

PATIENCE_S = 20.0
ROBOT = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
MOTION = plan_joint_move(np.zeros(6), np.full(6, 0.1), ROBOT, TrajectorySettings())
WIDE = 'rail ' + ' '.join(f'left_{name}' for name in reversed(ROBOT.joint_names))


def controller(node, **settings):
    made = ControllerSettings(**settings)
    return TrajectoryController(node, made, RobotState(node, made.prefix))


def spin_until(node, condition):
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        executor.spin_once(timeout_sec=0.05)
    executor.shutdown()


def test_without_control_msgs_the_action_is_refused_with_the_remedy(make_node, monkeypatch):
    monkeypatch.setattr(follow_trajectory, 'FollowJointTrajectory', None)
    with pytest.raises(ConfigurationError, match='control_msgs') as raised:
        controller(make_node(), interface='action')
    assert 'apt install ros-$ROS_DISTRO-control-msgs' in raised.value.remedy and 'pip_ros' in raised.value.remedy


def test_by_topic_the_message_is_the_robots_trajectory(make_node):
    node = make_node()
    sending = controller(node)
    assert 'on ' + COMMANDS in sending.missing
    assert sending.message(MOTION) == trajectory_to_message(MOTION)
    heard = []
    node.create_subscription(JointTrajectory, COMMANDS, heard.append, STATE)
    spin_until(node, lambda: not sending.missing)
    sending.send(MOTION, 5)
    spin_until(node, lambda: heard)
    assert heard[0].header.stamp.nanosec == 5 and heard[0].points == trajectory_to_message(MOTION).points
    sending.check()
    assert not sending.cancel() and not sending.under_way
    sending.close()


def test_external_axes_stay_where_joint_states_say_that_they_are(make_node):
    node = make_node()
    sending = controller(node, prefix='left_', joints=WIDE)
    with pytest.raises(DeviceError):
        sending.message(MOTION)
    out = publisher(node, JointState, 'joint_states', STATE)
    state = JointState(header=make_header(1, ''), name=['rail', 'left_joint_1'], position=[1.5, 0.2])

    def told():
        out.publish(state)
        return sending._state.known(('rail', 'joint_1'))

    spin_until(node, told)
    message = sending.message(MOTION)
    assert message.joint_names == WIDE.split()
    assert message.points[-1].positions.tolist() == pytest.approx([1.5, *[0.1] * 6])
    assert all(point.velocities[0] == point.accelerations[0] == 0.0 for point in message.points)


@pytest.mark.skipif(FollowJointTrajectory is None, reason='control_msgs is not installed, nor could it be built')
def test_a_goal_has_tolerances_for_the_robot_joints_only(make_node):
    node = make_node()
    sending = controller(
        node, interface='action', joints='rail joint_6 joint_1', goal_time_s=1.25, path_tolerance_rad=0.07
    )
    assert 'follow_joint_trajectory' in sending.missing
    sending.joints_of(ROBOT.joint_names)
    goal = sending._goal(JointTrajectory(joint_names=['rail', 'joint_6', 'joint_1']))
    assert [(each.name, each.position) for each in goal.path_tolerance] == [('joint_6', 0.07), ('joint_1', 0.07)]
    assert (goal.goal_time_tolerance.sec, goal.goal_time_tolerance.nanosec) == (1, 250_000_000)
