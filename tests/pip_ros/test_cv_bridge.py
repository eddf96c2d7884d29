"""cv_bridge: images in messages and back."""

from array import array

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

pytest.importorskip('cv_bridge.encodings', reason='src/pip_ros is not installed; the real cv_bridge is C++')

from cv_bridge import CvBridge, CvBridgeError, getCvType  # noqa: E402
from cv_bridge.encodings import parse  # noqa: E402

BRIDGE = CvBridge()


def message_of(data, encoding, width, height, step, is_bigendian=0):
    return Image(
        data=array('B', data), encoding=encoding, width=width, height=height, step=step, is_bigendian=is_bigendian
    )


@pytest.mark.parametrize(
    ('encoding', 'dtype', 'shape'),
    [
        ('mono8', np.uint8, (0, 0)),
        ('mono8', np.uint8, (3, 5)),
        ('bgr8', np.uint8, (3, 5, 3)),
        ('rgb8', np.uint8, (3, 5, 3)),
        ('bgra8', np.uint8, (3, 5, 4)),
        ('mono16', np.uint16, (3, 5)),
        ('16UC1', np.uint16, (3, 5)),
        ('32FC1', np.float32, (3, 5)),
        ('64FC2', np.float64, (3, 5, 2)),
        ('8SC3', np.int8, (3, 5, 3)),
        ('bayer_rggb8', np.uint8, (4, 6)),
    ],
)
def test_there_and_back(encoding, dtype, shape):
    pixels = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    message = BRIDGE.cv2_to_imgmsg(pixels, encoding)
    assert (message.height, message.width, message.encoding) == (*shape[:2], encoding)
    assert message.step * message.height == len(message.data) == pixels.nbytes
    back = BRIDGE.imgmsg_to_cv2(message)
    assert (back.dtype, back.shape) == (pixels.dtype, pixels.shape)
    np.testing.assert_array_equal(back, pixels)


@pytest.mark.parametrize(
    ('pixels', 'name'),
    [
        (np.zeros((2, 2), np.uint8), '8UC1'),
        (np.zeros((2, 2, 3), np.uint8), '8UC3'),
        (np.zeros((2, 2), np.float32), '32FC1'),
        (np.zeros((2, 2, 2), np.int16), '16SC2'),
    ],
)
def test_passthrough_names_type_and_channels(pixels, name):
    assert BRIDGE.cv2_to_imgmsg(pixels).encoding == name


def test_header_is_taken():
    header = Header(frame_id='camera')
    assert BRIDGE.cv2_to_imgmsg(np.zeros((1, 1), np.uint8), 'mono8', header).header == header


def test_reading_does_not_copy():
    message = BRIDGE.cv2_to_imgmsg(np.zeros((4, 6, 3), np.uint8), 'bgr8')
    view = BRIDGE.imgmsg_to_cv2(message, 'bgr8')
    view[0, 0] = (1, 2, 3)
    assert bytes(message.data[:3]) == b'\1\2\3'


def test_a_view_outlives_its_message():
    view = BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(np.full((9, 9), 7, np.uint8), 'mono8'))
    assert (view == 7).all()


def test_rows_with_padding():
    """Two pixels in rows of four bytes: the last two of each are nobody's."""
    view = BRIDGE.imgmsg_to_cv2(message_of([1, 2, 99, 99, 3, 4, 99, 99], 'mono8', 2, 2, 4))
    np.testing.assert_array_equal(view, [[1, 2], [3, 4]])


def test_byte_order():
    big = BRIDGE.imgmsg_to_cv2(message_of([1, 2], '16UC1', 1, 1, 2, is_bigendian=1))
    little = BRIDGE.imgmsg_to_cv2(message_of([1, 2], '16UC1', 1, 1, 2))
    assert (big[0, 0], little[0, 0]) == (0x102, 0x201)
    assert big.dtype.isnative
    message = BRIDGE.cv2_to_imgmsg(np.array([[0x102]], '>u2'), 'mono16')
    assert (message.is_bigendian, bytes(message.data)) == (1, b'\1\2')


