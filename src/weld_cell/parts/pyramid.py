"""An image pyramid, computed on demand, with salt-and-pepper noise removed."""

from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.errors import ImageError
from weld_cell.records import ImageArray

IMPULSE_GREY = 50
"""A pixel this far off the median of its neighbours is an impulse."""
IMPULSE_SHARE = 0.003
"""Share of impulses above which the image is taken for one with salt and pepper; corners and texture have fewer."""
PROBES = 12
PROBE_ROWS = 8


class ImagePyramid:
    """A grey image and its smaller versions, whose pixels are means of blocks.

    Args:
        clean: (h, w) uint8 the largest of them.
    """

    def __init__(self, clean: ImageArray) -> None:
        self._levels = {1: np.ascontiguousarray(clean)}

    @classmethod
    def of_image(cls, image: ImageArray, inverted: bool = False) -> 'ImagePyramid':
        """Of an image as it comes from the camera.

        Args:
            image: (h, w) uint8.
            inverted: Whether parts are darker than their background; all versions are then negatives.

        Raises:
            ImageError: not a grey 8-bit image, or smaller than 32 x 32.
        """
        check_grey(image)
        if min(image.shape) < 32:
            raise ImageError(f'The image has only {image.shape[1]} x {image.shape[0]} px.', 'Use the whole image.')
        clean = without_impulses(np.ascontiguousarray(image))
        return cls(np.asarray(cv2.bitwise_not(clean) if inverted else clean, np.uint8))

    def level(self, factor: int) -> ImageArray:
        """(h // factor, w // factor), factor a power of two; columns and rows left over at the end are dropped."""
        if factor not in self._levels:
            self._levels[factor] = shrunk(self.level(factor // 2), 2)
        return self._levels[factor]

    def window(self, window: 'Window') -> 'ImagePyramid':
        """A part of the image as a pyramid of its own."""
        left, top = window.corner_px
        width, height = window.size_px
        return ImagePyramid(self._levels[1][top : top + height, left : left + width])

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self._levels[1].shape
        return width, height


@dataclass(frozen=True)
class Window:
    """A part of an image.

    Attributes:
        corner_px: Column and row of its top left pixel.
        size_px: Width and height.
    """

    corner_px: tuple[int, int]
    size_px: tuple[int, int]

    @classmethod
    def around(cls, box_px: tuple[int, int, int, int], margin_px: int, size_px: tuple[int, int]) -> 'Window':
        """A box (left, top, right, bottom) and a margin, as far as the image of this size reaches."""
        left, top = max(box_px[0] - margin_px, 0), max(box_px[1] - margin_px, 0)
        right, bottom = min(box_px[2] + margin_px, size_px[0]), min(box_px[3] + margin_px, size_px[1])
        return cls((left, top), (right - left, bottom - top))


def check_grey(image: ImageArray) -> None:
    """Refuse what is no grey 8-bit image.

    Raises:
        ImageError: with what to do about it.
    """
    if image.ndim != 2:
        raise ImageError(
            f'Expected a grey image (h, w), got {image.shape}.',
            'Set the camera to Mono8, or convert the image with cv2.cvtColor.',
        )
    if image.dtype != np.uint8:
        raise ImageError(
            f'Expected 8 bits a pixel, got {image.dtype}.', 'Set the camera to Mono8, or scale the image to 0..255.'
        )


def shrunk(image: ImageArray, factor: int) -> ImageArray:
    """Means of blocks of factor x factor pixels."""
    height, width = (n // factor * factor for n in image.shape)
    small = cv2.resize(image[:height, :width], (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def without_impulses(image: ImageArray) -> ImageArray:
    """The image itself, or one whose impulses are replaced by the median of their neighbours."""
    if _impulse_share(image) < IMPULSE_SHARE:
        return image
    median = np.asarray(cv2.medianBlur(image, 3), np.uint8)
    impulse = (cv2.absdiff(image, median) > IMPULSE_GREY).astype(np.uint8)
    return np.asarray(cv2.copyTo(median, impulse, image.copy()), np.uint8)


def _impulse_share(image: ImageArray) -> float:
    """Share of pixels that are black or white and far from their neighbours' median, in bands over the image."""
    height = image.shape[0]
    found, seen = 0, 0
    for first in np.linspace(0, max(height - PROBE_ROWS, 0), PROBES).astype(int):
        band = image[first : first + PROBE_ROWS]
        median = cv2.medianBlur(band, 3)
        extreme = (band <= 2) | (band >= 253)
        found += int(np.count_nonzero((cv2.absdiff(band, median) > IMPULSE_GREY) & extreme))
        seen += band.size
    return found / seen
