"""The simulated area camera as a device, and what may lie under it."""

import threading
import time

import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import ConfigurationError, DeviceLostError
from weld_cell.paths import config_file
from weld_cell.sim.area_camera import SimulatedAreaCamera
from weld_cell.sim.area_layouts import LAYOUTS, area_cell_scene


@pytest.fixture(scope='module')
def rig():
    return load_rig(str(config_file('rig.yaml')))


@pytest.fixture
def camera(rig):
    camera = SimulatedAreaCamera(area_cell_scene('none', 1, rig), 50.0, time.monotonic_ns)
    yield camera
    camera.close()


def test_a_camera_that_is_not_open_is_a_lost_device(camera):
    with pytest.raises(DeviceLostError, match='not open'):
        camera.grab(0.1)
    camera.close()
    camera.close()


def test_images_are_stamped_and_counted(camera, rig):
    camera.open()
    before_ns = time.monotonic_ns()
    images = [camera.grab(1.0) for _ in range(3)]
    stamps = [image.stamp_ns for image in images]
    assert [image.sequence for image in images] == [0, 1, 2]
    assert before_ns < stamps[0] < stamps[1] < stamps[2] <= time.monotonic_ns()
    assert images[0].pixels.shape == rig.mako.camera.size_px[::-1]
    assert (images[0].pixels != images[1].pixels).any()


def test_close_ends_a_waiting_grab(rig):
    camera = SimulatedAreaCamera(area_cell_scene('none', 1, rig), 0.2, time.monotonic_ns)
    camera.open()
    camera.grab(1.0)
    threading.Timer(0.1, camera.close).start()
    with pytest.raises(DeviceLostError, match='closed'):
        camera.grab(30.0)


def test_a_layout_that_there_is_not_is_refused(rig):
    with pytest.raises(ConfigurationError, match='sim.lies: expected one of none, test_sheet.*got "elephants"'):
        area_cell_scene('elephants', 1, rig)


@pytest.mark.parametrize('lies', LAYOUTS)
def test_a_layout_is_the_same_for_a_seed(rig, lies):
    first, again, other = (area_cell_scene(lies, seed, rig) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.image(np.random.default_rng(0)), again.image(np.random.default_rng(0)))
    for a, b in zip(first.truths, again.truths, strict=True):
        np.testing.assert_array_equal(a.T_base_sheet, b.T_base_sheet)
    if lies == 'panel':  # in its fixture; its welds are others
        seen = [scene.image(np.random.default_rng(0)).astype(int) for scene in (first, other)]
        assert np.abs(seen[0] - seen[1]).max() > 50
        return
    for a, c in zip(first.truths, other.truths, strict=False):  # another seed may lay down more of them
        assert not np.allclose(a.T_base_sheet, c.T_base_sheet)


@pytest.mark.parametrize('seed', range(10))
def test_the_test_sheet_lies_within_the_image(rig, seed):
    scene = area_cell_scene('test_sheet', seed, rig)
    corners = scene.sheet_pixels(0, np.array([[x, y] for x in (-0.12, 0.12) for y in (-0.08, 0.08)]))
    assert (corners > 0).all() and (corners < np.array(rig.mako.camera.size_px) - 1).all()
