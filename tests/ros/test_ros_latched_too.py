"""A camera_info that is sent once is received, also where it was latched before anybody listened."""

import time

import pytest
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import CameraInfo

from weld_cell.ros.latched_too import latched_too
from weld_cell.ros.qos import IMAGE, IMAGE_INPUT, LATCHED, publisher

PATIENCE_S = 20.0


def spin(nodes, condition, patience_s=PATIENCE_S):
    executor, end = SingleThreadedExecutor(), time.monotonic() + patience_s
    for node in nodes:
        executor.add_node(node)
    while not condition() and time.monotonic() < end:
        executor.spin_once(timeout_sec=0.01)
    executor.shutdown()
    return condition()


@pytest.mark.parametrize(('profile', 'when'), [(LATCHED, 'before'), (LATCHED, 'after'), (IMAGE, 'after')])
def test_what_is_sent_once_is_received(make_node, profile, when):
    driver, node, received = make_node('driver'), make_node('station'), []
    camera = publisher(driver, CameraInfo, 'camera/camera_info', profile)
    if when == 'before':
        camera.publish(CameraInfo(width=640))
    made = latched_too(node, CameraInfo, 'camera/camera_info', received.append, IMAGE_INPUT)
    if when == 'after':
        assert spin([driver, node], camera.get_subscription_count)
        camera.publish(CameraInfo(width=640))
    assert spin([driver, node], lambda: received)
    assert received[0].width == 640
    assert profile is LATCHED or len(made) == 1
