"""Pixels out of files and out of the fields of sensor_msgs/Image: one table of encodings for bags and nodes."""

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from weld_cell.errors import ImageError
from weld_cell.records import ImageArray

CHANNELS = {'mono8': 1, '8UC1': 1, 'bgr8': 3, '8UC3': 3, 'rgb8': 3, 'bgra8': 4, 'rgba8': 4}
SUFFIXES = {'.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.pgm'}
_TO_BGR = {'rgb8': cv2.COLOR_RGB2BGR, 'bgra8': cv2.COLOR_BGRA2BGR, 'rgba8': cv2.COLOR_RGBA2BGR}


def pixels_from_fields(height: int, width: int, encoding: str, step: int, data: np.ndarray) -> ImageArray:
    """Grey (h, w) or BGR (h, w, 3) pixels; a view of the data wherever the encoding allows it.

    Args:
        height: Rows.
        width: Columns.
        encoding: One of `CHANNELS`.
        step: Bytes of a row, padding included.
        data: (height * step,) uint8.

    Raises:
        ImageError: unknown encoding, or the data does not fit its size.
    """
    channels = CHANNELS.get(encoding)
    if channels is None:
        raise ImageError(
            f'Encoding "{encoding}" is not supported.', f'Let the driver publish one of: {", ".join(CHANNELS)}.'
        )
    if height <= 0 or width <= 0:
        raise ImageError(f'The image is empty ({width} x {height}).', 'Check the camera driver.')
    if step < width * channels or data.size != height * step:
        raise ImageError(
            f'The image is cut: {width} x {height} {encoding} with step {step} needs '
            f'{height * max(step, width * channels)} bytes, {data.size} came.',
            'Check the camera driver and the link; a lossy link wants reliable QoS.',
        )
    rows = data.reshape(height, step)[:, : width * channels]
    pixels = rows if channels == 1 else rows.reshape(height, width, channels)
    return _uint8(cv2.cvtColor(pixels, _TO_BGR[encoding])) if encoding in _TO_BGR else pixels


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
        ImageError: there are none.
    """
    found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES] if folder.is_dir() else []
    if not found:
        raise ImageError(f'No images in {folder}.', f'Name a folder with {", ".join(sorted(SUFFIXES))} files.')
    return sorted(found, key=lambda path: [int(t) if t.isdigit() else t for t in re.split(r'(\d+)', path.name)])


def read_image(path: Path) -> ImageArray:
    """Grey (h, w) if the file is grey, else BGR (h, w, 3).

    Raises:
        ImageError: missing, cut, or no image.
    """
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ImageError(f'{path} cannot be read as an image.', 'Check the file; it may be cut or of another kind.')
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)
    try:
        encoding_of(pixels)
    except ImageError as error:
        raise ImageError(f'{path}: {error.message}', error.remedy) from error
    return _uint8(pixels)


def _uint8(pixels: 'np.ndarray[Any, Any]') -> ImageArray:
    return pixels.astype(np.uint8, copy=False)
