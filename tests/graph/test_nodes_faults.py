"""Faults at single nodes: each is named on /diagnostics with its remedy, and passes when its cause is gone."""

import re
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
from cell_graph import CONFIG, needs_ros2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PointStamped
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import String
from tf2_ros import StaticTransformBroadcaster, TransformBroadcaster

from weld_cell.calibration.rig import load_rig
from weld_cell.records import JointType
from weld_cell.ros.conversions import (
    camera_info_from_model,
    image_to_message,
    make_header,
    transforms_to_messages,
    uncalibrated_camera_info,
)
from weld_cell.ros.qos import IMAGE, LATCHED, publisher
from weld_cell.sim.cell_scene import cell_scene

pytestmark = pytest.mark.graph

JOINT_TYPE = JointType.FILLET


@pytest.fixture
def said(graph):
    """`said(node, *words)`: wait until the node's newest status has these words, and a level above OK."""
    graph.listen(DiagnosticArray, '/diagnostics')

    def wait_for(node, *words):
        def newest():
            found = [s for m in graph.messages['/diagnostics'] for s in m.status if s.name == node]
            return found[-1] if found else None

        if not words:
            assert graph.wait(lambda: (s := newest()) and s.level == DiagnosticStatus.OK), newest()
        else:
            assert graph.wait(
                lambda: (
                    (s := newest())
                    and s.level != DiagnosticStatus.OK
                    and all(word in s.message for word in (*words, 'Remedy'))
                )
            ), newest()

    return wait_for


class Sight:
    """Images, camera_info and frames of a sensor over a joint, as they should be or not."""

    def __init__(self, graph):
        self.graph, self.sensor = graph, load_rig(str(CONFIG / 'rig.yaml')).laser_sensor
        scene = cell_scene(JOINT_TYPE, 2)
        self.pose = scene.seam_pose(0.08)
        self.pixels = scene.image(self.pose, 0.0)
        self.images = publisher(graph.node, Image, 'laser_sensor/image_raw', IMAGE)
        self.infos = publisher(graph.node, CameraInfo, 'laser_sensor/camera_info', IMAGE)
        self.frames = TransformBroadcaster(graph.node)

    def stamp(self, stamp_ns):
        return stamp_ns or self.graph.node.get_clock().now().nanoseconds

    def image(self, stamp_ns=0, **changes):
        message = image_to_message(self.pixels, self.stamp(stamp_ns), self.sensor.frame)
        for name, value in changes.items():
            setattr(message, name, value)
        self.images.publish(message)

    def info(self, stamp_ns=0, calibrated=True):
        stamp_ns, camera = self.stamp(stamp_ns), self.sensor.camera
        self.infos.publish(
            camera_info_from_model(camera, stamp_ns, self.sensor.frame)
            if calibrated
            else uncalibrated_camera_info(camera.size_px, stamp_ns, self.sensor.frame)
        )

    def frame(self, stamp_ns=0):
        edges = [('base_link', 'tool0', self.pose), ('tool0', self.sensor.frame, self.sensor.T_parent_sensor)]
        self.frames.sendTransform(transforms_to_messages(edges, self.stamp(stamp_ns)))


def test_what_is_wrong_with_images_camera_info_and_frames_is_named_and_passes(graph, said):
    graph.listen(PointStamped, 'seam/point')
    types = publisher(graph.node, String, 'joint_type', LATCHED)
    types.publish(String(data=str(JOINT_TYPE)))
    graph.start('seam_detector', vote='false')
    sight = Sight(graph)
    assert graph.wait(lambda: sight.images.get_subscription_count() and sight.infos.get_subscription_count())

    def until(node_says, *messages):
        """Send until the node has said so; a single message may come before the node listens to all."""
        timer = graph.node.create_timer(0.1, lambda: [message() for message in messages])
        said('seam_detector', *node_says)
        graph.node.destroy_timer(timer)

    until(['The image is cut'], lambda: sight.image(data=sight.pixels[:100].tobytes()))
    until(['The image is empty'], lambda: sight.image(width=0, height=0, data=b''))
    until(['Encoding "32FC1" is not supported'], lambda: sight.image(encoding='32FC1'))
    until(['no stamp'], lambda: sight.image(header=make_header(0, sight.sensor.frame)))
    until(['No camera_info was received for images of 640 x 480'], sight.image)
    until(['not calibrated'], lambda: sight.info(calibrated=False), sight.image)
    until(['No pose of'], sight.info, sight.image)
    assert not graph.messages['seam/point']

    timer = graph.node.create_timer(0.05, lambda: send_good(sight))
    graph.wait_for('seam/point', 3)
    graph.node.destroy_timer(timer)

    stale = publisher(graph.node, Image, 'laser_sensor/image_raw', IMAGE)  # somebody plays a bag beside the sensor
    old = image_to_message(sight.pixels, 10**9, sight.sensor.frame)
    until(['2 publishers send on laser_sensor/image_raw'], lambda: send_good(sight), lambda: stale.publish(old))
    graph.node.destroy_publisher(stale)
    until([], lambda: send_good(sight))
    code, output = graph.stop('seam_detector')
    assert code == 0 and 'Traceback' not in output


