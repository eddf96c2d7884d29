"""CvBridge: sensor_msgs Image and CompressedImage to and from NumPy images, without copying where that can be."""

import sys

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from cv_bridge.encodings import CvBridgeError, convert, getCvType, parse

__all__ = ['CvBridge', 'CvBridgeError']


class CvBridge:
    """Converts between ROS image messages and OpenCV images."""

    def imgmsg_to_cv2(self, img_msg: Image, desired_encoding: str = 'passthrough') -> np.ndarray:
        """The pixels of a message.

        Args:
            img_msg: The message.
            desired_encoding: 'passthrough' for the message's own.

        Returns:
            (height, width) or (height, width, channels). In the message's own encoding and the machine's byte
            order it is a view of the message's data, which lives on with it.

        Raises:
            CvBridgeError: too few data for size and step, or a conversion that makes no sense.
        """
        pixels = _view(img_msg)
        if not pixels.dtype.isnative:
            pixels = pixels.astype(pixels.dtype.newbyteorder('='))
        if desired_encoding == 'passthrough':
            return pixels
        return convert(pixels, img_msg.encoding, desired_encoding)

    def cv2_to_imgmsg(self, cvim: np.ndarray, encoding: str = 'passthrough', header: Header | None = None) -> Image:
        """A message of the pixels, which are copied once.

        Args:
            cvim: (height, width) or (height, width, channels).
            encoding: How to read the pixels; 'passthrough' names only type and channels (8UC3).
            header: The message's header; an empty one if None.

        Raises:
            TypeError: not an array.
            CvBridgeError: the array's type or channels are not the encoding's.
        """
        if not isinstance(cvim, np.ndarray):
            raise TypeError(f'Your input type is not a numpy array but {type(cvim).__name__}')
        if cvim.ndim not in (2, 3):
            raise CvBridgeError(f'an image has 2 or 3 dimensions, this array has {cvim.ndim}')
        message = Image() if header is None else Image(header=header)
        message.height, message.width = cvim.shape[:2]
        message.encoding = _checked_encoding(cvim, encoding)
        message.is_bigendian = not cvim.dtype.isnative ^ (sys.byteorder == 'big')
        message.step = cvim[0].nbytes if len(cvim) else 0
        if cvim.size:
            message.data.frombytes(np.ascontiguousarray(cvim).data.cast('B'))
        return message

    def encoding_to_cvtype2(self, encoding: str) -> int:
        """OpenCV's number of an encoding's type."""
        return getCvType(encoding)

    def encoding_to_dtype_with_channels(self, encoding: str) -> tuple[str, int]:
        """NumPy's name of a channel's type, and the channels."""
        parsed = parse(encoding)
        return parsed.dtype.name, parsed.channels

    def dtype_with_channels_to_cvtype2(self, dtype: np.dtype, n_channels: int) -> str:
        """The name of the encoding of such pixels that says nothing about colour, for instance 8UC3."""
        return _type_name(np.dtype(dtype), n_channels)

    def compressed_imgmsg_to_cv2(
        self, cmprs_img_msg: CompressedImage, desired_encoding: str = 'passthrough'
    ) -> np.ndarray:
        """The decoded pixels of a compressed message (jpeg, png, and what else OpenCV reads).

        Args:
            cmprs_img_msg: The message; its data say how they are compressed, its format is not asked.
            desired_encoding: 'passthrough' for what the file holds: grey, BGR or BGRA of 8 or 16 bits. Else it is
                converted as if it were bgr8, whatever it is, as the real one does.

        Returns:
            (height, width) or (height, width, channels).

        Raises:
            CvBridgeError: no image that OpenCV can decode, or a conversion that makes no sense.
        """
        data = np.frombuffer(cmprs_img_msg.data, np.uint8) if len(cmprs_img_msg.data) else np.empty(0, np.uint8)
        pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
        if pixels is None:
            raise CvBridgeError(f'OpenCV cannot decode the {data.size} bytes of format [{cmprs_img_msg.format}]')
        if desired_encoding == 'passthrough':
            return pixels
        return convert(pixels, 'bgr8', desired_encoding)

    def cv2_to_compressed_imgmsg(self, cvim: np.ndarray, dst_format: str = 'jpg') -> CompressedImage:
        """A message of the compressed pixels.

        Args:
            cvim: (height, width) or (height, width, channels), colours as BGR or BGRA.
            dst_format: The extension of such a file: 'jpg', 'jpeg', 'png', 'tiff', ...

        Raises:
            TypeError: not an array.
            CvBridgeError: OpenCV does not write that format, or not of such an array.
        """
        if not isinstance(cvim, np.ndarray):
            raise TypeError(f'Your input type is not a numpy array but {type(cvim).__name__}')
        try:
            _, compressed = cv2.imencode(f'.{dst_format}', cvim)
        except cv2.error as error:
            raise CvBridgeError(f'OpenCV cannot write this array as [{dst_format}]: {error}') from error
        message = CompressedImage(format=dst_format)
        message.data.frombytes(compressed.tobytes())
        return message


def _view(message: Image) -> np.ndarray:
    encoding = parse(message.encoding)
    dtype = encoding.dtype.newbyteorder('>' if message.is_bigendian else '<')
    row = message.width * encoding.channels * dtype.itemsize
    data = np.frombuffer(message.data, dtype=np.uint8) if len(message.data) else np.empty(0, np.uint8)
    if message.step < row or data.size < message.step * message.height:
        raise CvBridgeError(
            f'an image of {message.width} x {message.height} [{message.encoding}] with a step of {message.step} '
            f'needs a step of {row} and {max(row, message.step) * message.height} bytes, not {data.size}'
        )
    shape: tuple[int, ...] = (message.height, message.width)
    strides: tuple[int, ...] = (message.step, encoding.channels * dtype.itemsize)
    if encoding.channels > 1:
        shape, strides = (*shape, encoding.channels), (*strides, dtype.itemsize)
    return np.ndarray(shape, dtype, data, strides=strides)


def _checked_encoding(pixels: np.ndarray, encoding: str) -> str:
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    dtype = pixels.dtype.newbyteorder('=')
    type_name = _type_name(dtype, channels)
    wanted = parse(type_name if encoding == 'passthrough' else encoding)
    if (wanted.dtype, wanted.channels) != (dtype, channels):
        raise CvBridgeError(f'encoding specified as {encoding}, but image has incompatible type {type_name}')
    return type_name if encoding == 'passthrough' else encoding


def _type_name(dtype: np.dtype, channels: int) -> str:
    kind = {'u': 'U', 'i': 'S', 'f': 'F'}.get(dtype.kind, '?')
    return f'{dtype.itemsize * 8}{kind}C{channels}'
