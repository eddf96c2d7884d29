"""Sheet-metal parts drawn from straight above at any angle, and as sheets for the simulated area camera.

Outlines, cutouts, bends and marks are drawn as exact covers at the angle that is asked for: no picture is turned.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.geometry.polygon_cover import polygon_cover
from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.sheet import Sheet
from weld_cell.sim.sheet_metal import SheetPart
from weld_cell.sim.sheet_metal_surface import SurfaceMarks, surface_marks

Float32Array = NDArray[np.float32]

_DEVIATION_PX = 0.01
_MARGIN_TEXELS = 2


@dataclass(frozen=True, eq=False)
class _View:
    """A window of a picture, and how a part lies in it.

    Attributes:
        angle_deg: Of the part's x axis, from +u towards +v.
        origin_px: (2,) u, v of the part's origin in the window.
        px_per_mm: Resolution.
        size_px: Width and height of the window.
    """

    angle_deg: float
    origin_px: FloatArray
    px_per_mm: float
    size_px: tuple[int, int]

    @property
    def axes(self) -> FloatArray:
        """(2, 2) rows: the part's x and y axis as u, v; y points up where x points right."""
        cosine, sine = np.cos(np.radians(self.angle_deg)), np.sin(np.radians(self.angle_deg))
        return np.array([[cosine, sine], [sine, -cosine]])

    def cover(self, polygons_mm: list[FloatArray]) -> Float32Array:
        """Of polygons in the part's frame."""
        pixels = [self.origin_px + self.px_per_mm * polygon @ self.axes for polygon in polygons_mm]
        return polygon_cover(pixels, self.size_px)

    def points_mm(self) -> tuple[FloatArray, FloatArray]:
        """x and y in the part's frame of each pixel's centre, each (height, width)."""
        columns, rows = np.meshgrid(*(np.arange(n) - o for n, o in zip(self.size_px, self.origin_px, strict=True)))
        (xu, xv), (yu, yv) = self.axes / self.px_per_mm
        return columns * xu + rows * xv, columns * yu + rows * yv


def draw_part(
    part: SheetPart,
    angle_deg: float,
    centre_px: FloatArray,
    size_px: tuple[int, int],
    px_per_mm: float,
    background: int | ImageArray,
    rng: Generator,
) -> ImageArray:
    """A part as a camera straight above sees it by even light.

    Args:
        part: The part.
        angle_deg: Direction of its x axis, from +u (right) towards +v (down).
        centre_px: (2,) u, v of its origin.
        size_px: Width and height of the picture; what lies beyond is cut.
        px_per_mm: Resolution.
        background: Its grey, or a picture (height, width) on which the part is laid: several parts, also overlapping.
        rng: For what differs from piece to piece of this part.

    Returns:
        (height, width) grey, 255 times the reflectance.
    """
    canvas = np.empty((size_px[1], size_px[0]), np.uint8)
    canvas[:] = background
    whole = _View(angle_deg, np.asarray(centre_px, dtype=float), px_per_mm, size_px)
    corners = whole.origin_px + px_per_mm * part.outline.polygon(_DEVIATION_PX / px_per_mm) @ whole.axes
    low = np.clip(np.floor(corners.min(axis=0)), 0, size_px).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 1, 0, size_px).astype(int)
    if (high <= low).any():
        return canvas
    width, height = (high - low).tolist()
    view = _View(angle_deg, whole.origin_px - low, px_per_mm, (width, height))
    cover, reflectance = _drawn(part, view, surface_marks(part, rng))
    window = canvas[low[1] : high[1], low[0] : high[0]]
    window[:] = np.round(window + cover * (255.0 * reflectance - window))
    return canvas


def as_sheet(part: SheetPart, texels_per_mm: float, rng: Generator) -> Sheet:
    """A piece of a part as the simulated area camera takes it.

    Args:
        part: The part.
        texels_per_mm: Resolution.
        rng: For what differs from piece to piece of this part.
    """
    corners = part.outline.polygon(_DEVIATION_PX / texels_per_mm) * [1.0, -1.0]
    origin = _MARGIN_TEXELS - np.floor(corners.min(axis=0) * texels_per_mm)
    width, height = (np.ceil(corners.max(axis=0) * texels_per_mm) + origin + _MARGIN_TEXELS + 1).astype(int).tolist()
    view = _View(0.0, origin, texels_per_mm, (width, height))
    cover, reflectance = _drawn(part, view, surface_marks(part, rng), bends_shade=False)
    return Sheet(reflectance, cover, _slope(part, view), origin, texels_per_mm, 1e-3 * part.thickness_mm)


def _drawn(
    part: SheetPart, view: _View, marks: SurfaceMarks, bends_shade: bool = True
) -> tuple[Float32Array, Float32Array]:
    """Cover and reflectance of each pixel; by even light a bend returns its cosine."""
    cover = view.cover(part.polygons_mm(_DEVIATION_PX / view.px_per_mm))
    reflectance = np.full(cover.shape, part.reflectance, np.float32)
    if marks.texture.any():
        reflectance *= 1.0 + marks.texture_at(*view.points_mm())
    for polygons, gain in marks.layers:
        reflectance *= 1.0 + (gain - 1.0) * view.cover(polygons)
    for bend in part.bends if bends_shade else ():
        reflectance *= 1.0 + (1.0 / np.hypot(1.0, bend.slope) - 1.0) * view.cover([bend.strip_mm])
    return cover, np.clip(reflectance, 0.0, 1.0)


def _slope(part: SheetPart, view: _View) -> Float32Array:
    """(height, width, 2) gradient of the height along the part's x and y."""
    slope = np.zeros((view.size_px[1], view.size_px[0], 2), np.float32)
    for bend in part.bends:
        slope += view.cover([bend.strip_mm])[..., None] * np.asarray(bend.slope * bend.left, np.float32)
    return slope
