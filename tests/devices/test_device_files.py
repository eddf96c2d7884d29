"""FilesCamera: folders in natural order, videos, rate, end, loop, unreadable files."""

import itertools

import cv2
import numpy as np
import pytest

from weld_cell.devices.files import FilesCamera
from weld_cell.errors import DeviceLostError, DeviceNotFoundError, EndOfImagesError, ImageError

TIMEOUT_S = 5.0


def write_images(folder, greys):
    for number, grey in greys.items():
        cv2.imwrite(str(folder / f'img_{number}.png'), np.full((20, 30), grey, np.uint8))


def opened(source, loop=False, rate_hz=500.0):
    camera = FilesCamera(source, rate_hz, loop, itertools.count(1000).__next__)
    camera.open()
    return camera


@pytest.mark.parametrize('name', ['', 'absent', 'text.txt'])
def test_a_source_without_images_is_not_found(tmp_path, name):
    (tmp_path / 'text.txt').write_text('no video')
    with pytest.raises(DeviceNotFoundError) as caught:
        opened(tmp_path / name)
    assert caught.value.remedy


def test_images_come_in_natural_order_with_stamps_and_count(tmp_path):
    write_images(tmp_path, {10: 100, 2: 20, 1: 10})
    camera = opened(tmp_path)
    images = [camera.grab(TIMEOUT_S) for _ in range(3)]
    assert [image.pixels[0, 0] for image in images] == [10, 20, 100]
    assert [image.sequence for image in images] == [0, 1, 2]
    assert [image.stamp_ns for image in images] == [1000, 1001, 1002]
    assert images[0].pixels.shape == (20, 30)
    with pytest.raises(EndOfImagesError):
        camera.grab(TIMEOUT_S)


def test_a_loop_starts_again(tmp_path):
    write_images(tmp_path, {1: 10, 2: 20})
    camera = opened(tmp_path, loop=True)
    assert [camera.grab(TIMEOUT_S).pixels[0, 0] for _ in range(5)] == [10, 20, 10, 20, 10]


def test_an_unreadable_file_is_named_and_the_next_one_comes(tmp_path):
    write_images(tmp_path, {1: 10, 3: 30})
    (tmp_path / 'img_2.png').write_bytes(b'cut')
    camera = opened(tmp_path)
    camera.grab(TIMEOUT_S)
    with pytest.raises(ImageError, match=r'img_2\.png'):
        camera.grab(TIMEOUT_S)
    assert camera.grab(TIMEOUT_S).pixels[0, 0] == 30


def test_a_video_gives_its_frames(tmp_path):
    path = tmp_path / 'video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 10.0, (64, 48))
    for grey in (50, 200):
        writer.write(np.full((48, 64, 3), grey, np.uint8))
    writer.release()
    camera = opened(path)
    means = [camera.grab(TIMEOUT_S).pixels.mean() for _ in range(2)]
    assert means == pytest.approx([50, 200], abs=3)
    with pytest.raises(EndOfImagesError):
        camera.grab(TIMEOUT_S)


def test_a_closed_camera_gives_nothing(tmp_path):
    write_images(tmp_path, {1: 10})
    camera = opened(tmp_path)
    camera.close()
    camera.close()
    with pytest.raises(DeviceLostError):
        camera.grab(TIMEOUT_S)


def test_an_image_due_after_the_timeout_is_not_waited_for(tmp_path):
    write_images(tmp_path, {1: 10, 2: 20})
    camera = opened(tmp_path, rate_hz=0.1)
    camera.grab(TIMEOUT_S)
    with pytest.raises(DeviceLostError):
        camera.grab(0.01)
