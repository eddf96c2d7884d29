"""ReconnectingCamera against a camera that comes and goes by a script, on a clock of its own."""

from contextlib import suppress

import numpy as np
import pytest

from weld_cell.devices.reconnecting import ReconnectingCamera
from weld_cell.errors import (
    DeviceError,
    DeviceLostError,
    DeviceNotFoundError,
    EndOfImagesError,
    WaitingForTriggerError,
)
from weld_cell.records import CameraImage

PERIOD_S = 0.025
PIXELS = np.zeros((16, 16), np.uint8)


class Time:
    """Seconds that pass only when somebody waits."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s

    def sleep(self, seconds):
        self.now_s += seconds
        return False


class ScriptedCamera:
    """Streams at 40 Hz while plugged in; its own count starts at 0 with each `open`."""

    name = 'scripted'

    def __init__(self, time, unplugged):
        self._time = time
        self._unplugged = unplugged
        self._next_s = None
        self._count = 0
        self.opened = 0

    def _plugged(self, at_s):
        return not any(start <= at_s < end for start, end in self._unplugged)

    def open(self):
        if not self._plugged(self._time.now_s):
            raise DeviceNotFoundError('not there', 'plug it in')
        self.opened += 1
        self._count = 0
        self._next_s = self._time.now_s + PERIOD_S

    def grab(self, timeout_s):
        lost = [start for start, end in self._unplugged if start <= self._next_s < end]
        if lost:
            self._time.now_s = max(self._time.now_s, lost[0])
            raise DeviceLostError('pulled out', 'plug it in')
        self._time.now_s = self._next_s
        self._next_s += PERIOD_S
        self._count += 1
        return CameraImage(PIXELS, round(self._time.now_s * 1e9), self._count - 1)

    def close(self):
        self._next_s = None


def make(unplugged):
    time = Time()
    scripted = ScriptedCamera(time, unplugged)
    camera = ReconnectingCamera(scripted, PERIOD_S, time, time.sleep)
    camera.open()
    return time, scripted, camera


def grab_until(time, camera, end_s):
    images = []
    while time.now_s < end_s:
        with suppress(DeviceLostError):
            images.append(camera.grab(0.5))
    return images


def test_a_camera_that_never_comes_is_named_with_the_reason():
    time, _, camera = make([(0.0, 1e9)])
    with pytest.raises(DeviceLostError, match='not there') as caught:
        camera.grab(1.0)
    assert caught.value.remedy
    assert time.now_s == pytest.approx(1.0, abs=2 * PERIOD_S)
    assert not camera.state.connected and camera.state.losses == 0 and camera.state.attempts > 10


@pytest.mark.parametrize(('gone_s', 'back_s'), [(1.0, 1.001), (1.0, 1.3), (1.01, 9.7373), (0.5, 60.0)])
def test_after_its_return_at_most_one_period_is_lost(gone_s, back_s):
    time, scripted, camera = make([(gone_s, back_s)])
    stamps_s = np.array([image.stamp_ns for image in grab_until(time, camera, back_s + 1.0)]) * 1e-9
    first_after = stamps_s[stamps_s > gone_s].min()
    assert first_after - PERIOD_S <= back_s + PERIOD_S  # an image takes a period to come once the stream runs
    assert camera.state.connected and camera.state.losses == 1 and scripted.opened == 2


def test_the_count_goes_on_over_a_loss():
    time, _, camera = make([(0.5, 0.8), (1.2, 1.4)])
    images = grab_until(time, camera, 2.0)
    assert [image.sequence for image in images] == list(range(len(images)))
    assert camera.state.losses == 2


def test_the_end_of_a_finite_source_is_no_loss():
    time, scripted, camera = make([])

    def ended(_):
        raise EndOfImagesError('over')

    scripted.grab = ended
    with pytest.raises(EndOfImagesError):
        camera.grab(1.0)
    assert camera.state.losses == 0


def test_close_ends_the_attempts():
    _, _, camera = make([(0.0, 1e9)])
    camera.close()
    with pytest.raises(DeviceLostError, match='closed'):
        camera.grab(1.0)


def test_a_camera_without_laser_says_so():
    _, _, camera = make([])
    with pytest.raises(DeviceError, match='no laser switch'):
        camera.set_laser(True)


def test_a_camera_that_waits_for_a_trigger_is_not_lost():
    time, scripted, camera = make([])

    def waiting(timeout_s):
        time.now_s += timeout_s
        raise WaitingForTriggerError('nothing has triggered it')

    scripted.grab = waiting
    with pytest.raises(WaitingForTriggerError):
        camera.grab(1.0)
    assert time.now_s == pytest.approx(1.0, abs=0.2)
    assert camera.state.connected and camera.state.losses == 0 and scripted.opened == 1


def test_a_camera_that_is_closed_while_it_opens_does_not_stay_open():
    _, scripted, camera = make([])
    scripted_open, closed = scripted.open, []

    def slow_open():
        camera.close()
        scripted_open()

    scripted.open, scripted.close = slow_open, lambda: closed.append(scripted.opened)
    with pytest.raises(DeviceLostError, match='closed'):
        camera.grab(1.0)
    assert 1 in closed


def test_what_a_camera_cannot_is_named():
    _, _, camera = make([])
    assert camera.statistics == {}
    with pytest.raises(DeviceError, match='no software trigger'):
        camera.trigger()