def test_part_of_an_image():
    """A slice is not contiguous; its message is."""
    whole = np.arange(24, dtype=np.uint8).reshape(4, 6)
    message = BRIDGE.cv2_to_imgmsg(whole[1:3, 2:4], 'mono8')
    assert (message.step, list(message.data)) == (2, [8, 9, 14, 15])


@pytest.mark.parametrize(
    ('source', 'target', 'pixel', 'wanted'),
    [
        ('bgr8', 'rgb8', [1, 2, 3], [3, 2, 1]),
        ('rgb8', 'bgra8', [1, 2, 3], [3, 2, 1, 255]),
        ('mono8', 'bgr8', [5], [5, 5, 5]),
        ('bgr8', 'mono8', [200, 0, 0], 23),  # 0.114 of blue, ITU-R BT.601
        ('rgb8', 'mono8', [200, 0, 0], 60),  # 0.299 of red
        ('mono8', 'mono16', [255], 65535),
        ('mono8', '16UC1', [255], 65535),
        ('16UC1', '32FC1', [300], 300.0),
        ('8UC1', '16UC1', [255], 65535),
        ('16UC1', '8UC1', [1000], 4),  # 1000 / 257 = 3.89: white stays white, colour or not
        ('16UC3', '8UC3', [0, 128, 129], [0, 0, 1]),
        ('8SC1', '16SC1', [-1], -257),
        ('16SC1', '8UC1', [-1000], 0),
        ('32FC1', '8UC1', [7.6], 8),
        ('32FC1', '8UC1', [np.nan], 0),
        ('32FC1', '16UC1', [1e9], 65535),
        ('32SC1', '8SC1', [-300], -128),
        ('8U', '8U', [9], 9),
        ('rgb16', 'bgr8', [257, 514, 65535], [255, 2, 1]),
    ],
)
def test_golden_conversions(source, target, pixel, wanted):
    data = np.array(pixel, parse(source).dtype)
    converted = BRIDGE.imgmsg_to_cv2(message_of(data.tobytes(), source, 1, 1, data.nbytes), target)
    np.testing.assert_array_equal(converted[0, 0], wanted)


def test_mono16_to_mono8_keeps_white_white():
    message = BRIDGE.cv2_to_imgmsg(np.array([[0, 257, 65535]], np.uint16), 'mono16')
    np.testing.assert_array_equal(BRIDGE.imgmsg_to_cv2(message, 'mono8'), [[0, 1, 255]])


@pytest.mark.parametrize(
    ('source', 'target', 'pixel', 'wanted'),
    [
        ('16UC1', '8UC1', 0, 0),
        ('16UC1', '8UC1', 1000, 4),  # 1000 * 255 / 65535 is 3.89
        ('16UC1', '8UC1', 65535, 255),
        ('mono16', '8UC1', 385, 1),  # 1.498
        ('mono16', 'mono8', 386, 2),  # 1.502
        ('mono8', '16UC1', 255, 65535),
        ('8UC1', '16UC1', 1, 257),
        ('8SC1', '16SC1', -128, -32768),  # -32896, saturated
        ('16SC1', '8UC1', -1000, 0),
        ('32FC1', '8UC1', 1000.0, 255),  # only between 8 and 16 bits
        ('16UC1', '32FC1', 1000, 1000.0),
    ],
)
def test_depths_are_scaled_as_cv_bridge_does(source, target, pixel, wanted):
    message = BRIDGE.cv2_to_imgmsg(np.full((1, 3), pixel, parse(source).dtype), source)
    converted = BRIDGE.imgmsg_to_cv2(message, target)
    assert converted.dtype == parse(target).dtype
    assert converted.tolist() == [[wanted] * 3]


@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_bayer_of_one_colour(pattern):
    """A blue scene through each mosaic: only the pixels under a blue filter are bright."""
    mosaic = np.array([[200 if c == 'b' else 0 for c in row] for row in (pattern[:2], pattern[2:])], np.uint8)
    message = BRIDGE.cv2_to_imgmsg(np.tile(mosaic, (4, 4)), f'bayer_{pattern}8')
    np.testing.assert_array_equal(BRIDGE.imgmsg_to_cv2(message, 'bgr8')[4, 4], (200, 0, 0))
    assert BRIDGE.imgmsg_to_cv2(message, 'mono8').shape == (8, 8)


