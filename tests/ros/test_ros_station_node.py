"""The shell of a station by a station that looks when it is asked: the mean grey value of an image."""

import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticStatus
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image
from std_srvs.srv import Trigger

from weld_cell.config import Settings, bounded
from weld_cell.errors import ImageError, ModelError
from weld_cell.geometry.camera import CameraModel
from weld_cell.report.overlays import to_bgr
from weld_cell.ros.conversions import camera_info_from_model, image_to_message, pixels_from_message
from weld_cell.ros.qos import IMAGE, RESULT, publisher
from weld_cell.ros.spin import make_executor
from weld_cell.ros.station_node import StationNode, StationParameters
from weld_cell.ros.station_topics import StationTopics
from weld_cell.ros.statuses import status_values
from weld_cell.stations.station import Cameras

PATIENCE_S = 20.0
CAMERA = CameraModel(np.diag([100.0, 100.0, 1.0]), np.zeros(5), (32, 24))


@dataclass(frozen=True)
class GreySettings(Settings):
    darkest: float = bounded(10.0, 0.0, 255.0, 'grey', 'A darker image shows nothing')


@dataclass(frozen=True)
class GreyStationSettings:
    grey: GreySettings = GreySettings()


@dataclass(frozen=True)
class GreyStatus:
    stamp_ns: int
    grey: float
    looks: int


class GreyStation:
    def __init__(self, settings):
        self.settings, self.cameras, self.looks = settings, Cameras(), 0
        self.prepared = threading.Event()

    def prepare(self):
        self.prepared.set()
        raise ModelError('No network.', 'Install it.')

    def look(self, image):
        self.cameras.of((image.pixels.shape[1], image.pixels.shape[0]))
        grey = float(image.pixels.mean())
        if grey < self.settings.grey.darkest:
            raise ImageError(f'The image is dark ({grey:.0f}).', 'Switch the light on.')
        self.looks += 1
        return GreyStatus(image.stamp_ns, grey, self.looks)

    def overlay(self, image, result):
        return to_bgr(image.pixels)

    def status(self, result):
        return result

    def reset(self):
        forgotten, self.looks = self.looks, 0
        return f'{forgotten} looks forgotten.'


class GreyNode(StationNode[GreyStatus]):
    def __init__(self, trigger, streams=False):
        super().__init__('grey')
        parameters = StationParameters(self, GreyStationSettings())
        station = GreyStation(parameters.settings)
        topics = StationTopics(self, self.health, 'grey', station.reset)
        self.begin(station, parameters, topics, 'mako', trigger, streams=streams)

    def publish(self, image, result):
        super().publish(image, result)
        return f'grey {result.grey:.0f}'


