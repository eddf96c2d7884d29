"""Poses of frames from TF: what happens when simulated time jumps back."""

import pytest
from geometry_msgs.msg import TransformStamped
from rclpy.clock import ClockType
from rclpy.time import Time

from weld_cell.errors import TransformError
from weld_cell.ros.transforms import Transforms

SECOND = 10**9


def stamped(parent, child, stamp_ns):
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = parent
    message.header.stamp = Time(nanoseconds=stamp_ns).to_msg()
    return message


def test_a_looped_bag_forgets_what_moved_and_keeps_what_is_static(make_node):
    node = make_node(use_sim_time=True)
    transforms, clock = Transforms(node), node.get_clock()
    clock.set_ros_time_override(Time(nanoseconds=60 * SECOND, clock_type=ClockType.ROS_TIME))
    transforms._buffer.set_transform(stamped('base_link', 'tool0', 60 * SECOND), 'test')
    transforms._buffer.set_transform_static(stamped('tool0', 'laser_sensor_optical_frame', 0), 'test')
    assert transforms.newest('base_link', 'laser_sensor_optical_frame')[1] == 60 * SECOND
    assert transforms.newest_ns('base_link', 'laser_sensor_optical_frame') == 60 * SECOND
    clock.set_ros_time_override(Time(nanoseconds=5 * SECOND, clock_type=ClockType.ROS_TIME))
    with pytest.raises(TransformError):
        transforms.newest('base_link', 'tool0')
    with pytest.raises(TransformError, match='No pose of "tool0" in "base_link"'):
        transforms.newest_ns('base_link', 'tool0')
    assert transforms.newest('tool0', 'laser_sensor_optical_frame')[1] == 0
    transforms._buffer.set_transform(stamped('base_link', 'tool0', 5 * SECOND), 'test')
    assert transforms.newest('base_link', 'laser_sensor_optical_frame')[1] == 5 * SECOND