def test_yuv422():
    grey = np.full((2, 2, 2), 128, np.uint8)
    grey[..., 1] = 235  # UYVY: luma second; video white
    message = BRIDGE.cv2_to_imgmsg(grey, 'yuv422')
    assert (BRIDGE.imgmsg_to_cv2(message, 'bgr8') == 255).all()


@pytest.mark.parametrize(
    ('source', 'target', 'message'),
    [
        ('32FC1', 'mono8', 'not a color format'),
        ('8UC1', 'bgr8', 'not a color format'),
        ('mono8', '8UC3', 'same number of channels'),
        ('mono8', 'bayer_rggb8', 'Unsupported conversion'),
        ('bgr8', 'yuv422', r'Unsupported conversion from \[bgr8\] to \[yuv422\]'),
        ('bgr8', 'yuv422_yuy2', 'Unsupported conversion'),
        ('mono8', 'yuv422', 'Unsupported conversion'),
        ('bayer_rggb8', 'bgra8', 'Unsupported conversion'),
        ('bayer_rggb8', 'bayer_bggr8', 'Unsupported conversion'),
        ('bayer_rggb8', 'bayer_rggb16', 'Unsupported conversion'),
        ('mono8', 'purple8', r'Unrecognized image encoding \[purple8\]'),
        ('mono8', 'yuyv', r'Unrecognized image encoding \[yuyv\]'),
        ('mono8', '8UC', r'Unrecognized image encoding \[8UC\]'),
    ],
)
def test_conversions_that_make_no_sense(source, target, message):
    dtype = np.float32 if source == '32FC1' else np.uint8
    shape = (2, 2, 3) if source == 'bgr8' else (2, 2)
    with pytest.raises(CvBridgeError, match=message):
        BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(np.zeros(shape, dtype), source), target)


def test_a_pair_of_yuv422_cannot_be_cut():
    message = BRIDGE.cv2_to_imgmsg(np.zeros((2, 3, 2), np.uint8), 'yuv422')
    with pytest.raises(CvBridgeError, match='width'):
        BRIDGE.imgmsg_to_cv2(message, 'bgr8')


@pytest.mark.parametrize(
    'bad',
    [message_of([], 'mono8', 2, 2, 2), message_of([0] * 3, 'mono8', 2, 2, 2), message_of([0] * 4, 'mono8', 2, 2, 1)],
)
def test_too_few_data(bad):
    with pytest.raises(CvBridgeError, match='an image of 2 x 2 .* needs'):
        BRIDGE.imgmsg_to_cv2(bad)


@pytest.mark.parametrize(
    ('pixels', 'encoding', 'error'),
    [
        ([[1]], 'mono8', TypeError),
        (np.zeros(4, np.uint8), 'mono8', CvBridgeError),
        (np.zeros((2, 2, 3), np.uint8), 'mono8', CvBridgeError),
        (np.zeros((2, 2), np.float32), 'mono8', CvBridgeError),
        (np.zeros((2, 2), np.complex64), 'passthrough', CvBridgeError),
        (np.zeros((2, 2), np.uint8), 'mono9', CvBridgeError),
    ],
)
def test_arrays_that_are_no_such_image(pixels, encoding, error):
    with pytest.raises(error):
        BRIDGE.cv2_to_imgmsg(pixels, encoding)


def test_as_opencv_reads_a_file(tmp_path):
    """The way of a photograph: file, OpenCV, message, OpenCV."""
    pixels = np.random.default_rng(1).integers(0, 255, (8, 8, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'photo.png'), pixels)
    read = cv2.imread(str(tmp_path / 'photo.png'))
    np.testing.assert_array_equal(BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(read, 'bgr8'), 'bgr8'), pixels)


# --- compressed images

COLOURS = np.random.default_rng(2).integers(0, 255, (8, 12, 3), np.uint8)


