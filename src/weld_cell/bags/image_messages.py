"""Deserialisation of sensor_msgs/Image and sensor_msgs/CameraInfo.

A camera sends the same calibration with each image, and the same frame, size and encoding in it. A message that
agrees with the last one, byte by byte, in all but stamp and pixels is not decoded again: the general way would cost a
replay a twentieth of its time.
"""

import struct
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rosbags.typesys import Stores, get_typestore

from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.camera_info import Size, cameras_of_info
from weld_cell.images import pixels_from_compressed, pixels_from_fields
from weld_cell.records import ImageArray

IMAGE, COMPRESSED_IMAGE = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
_TYPES = get_typestore(Stores.ROS2_JAZZY)
_LITTLE_ENDIAN = b'\x00\x01\x00\x00'
_STAMP = struct.Struct('<iI')
_STAMP_AT, _REST_AT = 4, 12  # a message begins with how it is encoded, then the stamp of its header


@dataclass(frozen=True, eq=False)
class CompressedMessage:
    """The fields of a sensor_msgs/CompressedImage.

    Attributes:
        stamp_ns: Of the header.
        frame: Optical frame of the camera.
        encoding: As the message says it.
        data: (n,) uint8, a file.
    """

    stamp_ns: int
    frame: str
    encoding: str
    data: ImageArray

    def pixels(self) -> ImageArray:
        """See `pixels_from_compressed`."""
        return pixels_from_compressed(self.data, self.encoding)


@dataclass(frozen=True, eq=False)
class ImageMessage:
    """The fields of a sensor_msgs/Image.

    Attributes:
        stamp_ns: Of the header.
        frame: Optical frame of the camera.
        height, width, encoding, is_bigendian, step: As the message says.
        data: (height * step,) uint8 if the message is sound; a view of it.
    """

    stamp_ns: int
    frame: str
    height: int
    width: int
    encoding: str
    is_bigendian: bool
    step: int
    data: ImageArray

    def pixels(self) -> ImageArray:
        """See `pixels_from_fields`."""
        return pixels_from_fields(self.height, self.width, self.encoding, self.step, self.data, self.is_bigendian)


def read_compressed(raw: bytes) -> CompressedMessage:
    """The fields of a serialised compressed image; raises as `ImageDecoder.read`."""
    message: Any = _TYPES.deserialize_cdr(raw, COMPRESSED_IMAGE)
    header = message.header
    return CompressedMessage(_header_stamp_ns(header), header.frame_id, message.format, np.asarray(message.data))


class ImageDecoder:
    """Decodes one image after the other."""

    def __init__(self) -> None:
        self._last: ImageMessage | None = None
        self._fields = b''

    def read(self, raw: bytes) -> ImageMessage:
        """The fields of a serialised image.

        Raises:
            SerdeError: the message is cut.
            ValueError: a text in it is no UTF-8.
        """
        begin = _REST_AT + len(self._fields)
        if self._last is not None and len(raw) == begin + self._last.data.size and _is_alike(raw, self._fields):
            return replace(self._last, stamp_ns=_stamp_ns(raw), data=np.frombuffer(raw, np.uint8, offset=begin))
        message: Any = _TYPES.deserialize_cdr(raw, IMAGE)
        data = np.asarray(message.data)
        self._last = ImageMessage(
            _header_stamp_ns(message.header),
            message.header.frame_id,
            message.height,
            message.width,
            message.encoding,
            bool(message.is_bigendian),
            message.step,
            data,
        )
        self._fields = bytes(raw[_REST_AT : len(raw) - data.size])
        return self._last


class CameraInfoDecoder:
    """Decodes one calibration after the other.

    Args:
        rectified: Whether it is wanted for rectified images.
    """

    def __init__(self, rectified: bool = False) -> None:
        self._rectified = rectified
        self._cameras: dict[Size, CameraModel | CalibrationError] | None = None
        self._fields = b''

    def read(self, raw: bytes) -> tuple[int, dict[Size, CameraModel | CalibrationError]]:
        """Stamp in nanoseconds; by the size of the images the camera's intrinsics, or why there are none.

        Raises:
            SerdeError: the message is cut.
            ValueError: a text in it is no UTF-8.
        """
        if self._cameras is not None and len(raw) == _REST_AT + len(self._fields) and _is_alike(raw, self._fields):
            return _stamp_ns(raw), self._cameras
        message: Any = _TYPES.deserialize_cdr(raw, CAMERA_INFO)
        self._cameras, self._fields = cameras_of_info(message, self._rectified), bytes(raw[_REST_AT:])
        return _header_stamp_ns(message.header), self._cameras


def _is_alike(raw: bytes, fields: bytes) -> bool:
    """Whether a message has the same fields behind its stamp as an earlier one."""
    return raw[:_STAMP_AT] == _LITTLE_ENDIAN and raw[_REST_AT : _REST_AT + len(fields)] == fields


def _stamp_ns(raw: bytes) -> int:
    seconds, nanoseconds = _STAMP.unpack_from(raw, _STAMP_AT)
    return int(seconds * 10**9 + nanoseconds)


def _header_stamp_ns(header: Any) -> int:
    return int(header.stamp.sec) * 10**9 + int(header.stamp.nanosec)
