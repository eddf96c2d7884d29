"""hand_eye_tf and robot_sim: frames, reload, motion, refusal."""

import numpy as np
import pytest
import tf2_ros
from cell_graph import CONFIG
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.time import Time
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from weld_cell.calibration.rig import load_rig
from weld_cell.ros.conversions import trajectory_to_message, transform_from_message
from weld_cell.ros.qos import STATE, publisher
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

pytestmark = pytest.mark.graph


@pytest.fixture
def lookup(graph):
    buffer = tf2_ros.Buffer()
    listener = tf2_ros.TransformListener(buffer, graph.node)

    def look(target, source):
        assert graph.wait(lambda: buffer.can_transform(target, source, Time())), f'{source} in {target}'
        return transform_from_message(buffer.lookup_transform(target, source, Time()))

    yield look
    listener.unregister()


@pytest.fixture
def rig_file(tmp_path):
    path = tmp_path / 'rig.yaml'
    path.write_text((CONFIG / 'rig.yaml').read_text())
    return path


def test_a_rig_that_is_missing_at_first_is_waited_for(graph, lookup, rig_file):
    text = rig_file.read_text()
    rig_file.unlink()
    graph.listen(DiagnosticArray, '/diagnostics')
    graph.start('hand_eye_tf', rig_file=rig_file)
    messages = graph.wait_for('/diagnostics', 2)
    assert messages[-1].status[0].level == DiagnosticStatus.ERROR and 'rig.yaml' in messages[-1].status[0].message
    rig_file.write_text(text)
    lookup('tool0', 'laser_sensor_optical_frame')


def test_frames_come_from_the_rig_and_change_with_reload(graph, lookup, rig_file):
    graph.start('hand_eye_tf', rig_file=rig_file)
    rig = load_rig(str(rig_file))
    assert np.allclose(lookup('tool0', 'laser_sensor_optical_frame'), rig.laser_sensor.T_parent_sensor)
    assert np.allclose(lookup('base_link', 'mako_optical_frame'), rig.mako.T_parent_sensor)

    rig_file.write_text(rig_file.read_text().replace('[0.350, 0.0, 0.0802]', '[0.360, 0.0, 0.0802]'))
    assert graph.call('hand_eye_tf/reload').success
    assert graph.wait(lambda: np.isclose(lookup('tool0', 'laser_sensor_optical_frame')[0, 3], 0.360))

    rig_file.write_text('laser_sensor: [')
    answer = graph.call('hand_eye_tf/reload')
    assert not answer.success and 'line' in answer.message
    assert np.isclose(lookup('tool0', 'laser_sensor_optical_frame')[0, 3], 0.360)


def joint_positions(graph):
    return np.array(graph.messages['joint_states'][-1].position)


def test_the_robot_moves_refuses_and_tells_its_frames(graph, lookup):
    robot = load_robot(str(CONFIG / 'robot/arc_robot.urdf'), str(CONFIG / 'robot/limits.yaml'))
    graph.listen(JointState, 'joint_states', STATE)
    graph.listen(String, 'robot_description', latched=True)
    graph.listen(DiagnosticArray, '/diagnostics')
    graph.start('robot_sim', rate=4.0)
    command = publisher(graph.node, JointTrajectory, 'joint_trajectory_controller/joint_trajectory', STATE)
    graph.wait_for('joint_states', 10)
    assert '<robot' in graph.wait_for('robot_description')[0].data
    assert np.allclose(lookup('base_link', 'tool0'), robot.forward(robot.home_rad), atol=1e-9)
    assert graph.wait(lambda: command.get_subscription_count() == 1)

    goal = robot.home_rad + np.array([0.2, -0.1, 0.1, 0.3, -0.2, 0.4])
    message = trajectory_to_message(plan_joint_move(robot.home_rad, goal, robot, TrajectorySettings()))
    command.publish(message)
    assert graph.wait(lambda: np.allclose(joint_positions(graph), goal, atol=1e-9))
    assert graph.wait(lambda: np.allclose(lookup('base_link', 'tool0'), robot.forward(goal), atol=1e-9))

    command.publish(message)  # from home, where the robot no longer stands
    refused = [DiagnosticStatus.ERROR, DiagnosticStatus.WARN]
    assert graph.wait(
        lambda: any(
            'refused' in s.message and s.level in refused for m in graph.messages['/diagnostics'] for s in m.status
        )
    )
    assert np.allclose(joint_positions(graph), goal, atol=1e-9)
    code, output = graph.stop('robot_sim')
    assert code == 0 and 'Traceback' not in output
