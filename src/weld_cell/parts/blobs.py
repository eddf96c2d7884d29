"""Blobs on an even background."""

from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.parts.outline import Outline, outline_of
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.template import LEAST_CONTRAST, PreparedTemplate
from weld_cell.records import BoolArray, ImageArray


@dataclass(frozen=True, eq=False)
class Blob:
    """A connected piece of metal.

    Attributes:
        outline: Its shape.
        box_px: Left, top, right, bottom in the image at full size.
        cut: Whether it touches the image's border.
    """

    outline: Outline
    box_px: tuple[int, int, int, int]
    cut: bool


@dataclass(frozen=True, eq=False)
class Ground:
    """The greys of an image in two classes.

    Attributes:
        background_grey: Median of the darker class.
        part_grey: Median of the brighter.
        spread_grey: Between the 5th and the 95th percentile of the darker class.
    """

    background_grey: float
    part_grey: float
    spread_grey: float

    def shows_parts(self) -> bool:
        """Whether there are two classes at all."""
        return self.part_grey - self.background_grey >= LEAST_CONTRAST

    def is_even(self, even_share: float) -> bool:
        """Whether the background is of one grey."""
        return self.spread_grey <= even_share * (self.part_grey - self.background_grey)


def ground_of(image: ImageArray) -> Ground:
    """The two classes of Otsu 1979."""
    counts = np.bincount(image.ravel(), minlength=256).astype(float)
    threshold = int(cv2.threshold(image, 0, 255, cv2.THRESH_OTSU)[0])
    dark, bright = counts[: threshold + 1].cumsum(), counts[threshold + 1 :].cumsum()
    if bright.size == 0 or bright[-1] == 0.0 or dark[-1] == 0.0:
        grey = float(np.argmax(counts))
        return Ground(grey, grey, 0.0)
    low, median, high = np.searchsorted(dark, np.array([0.05, 0.5, 0.95]) * dark[-1])
    return Ground(float(median), float(threshold + 1 + np.searchsorted(bright, 0.5 * bright[-1])), float(high - low))


def blobs(pyramid: ImagePyramid, factor: int, ground: Ground, least_area_px: float) -> list[Blob]:
    """Pieces of metal in reading order.

    Args:
        pyramid: Of the image.
        factor: Level at which they are outlined.
        ground: Greys of that level.
        least_area_px: At full size; what is smaller is dirt.
    """
    image = pyramid.level(factor)
    middle = 0.5 * (ground.background_grey + ground.part_grey)
    binary = (image > middle).astype(np.uint8)
    number, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    return [
        _blob(image, labels, label, stats[label], ground, factor)
        for label in range(1, number)
        if stats[label, cv2.CC_STAT_AREA] * factor**2 >= least_area_px
    ]


def _blob(
    image: ImageArray, labels: 'np.ndarray', label: int, stats: 'np.ndarray', ground: Ground, factor: int
) -> Blob:
    left, top, width, height = (int(x) for x in stats[:4])
    right, bottom = left + width, top + height
    cut = left == 0 or top == 0 or right == image.shape[1] or bottom == image.shape[0]
    left, top = max(left - 2, 0), max(top - 2, 0)
    right, bottom = min(right + 2, image.shape[1]), min(bottom + 2, image.shape[0])
    own = _widened(labels[top:bottom, left:right] == label)
    crop = image[top:bottom, left:right]
    part_grey = float(np.median(crop[own > 0]))
    cover = _cover(crop, own, ground.background_grey, part_grey)
    return Blob(
        outline_of(cover, (left, top), factor),
        (left * factor, top * factor, right * factor, bottom * factor),
        cut,
    )


def _cover(crop: ImageArray, own: ImageArray, background_grey: float, part_grey: float) -> ImageArray:
    """255 on metal, 0 off it, between at an edge: the share of the pixel that is metal."""
    scale = 255.0 / max(part_grey - background_grey, 1.0)
    share = np.clip((crop.astype(np.float32) - background_grey) * scale, 0.0, 255.0) * own
    return np.asarray(share, np.uint8)


def template_outline(template: PreparedTemplate, factor: int) -> Outline:
    """The shape of a template's part, as of a blob."""
    level = template.level(factor)
    counts = np.zeros(level.pixels.shape, np.uint8)
    for row, first, last in level.runs:
        counts[row, first:last] = 1
    threshold = 0.5 * (template.background_grey + template.part_grey)
    own = _widened((level.pixels > threshold) & (counts > 0)) & counts
    cover = _cover(level.pixels, own, template.background_grey, float(np.median(level.pixels[own > 0])))
    return outline_of(cover, (0, 0), factor)


def _widened(pixels: BoolArray) -> ImageArray:
    """1 on the pixels and their neighbours."""
    return np.asarray(cv2.dilate(pixels.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8)
