"""What each back end says where its hardware or its SDK is absent, and how the factory chooses."""

import importlib.util
import time
from pathlib import Path

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
    with pytest.raises(DeviceNotFoundError, match='does not open'):
        V4l2Camera(str(path), (640, 480), 40.0, 0.0, time.time_ns).open()


def test_v4l2_grab_without_open_is_a_lost_device():
    with pytest.raises(DeviceLostError):
        V4l2Camera('/dev/video_absent', (640, 480), 40.0, 0.0, time.time_ns).grab(0.01)


@pytest.mark.skipif(importlib.util.find_spec('vmbpy') is not None, reason='VmbPy is installed here')
def test_allied_vision_without_the_sdk_says_what_to_install():
    camera = make_camera(DeviceSettings(backend='allied_vision'), time.time_ns)
    assert isinstance(camera, AlliedVisionCamera)
    with pytest.raises(DeviceNotFoundError, match='SDK') as caught:
        camera.open()
    assert 'VmbPy' in caught.value.remedy
    camera.close()
    camera.close()


def test_files_come_from_the_source(tmp_path):
    camera = make_camera(DeviceSettings(backend='files', source=str(tmp_path)), time.time_ns)
    assert isinstance(camera, FilesCamera) and Path(camera.name) == tmp_path


def test_the_simulated_camera_is_not_made_here():
    with pytest.raises(ValueError, match='sim'):
        make_camera(DeviceSettings(), time.time_ns)
