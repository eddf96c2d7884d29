"""A part segmented from a photograph on an even background, with sub-pixel accuracy."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.errors import ImageError
from weld_cell.images import to_grey
from weld_cell.part_library.part import BACKGROUND_PX, LibraryPart
from weld_cell.records import BoolArray, FloatArray, ImageArray

Float32Array = NDArray[np.float32]
Box = tuple[int, int, int, int]

_BORDER_PX = 3
_FIT_ROUNDS = 4
_LEAST_CONTRAST = 15.0  # grey levels
_LEAST_CONTRAST_TO_NOISE = 5.0
_LEAST_SIDE_PX = 16
_ANOTHER_PART = 0.05  # what is smaller than this share of the part is dirt
_EDGE_PX = 3  # to each side of the outline: the width of a blurred edge
_NEAR_PX = 13  # window of the part's grey beside an edge


@dataclass(frozen=True, eq=False)
class CutOut:
    """A part found in a photograph.

    Attributes:
        pixels: (m, n) grey: the part, and the background that counts.
        cover: (m, n) share of each pixel that is the part, 0 to 255.
        corner_px: u, v in the photograph of the top left pixel.
        dirt: Small things on the background that were passed over.
    """

    pixels: ImageArray
    cover: ImageArray
    corner_px: tuple[int, int]
    dirt: int

    @property
    def centroid_px(self) -> FloatArray:
        """(2,) u, v in the photograph of the part's centroid."""
        weights = self.cover.astype(float)
        rows, columns = np.indices(weights.shape)
        middle = np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()
        return np.asarray(middle + self.corner_px)

    def part(
        self,
        code: str,
        mm_per_px: float,
        thickness_mm: float = 3.0,
        origin_px: FloatArray | None = None,
        axis_deg: float = 0.0,
        notes: str = '',
    ) -> LibraryPart:
        """The part for the library.

        Args:
            code: Its name, hand included.
            mm_per_px: Size of a pixel on the part.
            thickness_mm: Of the sheet.
            origin_px: (2,) u, v in the photograph of the origin of its frame; None: the centroid.
            axis_deg: Direction of its x axis, from +u towards +v.
            notes: What a person should know.
        """
        origin = self.centroid_px if origin_px is None else np.asarray(origin_px, float)
        return LibraryPart(
            code, self.pixels, self.cover, origin - self.corner_px, axis_deg, mm_per_px, thickness_mm, notes=notes
        )


def cut_out(photo: ImageArray, box: Box | None = None) -> CutOut:
    """Find the part, brighter or darker than its background.

    Args:
        photo: (h, w) grey or (h, w, 3) BGR.
        box: u, v, width and height of the region to look at; the whole photograph by default.

    Raises:
        ValueError: the box does not lie in the photograph.
        ImageError: it is too small, no part stands out, or several do, or the region's border cuts it.
    """
    grey = to_grey(photo)
    if min(grey.shape) < _LEAST_SIDE_PX:
        raise ImageError(
            f'The photograph has {grey.shape[1]} x {grey.shape[0]} px; {_LEAST_SIDE_PX} are needed at least.',
            'Is it the right file?',
        )
    u, v, width, height = box or (0, 0, grey.shape[1], grey.shape[0])
    _check_box((u, v, width, height), grey)
    region = grey[v : v + height, u : u + width]
    difference, noise = _off_background(region)
    signed, contrast = _standing_out(difference, noise)
    part, dirt = _one_part(signed > 0.5 * contrast, (u, v))
    cover = np.round(255.0 * _cover(signed, part, contrast)).astype(np.uint8)
    rows, columns = _window(part)
    return CutOut(region[rows, columns].copy(), cover[rows, columns], (u + columns.start, v + rows.start), dirt)


def _check_box(box: Box, grey: ImageArray) -> None:
    u, v, width, height = box
    rows, columns = grey.shape
    if min(u, v) < 0 or u + width > columns or v + height > rows or min(width, height) < _LEAST_SIDE_PX:
        raise ValueError(
            f'--box: expected a box from {_LEAST_SIDE_PX} px within the photograph of {columns} x {rows} px, '
            f'got u {u}, v {v}, width {width}, height {height}'
        )