class Bench:
    """A node of that kind, and one that sends images, calls and listens; the executor is the cell's."""

    def __init__(self, trigger, streams):
        self.station, self.user = GreyNode(trigger, streams), rclpy.create_node('user')
        self.statuses, self.overlays = [], []
        self.images = publisher(self.user, Image, 'mako/image_raw', IMAGE)
        self.infos = publisher(self.user, CameraInfo, 'mako/camera_info', IMAGE)
        self.user.create_subscription(DiagnosticStatus, 'grey/status', self.statuses.append, RESULT)
        self._executor = make_executor()
        for node in (self.station, self.user):
            self._executor.add_node(node)
        self.wait(lambda: self.images.get_subscription_count() and self.infos.get_subscription_count())
        self.wait(lambda: self.station.count_subscribers('grey/status'))
        self.wait(lambda: self.user.count_publishers('grey/status'))

    def wait(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end
            self._executor.spin_once(timeout_sec=0.02)

    def image(self, grey, stamp_ns=10**9):
        self.infos.publish(camera_info_from_model(CAMERA, stamp_ns, 'mako'))
        self.images.publish(image_to_message(np.full((24, 32), grey, np.uint8), stamp_ns, 'mako'))

    def watch_overlay(self):
        self.user.create_subscription(Image, 'grey/overlay', self.overlays.append, RESULT)
        self.wait(lambda: self.station._topics.overlay.wanted)

    def call(self, name, kind=Trigger, request=None):
        client = self.user.create_client(kind, name)
        self.wait(client.service_is_ready)
        future = client.call_async(request or kind.Request())
        self.wait(future.done)
        return future.result()

    def close(self):
        self._executor.shutdown()
        for node in (self.station, self.user):
            node.destroy_node()


@pytest.fixture
def bench(ros):
    made = []

    def make(trigger='grey/look', streams=False):
        made.append(Bench(trigger, streams))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_machine_code_and_networks_are_made_ready_beside_the_node(bench, monkeypatch):
    loaded = []
    monkeypatch.setattr('weld_cell.ros.station_node.load_all', lambda: loaded.append(threading.current_thread()))
    assert bench().station._station.prepared.wait(PATIENCE_S)
    assert loaded and loaded[0] is not threading.main_thread()


def test_without_an_image_the_trigger_says_what_is_missing_and_withdraws_the_last_answer(bench):
    grey = bench()
    withdrawn = []
    grey.station.withdraw = lambda: withdrawn.append(True)
    answer = grey.call('grey/look')
    assert not answer.success and withdrawn == [True]
    assert 'No image was received on mako/image_raw within 2.0 s' in answer.message and 'Remedy' in answer.message


def test_a_blank_image_is_an_error_in_answer_status_and_health(bench):
    grey = bench()
    grey.image(0)
    answer = grey.call('grey/look')
    assert not answer.success and answer.message == 'The image is dark (0). Remedy: Switch the light on.'
    grey.wait(lambda: grey.statuses)
    (status,) = grey.statuses
    assert status.level == DiagnosticStatus.WARN and status.message == answer.message
    assert status_values(status) == {'stamp_ns': '1000000000', 'error': 'ImageError'}
    assert 'Switch the light on' in grey.station.health.status().message


def test_a_triggered_look_gives_answer_status_and_overlay_and_a_reset_forgets(bench):
    grey = bench()
    grey.watch_overlay()
    grey.image(100)
    answer = grey.call('grey/look')
    assert answer.success and answer.message == 'grey 100'
    grey.wait(lambda: grey.statuses and grey.overlays)
    assert status_values(grey.statuses[0]) == {'stamp_ns': '1000000000', 'grey': '100', 'looks': '1'}
    assert pixels_from_message(grey.overlays[0]).shape == (24, 32, 3)
    assert grey.overlays[0].header.frame_id == 'mako'
    assert grey.call('grey/reset').message == '1 looks forgotten.'
    assert grey.call('grey/reset').message == '0 looks forgotten.'
    assert grey.station.health.status().level == DiagnosticStatus.OK


def test_nothing_is_looked_at_that_nobody_asked_for(bench):
    grey = bench()
    grey.image(100)
    grey.wait(lambda: grey.station._newest._received)
    assert grey.call('grey/reset').message == '0 looks forgotten.' and not grey.statuses


def test_an_image_of_a_size_without_calibration_is_named(bench):
    grey = bench()
    grey.images.publish(image_to_message(np.full((24, 32), 99, np.uint8), 10**9, 'mako'))
    answer = grey.call('grey/look')
    assert not answer.success and 'No camera_info was received for images of 32 x 24' in answer.message


def test_a_binned_image_is_looked_at_by_the_calibration_of_the_whole_sensor(bench):
    grey = bench()
    whole = camera_info_from_model(CameraModel(CAMERA.matrix, CAMERA.distortion, (64, 48)), 10**9, 'mako')
    whole.binning_x = whole.binning_y = 2
    grey.infos.publish(whole)
    grey.images.publish(image_to_message(np.full((24, 32), 99, np.uint8), 10**9, '/mako'))
    answer = grey.call('grey/look')
    assert answer.success, answer.message


def test_the_next_image_is_waited_for_while_the_service_is_called(bench):
    """The images come from another thread of DDS, as from a camera; the executor is in the callback meanwhile."""
    grey = bench()
    grey.station._newest._age_s = 0.5
    grey.image(100)
    grey.wait(lambda: grey.station._newest._received)
    time.sleep(0.6)  # now it is too old
    client = grey.user.create_client(Trigger, 'grey/look')
    grey.wait(client.service_is_ready)
    serve, sent = grey.station._newest.take, []

    def take(*arguments):
        grey.image(200, 2 * 10**9)  # under way when the wait begins
        sent.append(1)
        return serve(*arguments)

    grey.station._newest.take = take
    future = client.call_async(Trigger.Request())
    grey.wait(future.done)
    assert sent and future.result().message == 'grey 200'


def test_settings_are_live_parameters(bench):
    grey = bench()
    for value, accepted in ((150.0, True), (999.0, False)):
        request = SetParameters.Request(parameters=[Parameter('grey.darkest', value=value).to_parameter_msg()])
        assert grey.call('grey/set_parameters', SetParameters, request).results[0].successful == accepted
    grey.image(100)
    assert 'dark' in grey.call('grey/look').message


def test_a_streaming_station_looks_at_each_image_and_lives_on(bench):
    grey = bench(trigger='')
    grey.infos.publish(camera_info_from_model(CAMERA, 1, 'mako'))
    grey.wait(lambda: grey.station._station.cameras.knows((32, 24)))  # each topic is in order, not both together
    for number, value in enumerate([100, 0, 50], 1):
        grey.image(value, number * 10**9)
        grey.wait(lambda count=number: len(grey.statuses) == count)
    assert [status.level for status in grey.statuses] == [
        DiagnosticStatus.OK,
        DiagnosticStatus.WARN,
        DiagnosticStatus.OK,
    ]
    grey.wait(lambda: grey.station.input.counts.images_processed == 2)  # counted when its status is out
    assert grey.station.input.counts.images_received == 3


def test_a_station_that_streams_besides_looks_at_what_comes_and_when_it_is_asked(bench):
    grey = bench(streams=True)
    for number, value in enumerate([100, 0, 50], 1):
        grey.image(value, number * 10**9)
        grey.wait(lambda count=number: len(grey.statuses) == count)
    levels = [status.level for status in grey.statuses]
    assert levels == [DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.OK]
    assert grey.call('grey/look').message == 'grey 50'  # the newest one again
    grey.wait(lambda: len(grey.statuses) == 4)
    assert grey.call('grey/reset').message == '3 looks forgotten.'  # nothing is looked at twice that nobody asked for


def test_a_streaming_station_waits_for_the_calibration_of_its_first_image_for_a_while(bench):
    grey = bench(streams=True)
    grey.images.publish(image_to_message(np.full((24, 32), 99, np.uint8), 10**9, 'mako'))
    grey.wait(lambda: grey.statuses)  # after `image_timeout_s`
    assert status_values(grey.statuses[0])['error'] == 'CalibrationError'


def test_what_is_no_image_is_told_once_by_a_streaming_station(bench):
    grey = bench(streams=True)
    grey.images.publish(Image(encoding='mono8', width=10, height=10, step=10, data=b'cut'))
    grey.wait(lambda: grey.station.health.values['failures'])
    grey.image(100)
    grey.wait(lambda: grey.statuses)
    assert grey.station.health.values['failures'] == 1
