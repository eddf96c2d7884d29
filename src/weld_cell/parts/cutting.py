"""A template out of an image in which one part lies apart on an even background."""

import cv2
import numpy as np

from weld_cell.errors import PartLibraryError
from weld_cell.parts.blobs import ground_of
from weld_cell.parts.pyramid import check_grey
from weld_cell.records import FloatArray, ImageArray, PartTemplate

MARGIN_PX = 8


def cut_template(
    image: ImageArray,
    code: str,
    mm_per_px: float,
    size_px: tuple[int, int] | None = None,
    margin_px: int = MARGIN_PX,
    origin_px: FloatArray | None = None,
) -> PartTemplate:
    """Cut out the largest thing in an image; the x axis of its frame points to the right.

    Args:
        image: (h, w) grey.
        code: Name of the part.
        mm_per_px: Size of a pixel on the part.
        size_px: Width and height of the template; None: the part and the margin.
        margin_px: Background around the part that counts.
        origin_px: (2,) u, v in the image of the origin of the part's frame; None: the middle of the template.

    Raises:
        ImageError: not a grey 8-bit image.
        PartLibraryError: nothing stands out, or the part comes within the margin of the image's border.
    """
    check_grey(image)
    metal = _largest(_brighter_part(image), code)
    left, top, width, height = cv2.boundingRect(metal)
    wide, high = size_px or (width + 2 * margin_px, height + 2 * margin_px)
    u, v = left + width // 2 - wide // 2, top + height // 2 - high // 2
    own = min(left, top, image.shape[1] - left - width, image.shape[0] - top - height)
    if own < margin_px or min(u, v, image.shape[1] - u - wide, image.shape[0] - v - high) < 0:
        raise PartLibraryError(
            f"{code} comes within {own} px of the image's border.", 'Move the part to the middle of the image.'
        )
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin_px + 1, 2 * margin_px + 1))
    mask = cv2.dilate(metal, around)[v : v + high, u : u + wide] > 0
    pixels = image[v : v + high, u : u + wide].copy()
    middle = np.array([0.5 * (wide - 1), 0.5 * (high - 1)])
    origin = middle if origin_px is None else np.asarray(origin_px, float) - (u, v)
    return PartTemplate(code, pixels, mask, origin, 0.0, mm_per_px)


def _brighter_part(image: ImageArray) -> ImageArray:
    """The image, or its negative where the part is darker than what is along the image's border."""
    ground = ground_of(image)
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    bright = float(np.median(border)) > 0.5 * (ground.background_grey + ground.part_grey)
    return np.asarray(255 - image if bright else image, np.uint8)


def _largest(image: ImageArray, code: str) -> ImageArray:
    """(h, w) 1 on the largest connected piece of the brighter class."""
    ground = ground_of(image)
    if not ground.shows_parts():
        raise PartLibraryError(
            f'No part stands out in the image of {code}.', 'Lay it on a background of another grey.'
        )
    binary = (image > 0.5 * (ground.background_grey + ground.part_grey)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), np.uint8)
