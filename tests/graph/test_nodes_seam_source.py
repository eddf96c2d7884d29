"""trajectory_publisher between two seam paths: it plans the one that it was asked for, and keeps the other."""

import numpy as np
import pytest
from cell_graph import CONFIG, PATIENCE_S
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseArray
from nav_msgs.msg import Path
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from weld_cell.programs.readers.abb_rapid import read_rapid
from weld_cell.records import ArcEvent, JointType, SeamPath
from weld_cell.ros.conversions import BASE_FRAME, seam_path_to_message
from weld_cell.ros.qos import LATCHED, STATE, await_delivery, publisher
from weld_cell.ros.statuses import status_values
from weld_cell.trajectory.procedures import load_procedures

pytestmark = pytest.mark.graph

TOPICS = {'laser': 'seam/path', 'plate': 'plate_seam/path'}
HEIGHTS_M = {'laser': 0.20, 'plate': 0.26}
LENGTHS_M = {'laser': 0.20, 'plate': 0.30}


def seam(source, points=51):
    """A straight seam along base_link's y whose height and length tell of its source."""
    along = np.linspace(-0.5, 0.5, points) * LENGTHS_M[source]
    rows = np.ones((points, 1))
    return SeamPath(
        np.column_stack([rows[:, 0], along, HEIGHTS_M[source] * rows[:, 0]]),
        rows * [0.0, 1.0, 0.0],
        rows * [0.0, 0.0, 1.0],
        LENGTHS_M[source] / (points - 1),
        LENGTHS_M[source],
        0,
    )


@pytest.fixture
def cell(graph):
    """A standing robot and the planner; `paths` publishes."""
    graph.listen(JointState, 'joint_states', STATE)
    graph.listen(DiagnosticStatus, 'weld/status')
    graph.listen(PoseArray, 'weld/tool_path', latched=True)
    graph.listen(String, 'weld/program', latched=True)
    graph.paths = {source: publisher(graph.node, Path, topic, LATCHED) for source, topic in TOPICS.items()}
    graph.joint_type = publisher(graph.node, String, 'joint_type', LATCHED)
    graph.start('robot_sim')
    graph.start('trajectory_publisher')
    for topic in (*TOPICS.values(), 'joint_type'):
        assert graph.wait(lambda topic=topic: graph.has_listener(f'/{topic}', 'trajectory_publisher'))
    graph.wait_for('joint_states')
    return graph


def publish(cell, source):
    cell.paths[source].publish(seam_path_to_message(seam(source), 0, BASE_FRAME))
    assert await_delivery(cell.paths[source], PATIENCE_S)


def choose(cell, value, name='seam_source'):
    request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
    return cell.call('trajectory_publisher/set_parameters', SetParameters, request).results[0]


def planned(cell, source):
    """Plan, and check by status, tool path and program that it is this source's path."""
    before = len(cell.messages['weld/status'])
    answer = cell.call('weld/plan')
    assert answer.success and f'source {source}' in answer.message, answer.message
    status = status_values(cell.wait_for('weld/status', before + 1)[-1])
    assert (status['state'], status['seam_source']) == ('planned', source)
    assert cell.wait(lambda: len(cell.messages['weld/tool_path']) == len(cell.messages['weld/program']) == before + 1)
    lowest = min(pose.position.z for pose in cell.messages['weld/tool_path'][-1].poses)
    assert abs(lowest - HEIGHTS_M[source]) < 0.01
    return status


def test_each_path_is_planned_in_its_turn(cell):
    procedures = load_procedures(str(CONFIG / 'weld_procedures.yaml'))
    assert 'source "laser"' in cell.call('weld/plan').message  # by default, and nothing has come
    publish(cell, 'plate')
    assert 'source "laser"' in cell.call('weld/plan').message  # the plates' path does not stand in for it
    publish(cell, 'laser')
    assert 'joint type' in cell.call('weld/plan').message

    assert choose(cell, 'plate').successful
    plate = planned(cell, 'plate')  # needs no joint type
    assert plate['procedure'] == 'plate' and 'procedure plate' in cell.messages['weld/program'][-1].data
    assert float(plate['travel_speed_mm_s']) == procedures['plate'].travel_speed_mm_s

    assert not choose(cell, 'basic', 'program_language').successful
    assert choose(cell, 'rapid', 'program_language').successful
    planned(cell, 'plate')
    module = read_rapid(cell.messages['weld/program'][-1].data, 'weld/program')
    assert module.name == 'plate' and {move.arc for move in module.moves} == {ArcEvent.OFF}  # not armed
    assert choose(cell, 'plain', 'program_language').successful

    cell.joint_type.publish(String(data=JointType.V))
    assert await_delivery(cell.joint_type, PATIENCE_S)
    assert choose(cell, 'laser').successful
    laser = planned(cell, 'laser')
    assert (
        laser['procedure'] == 'v' and float(laser['travel_speed_mm_s']) == procedures[JointType.V].travel_speed_mm_s
    )


def test_a_plan_is_void_when_its_own_path_changes_and_not_executed_for_the_other(cell):
    publish(cell, 'laser')
    publish(cell, 'plate')
    assert choose(cell, 'plate').successful
    planned(cell, 'plate')
    assert choose(cell, 'laser').successful
    answer = cell.call('weld/execute')
    assert not answer.success and 'source "plate", and "laser" is asked for' in answer.message
    assert choose(cell, 'plate').successful
    publish(cell, 'plate')
    answer = cell.call('weld/execute')
    assert not answer.success and 'no plan' in answer.message
    planned(cell, 'plate')
    publish(cell, 'laser')  # void is the plan of this source only, and there is none
    answer = cell.call('weld/execute')
    assert answer.success and 'source plate' in answer.message, answer.message


def test_a_source_that_there_is_not_is_refused(cell):
    answer = choose(cell, 'radar')
    assert not answer.successful and 'expected one of laser, plate' in answer.reason


def test_a_source_that_there_is_not_ends_the_node_that_is_started_with_it(graph):
    graph.start('trajectory_publisher', seam_source='radar')
    code, output = graph.ended('trajectory_publisher')
    assert code == 1 and 'seam_source' in output and 'laser, plate' in output and 'Traceback' not in output