@pytest.mark.parametrize(
    'pixels',
    [COLOURS, COLOURS[..., 0], np.dstack([COLOURS, COLOURS[..., 0]]), COLOURS[..., 0].astype(np.uint16) * 257],
)
def test_png_there_and_back(pixels):
    message = BRIDGE.cv2_to_compressed_imgmsg(pixels, 'png')
    assert (message.format, bytes(message.data[1:4])) == ('png', b'PNG')
    back = BRIDGE.compressed_imgmsg_to_cv2(message)
    assert back.dtype == pixels.dtype
    np.testing.assert_array_equal(back, pixels)


@pytest.mark.parametrize('name', ['jpg', 'jpeg'])
def test_jpeg_there_and_back(name):
    smooth = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    message = BRIDGE.cv2_to_compressed_imgmsg(smooth, name)
    assert (message.format, bytes(message.data[:2])) == (name, b'\xff\xd8')
    np.testing.assert_allclose(BRIDGE.compressed_imgmsg_to_cv2(message), smooth, atol=3)
    np.testing.assert_allclose(BRIDGE.compressed_imgmsg_to_cv2(message, 'rgb8'), smooth[..., ::-1], atol=3)


def test_jpeg_is_the_default():
    assert BRIDGE.cv2_to_compressed_imgmsg(COLOURS).format == 'jpg'


def test_decoded_pixels_are_converted_from_bgr8():
    """Whatever was decoded, as the real one: a grey picture is not converted, and is told."""
    colours = BRIDGE.cv2_to_compressed_imgmsg(COLOURS, 'png')
    np.testing.assert_array_equal(
        BRIDGE.compressed_imgmsg_to_cv2(colours, 'mono8'), cv2.cvtColor(COLOURS, cv2.COLOR_BGR2GRAY)
    )
    grey = BRIDGE.cv2_to_compressed_imgmsg(COLOURS[..., 0], 'png')
    with pytest.raises(CvBridgeError, match='channels'):
        BRIDGE.compressed_imgmsg_to_cv2(grey, 'mono8')


@pytest.mark.parametrize('data', [b'', b'no image', BRIDGE.cv2_to_compressed_imgmsg(COLOURS, 'png').data[:20]])
def test_what_cannot_be_decoded(data):
    with pytest.raises(CvBridgeError, match=rf'cannot decode the {len(data)} bytes of format \[png\]'):
        BRIDGE.compressed_imgmsg_to_cv2(CompressedImage(format='png', data=array('B', data)))


@pytest.mark.parametrize(
    ('pixels', 'name', 'error'),
    [([[1]], 'png', TypeError), (COLOURS, 'purple', CvBridgeError), (COLOURS[:0], 'png', CvBridgeError)],
)
def test_what_cannot_be_compressed(pixels, name, error):
    with pytest.raises(error):
        BRIDGE.cv2_to_compressed_imgmsg(pixels, name)


@pytest.mark.parametrize(
    ('encoding', 'cv_type', 'dtype', 'channels'),
    [
        ('8UC1', cv2.CV_8UC1, 'uint8', 1),
        ('8U', cv2.CV_8UC1, 'uint8', 1),
        ('bgr8', cv2.CV_8UC3, 'uint8', 3),
        ('rgba16', cv2.CV_16UC4, 'uint16', 4),
        ('32FC4', cv2.CV_32FC4, 'float32', 4),
        ('64FC2', cv2.CV_64FC2, 'float64', 2),
        ('16SC1', cv2.CV_16SC1, 'int16', 1),
    ],
)
def test_types_of_opencv(encoding, cv_type, dtype, channels):
    bridge = CvBridge()
    assert getCvType(encoding) == bridge.encoding_to_cvtype2(encoding) == cv_type
    assert bridge.encoding_to_dtype_with_channels(encoding) == (dtype, channels)
    assert getCvType(bridge.dtype_with_channels_to_cvtype2(dtype, channels)) == cv_type


def test_what_is_missing_is_named():
    with pytest.raises(ImportError, match='no cvtColorForDisplay. Use cv2.normalize'):
        from cv_bridge import cvtColorForDisplay  # noqa: F401
