"""A part's template prepared for the search: sizes, edges, flat pixels, shape of its outline."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from weld_cell.errors import PartLibraryError
from weld_cell.parts.masks import (
    at_level,
    border_of,
    eroded,
    flat_of,
    gradient,
    inner_of,
    mask_at_level,
    or_all,
    points_at,
    runs_of,
)
from weld_cell.parts.pixel_loops import Float32Array, IntArray
from weld_cell.parts.pyramid import check_grey
from weld_cell.records import BoolArray, ImageArray, PartTemplate

COARSE_PX = 20
"""Least size of a part where any scene is searched; at least twice this where one part's outline is compared."""
EDGE_SHARE = 0.2
"""Where the gradient exceeds this share of the contrast of part and background there is an edge."""
MOST_EDGES = 2500
MOST_FLATS = 300
LEAST_CONTRAST = 15.0
LEAST_SIDE_PX = 16
METAL_SHARE = 0.35
"""Of the contrast: what is brighter is metal; marks and stains on it are seldom darker."""
MIRRORED = ' mirrored'
RIM_PX = 3
"""Metal nearer than this to its edge is not plain: the edge is blurred."""
STAIN_PX = 2.5
"""The rim is lit as the plain metal within about this distance."""


@dataclass(frozen=True, eq=False)
class TemplateLevel:
    """A template at one size.

    Attributes:
        pixels: (m, n) grey; the part is brighter than its background, and its surface of one grey.
        plain: (m, n) 1 on metal away from edges, where the surfaces of pieces differ; 0 elsewhere.
        runs: (k, 3) row, first column, column after the last of the pixels that count.
        count: Number of those.
        centre_px: Column and row of the template's centre.
        edges: (e, 5) x, y from the centre, grey, and gradient along x and y, where it is steep.
        metal: (f, 3) x, y from the centre, and grey, where the part is level; at least one.
        background: (g, 3) the same beside the part; none where the background does not count.
    """

    pixels: ImageArray
    plain: ImageArray
    runs: IntArray
    count: int
    centre_px: tuple[float, float]
    edges: Float32Array
    metal: Float32Array
    background: Float32Array


@dataclass(frozen=True, eq=False)
class PreparedTemplate:
    """A template with all that the search wants of it.

    Attributes:
        template: As it came, without the rows and columns in which nothing counts.
        pixels: (m, n) its pixels, as a negative where the part is darker than its background.
        inverted: Whether they are.
        plain_pixels: (m, n) the same, the metal's surface evened out.
        metal: (m, n) True on the part.
        background_grey: Of `pixels`.
        part_grey: As well.
        centre_px: Column and row of the part's centroid.
        radius_px: Of the part from there, at most.
        area_px: Of the part.
        factors: The levels on which it is refined, coarse to fine; the last is 1.
    """

    template: PartTemplate
    pixels: ImageArray
    inverted: bool
    plain_pixels: ImageArray
    metal: BoolArray
    background_grey: float
    part_grey: float
    centre_px: tuple[float, float]
    radius_px: float
    area_px: float
    factors: tuple[int, ...]

    @property
    def code(self) -> str:
        """Name of the part."""
        return self.template.code

    @property
    def contrast(self) -> float:
        """Of the part to its background, in grey levels."""
        return self.part_grey - self.background_grey

    @cached_property
    def _levels(self) -> dict[int, TemplateLevel]:
        return {factor: _level(self, factor) for factor in self.factors}

    @cached_property
    def _metal_levels(self) -> dict[int, TemplateLevel]:
        return {factor: _on_metal(self, factor, level) for factor, level in self._levels.items()}

    def level(self, factor: int, metal_only: bool = False) -> TemplateLevel:
        """The template at a smaller size; with `metal_only` its background and its holes do not count."""
        return (self._metal_levels if metal_only else self._levels)[factor]


def prepare_template(template: PartTemplate, surface_counts: bool = False) -> PreparedTemplate:
    """Make a template ready.

    Args:
        template: As it was cut out.
        surface_counts: Whether its relief or colour is that of every piece; else its metal is made plain.

    Raises:
        ImageError: its pixels are no grey 8-bit image.
        PartLibraryError: no part stands out from its background, or it is too small.
    """
    check_grey(template.pixels)
    if template.mask.shape != template.pixels.shape:
        raise ValueError(f'{template.code}: mask {template.mask.shape} is not of the size of {template.pixels.shape}')
    if min(template.pixels.shape) < LEAST_SIDE_PX or not template.mask.any():
        raise PartLibraryError(f'The template of {template.code} is too small or all masked.', 'Cut it out again.')
    template = _cropped(template)
    border_grey = float(np.median(template.pixels[border_of(template.mask)]))
    inverted = border_grey > 0.5 * (
        float(template.pixels[template.mask].min()) + template.pixels[template.mask].max()
    )
    pixels = np.ascontiguousarray(255 - template.pixels if inverted else template.pixels)
    background = 255.0 - border_grey if inverted else border_grey
    threshold, _ = cv2.threshold(pixels[template.mask].reshape(-1, 1), 0, 255, cv2.THRESH_OTSU)
    bright = (pixels > threshold) & template.mask
    part_grey = float(np.median(pixels[bright])) if bright.any() else background
    metal = (pixels > background + METAL_SHARE * (part_grey - background)) & template.mask
    if part_grey - background < LEAST_CONTRAST:
        raise PartLibraryError(
            f'No part is visible in the template of {template.code}: grey {part_grey:.0f} on {background:.0f}.',
            'Photograph it on a background of another grey, and leave some of that around it.',
        )
    rows, columns = np.nonzero(metal)
    centre = (float(columns.mean()), float(rows.mean()))
    radius = float(np.hypot(columns - centre[0], rows - centre[1]).max())
    return PreparedTemplate(
        template,
        pixels,
        inverted,
        pixels if surface_counts else _evened(pixels, metal, background, part_grey),
        metal,
        background,
        part_grey,
        centre,
        radius,
        float(len(rows)),
        _factors(math.sqrt(np.ptp(rows) + 1.0) * math.sqrt(np.ptp(columns) + 1.0)),
    )