def _off_background(region: ImageArray) -> tuple[Float32Array, float]:
    """Grey less that of an evenly sloping background fitted to the region's border, and its noise.

    What is not background there (a part that is cut, dirt) is left out of the fit.
    """
    rows, columns = np.indices(region.shape)
    at_border = np.ones(region.shape, bool)
    at_border[_BORDER_PX:-_BORDER_PX, _BORDER_PX:-_BORDER_PX] = False
    terms = np.column_stack([np.ones(region.size), columns.ravel() - columns.mean(), rows.ravel() - rows.mean()])
    border, greys = terms[at_border.ravel()], region[at_border].astype(float)
    plane = np.array([np.median(greys), 0.0, 0.0])
    for _ in range(_FIT_ROUNDS):
        off = np.abs(greys - border @ plane)
        kept = off <= max(3.0 * 1.4826 * float(np.median(off)), 1.0)
        plane = np.linalg.lstsq(border[kept], greys[kept], rcond=None)[0]
    noise = 1.4826 * float(np.median(np.abs(greys - border @ plane)))
    return (region - (terms @ plane).reshape(region.shape)).astype(np.float32), noise


def _standing_out(difference: Float32Array, noise: float) -> tuple[Float32Array, float]:
    """The difference, positive on the part, and its usual value there.

    Raises:
        ImageError: nothing stands out.
    """
    strength = np.clip(np.abs(difference), 0, 255).astype(np.uint8)
    threshold, binary = cv2.threshold(strength, 0, 255, cv2.THRESH_OTSU)
    above = difference[binary > 0]
    contrast = float(np.median(np.abs(above))) if above.size else 0.0
    if contrast < max(_LEAST_CONTRAST, _LEAST_CONTRAST_TO_NOISE * noise):
        raise ImageError(
            f'No part is distinguishable: the largest difference from the background is {contrast:.0f} grey levels, '
            f'with {noise:.1f} of noise (threshold {threshold:.0f}).',
            'Lay the part on an even background of another grey, and light it evenly.',
        )
    return difference * np.float32(np.sign(np.median(above))), contrast


def _one_part(binary: BoolArray, corner: tuple[int, int]) -> tuple[BoolArray, int]:
    """The largest thing, and how much dirt lies beside it.

    Raises:
        ImageError: something else is nearly as large, or the border cuts it, or it is too small.
    """
    _, labels, stats, centres = cv2.connectedComponentsWithStats(binary.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = 1 + int(np.argmax(areas))
    u, v, width, height = stats[largest, :4].tolist()
    if u == 0 or v == 0 or u + width == binary.shape[1] or v + height == binary.shape[0]:
        raise ImageError(
            f'The image border cuts off the part: it reaches from ({u + corner[0]}, {v + corner[1]}) to '
            f'({u + width - 1 + corner[0]}, {v + height - 1 + corner[1]}) px.',
            'Photograph the whole part with background all round it, or name a larger --box.',
        )
    others = 1 + np.flatnonzero(areas >= _ANOTHER_PART * areas.max())
    if len(others) > 1:
        places = ', '.join(f'({x + corner[0]:.0f}, {y + corner[1]:.0f})' for x, y in centres[others[:6]])
        raise ImageError(
            f'{len(others)} objects of similar size are in the photograph, around {places} px.',
            'Photograph the part alone, or name the region around it: --box U V WIDTH HEIGHT.',
        )
    if min(width, height) < _LEAST_SIDE_PX:
        raise ImageError(f'The part is only {width} x {height} px.', 'Move the camera nearer, or use a finer one.')
    return np.asarray(labels == largest), len(areas) - 1


def _cover(signed: Float32Array, part: BoolArray, contrast: float) -> Float32Array:
    """Share of each pixel that is the part: at edges, the difference over that of the part beside it."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1))
    inner = cv2.erode(part.astype(np.uint8), disc, borderValue=0).astype(np.float32)
    near = cv2.boxFilter(inner, -1, (_NEAR_PX, _NEAR_PX))
    beside = cv2.boxFilter(inner * signed, -1, (_NEAR_PX, _NEAR_PX)) / np.maximum(near, 1e-6)
    whole = np.where(near > 1e-3, np.maximum(beside, 0.5 * contrast), contrast)
    edge = (cv2.dilate(part.astype(np.uint8), disc) > 0) & (inner == 0)
    return np.where(edge, np.clip(signed / whole, 0.0, 1.0), inner).astype(np.float32)


def _window(part: BoolArray) -> tuple[slice, slice]:
    """Rows and columns of the part and the background around it that counts, as far as the region has it."""
    u, v, width, height = cv2.boundingRect(part.astype(np.uint8))
    rows, columns = part.shape
    return (
        slice(max(v - BACKGROUND_PX, 0), min(v + height + BACKGROUND_PX, rows)),
        slice(max(u - BACKGROUND_PX, 0), min(u + width + BACKGROUND_PX, columns)),
    )
