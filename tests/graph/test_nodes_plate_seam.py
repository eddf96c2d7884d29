"""plate_seam_detector over the simulated area camera: path, status and picture; what it refuses, and says so."""

import cv2
import numpy as np
import pytest
from cell_graph import CONFIG, needs_ros2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from mutation import mutated
from nav_msgs.msg import Path
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image

from weld_cell.bags.reading import open_bag
from weld_cell.bags.writing import images_to_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.plate_replay import replay_plates
from weld_cell.records.status import PlateSeamStatus
from weld_cell.report.plate_overlay import CHOSEN_BGR, REFUSED_BGR
from weld_cell.report.run_summary import distances_to_polyline
from weld_cell.ros.conversions import (
    camera_info_from_model,
    image_to_message,
    ns_from_time,
    pixels_from_message,
    seam_path_from_message,
)
from weld_cell.ros.qos import IMAGE, OVERLAY, await_delivery, publisher
from weld_cell.ros.statuses import status_from_message, status_values
from weld_cell.settings import load_plate_settings
from weld_cell.sim.area_layouts import area_cell_scene, plates_under

pytestmark = pytest.mark.graph

RIG = load_rig(str(CONFIG / 'rig.yaml'))
SEED = 6
PATIENCE_S = 15.0  # a camera that starts beside the detector on a busy machine


@pytest.fixture(scope='module')
def plates():
    """Scene and truth of the seed, and the region in which a fixture would hold the seam."""
    scene, layout = area_cell_scene('plates', SEED, RIG), plates_under(SEED, RIG)
    return scene, layout, layout.truth.box_px(scene).tolist()


def listen(graph):
    graph.listen(Path, 'plate_seam/path', latched=True)
    graph.listen(DiagnosticStatus, 'plate_seam/status', latched=True)
    graph.listen(Image, 'plate_seam/overlay', OVERLAY)
    graph.listen(DiagnosticArray, '/diagnostics')


def start(graph, lies='plates', **parameters):
    listen(graph)
    graph.start('hand_eye_tf')
    graph.start('mako_camera', device__backend='sim', device__rate_hz=5.0, sim__lies=lies, sim__seed=SEED)
    graph.start('plate_seam_detector', **parameters)
    graph.wait_for('plate_seam/path')  # the empty one of its beginning
    assert graph.wait(lambda: connected(graph))
    assert graph.wait(lambda: graph.node.count_subscribers('mako/image_raw') == 1)


def connected(graph):
    statuses = [s for m in graph.messages['/diagnostics'] for s in m.status if s.name == 'mako_camera']
    return bool(statuses) and status_values(statuses[-1]).get('connected') == 'True'


def detect(graph):
    triggered = graph.call('mako/trigger')
    assert triggered.success, triggered.message
    return graph.call('plate_seam/detect')


def set_parameter(graph, name, value):
    request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
    return graph.call('plate_seam_detector/set_parameters', SetParameters, request).results[0]


def test_without_plates_no_path_is_left_standing_and_with_them_it_lies_on_the_seam(graph, plates):
    _, layout, box = plates
    start(graph, plates__locate='box', plates__box_xyxy=box)
    answer = detect(graph)
    assert answer.success and 'seam 1 of 1' in answer.message, answer.message
    message = graph.wait_for('plate_seam/path', 2)[-1]
    path = seam_path_from_message(message)
    assert 1e3 * distances_to_polyline(path.positions_m, layout.truth.path_m).max() < 0.3
    statuses, stamp_ns = graph.wait_for('plate_seam/status'), ns_from_time(message.header.stamp)
    assert graph.wait(lambda: status_from_message(PlateSeamStatus, statuses[-1]).stamp_ns == stamp_ns)
    status = status_from_message(PlateSeamStatus, statuses[-1])
    assert statuses[-1].level == DiagnosticStatus.OK
    assert status.length_mm == pytest.approx(1e3 * path.length_m, abs=0.01) and status.ms.keys() >= {'measure'}
    picture = pixels_from_message(graph.wait_for('plate_seam/overlay')[-1])
    assert picture.shape == (1088, 1456, 3) and (picture == CHOSEN_BGR).all(axis=2).sum() > 1000

    assert set_parameter(graph, 'plates.box_xyxy', [0.0, 0.0, 200.0, 100.0]).successful
    answer = detect(graph)
    assert not answer.success and 'Remedy' in answer.message
    assert graph.wait_for('plate_seam/path', 3)[-1].poses == []
    told = graph.wait_for('plate_seam/status', 2)[-1]
    assert told.level == DiagnosticStatus.WARN and status_from_message(PlateSeamStatus, told).seams == 0
    assert (pixels_from_message(graph.wait_for('plate_seam/overlay', 2)[-1]) == REFUSED_BGR).all(axis=2).any()

    refused = set_parameter(graph, 'plates.seam', 'best')
    assert not refused.successful and 'longest' in refused.reason
    assert graph.call('plate_seam/reset').success and graph.wait_for('plate_seam/path', 4)[-1].poses == []


