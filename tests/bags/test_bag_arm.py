"""Poses of the hand out of bags without /tf: joint_states and the robot's description, judged by the simulator's."""

import argparse
from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from weld_cell.bags.arm import RecordedJoints
from weld_cell.bags.writing import _image_message
from weld_cell.commands.recorded_views import add_source_arguments, read_posed_images
from weld_cell.errors import CalibrationError, ConfigurationError, TransformError
from weld_cell.sim.urdf_tree import read_urdf

URDF = Path(__file__).parents[2] / 'config' / 'robot' / 'arc_robot.urdf'
TYPES = get_typestore(Stores.ROS2_JAZZY)
TREE = read_urdf(str(URDF))
JOINTS = np.array(
    [[0.1, -0.2, 0.3, 0.4, 1.2, -0.5], [-0.3, 0.1, 0.2, -0.2, 1.5, 0.4], [0.0, 0.3, -0.1, 0.6, 1.0, 0.9]]
)


def message(kind, **fields):
    return TYPES.types[kind](**fields)


def joint_state(stamp_ns, names, positions):
    stamp = message('builtin_interfaces/msg/Time', sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    header = message('std_msgs/msg/Header', stamp=stamp, frame_id='')
    none = np.empty(0)
    return message(
        'sensor_msgs/msg/JointState',
        header=header,
        name=list(names),
        position=np.array(positions, float),
        velocity=none,
        effort=none,
    )


def bag_of(folder, described=True, names=TREE.joint_names):
    """A robot that stands for a second at each of three places, an image in the middle of each; no /tf."""
    sent = []
    for number, row in enumerate(JOINTS):
        for tenths in range(11):
            stamp_ns = int((1 + 2 * number + 0.1 * tenths) * 1e9)
            sent.append((stamp_ns, '/joint_states', joint_state(stamp_ns, names[::-1], row[::-1])))
            sent.append((stamp_ns, '/joint_states', joint_state(stamp_ns, ['gripper'], [0.01])))
            if tenths == 5:
                sent.append(
                    (stamp_ns + 3, '/camera/image_raw', _image_message(stamp_ns + 30_000_000, 'camera', PIXELS))
                )
    if described:
        sent.insert(0, (1, '/robot_description', message('std_msgs/msg/String', data=URDF.read_text())))
    with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connections = {}
        for stamp_ns, topic, content in sent:
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, content.__msgtype__, typestore=TYPES)
            writer.write(connections[topic], stamp_ns, TYPES.serialize_cdr(content, content.__msgtype__))
    return folder


PIXELS = np.zeros((4, 6), np.uint8)


def read(folder, *words):
    parser = argparse.ArgumentParser()
    add_source_arguments(parser)
    return read_posed_images(parser.parse_args([str(folder), *words]))


def test_the_poses_are_those_of_the_simulators_own_kinematics(tmp_path):
    true = [TREE.link_poses(row)['tool0'] for row in JOINTS]
    base = TREE.link_poses(JOINTS[0])['base_link']
    for words, folder in ((), bag_of(tmp_path / 'a')), (('--urdf', str(URDF)), bag_of(tmp_path / 'b', False)):
        found = read(folder, *words)
        assert len(found.poses) == 3
        np.testing.assert_allclose(found.poses.transforms, np.linalg.inv(base) @ true, atol=1e-9)


@pytest.mark.parametrize(
    ('described', 'names', 'words', 'error', 'told'),
    [
        (False, TREE.joint_names, (), CalibrationError, 'without robot_description'),
        (True, tuple('abcdef'), (), CalibrationError, 'never contain joint_1'),
        (False, TREE.joint_names, ('--urdf', '/nowhere.urdf'), ConfigurationError, 'cannot be read'),
    ],
)
def test_what_is_missing_is_named(tmp_path, described, names, words, error, told):
    with pytest.raises(error, match=told):
        read(bag_of(tmp_path / 'bag', described, names), *words)


def test_joints_are_known_between_their_states_only():
    assert not RecordedJoints([])
    joints = RecordedJoints([(2_000, {'a': 1.0}), (1_000, {'a': 0.0, 'b': 5.0}), (3_000_000_000, {'a': 2.0})])
    assert joints.missing(('a', 'c')) == ['c']
    assert joints.at(('a',), 1_500)[0] == 0.5 and joints.at(('a', 'b'), 1_000).tolist() == [0.0, 5.0]
    for names, stamp_ns in ((('a',), 999), (('b',), 1_001), (('a',), 4_000_000_000), (('a',), 1_000_000_000)):
        with pytest.raises(TransformError, match='joint_states do not tell'):
            joints.at(names, stamp_ns)
    with pytest.raises(TransformError, match=r'"a" at 1.000 s: nothing came of it from 0.000 to 3.000 s'):
        joints.at(('a',), 1_000_000_000)


def test_a_position_that_is_not_known_is_not_told():
    joints = RecordedJoints([(0, {'a': 0.0, 'b': float('nan')}), (10, {'a': float('nan')}), (20, {'a': 2.0})])
    assert joints.at(('a',), 10)[0] == 1.0
    assert joints.missing(('a', 'b')) == ['b']
