"""What sensor_msgs/Image encodings hold, and how OpenCV gets from one to another."""

import re
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np


class CvBridgeError(TypeError):
    """An image does not fit its encoding, or the conversion makes no sense."""


class Encoding(NamedTuple):
    """An encoding of sensor_msgs/Image.

    Attributes:
        dtype: Of one channel, in the machine's byte order.
        channels: Channels for each pixel.
        colour: Order of the colours ('bgr', 'mono', 'bayer_rggb', ...), or '' where the name says nothing
            about colour (8UC3, 32FC1, ...).
    """

    dtype: np.dtype
    channels: int
    colour: str


_CHANNELS = {'mono': 1, 'bgr': 3, 'rgb': 3, 'bgra': 4, 'rgba': 4}
_NAMED = re.compile(r'(mono|bgra|rgba|bgr|rgb|bayer_(?:rggb|bggr|gbrg|grbg))(8|16)')
_GENERIC = re.compile(r'(8U|8S|16U|16S|32S|32F|64F)(?:C([1-9]\d*))?')
_KIND = {'U': 'u', 'S': 'i', 'F': 'f'}
_CV_DEPTHS = {
    'u1': cv2.CV_8U,
    'i1': cv2.CV_8S,
    'u2': cv2.CV_16U,
    'i2': cv2.CV_16S,
    'i4': cv2.CV_32S,
    'f4': cv2.CV_32F,
    'f8': cv2.CV_64F,
}
_YUV422 = {'yuv422': 'uyvy', 'yuv422_yuy2': 'yuy2'}  # cv_bridge does not know the newer names, uyvy and yuyv
_DEPTH_SCALES = {(1, 2): 65535 / 255, (2, 1): 255 / 65535}  # by bytes of a channel

# OpenCV names a Bayer pattern by the second row's second and third pixel, ROS by its first two rows.
_BAYER = {'bayer_rggb': 'BayerBG', 'bayer_bggr': 'BayerRG', 'bayer_gbrg': 'BayerGR', 'bayer_grbg': 'BayerGB'}
_YUV = {'uyvy': 'YUV', 'yuy2': 'YUV'}
_COLOURS = {'mono': 'GRAY', 'bgr': 'BGR', 'rgb': 'RGB', 'bgra': 'BGRA', 'rgba': 'RGBA'}
_OPENCV_NAME = {**_COLOURS, **_BAYER, **_YUV}
_OTHER_DEPTHS = {*_COLOURS, 'uyvy'}  # the colours that cv_bridge takes from one depth to another


@lru_cache(maxsize=64)
def parse(name: str) -> Encoding:
    """An encoding from its ROS name.

    Raises:
        CvBridgeError: not a name of an encoding that is supported.
    """
    if match := _NAMED.fullmatch(name):
        colour, bits = match.groups()
        return Encoding(np.dtype(f'u{int(bits) // 8}'), _CHANNELS.get(colour, 1), colour)
    if name in _YUV422:
        return Encoding(np.dtype('u1'), 2, _YUV422[name])
    if match := _GENERIC.fullmatch(name):
        depth, channels = match.groups()
        return Encoding(np.dtype(f'{_KIND[depth[-1]]}{int(depth[:-1]) // 8}'), int(channels or 1), '')
    raise CvBridgeError(f'Unrecognized image encoding [{name}]')


def getCvType(encoding: str) -> int:  # noqa: N802 (cv_bridge's name)
    """OpenCV's number of an encoding's type, as this OpenCV counts: version 5 counts otherwise than 4.

    Raises:
        CvBridgeError: not a name of an encoding that is supported.
    """
    parsed = parse(encoding)
    return int(cv2.CV_MAKETYPE(_CV_DEPTHS[parsed.dtype.str[1:]], parsed.channels))


def convert(pixels: np.ndarray, source: str, target: str) -> np.ndarray:
    """The image in another encoding; the array itself where nothing changes.

    Raises:
        CvBridgeError: the conversion makes no sense or is not supported.
    """
    if source == target:
        return pixels
    have, want = parse(source), parse(target)
    if want.colour and not have.colour:
        raise CvBridgeError(
            f'[{source}] is not a color format, but [{target}] is. The conversion does not make sense'
        )
    if not want.colour and have.channels != want.channels:
        raise CvBridgeError(f'[{source}] and [{target}] do not have the same number of channels')
    if want.colour and not _is_possible(have.colour, want.colour):
        raise CvBridgeError(f'Unsupported conversion from [{source}] to [{target}]')
    if want.colour not in ('', have.colour):
        try:
            pixels = cv2.cvtColor(pixels, _conversion(have.colour, want.colour))
        except cv2.error as error:
            raise CvBridgeError(str(error)) from error
    return _with_depth(pixels, want.dtype)


def _is_possible(source: str, target: str) -> bool:
    """Whether cv_bridge converts these colours; OpenCV can do more."""
    if source == target:
        return source in _OTHER_DEPTHS
    with_alpha = target in ('bgra', 'rgba')
    return target in _COLOURS and not (source in _BAYER and with_alpha)


def _conversion(source: str, target: str) -> int:
    name = f'COLOR_{_OPENCV_NAME[source]}2{_OPENCV_NAME[target]}'
    if source in _YUV:
        name = f'{name}_{source.upper()}'
    return int(getattr(cv2, name))


def _with_depth(pixels: np.ndarray, wanted: np.dtype) -> np.ndarray:
    """At the wanted depth, rounded and saturated; between 8 and 16 bits white stays white, colour or not."""
    if pixels.dtype == wanted:
        return pixels
    scale = _DEPTH_SCALES.get((pixels.dtype.itemsize, wanted.itemsize), 1.0)
    if pixels.dtype == np.uint16 and wanted == np.uint8:  # as a 16-bit camera's images; OpenCV is quick
        return cv2.convertScaleAbs(pixels, alpha=scale)
    scaled = pixels * scale
    if wanted.kind == 'f':
        return scaled.astype(wanted)
    bounds = np.iinfo(wanted)
    return np.clip(np.rint(np.nan_to_num(scaled)), bounds.min, bounds.max).astype(wanted)
