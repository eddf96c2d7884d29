"""The node calibration: captured at eight places, solved, saved, and hand_eye_tf has it."""

import sys
from pathlib import Path

import numpy as np
import pytest
import tf2_ros
import yaml
from cell_graph import CONFIG
from rclpy.time import Time
from sensor_msgs.msg import Image

from weld_cell.calibration.rig import load_rig
from weld_cell.geometry.transforms import invert
from weld_cell.ros.conversions import image_to_message, transform_from_message, transforms_to_messages
from weld_cell.ros.qos import IMAGE, publisher

sys.path.insert(0, str(Path(__file__).parents[1] / 'calibration'))

from rendered_boards import CAMERA, X, rendered_views  # noqa: E402

pytestmark = pytest.mark.graph
BOARD = {
    'calibration__what': 'eye_in_hand',
    'calibration__kind': 'chessboard',
    'calibration__columns': 9,
    'calibration__rows': 6,
    'calibration__pitch_mm': 15.0,
}


class Robot:
    """A camera on a hand, at one place after the other."""

    def __init__(self, graph):
        self.graph, self.frames = graph, tf2_ros.TransformBroadcaster(graph.node)
        self.images = publisher(graph.node, Image, 'laser_sensor/image_raw', IMAGE)
        self.pixels, self.pose, self.moving = None, None, 0.0
        graph.node.create_timer(0.05, self.beat)

    def beat(self):
        if self.pixels is not None:
            self.pose[2, 3] += self.moving
            stamp_ns = self.graph.node.get_clock().now().nanoseconds
            self.frames.sendTransform(transforms_to_messages([('base_link', 'tool0', self.pose)], stamp_ns))
            self.images.publish(image_to_message(self.pixels, stamp_ns, 'laser_sensor_optical_frame'))

    def go(self, pixels, pose, moving=0.0):
        self.pixels, self.pose, self.moving = pixels, pose.copy(), moving
        self.graph.wait(lambda: False, 0.6)


def test_capture_undo_solve_save(graph, tmp_path):
    rig = tmp_path / 'rig.yaml'
    content = yaml.safe_load((CONFIG / 'rig.yaml').read_text())
    content['laser_sensor']['camera'] |= {'matrix': CAMERA.matrix.ravel().tolist(), 'distortion': [0.0] * 5}
    rig.write_text(yaml.safe_dump(content))
    buffer = tf2_ros.Buffer()
    listener = tf2_ros.TransformListener(buffer, graph.node)
    graph.listen(Image, 'calibration/overlay', latched=True)
    graph.listen(Image, 'calibration/coverage', latched=True)
    graph.start('hand_eye_tf', rig_file=rig)
    graph.start('calibration', rig_file=rig, **BOARD)
    robot, (images, poses) = Robot(graph), rendered_views()

    assert 'No view has been captured' in graph.call('calibration/undo').message
    assert 'No image was received' in graph.call('calibration/capture').message
    assert 'cannot say where the camera' in graph.call('calibration/solve').message
    robot.go(np.full((480, 640), 90, np.uint8), poses[0])
    assert 'no chessboard 9 x 6' in graph.call('calibration/capture').message
    robot.go(images[0], poses[0], moving=0.002)
    assert 'The hand moves' in graph.call('calibration/capture').message
    for number, (pixels, pose) in enumerate(zip(images, poses, strict=True)):
        robot.go(pixels, pose)
        answer = graph.call('calibration/capture')
        assert answer.success and f'view {number + 1}: 54 points' in answer.message, answer.message
    assert 'is at the same pose as for view 8' in graph.call('calibration/capture').message
    assert 'view 8 is taken away; 7 views' in graph.call('calibration/undo').message
    assert graph.call('calibration/capture').success
    assert 'Call calibration/solve first' in graph.call('calibration/save').message
    assert 'over 8 views' in graph.call('calibration/solve').message
    saved = graph.call('calibration/save')
    assert saved.success and 'the old file is kept as' in saved.message

    written = load_rig(str(rig)).laser_sensor.T_parent_sensor
    assert 1000 * np.linalg.norm((invert(X) @ written)[:3, 3]) < 0.5

    def told():
        message = buffer.lookup_transform('tool0', 'laser_sensor_optical_frame', Time())
        return np.allclose(transform_from_message(message), written, atol=1e-6)

    assert graph.wait(told)
    listener.unregister()
    assert graph.wait_for('calibration/overlay') and graph.wait_for('calibration/coverage')
