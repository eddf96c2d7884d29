"""Pixels out of message fields and files."""

import cv2
import numpy as np
import pytest

from weld_cell.errors import ImageError
from weld_cell.images import encoding_of, image_files, pixels_from_fields, read_image


@pytest.mark.parametrize(
    ('fields', 'said'),
    [
        ((0, 0, 'mono8', 0, 0), 'empty'),
        ((2, 3, 'mono8', 3, 5), 'cut'),
        ((2, 3, 'bgr8', 3, 6), 'cut'),
        ((2, 3, 'yuv422', 6, 12), 'Encoding "yuv422" is not supported'),
    ],
)
def test_refused(fields, said):
    height, width, encoding, step, size = fields
    with pytest.raises(ImageError, match=said):
        pixels_from_fields(height, width, encoding, step, np.zeros(size, np.uint8))


def test_mono8_is_a_view_and_honours_padding():
    data = np.arange(8, dtype=np.uint8)
    pixels = pixels_from_fields(2, 3, 'mono8', 4, data)
    assert pixels.tolist() == [[0, 1, 2], [4, 5, 6]]
    assert np.shares_memory(pixels, data)


def test_rgb8_becomes_bgr():
    assert pixels_from_fields(1, 1, 'rgb8', 3, np.array([1, 2, 3], np.uint8)).tolist() == [[[3, 2, 1]]]
    assert pixels_from_fields(1, 1, 'bgr8', 3, np.array([1, 2, 3], np.uint8)).tolist() == [[[1, 2, 3]]]


def test_encoding_of():
    assert encoding_of(np.zeros((2, 2), np.uint8)) == 'mono8'
    assert encoding_of(np.zeros((2, 2, 3), np.uint8)) == 'bgr8'
    for pixels in (np.empty((0, 0), np.uint8), np.zeros((2, 2)), np.zeros((2, 2, 2), np.uint8)):
        with pytest.raises(ImageError):
            encoding_of(pixels)


def test_files_come_in_natural_order(tmp_path):
    with pytest.raises(ImageError, match='No images'):
        image_files(tmp_path)
    for name in ('shot_10.png', 'shot_2.png', 'notes.txt'):
        (tmp_path / name).write_bytes(b'')
    assert [path.name for path in image_files(tmp_path)] == ['shot_2.png', 'shot_10.png']


def test_read_image(tmp_path):
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    cv2.imwrite(str(tmp_path / 'grey.png'), grey)
    assert np.array_equal(read_image(tmp_path / 'grey.png'), grey)
    (tmp_path / 'cut.png').write_bytes((tmp_path / 'grey.png').read_bytes()[:20])
    with pytest.raises(ImageError, match='cannot be read as an image'):
        read_image(tmp_path / 'cut.png')