def _cropped(template: PartTemplate) -> PartTemplate:
    """Without the rows and columns in which nothing counts."""
    left, top, width, height = cv2.boundingRect(template.mask.astype(np.uint8))
    rows, columns = slice(top, top + height), slice(left, left + width)
    return replace(
        template,
        pixels=np.ascontiguousarray(template.pixels[rows, columns]),
        mask=np.ascontiguousarray(template.mask[rows, columns]),
        origin_px=template.origin_px - (left, top),
    )


def other_hand(template: PartTemplate) -> PartTemplate:
    """The mirror image of a template; no part of any library."""
    pixels, mask = np.ascontiguousarray(template.pixels[:, ::-1]), np.ascontiguousarray(template.mask[:, ::-1])
    origin = np.array([pixels.shape[1] - 1 - template.origin_px[0], template.origin_px[1]])
    return replace(
        template,
        code=template.code + MIRRORED,
        pixels=pixels,
        mask=mask,
        origin_px=origin,
        axis_deg=180.0 - template.axis_deg,
    )


def _factors(size_px: float) -> tuple[int, ...]:
    coarse = 2 ** int(math.log2(max(size_px / COARSE_PX, 1.0)))
    return tuple(sorted({coarse, max(coarse // 2, 1), max(coarse // 4, 1), 1}, reverse=True))


def _evened(pixels: ImageArray, metal: BoolArray, background: float, part_grey: float) -> ImageArray:
    """The part without marks and stains: plain metal of one grey, its rim lit as the metal beside it."""
    plain = inner_of(metal, RIM_PX).astype(np.float32)
    near = cv2.GaussianBlur(plain, (0, 0), STAIN_PX)
    grey = cv2.GaussianBlur(plain * pixels, (0, 0), STAIN_PX) / np.maximum(near, 1e-3)
    grey = np.where(near > 1e-2, np.maximum(grey, background + METAL_SHARE * (part_grey - background)), part_grey)
    even = background + (pixels - background) * (part_grey - background) / (grey - background)
    even = np.where(plain > 0.0, part_grey, np.minimum(even, max(part_grey, float(pixels.max()))))
    return np.asarray(np.clip(np.round(np.where(metal, even, pixels)), 0, 255), np.uint8)


def _level(prepared: PreparedTemplate, factor: int) -> TemplateLevel:
    inner = inner_of(prepared.metal, max(RIM_PX, factor)).astype(np.uint8) * 255
    pixels, inside = at_level(prepared.plain_pixels, factor), at_level(inner, factor)
    u, v = ((x + 0.5) / factor - 0.5 for x in prepared.centre_px)
    mask = mask_at_level(prepared.template.mask, factor)
    return _with_points(prepared, pixels, np.asarray(inside == 255, np.uint8), mask, (u, v))


def _on_metal(prepared: PreparedTemplate, factor: int, level: TemplateLevel) -> TemplateLevel:
    """The same level, of which only the metal counts; it shares its pixels."""
    mask = mask_at_level(prepared.metal, factor)
    on_metal = _with_points(prepared, level.pixels, level.plain, mask, level.centre_px)
    return replace(on_metal, background=on_metal.background[:0])


def _with_points(
    prepared: PreparedTemplate, pixels: ImageArray, plain: ImageArray, mask: BoolArray, centre_px: tuple[float, float]
) -> TemplateLevel:
    across, down = gradient(pixels)
    within = eroded(mask)
    steep = np.hypot(across, down) > EDGE_SHARE * prepared.contrast
    bright = pixels > 0.5 * (prepared.background_grey + prepared.part_grey)
    flat = flat_of(within, steep)
    return TemplateLevel(
        pixels,
        plain,
        runs_of(mask),
        int(np.count_nonzero(mask)),
        centre_px,
        points_at(within & steep, centre_px, MOST_EDGES, pixels, across, down),
        points_at(or_all(flat & bright, mask & bright), centre_px, MOST_FLATS, pixels),
        points_at(flat & ~bright, centre_px, MOST_FLATS, pixels),
    )
