"""Images and what their cameras are like."""

import array

import numpy as np
from cv_bridge import CvBridge, CvBridgeError
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from weld_cell.errors import ImageError
from weld_cell.geometry.camera import CameraModel
from weld_cell.images import Encoding, checked_encoding, encoding_of, pixels_from_compressed, pixels_from_fields
from weld_cell.records import CameraImage, FloatArray, ImageArray
from weld_cell.ros.conversions.stamps import make_header, ns_from_time, time_from_ns

_BRIDGE = CvBridge()


def image_to_message(pixels: ImageArray, stamp_ns: int, frame: str) -> Image:
    """Image message (mono8 or bgr8) of pixels (h, w) or (h, w, 3).

    Raises:
        ImageError: the pixels are empty, or neither grey nor BGR.
    """
    return _BRIDGE.cv2_to_imgmsg(pixels, encoding_of(pixels), make_header(stamp_ns, frame))


def map_to_message(values: FloatArray, stamp_ns: int, frame: str) -> Image:
    """Image message (32FC1) of a map (h, w) of numbers."""
    return _BRIDGE.cv2_to_imgmsg(values.astype(np.float32), '32FC1', make_header(stamp_ns, frame))


def refill_image(message: Image, pixels: ImageArray, stamp_ns: int) -> None:
    """Put the next image of the same size and encoding into a message that has been published.

    Publishing has copied it by then; a new buffer for each image would cost ten times the copy.
    """
    message.header.stamp = time_from_ns(stamp_ns)
    np.frombuffer(message.data, np.uint8).reshape(pixels.shape)[:] = pixels


def pixels_from_message(message: Image) -> ImageArray:
    """Grey (h, w) or BGR (h, w, 3) pixels; a view of the message's data wherever the encoding allows it.

    Raises:
        ImageError: unknown encoding, empty, or the data does not fit its size.
    """
    encoding = checked_encoding(message.height, message.width, message.encoding, message.step, len(message.data))
    if encoding.bits == 16:  # cv_bridge takes the white of 16 bits for white; a sensor of 10 or 12 would be black
        data = np.frombuffer(message.data, np.uint8)
        return pixels_from_fields(
            message.height, message.width, message.encoding, message.step, data, bool(message.is_bigendian)
        )
    try:
        if encoding.name == encoding.target:  # asked for the same again, cv_bridge would copy
            pixels: ImageArray = _BRIDGE.imgmsg_to_cv2(_in_whole_pixels(message, encoding), 'passthrough')
        else:
            pixels = _BRIDGE.imgmsg_to_cv2(_renamed(message, encoding), encoding.target)
    except CvBridgeError as error:
        raise ImageError(
            f'cv_bridge does not support encoding "{message.encoding}": {error}.',
            'Let the driver publish mono8 or bgr8.',
        ) from error
    return pixels


def _in_whole_pixels(message: Image, encoding: Encoding) -> Image:
    """The message, in rows of whole pixels: cv_bridge reads rows of any other length from the wrong places."""
    if message.step % encoding.pixel_bytes == 0:
        return message
    step = message.width * encoding.pixel_bytes
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, -1)[:, :step]
    return _like(message, message.encoding, step, array.array('B', rows.tobytes()))


def _renamed(message: Image, encoding: Encoding) -> Image:
    """The message under the name that cv_bridge has for its encoding."""
    whole = _in_whole_pixels(message, encoding)
    return whole if whole.encoding == encoding.name else _like(whole, encoding.name, whole.step, whole.data)


def _like(message: Image, encoding: str, step: int, data: 'array.array[int]') -> Image:
    return Image(
        height=message.height,
        width=message.width,
        encoding=encoding,
        is_bigendian=message.is_bigendian,
        step=step,
        data=data,
    )


def image_from_message(message: Image, sequence: int) -> CameraImage:
    """The image with its stamp; the sequence is counted by the receiver.

    Raises:
        ImageError: unknown encoding, empty, cut, or without a stamp.
    """
    stamp_ns = _stamp_ns(message)
    return CameraImage(pixels_from_message(message), stamp_ns, sequence, _frame(message))


def image_from_compressed(message: CompressedImage, sequence: int) -> CameraImage:
    """The same of a compressed image."""
    stamp_ns = _stamp_ns(message)
    pixels = pixels_from_compressed(np.frombuffer(message.data, np.uint8), message.format)
    return CameraImage(pixels, stamp_ns, sequence, _frame(message))


def _frame(message: Image | CompressedImage) -> str:
    """The optical frame; tf2 keeps none with a slash, and looks none up."""
    return str(message.header.frame_id).removeprefix('/')


def _stamp_ns(message: Image | CompressedImage) -> int:
    stamp_ns = ns_from_time(message.header.stamp)
    if stamp_ns <= 0:
        raise ImageError('The image has no stamp.', 'Let the camera driver stamp its images at acquisition.')
    return stamp_ns


def camera_info_from_model(camera: CameraModel, stamp_ns: int, frame: str) -> CameraInfo:
    """CameraInfo of an unrectified camera; its projection matrix is K beside a zero column."""
    matrix = np.asarray(camera.matrix, dtype=float)
    width, height = camera.size_px
    return CameraInfo(
        header=make_header(stamp_ns, frame),
        width=width,
        height=height,
        distortion_model='plumb_bob',
        d=np.asarray(camera.distortion, dtype=float).tolist(),
        k=matrix.ravel(),
        r=np.eye(3).ravel(),
        p=np.hstack([matrix, np.zeros((3, 1))]).ravel(),
    )


def uncalibrated_camera_info(size_px: tuple[int, int], stamp_ns: int, frame: str) -> CameraInfo:
    """CameraInfo with a K of zeros, the message's own way of saying that there is no calibration for this size."""
    return CameraInfo(header=make_header(stamp_ns, frame), width=size_px[0], height=size_px[1])
