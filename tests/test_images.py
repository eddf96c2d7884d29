"""Pixels out of message fields and files."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from weld_cell.errors import ImageError
from weld_cell.images import (
    ENCODINGS,
    encoding_of,
    image_files,
    pixels_from_compressed,
    pixels_from_fields,
    read_image,
    write_image,
)


@pytest.mark.parametrize(
    ('fields', 'said'),
    [
        ((0, 0, 'mono8', 0, 0), 'empty'),
        ((2, 3, 'mono8', 3, 5), 'cut'),
        ((2, 3, 'bgr8', 3, 6), 'cut'),
        ((2, 3, 'mono16', 5, 10), 'cut'),
        ((2, 3, '32FC1', 12, 24), 'Encoding "32FC1" is not supported'),
        ((2, 3, 'yuyv', 6, 12), 'two pixels of a row share their colour'),
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


def test_bgr8_is_a_view():
    data = np.arange(12, dtype=np.uint8)
    assert np.shares_memory(pixels_from_fields(2, 2, 'bgr8', 6, data), data)


# A pixel, or two of 4:2:2, and what it is in grey or BGR. 16 bits: 257 is 1 of 8 bits; 1000 is 3.89. 4:2:2 in video
# range (ITU-R BT.601): Y 81, U 90, V 240 is the red of 254 = 1.164 (81 - 16) + 1.596 (240 - 128).
PIXELS = {
    'mono8': ([7], 7),
    '8UC1': ([7], 7),
    'mono16': ([65535], 255),
    '16UC1': ([65535], 255),
    'bgr8': ([1, 2, 3], [1, 2, 3]),
    '8UC3': ([1, 2, 3], [1, 2, 3]),
    'bgr16': ([257, 1000, 65535], [1, 4, 255]),
    '16UC3': ([257, 1000, 65535], [1, 4, 255]),
    'rgb8': ([1, 2, 3], [3, 2, 1]),
    'rgb16': ([257, 1000, 65535], [255, 4, 1]),
    'bgra8': ([1, 2, 3, 9], [1, 2, 3]),
    '8UC4': ([1, 2, 3, 9], [1, 2, 3]),
    'bgra16': ([257, 1000, 65535, 9], [1, 4, 255]),
    '16UC4': ([257, 1000, 65535, 9], [1, 4, 255]),
    'rgba8': ([1, 2, 3, 9], [3, 2, 1]),
    'rgba16': ([257, 1000, 65535, 9], [255, 4, 1]),
    'yuv422': ([90, 81, 240, 81], [0, 0, 254]),
    'uyvy': ([90, 81, 240, 81], [0, 0, 254]),
    'yuv422_yuy2': ([81, 90, 81, 240], [0, 0, 254]),
    'yuyv': ([81, 90, 81, 240], [0, 0, 254]),
}


@pytest.mark.parametrize('encoding', PIXELS)
@pytest.mark.parametrize('order', ['<', '>'])
def test_every_encoding_is_taken(encoding, order):
    """Four rows of eight pixels alike, in rows of three bytes more."""
    values, wanted = PIXELS[encoding]
    repeats = 8 if len(values) == ENCODINGS[encoding].channels else 4
    row = np.tile(values, repeats).astype(f'{order}u{ENCODINGS[encoding].bits // 8}').tobytes() + bytes(3)
    data = np.frombuffer(4 * row, np.uint8)
    pixels = pixels_from_fields(4, 8, encoding, len(row), data, is_bigendian=order == '>')
    assert pixels.dtype == np.uint8 and pixels.shape[:2] == (4, 8)
    assert (pixels == wanted).all()


@pytest.mark.parametrize('bits', [8, 16])
@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_every_bayer_mosaic_is_taken(pattern, bits):
    """An orange scene through each mosaic: what is missing at a pixel is the mean of neighbours that are alike."""
    white = {8: 1, 16: 257}[bits]
    mosaic = np.array([{'r': 200, 'g': 100, 'b': 50}[colour] * white for colour in pattern]).reshape(2, 2)
    data = np.frombuffer(np.tile(mosaic, (3, 4)).astype(f'<u{bits // 8}').tobytes(), np.uint8)
    pixels = pixels_from_fields(6, 8, f'bayer_{pattern}{bits}', data.size // 6, data)
    assert (pixels == (50, 100, 200)).all()


def test_no_encoding_is_left_untested():
    bayer = {f'bayer_{pattern}{bits}' for pattern in ('rggb', 'bggr', 'gbrg', 'grbg') for bits in (8, 16)}
    assert set(ENCODINGS) == set(PIXELS) | bayer


def test_16_bits_become_the_nearest_of_8():
    values = np.arange(65536, dtype='<u2').reshape(256, 256)
    pixels = pixels_from_fields(256, 256, 'mono16', 512, values.view(np.uint8).ravel())
    assert np.array_equal(pixels, (values.astype(int) + 128) // 257)  # never half-way: 257 is odd


def test_encoding_of():
    assert encoding_of(np.zeros((2, 2), np.uint8)) == 'mono8'
    assert encoding_of(np.zeros((2, 2, 3), np.uint8)) == 'bgr8'
    for pixels in (np.empty((0, 0), np.uint8), np.zeros((2, 2)), np.zeros((2, 2, 2), np.uint8)):
        with pytest.raises(ImageError):
            encoding_of(pixels)


def test_files_come_in_natural_order(tmp_path):
    with pytest.raises(ImageError, match='No images'):
        image_files(tmp_path)
    (tmp_path / 'a.txt').touch()
    for missing, told in ((tmp_path / 'none', 'no such folder'), (tmp_path / 'a.txt', 'a file, not a folder')):
        with pytest.raises(ImageError, match=told):
            image_files(missing)
    for name in ('shot_10.png', 'shot_2.png', 'notes.txt', '._shot_2.png', '3²1.png'):
        (tmp_path / name).write_bytes(b'')
    (tmp_path / 'shots.png').mkdir()
    assert [path.name for path in image_files(tmp_path)] == ['3²1.png', 'shot_2.png', 'shot_10.png']


@pytest.mark.parametrize('share', [0.02, 0.5, 0.99])
@pytest.mark.parametrize('progressive', [0, 1])
def test_a_cut_jpeg_is_refused_and_a_whole_one_with_something_behind_it_read(tmp_path, share, progressive):
    """Decoders fill what is missing with grey."""
    grey = np.random.default_rng(1).integers(0, 255, (60, 80), dtype=np.uint8)
    whole = cv2.imencode('.jpg', grey, [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive])[1].tobytes()
    (tmp_path / 'whole.jpg').write_bytes(whole + b'behind it')
    assert read_image(tmp_path / 'whole.jpg').shape == (60, 80)
    (tmp_path / 'cut.jpg').write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ImageError, match='the file is cut'):
        read_image(tmp_path / 'cut.jpg')


def test_read_image(tmp_path):
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    cv2.imwrite(str(tmp_path / 'grey.png'), grey)
    assert np.array_equal(read_image(tmp_path / 'grey.png'), grey)
    (tmp_path / 'cut.png').write_bytes((tmp_path / 'grey.png').read_bytes()[:20])
    with pytest.raises(ImageError, match='the file is cut'):
        read_image(tmp_path / 'cut.png')
    with pytest.raises(ImageError, match='none.png: no such file'):
        read_image(tmp_path / 'none.png')
    (tmp_path / 'fetched.png').write_text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 123\n')
    with pytest.raises(ImageError, match='fetched.png: a pointer of Git LFS.*git lfs pull'):
        read_image(tmp_path / 'fetched.png')


@pytest.mark.parametrize('orientation', [1, 3, 6, 8])
def test_an_image_is_turned_as_viewers_show_it_only_where_that_is_wanted(tmp_path, orientation):
    pixels = np.zeros((16, 32), np.uint8)
    pixels[:, :8] = 200
    jpeg = cv2.imencode('.jpg', pixels)[1].tobytes()
    exif = b'Exif\0\0II*\0' + struct.pack('<IHHHIHHI', 8, 1, 0x112, 3, 1, orientation, 0, 0)
    path = tmp_path / 'a.jpg'
    path.write_bytes(jpeg[:2] + b'\xff\xe1' + struct.pack('>H', 2 + len(exif)) + exif + jpeg[2:])
    quarters = {1: 0, 3: 2, 6: -1, 8: 1}[orientation]
    assert np.abs(read_image(path).astype(int) - pixels).max() < 20
    assert np.abs(read_image(path, upright=True).astype(int) - np.rot90(pixels, quarters)).max() < 20


def test_a_header_of_more_pixels_than_opencv_reads_is_no_image(tmp_path):
    def part(kind, content):
        return struct.pack('>I', len(content)) + kind + content + struct.pack('>I', zlib.crc32(kind + content))

    size = struct.pack('>IIBBBBB', 100_000, 100_000, 8, 0, 0, 0, 0)
    (tmp_path / 'huge.png').write_bytes(b'\x89PNG\r\n\x1a\n' + part(b'IHDR', size) + part(b'IEND', b''))
    with pytest.raises(ImageError, match='huge.png: cannot be read as an image'):
        read_image(tmp_path / 'huge.png')


@pytest.mark.parametrize('encoding', ['mono16', '16UC1'])
@pytest.mark.parametrize('bits', [10, 12, 14, 16])
def test_the_white_of_a_sensor_of_fewer_bits_is_white(encoding, bits):
    white = 2**bits - 1
    data = np.array([0, white // 2 + 1, white], '<u2').view(np.uint8)
    assert pixels_from_fields(1, 3, encoding, 6, data).tolist() == [[0, 128, 255]]


STRIPE = np.tile(np.r_[np.zeros(20), 255, np.zeros(27)].astype(np.uint8), (40, 1))


@pytest.mark.parametrize(
    ('suffix', 'pixels', 'wanted'),
    [
        ('.png', STRIPE, STRIPE),
        ('.jpg', STRIPE, STRIPE),
        ('.png', cv2.merge([STRIPE, STRIPE, STRIPE]), cv2.merge([STRIPE, STRIPE, STRIPE])),
        ('.png', STRIPE.astype(np.uint16) * 16, STRIPE),  # 12 bits
    ],
)
def test_a_compressed_image_is_decoded(suffix, pixels, wanted):
    data = cv2.imencode(suffix, pixels)[1].ravel()
    found = pixels_from_compressed(data, 'a format')
    assert found.shape == wanted.shape and found.dtype == np.uint8
    assert np.abs(found.astype(int) - wanted).max() <= (12 if suffix == '.jpg' else 1)


@pytest.mark.parametrize('suffix', ['.png', '.jpg'])
@pytest.mark.parametrize('padding', [b'\r\n', bytes(3000), b'\xff' * 500])
def test_a_compressed_image_may_be_padded_as_cameras_do(suffix, padding):
    data = cv2.imencode(suffix, STRIPE)[1].tobytes()
    found = pixels_from_compressed(np.frombuffer(data + padding, np.uint8), 'jpeg')
    assert np.array_equal(found, pixels_from_compressed(np.frombuffer(data, np.uint8), 'jpeg'))


@pytest.mark.parametrize('suffix', ['.png', '.jpg'])
@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_a_compressed_bayer_mosaic_gets_its_colours(suffix, pattern):
    mosaic = np.array([{'r': 200, 'g': 100, 'b': 50}[colour] for colour in pattern], np.uint8).reshape(2, 2)
    data = cv2.imencode(suffix, np.tile(mosaic, (8, 8)), [cv2.IMWRITE_JPEG_QUALITY, 100])[1].ravel()
    found = pixels_from_compressed(data, f'bayer_{pattern}8; {suffix[1:]} compressed ')
    assert np.abs(found.astype(int) - (50, 100, 200)).max() <= (4 if suffix == '.jpg' else 0)


@pytest.mark.parametrize('suffix', ['.png', '.jpg'])
@pytest.mark.parametrize('share', [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_cut_compressed_image_is_refused(suffix, share):
    noise = np.random.default_rng(1).integers(0, 256, (60, 80), dtype=np.uint8)
    data = cv2.imencode(suffix, noise)[1].ravel()
    with pytest.raises(ImageError, match='cut' if share else 'not supported'):
        pixels_from_compressed(data[: int(share * len(data))], 'mono8; jpeg compressed')


def test_depth_images_and_other_formats_are_refused():
    with pytest.raises(ImageError, match='compressedDepth'):
        pixels_from_compressed(cv2.imencode('.png', STRIPE)[1].ravel(), '16UC1; compressedDepth')
    with pytest.raises(ImageError, match='not supported'):
        pixels_from_compressed(np.arange(200, dtype=np.uint8), 'h264')


def test_a_picture_that_cannot_be_written_is_told(tmp_path):
    write_image(tmp_path / 'a.png', STRIPE)
    assert np.array_equal(read_image(tmp_path / 'a.png'), STRIPE)
    (tmp_path / 'b.png').symlink_to('/dev/full')
    with pytest.raises(ImageError, match='No space left'):
        write_image(tmp_path / 'b.png', STRIPE)
