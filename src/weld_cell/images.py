"""Decoding of image files and of sensor_msgs/Image fields, with one table of encodings for bags and nodes."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from weld_cell.errors import ImageError
from weld_cell.records import ImageArray

SUFFIXES = {'.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.pgm'}
_WHITES = (1023, 4095, 16383, 65535)
"""Of sensors whose values stand in 16 bits: they have 10, 12, 14 or all of them."""
_JPEG, _SCAN, _JPEG_END = b'\xff\xd8\xff', b'\xff\xda', b'\xff\xd9'
_LFS_POINTER = b'version https://git-lfs'
_UPRIGHT = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
_PNG, _PNG_END = b'\x89PNG', b'IEND\xaeB`\x82'


@dataclass(frozen=True)
class Encoding:
    """How a sensor_msgs/Image holds its pixels, and what becomes of them.

    Attributes:
        name: The name by which cv_bridge converts it.
        channels: Values of a pixel.
        bits: Of a value, unsigned: 8, or 16, see `eight_bits`.
        target: What becomes of it: mono8 or bgr8.
        conversion: OpenCV's code for the colours of `target`; None where they are the encoding's own.
    """

    name: str
    channels: int
    bits: int
    target: str
    conversion: int | None = None

    @property
    def pixel_bytes(self) -> int:
        """Bytes of a pixel."""
        return self.channels * self.bits // 8


# OpenCV names a Bayer pattern by the second and third pixel of its second row, ROS by the first two of both rows.
_COLOURS = (
    ('mono', 1, 'mono8', None),
    ('bgr', 3, 'bgr8', None),
    ('rgb', 3, 'bgr8', cv2.COLOR_RGB2BGR),
    ('bgra', 4, 'bgr8', cv2.COLOR_BGRA2BGR),
    ('rgba', 4, 'bgr8', cv2.COLOR_RGBA2BGR),
    ('bayer_rggb', 1, 'bgr8', cv2.COLOR_BayerBG2BGR),
    ('bayer_bggr', 1, 'bgr8', cv2.COLOR_BayerRG2BGR),
    ('bayer_gbrg', 1, 'bgr8', cv2.COLOR_BayerGR2BGR),
    ('bayer_grbg', 1, 'bgr8', cv2.COLOR_BayerGB2BGR),
)
_NAMED = {
    **{
        f'{colour}{bits}': Encoding(f'{colour}{bits}', channels, bits, target, conversion)
        for bits in (8, 16)
        for colour, channels, target, conversion in _COLOURS
    },
    'yuv422': Encoding('yuv422', 2, 8, 'bgr8', cv2.COLOR_YUV2BGR_UYVY),
    'yuv422_yuy2': Encoding('yuv422_yuy2', 2, 8, 'bgr8', cv2.COLOR_YUV2BGR_YUY2),
}
# The first six say nothing about colour: OpenCV's own order is meant. Of the last two cv_bridge knows the old names.
_OTHER_NAMES = {
    '8UC1': 'mono8',
    '8UC3': 'bgr8',
    '8UC4': 'bgra8',
    '16UC1': 'mono16',
    '16UC3': 'bgr16',
    '16UC4': 'bgra16',
    'uyvy': 'yuv422',
    'yuyv': 'yuv422_yuy2',
}
ENCODINGS = {**_NAMED, **{other: _NAMED[name] for other, name in _OTHER_NAMES.items()}}
"""Every encoding that is taken, by the names that sensor_msgs has for it."""


def checked_encoding(height: int, width: int, encoding: str, step: int, size: int) -> Encoding:
    """The encoding of an image whose fields agree with each other.

    Args:
        height: Rows.
        width: Columns.
        encoding: One of `ENCODINGS`.
        step: Bytes of a row, padding included.
        size: Bytes that came.

    Raises:
        ImageError: unknown encoding, empty, or the data does not fit its size.
    """
    found = ENCODINGS.get(encoding)
    if found is None:
        raise ImageError(
            f'Encoding "{encoding}" is not supported.', f'Let the driver publish one of: {", ".join(ENCODINGS)}.'
        )
    if height <= 0 or width <= 0:
        raise ImageError(f'The image is empty ({width} x {height}).', 'Check the camera driver.')
    row = width * found.pixel_bytes
    if step < row or size != height * step:
        raise ImageError(
            f'The image is cut: {width} x {height} {encoding} with step {step} needs '
            f'{height * max(step, row)} bytes, {size} came.',
            'Check the camera driver and the link; a lossy link needs reliable QoS.',
        )
    if found.name.startswith('yuv422') and width % 2:
        raise ImageError(
            f'An image of {width} x {height} cannot be {encoding}: two pixels of a row share their colour.',
            'Let the driver publish an even width.',
        )
    return found


def pixels_from_fields(
    height: int, width: int, encoding: str, step: int, data: ImageArray, is_bigendian: bool = False
) -> ImageArray:
    """Grey (h, w) or BGR (h, w, 3) pixels; a view of the data wherever the encoding allows it.

    Args:
        height: Rows.
        width: Columns.
        encoding: One of `ENCODINGS`.
        step: Bytes of a row, padding included.
        data: (height * step,) uint8.
        is_bigendian: Order of the bytes where a value has two.

    Raises:
        ImageError: as `checked_encoding`.
    """
    found = checked_encoding(height, width, encoding, step, data.size)
    pixels: np.ndarray[Any, Any] = data.reshape(height, step)[:, : width * found.pixel_bytes]
    if found.bits == 16:
        pixels = pixels.view('>u2' if is_bigendian else '<u2').astype(np.uint16)
    if found.channels > 1:
        pixels = pixels.reshape(height, width, found.channels)
    if found.conversion is not None:
        pixels = cv2.cvtColor(pixels, found.conversion)
    return eight_bits(pixels)


def pixels_from_compressed(data: ImageArray, encoding: str) -> ImageArray:
    """Grey (h, w) or BGR (h, w, 3) pixels of a sensor_msgs/CompressedImage.

    Args:
        data: (n,) uint8, a JPEG or PNG file.
        encoding: Its format, as the message says it.

    Raises:
        ImageError: another format, cut, or damaged.
    """
    content = np.ascontiguousarray(data, dtype=np.uint8)
    file = content.tobytes()
    if not file.startswith((_JPEG, _PNG)) or 'compressedDepth' in encoding:
        raise ImageError(
            f'A compressed image of format "{encoding}" is not supported.', 'Let the driver publish JPEG or PNG.'
        )
    if _is_cut(file):
        raise ImageError(f'A compressed image ("{encoding}", {len(content)} bytes) is cut.', 'Check the link.')
    pixels = _decoded(content)
    if pixels is None:
        raise ImageError(f'A compressed image ("{encoding}", {len(content)} bytes) is damaged.', 'Check the link.')
    return _grey_or_bgr(_coloured(pixels, encoding.split(';')[0]))


def eight_bits(pixels: 'np.ndarray[Any, Any]') -> ImageArray:
    """Values of 8 bits as they are, those in 16 bits scaled so that the white of their sensor is 255.

    Nothing says how many bits a sensor has; the brightest value shows how few of 10, 12, 14 and 16 hold all of them.
    """
    if pixels.dtype != np.uint16 or not pixels.size:
        return _uint8(pixels)
    brightest = int(pixels.max())
    white = next(white for white in _WHITES if brightest <= white)
    return _uint8(cv2.convertScaleAbs(pixels, alpha=255 / white))


def _coloured(pixels: 'np.ndarray[Any, Any]', encoding: str) -> 'np.ndarray[Any, Any]':
    """The colours of a Bayer pattern, which compressed_image_transport compresses as if it were grey."""
    found = ENCODINGS.get(encoding)
    if found is None or pixels.ndim != 2 or not found.name.startswith('bayer') or found.conversion is None:
        return pixels
    return cv2.cvtColor(pixels, found.conversion)


def _grey_or_bgr(pixels: 'np.ndarray[Any, Any]') -> ImageArray:
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)
    pixels = eight_bits(pixels) if pixels.dtype == np.uint16 else pixels
    encoding_of(pixels)
    return _uint8(pixels)


def encoding_of(pixels: 'np.ndarray[Any, Any]') -> str:
    """mono8 or bgr8.

    Raises:
        ImageError: neither (h, w) nor (h, w, 3), or not uint8.
    """
    if pixels.dtype == np.uint8 and pixels.size:
        if pixels.ndim == 2:
            return 'mono8'
        if pixels.ndim == 3 and pixels.shape[2] == 3:
            return 'bgr8'
    raise ImageError(
        f'Expected uint8 pixels (h, w) or (h, w, 3), got {pixels.dtype} {pixels.shape}.',
        'Convert the image to 8 bits a channel.',
    )


def image_files(folder: Path) -> list[Path]:
    """The images in a folder in natural order: 2 before 10.

    Raises:
        ImageError: there are none, or no such folder.
    """
    if not folder.is_dir():
        what = 'a file, not a folder of images' if folder.is_file() else 'no such folder'
        raise ImageError(f'{folder}: {what}.', 'Check the path.')
    found = [path for path in folder.iterdir() if is_named_as_image(path) and not path.is_dir()]
    if not found:
        below = sorted({path.parent for path in folder.glob('*/**/*') if is_named_as_image(path)})
        told = f'; there are some in {", ".join(map(str, below[:3]))}' if below else ''
        raise ImageError(f'No images in {folder}{told}.', f'Name a folder with {", ".join(sorted(SUFFIXES))} files.')
    return sorted(found, key=lambda path: [int(t) if t.isdecimal() else t for t in re.split(r'(\d+)', path.name)])


def picture_names(files: Sequence[Path]) -> list[str]:
    """A name, without suffix, for a picture made of each file: its own, numbered if others share it."""
    stems = Counter(file.stem for file in files)
    return [file.stem if stems[file.stem] == 1 else f'{n:05d}_{file.stem}' for n, file in enumerate(files)]


def write_image(path: Path, pixels: ImageArray) -> None:
    """Write a picture by its suffix; cv2.imwrite says nothing of a full disk.

    Raises:
        ImageError: it cannot be written.
    """
    try:
        path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())
    except OSError as error:
        raise ImageError(
            f'{path}: cannot be written ({error.strerror}).', 'Name a folder that can be written and has room.'
        ) from error


def listed_images(paths: Sequence[Path]) -> list[Path]:
    """Files as they are named, and of each folder its images.

    Raises:
        ImageError: a folder has none.
    """
    return [file for path in paths for file in (image_files(path) if path.is_dir() else [path])]


def is_named_as_image(path: Path) -> bool:
    """Whether a file is one by its name. Hidden ones are not: macOS leaves a `._001.png` beside each `001.png`."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith('.')