def send_good(sight):
    stamp_ns = sight.stamp(0)
    sight.frame(stamp_ns)
    sight.info(stamp_ns)
    sight.image(stamp_ns)


@pytest.mark.parametrize('first', ['rig', 'other'])
def test_a_frame_that_somebody_else_publishes_too_is_named(graph, said, first):
    if first == 'rig':
        graph.start('hand_eye_tf')
        said('hand_eye_tf')
    other = StaticTransformBroadcaster(graph.node)
    edge = ('base_link', 'laser_sensor_optical_frame', np.eye(4))
    timer = graph.node.create_timer(0.2, lambda: other.sendTransform(transforms_to_messages([edge], 10**9)))
    if first == 'other':
        graph.start('hand_eye_tf')
    said('hand_eye_tf', 'Another node also publishes the frame "laser_sensor_optical_frame"', 'another parent')
    graph.wait_for('/diagnostics', len(graph.messages['/diagnostics']) + 2)
    said('hand_eye_tf', 'another parent')
    assert graph.messages['/diagnostics'][-1].status[0].level == DiagnosticStatus.ERROR  # the Mako's frame is right
    graph.node.destroy_timer(timer)
    assert graph.call('hand_eye_tf/reload').success
    said('hand_eye_tf')


def test_a_malformed_rig_is_reported_until_it_is_mended(graph, said, tmp_path):
    rig = tmp_path / 'rig.yaml'
    rig.write_text('')
    graph.start('seam_detector', rig_file=rig)
    graph.start('laser_sensor', rig_file=rig, device__backend='files', device__source=tmp_path)
    for text, message in (
        ('', 'expected a mapping'),
        ('laser_sensor: [', 'line 1 malformed YAML'),
        ('date: "2026-11-20"\n', 'is missing'),
        ('\tdate: 1', 'cannot start any token'),
    ):
        rig.write_text(text)
        for node in ('seam_detector', 'laser_sensor'):
            said(node, 'rig.yaml', message)
    rig.write_text((CONFIG / 'rig.yaml').read_text())
    cv2.imwrite(str(tmp_path / '0.png'), np.zeros((480, 640), np.uint8))
    graph.listen(CameraInfo, 'laser_sensor/camera_info', IMAGE)
    graph.wait_for('laser_sensor/camera_info')


def test_a_parameter_is_refused_while_the_node_runs_with_the_reason(graph):
    graph.start('joint_type')
    for name, value, reason in (
        ('stripe.min_rows', -1, 'out of range'),
        ('stripe.method', 'magic', 'expected one of'),
        ('stripe.method', 7, 'type'),
        ('joint_type.vote_images', 3, 'read-only'),
    ):
        parameter = Parameter(name, value=value).to_parameter_msg()
        answer = graph.call('joint_type/set_parameters', SetParameters, SetParameters.Request(parameters=[parameter]))
        assert not answer.results[0].successful and reason in answer.results[0].reason, answer
    assert graph.call('joint_type/reset').success


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'expected a mapping'),
        ('/**:\n  ros__parameters:\n\tdevice: {}\n', 'line 3 malformed YAML'),
        ('/**:\n  ros__parameters:\n    device:\n      bakend: sim\n', 'line 4: unknown parameter device.bakend'),
        (
            '/**/laser_sensor:\n  ros__parameters: {device.backend: 7}\n',
            'parameter device.backend: expected str',
        ),
    ],
)
def test_a_malformed_parameter_file_ends_the_node_in_one_line(graph, tmp_path, text, message):
    path = tmp_path / 'cell.yaml'
    path.write_text(text)
    graph.start('laser_sensor', params_file=path)  # which is up in less time than most
    code, output = graph.ended('laser_sensor')
    assert code == 1 and output.startswith('[FATAL] ') and len(output.splitlines()) == 1, output
    assert f'{path}: ' in output and message in output and 'Remedy' in output


