"""What each back end says where its hardware or its SDK is absent, and how the factory chooses."""

import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from weld_cell.devices.allied_vision import AlliedVisionCamera
from weld_cell.devices.factory import DeviceSettings, make_camera
from weld_cell.devices.files import FilesCamera
from weld_cell.devices.v4l2 import V4l2Camera
from weld_cell.errors import DeviceLostError, DeviceNotFoundError


def test_v4l2_names_a_device_file_that_is_not_there():
    camera = make_camera(DeviceSettings(backend='v4l2', source='/dev/video_absent'), time.time_ns)
    assert isinstance(camera, V4l2Camera)
    with pytest.raises(DeviceNotFoundError, match='/dev/video_absent'):
        camera.open()
    camera.close()


def test_v4l2_refuses_a_file_that_is_no_camera(tmp_path):
    path = tmp_path / 'video0'
    path.touch()
    with pytest.raises(DeviceNotFoundError, match='cannot be opened as a camera'):
        V4l2Camera(str(path), (640, 480), 40.0, 0.0, time.time_ns).open()


def test_v4l2_reads_a_recorded_file_by_the_same_code(tmp_path):
    """What this leaves untried: the driver's own stamps and waiting, sizes and rates that a camera refuses."""
    path = str(tmp_path / 'recorded.avi')
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*'MJPG'), 25.0, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
    writer.release()
    camera = V4l2Camera(path, (64, 48), 25.0, 8.0, time.time_ns, cv2.CAP_ANY)
    before_ns = time.time_ns()
    camera.open()
    images = [camera.grab(5.0) for _ in range(10)]
    assert [image.sequence for image in images] == list(range(10))
    assert [round(float(image.pixels.mean()) / 20) for image in images] == list(range(10))
    assert all(image.pixels.shape == (48, 64, 3) for image in images)
    steps_ns = np.diff([image.stamp_ns for image in images])
    assert (steps_ns >= 0).all() and images[0].stamp_ns >= before_ns - 10**9
    with pytest.raises(DeviceLostError, match='went away'):
        camera.grab(1.0)
    camera.close()
    with pytest.raises(DeviceLostError, match='was closed'):
        camera.grab(0.1)
    camera.open()
    assert camera.grab(5.0).sequence == 10


def test_v4l2_grab_without_open_is_a_lost_device():
    with pytest.raises(DeviceLostError):
        V4l2Camera('/dev/video_absent', (640, 480), 40.0, 0.0, time.time_ns).grab(0.01)


def test_allied_vision_without_the_sdk_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'vmbpy', None)
    camera = make_camera(DeviceSettings(backend='allied_vision'), time.time_ns)
    assert isinstance(camera, AlliedVisionCamera)
    with pytest.raises(DeviceNotFoundError, match='SDK') as caught:
        camera.open()
    assert 'VmbPy' in caught.value.remedy and 'gige_vision' in caught.value.remedy
    camera.close()
    camera.close()


@pytest.mark.skipif('GENICAM_GENTL64_PATH' in os.environ, reason='a GenTL transport layer is installed here')
def test_allied_vision_without_a_transport_layer_says_so():
    """PyPI's vmbpy brings VmbC alone."""
    pytest.importorskip('vmbpy', reason='vmbpy is not installed')
    with pytest.raises(DeviceNotFoundError, match='no transport layer') as caught:
        make_camera(DeviceSettings(backend='allied_vision'), time.time_ns).open()
    assert 'GENICAM_GENTL64_PATH' in caught.value.remedy and 'gige_vision' in caught.value.remedy


def test_files_come_from_the_source(tmp_path):
    camera = make_camera(DeviceSettings(backend='files', source=str(tmp_path)), time.time_ns)
    assert isinstance(camera, FilesCamera) and Path(camera.name) == tmp_path


def test_the_simulated_camera_is_not_made_here():
    with pytest.raises(ValueError, match='sim'):
        make_camera(DeviceSettings(), time.time_ns)