def read_image(path: Path, upright: bool = False) -> ImageArray:
    """Grey (h, w) if the file is grey, else BGR (h, w, 3); for 16 bits see `eight_bits`.

    Args:
        path: Of the file.
        upright: Turned by its EXIF orientation, as viewers and labelling tools show it; else as the sensor took it,
            which a calibration is for.

    Raises:
        ImageError: missing, cut, or no image.
    """
    if not path.is_file():
        what = 'a folder, not an image' if path.is_dir() else 'no such file'
        raise ImageError(f'{path}: {what}.', 'Check the path.')
    data = path.read_bytes()
    if _is_cut(data):
        raise ImageError(f'{path}: the file is cut.', 'Copy it again.')
    pixels = _decoded(np.frombuffer(data, np.uint8), _UPRIGHT if upright else cv2.IMREAD_UNCHANGED)
    if pixels is None and data.startswith(_LFS_POINTER):
        raise ImageError(f'{path}: a pointer of Git LFS, not the image.', 'Fetch the files with: git lfs pull')
    if pixels is None:
        raise ImageError(f'{path}: cannot be read as an image.', 'Check the file; it may be cut or of another kind.')
    try:
        return _grey_or_bgr(pixels)
    except ImageError as error:
        raise ImageError(f'{path}: {error.message}', error.remedy) from error


def _decoded(content: ImageArray, flags: int = cv2.IMREAD_UNCHANGED) -> 'np.ndarray[Any, Any] | None':
    """The pixels of a file (n,) uint8; None where it is no image, or says that it is larger than OpenCV reads."""
    try:
        return cv2.imdecode(content, flags) if len(content) else None
    except cv2.error:
        return None


def _is_cut(data: bytes) -> bool:
    """Whether a PNG file, or the last scan of a JPEG file, has no end: decoders fill what is missing with grey.

    Cameras that compress by themselves pad what they send, so that something may follow the end.
    """
    if data.startswith(_PNG):
        return _PNG_END not in data
    return data.startswith(_JPEG) and data.find(_JPEG_END, max(data.rfind(_SCAN), 0)) < 0


def to_grey(pixels: ImageArray) -> ImageArray:
    """(h, w) uint8, contiguous, of pixels (h, w) or BGR (h, w, 3)."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if pixels.ndim == 3 else pixels
    return np.ascontiguousarray(grey, np.uint8)


def _uint8(pixels: 'np.ndarray[Any, Any]') -> ImageArray:
    return pixels.astype(np.uint8, copy=False)