def test_it_streams_where_it_is_told_to(graph, plates):
    graph.listen(Path, 'plate_seam/path', latched=True)
    graph.listen(DiagnosticStatus, 'plate_seam/status', latched=True)  # as the recorder does
    graph.start('hand_eye_tf')
    words = {'device__backend': 'sim', 'device__rate_hz': 2.0, 'sim__lies': 'plates', 'sim__seed': SEED}
    graph.start('mako_camera', free_running=True, **words)
    graph.start('plate_seam_detector', streaming=True, plates__locate='box', plates__box_xyxy=plates[2])
    assert graph.wait(lambda: sum(bool(message.poses) for message in graph.messages['plate_seam/path']) >= 3)
    stamps = [ns_from_time(message.header.stamp) for message in graph.messages['plate_seam/path'] if message.poses]
    assert np.all(np.diff(stamps) > 0) and graph.wait_for('plate_seam/status')
    assert graph.call('plate_seam/detect').success


def test_another_resolution_than_the_rigs_is_told_from_a_camera_that_is_calibrated(graph, tmp_path):
    cv2.imwrite(str(tmp_path / '0.png'), np.zeros((544, 728, 3), np.uint8))
    listen(graph)
    graph.start('hand_eye_tf')
    graph.start('mako_camera', device__backend='files', device__source=tmp_path, device__loop=True, free_running=True)
    graph.start('plate_seam_detector', image_timeout_s=PATIENCE_S)
    answer = graph.call('plate_seam/detect')
    assert not answer.success and 'alibrat' in answer.message and 'Remedy' in answer.message, answer.message
    told = graph.wait_for('plate_seam/status')[-1]
    assert status_values(told)['error'] == 'CalibrationError'


def test_a_network_that_is_not_there_ends_the_node_with_its_name(graph, tmp_path):
    graph.start('plate_seam_detector', plates__locate='network', plates__model_file=tmp_path / 'none.onnx')
    code, output = graph.ended('plate_seam_detector')
    assert code == 1 and 'none.onnx' in output and 'Remedy' in output and 'Traceback' not in output


@needs_ros2
def test_a_replayed_bag_shows_in_the_graph_what_it_shows_offline(graph, plates, tmp_path):
    scene, _, box = plates
    files = [tmp_path / f'{number}.png' for number in range(3)]  # a busy machine may find the player after the first
    for number, file in enumerate(files):
        cv2.imwrite(str(file), scene.image(np.random.default_rng(number)))
    bag, mako, parameters = tmp_path / 'bag', RIG.mako, tmp_path / 'cell.yaml'
    list(images_to_bag(files, bag, topic='mako/image_raw', frame=mako.frame, rate_hz=0.1, camera=mako.camera))
    parameters.write_text(f'/**: {{ros__parameters: {{plates: {{locate: box, box_xyxy: {box}}}}}}}')
    with open_bag(bag) as recording:
        looked = replay_plates(
            recording.images('mako/image_raw'), lambda _: mako.T_parent_sensor, load_plate_settings(parameters)
        )
        expected = {image.stamp_ns: image.outcome.path_m for image in looked}
    graph.listen(Path, 'plate_seam/path', latched=True)
    words = [f'bag:={bag}', 'plate:=true', f'params:={parameters}']
    graph.ros2('replay', 'launch', 'weld_cell', 'replay.launch.xml', *words)

    def found():
        return {ns_from_time(m.header.stamp): m for m in graph.messages['plate_seam/path'] if m.poses}

    assert graph.wait(found), graph.output('replay')
    for stamp_ns, message in found().items():
        np.testing.assert_allclose(seam_path_from_message(message).positions_m, expected[stamp_ns], atol=1e-9)


def test_what_is_no_image_is_named_and_the_node_lives_on(graph, plates):
    scene, _, box = plates
    rng, mako = np.random.default_rng(20261128), RIG.mako
    listen(graph)
    graph.start('hand_eye_tf')
    graph.start('plate_seam_detector', streaming=True, plates__locate='box', plates__box_xyxy=box)
    images, infos = (
        publisher(graph.node, kind, f'mako/{name}', IMAGE)
        for kind, name in ((Image, 'image_raw'), (CameraInfo, 'camera_info'))
    )
    assert graph.wait(lambda: images.get_subscription_count() and infos.get_subscription_count())
    graph.wait_for('plate_seam/path')
    pixels, stamp_ns = scene.image(rng), graph.node.get_clock().now().nanoseconds
    image = image_to_message(pixels, stamp_ns, mako.frame)
    info = camera_info_from_model(mako.camera, stamp_ns, mako.frame)
    for _ in range(30):
        images.publish(mutated(image, rng))
        infos.publish(mutated(info, rng))
        graph.wait(lambda: False, 0.1)
    before = len(graph.messages['plate_seam/path'])
    infos.publish(info)
    assert await_delivery(infos, 20.0)
    images.publish(image)
    assert graph.wait(lambda: any(m.poses for m in graph.messages['plate_seam/path'][before:]))
    code, output = graph.stop('plate_seam_detector')
    assert code == 0 and 'Traceback' not in output
