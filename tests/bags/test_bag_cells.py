"""Two cells in one bag, each in a namespace, with the same names of frames and robot joints."""

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from test_bag_arm import joint_state, message
from test_bag_image_messages import TYPES

from weld_cell.bags.namespaces import beside
from weld_cell.bags.reading import open_bag
from weld_cell.bags.writing import _tf_message

STAMP_NS = 10**9


def shifted(x_m):
    pose = np.eye(4)
    pose[0, 3] = x_m
    return pose


def recorded(folder, messages):
    with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for topic, content in messages:
            connection = writer.add_connection(topic, content.__msgtype__, typestore=TYPES)
            writer.write(connection, STAMP_NS, TYPES.serialize_cdr(content, content.__msgtype__))
    return folder


@pytest.fixture
def two_cells(tmp_path):
    messages = []
    for number in (1, 2):
        messages += [
            (f'/cell_{number}/tf', _tf_message(STAMP_NS, [('/base_link', '/tool0', shifted(number))])),
            (f'/cell_{number}/joint_states', joint_state(STAMP_NS, ['joint_1'], [number])),
            (f'/cell_{number}/robot_description', message('std_msgs/msg/String', data=f'robot {number}')),
        ]
    messages.append(('/rail/joint_states', joint_state(STAMP_NS, ['joint_1', 'rail'], [9.0, 0.5])))
    return recorded(tmp_path / 'bag', messages)


@pytest.mark.parametrize('number', [1, 2])
def test_images_belong_to_the_cell_of_their_namespace(two_cells, number):
    images = f'cell_{number}/laser_sensor/image_raw'
    with open_bag(two_cells) as bag:
        assert bag.frame_tree(images).lookup('base_link', 'tool0', STAMP_NS)[0, 3] == number
        assert bag.joints(images).at(('joint_1', 'rail'), STAMP_NS).tolist() == [number, 0.5]
        assert bag.robot_description(images) == f'robot {number}'


@pytest.mark.parametrize(
    ('topics', 'images', 'expected'),
    [
        ([], '/mako/image_raw', []),
        (['/tf', '/tf_static'], '/mako/image_raw', ['/tf', '/tf_static']),
        (['/tf', '/a/tf'], '/a/mako/image_raw', ['/tf', '/a/tf']),
        (['/a/tf', '/ab/tf'], '/ab/image_raw', ['/ab/tf']),
        (['/robot/tf'], '/mako/image_raw', ['/robot/tf']),
    ],
)
def test_topics_beside_images(topics, images, expected):
    assert beside(topics, images) == expected