def test_an_unplugged_camera_comes_back_by_itself(graph, said, tmp_path):
    folder = tmp_path / 'camera'
    folder.mkdir()
    for number in range(2):
        cv2.imwrite(str(folder / f'{number}.png'), np.zeros((480, 640), np.uint8))
    graph.listen(Image, 'laser_sensor/image_raw', IMAGE)
    graph.start('laser_sensor', device__backend='files', device__source=folder, device__loop=True)
    graph.wait_for('laser_sensor/image_raw', 2)
    folder.rename(tmp_path / 'unplugged')
    said('laser_sensor', 'camera')
    count = len(graph.messages['laser_sensor/image_raw'])
    (tmp_path / 'unplugged').rename(folder)
    graph.wait_for('laser_sensor/image_raw', count + 1)
    said('laser_sensor')


def has_begun_to_import(pid, library):
    """Whether a node is past the start of its interpreter: it handles SIGTERM then; and has this library open."""
    status, maps = (Path(f'/proc/{pid}/{name}').read_text() for name in ('status', 'maps'))
    handled = int(re.search(r'SigCgt:\s*(\w+)', status).group(1), 16)
    return bool(handled >> signal.SIGTERM - 1 & 1) and library in maps


@needs_ros2
@pytest.mark.parametrize('library', ['', 'numpy', 'scipy', 'cv2'])
def test_ctrl_c_during_the_imports_of_a_node(graph, library):
    processes = [graph.start(name) for name in ('seam_detector', 'cell_supervisor')]
    assert graph.wait(lambda: all(has_begun_to_import(process.pid, library) for process in processes))
    for name in ('seam_detector', 'cell_supervisor'):
        code, output = graph.stop(name, signal.SIGINT)
        assert code == 0 and 'Traceback' not in output and 'KeyboardInterrupt' not in output, output


def test_a_misspelt_weld_procedure_and_a_seam_out_of_reach_are_found_at_the_start(graph, tmp_path):
    path = tmp_path / 'procedures.yaml'
    path.write_text((CONFIG / 'weld_procedures.yaml').read_text().replace('fillet:', 'filet:', 1))
    graph.start('cell_supervisor', procedures_file=path)
    answer = graph.call('cell/start')
    assert not answer.success and 'unknown weld procedure "filet"' in answer.message
    graph.stop('cell_supervisor')
    graph.start('cell_supervisor', namespace='/other', scan__end_m='[100.0, 0.1, 0.2]')
    answer = graph.call('/other/cell/start')
    assert not answer.success and 'cannot lead the sensor' in answer.message


def test_a_joint_type_that_is_told_replaces_the_vote_until_the_next_one(graph):
    graph.start('seam_detector', vote_at_start=False)
    graph.listen(String, 'joint_type', latched=True)
    told = publisher(graph.node, String, 'joint_type/tell', IMAGE)
    assert graph.wait(lambda: graph.has_listener('joint_type/tell', 'seam_detector'))
    told.publish(String(data='lap'))
    assert graph.wait(lambda: graph.messages['joint_type'] and graph.messages['joint_type'][-1].data == 'lap')
    told.publish(String(data='weld'))
    graph.wait_for_output('seam_detector', ['"weld" is not known'])
    assert graph.messages['joint_type'][-1].data == 'lap'
    assert graph.call('joint_type/reset').success
    assert graph.wait(lambda: graph.messages['joint_type'][-1].data == '')


def test_images_are_taken_only_while_they_are_wanted(graph):
    """Machine code is loaded beside the robot's first motion, and meanwhile no images are sent."""
    graph.listen(DiagnosticStatus, 'seam/status')
    graph.listen(DiagnosticArray, '/diagnostics')
    process = graph.start('seam_detector', vote_at_start=False)
    images = publisher(graph.node, Image, 'laser_sensor/image_raw', IMAGE)
    graph.wait_for('/diagnostics', 1)

    def dark():
        stamp_ns = graph.node.get_clock().now().nanoseconds
        images.publish(image_to_message(np.zeros((480, 640), np.uint8), stamp_ns, 'laser_sensor_optical_frame'))

    assert not images.get_subscription_count()
    assert 'llvmlite' not in Path(f'/proc/{process.pid}/maps').read_text()
    assert graph.call('seam/reset').success
    assert graph.wait(lambda: dark() or graph.messages['seam/status'])
    assert graph.call('seam/rest').success
    assert graph.wait(lambda: not images.get_subscription_count())
    overlays = graph.node.create_subscription(Image, 'seam/overlay', lambda message: None, IMAGE)
    assert graph.wait(images.get_subscription_count)
    graph.node.destroy_subscription(overlays)
    assert graph.wait(lambda: not images.get_subscription_count())
