"""Several nodes in one process: each as it would be in a process of its own."""

import signal
import sys

import pytest
from cell_graph import CONFIG
from sensor_msgs.msg import JointState

from weld_cell.ros.qos import STATE

pytestmark = pytest.mark.graph

PROGRAM = 'import sys; from weld_cell.nodes.entry import cell_container as main; sys.exit(main())'


def start(graph, *words, name='container'):
    return graph.run(name, [sys.executable, '-c', PROGRAM, *map(str, words)])


@pytest.mark.parametrize(
    'words', [[], ['no_such_node'], ['hand_eye_tf', 'cell_start'], ['hand_eye_tf', 'hand_eye_tf']]
)
def test_what_is_no_node_for_it_is_refused(graph, words):
    start(graph, *words)
    code, output = graph.ended('container')
    assert code == 2 and 'hand_eye_tf, seam_detector' in output


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_nodes_have_their_own_names_and_one_end(graph, number):
    graph.listen(JointState, 'left/joint_states', STATE)
    start(graph, 'robot_sim hand_eye_tf', '--ros-args', '-r', '__ns:=/left')
    graph.wait_for('left/joint_states')
    assert graph.call('left/hand_eye_tf/reload').success
    assert {('robot_sim', '/left'), ('hand_eye_tf', '/left')} <= set(graph.node.get_node_names_and_namespaces())
    assert graph.stop('container', number) == (0, '')


def test_what_launch_says_to_all_its_nodes_weighs_more_than_a_file_before_it(graph, tmp_path):
    """As with a process for each node, where launch names the node that it says it to."""
    mine, launched = tmp_path / 'mine.yaml', tmp_path / 'launched.yaml'
    mine.write_text('/**/hand_eye_tf:\n  ros__parameters:\n    rig_file: mine.yaml\n')
    launched.write_text('/**:\n  ros__parameters:\n    rig_file: launched.yaml\n')
    start(graph, 'hand_eye_tf', 'robot_sim', '--ros-args', '--params-file', mine, '--params-file', launched)
    graph.wait_for_output('container', ['launched.yaml'])
    assert 'mine.yaml' not in graph.output('container')


def test_a_node_that_cannot_start_leaves_the_others_alone_and_is_tried_again(graph, tmp_path):
    graph.listen(JointState, 'joint_states', STATE)
    limits = tmp_path / 'limits.yaml'
    start(graph, 'robot_sim', 'hand_eye_tf', '--ros-args', '-p', f'limits_file:={limits}')
    graph.wait_for_output('container', ['[FATAL] robot_sim', 'limits.yaml'])
    assert graph.call('hand_eye_tf/reload').success
    limits.write_text((CONFIG / 'robot' / 'limits.yaml').read_text())
    graph.wait_for('joint_states')
    assert graph.stop('container')[0] == 0
