"""Exact coverage of each pixel by a polygon.

Each edge, cut at the borders of the pixels that it crosses, adds to its pixel's row the area between itself and the
row's right end; the sum along the row is the cover. So the smooth rasterisers of fonts do it (Levien, font-rs, 2016).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray

Float32Array = NDArray[np.float32]


def polygon_cover(polygons: Sequence[FloatArray], size_px: tuple[int, int]) -> Float32Array:
    """The share of each pixel that lies within closed polygons.

    Args:
        polygons: Each (n, 2) u, v of corners, the last joined to the first, free of crossings. A hole runs the other
            way round than the polygon about it.
        size_px: Width and height. What lies beyond is left out.

    Returns:
        (height, width) 0 to 1; the centre of the top left pixel is (0, 0).
    """
    width, height = size_px
    starts, ends = _edges(polygons)
    starts, ends = _within_rows(starts, ends, height)
    for axis in (1, 0):
        starts, ends = _cut(starts, ends, axis)
    return _accumulated(starts, ends, width, height)


def polygon_area(corners: FloatArray) -> float:
    """Area within corners (n, 2), in the square of their unit; negative where they run round to the right."""
    ahead = np.roll(corners, -1, axis=0)
    return 0.5 * float((corners[:, 0] * ahead[:, 1] - corners[:, 1] * ahead[:, 0]).sum())


def _edges(polygons: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """(n, 2) where edges start and end, in units in which pixel k lies from k to k + 1."""
    corners = [np.asarray(polygon, dtype=float).reshape(-1, 2) + 0.5 for polygon in polygons]
    if not corners:
        return np.empty((0, 2)), np.empty((0, 2))
    return np.concatenate(corners), np.concatenate([np.roll(polygon, -1, axis=0) for polygon in corners])


def _within_rows(starts: FloatArray, ends: FloatArray, height: int) -> tuple[FloatArray, FloatArray]:
    """The parts of edges that lie in the image's rows; level edges add nothing."""
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    kept = (high > 0.0) & (low < height) & (high > low)
    starts, ends = starts[kept], ends[kept]
    along = (ends - starts) / (ends[:, 1:] - starts[:, 1:])
    first, last = (np.clip(points[:, 1:], 0.0, height) - starts[:, 1:] for points in (starts, ends))
    return starts + first * along, starts + last * along


def _cut(starts: FloatArray, ends: FloatArray, axis: int) -> tuple[FloatArray, FloatArray]:
    """The edges cut wherever their coordinate of this axis is whole."""
    a, b = starts[:, axis], ends[:, axis]
    low, high = np.minimum(a, b), np.maximum(a, b)
    first = np.floor(low)
    pieces = np.maximum(np.ceil(high) - first, 1.0).astype(np.int64)
    edge = np.repeat(np.arange(len(pieces)), pieces)
    cell = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    level = (high == low)[edge]
    length = np.where(level, 1.0, (high - low)[edge])
    near = (np.maximum(cell, low[edge]) - low[edge]) / length
    far = np.where(level, 1.0, (np.minimum(cell + 1.0, high[edge]) - low[edge]) / length)
    backward = (b < a)[edge]
    t_start, t_end = np.where(backward, 1.0 - far, near), np.where(backward, 1.0 - near, far)
    way = ends[edge] - starts[edge]
    return starts[edge] + t_start[:, None] * way, starts[edge] + t_end[:, None] * way


def _accumulated(starts: FloatArray, ends: FloatArray, width: int, height: int) -> Float32Array:
    """Sum of what the pieces, each within one pixel, cover to their right."""
    middle = 0.5 * (starts + ends)
    row = np.clip(np.floor(middle[:, 1]), 0, height - 1).astype(np.int64)
    column = np.clip(np.floor(middle[:, 0]), 0, width).astype(np.int64)
    rise = ends[:, 1] - starts[:, 1]
    beyond = rise * np.clip(middle[:, 0] - column, 0.0, 1.0)
    place = row * (width + 2) + column
    weights = np.concatenate([rise - beyond, beyond])
    sums = np.bincount(np.concatenate([place, place + 1]), weights, minlength=height * (width + 2))
    cover = np.cumsum(sums.reshape(height, width + 2), axis=1)[:, :width]
    return np.clip(np.abs(cover), 0.0, 1.0).astype(np.float32)
