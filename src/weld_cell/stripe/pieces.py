"""Pieces of ridge: chains of local maxima of the filtered image that continue from row to row.

The image is filtered across the stripe (a top-hat leaves what is bright and narrow, so that edges of bright
surfaces and ambient light vanish; a small Gaussian makes one peak of it). Every local maximum above the noise
is a point; points that continue each other in neighbouring rows form a piece.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray, ImageArray

IntArray = NDArray[np.intp]

STEP_PX = 2
"""Greatest change of column between neighbouring rows inside a piece; wider leaps are left to the chain."""
MAX_HEIGHT_RATIO = 2.0
"""A piece ends where its height changes by this factor from row to row: at the edge of a gap only light spilt from
the stripe goes on, and where a second reflection crosses the stripe one must not be taken for the other."""
NOISE_FACTOR = 4.0
"""Points lie this many deviations above the median of the filtered image."""
HALF_SUPPORT = 8.0
"""A point has about half of the full support where it stands this many thresholds high."""
POINTS_PER_ROW = 8
"""In clutter only the strongest points are kept: this many for each row, on average."""
MAX_PIECES = 96
"""The chain looks at the pieces with the most support only."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Ridge pieces ordered by their first row, and their points ordered by piece, then row.

    Attributes:
        rows, columns: (n,) of the points.
        heights: (n,) of the points over their surroundings, in grey levels.
        support: (n,) of the points, 0 to 1: near 0 at the noise, near 1 for a bright stripe.
        first, end: (m,) the points of piece k are first[k] to end[k] - 1.
    """

    rows: IntArray
    columns: IntArray
    heights: FloatArray
    support: FloatArray
    first: IntArray
    end: IntArray


def ridge_response(image: ImageArray, max_width_px: int) -> ImageArray:
    """What is bright and narrower than a width across the stripe, (h, w) uint8 in grey levels."""
    narrow = cv2.morphologyEx(image, cv2.MORPH_TOPHAT, np.ones((1, max_width_px | 1), np.uint8))
    return cv2.GaussianBlur(narrow, (3, 3), 0).astype(np.uint8, copy=False)


def noise_threshold(response: ImageArray, min_contrast: int) -> int:
    """Grey level from which on a local maximum is not noise."""
    counts = np.bincount(response[::8, ::4].ravel(), minlength=256).cumsum()
    median, upper = np.searchsorted(counts, (0.5 * counts[-1], 0.84 * counts[-1]))
    return min(255, max(min_contrast, math.ceil(int(median) + NOISE_FACTOR * int(upper - median))))


def find_pieces(response: ImageArray, min_contrast: int) -> Pieces:
    """Ridge pieces in a filtered image.

    Args:
        response: (h, w) from `ridge_response`.
        min_contrast: Least height of a point, in grey levels.
    """
    threshold = noise_threshold(response, min_contrast)
    rows, columns, heights = _local_maxima(response, threshold)
    # Saturating, so that a short glare does not outweigh a long dim stripe.
    support = (heights - threshold + 1.0) / (heights + HALF_SUPPORT * threshold)
    piece = _piece_of_point(rows, columns, heights, response.shape[1])
    strongest = _strongest(piece, support)
    order = np.argsort(piece, kind='stable')
    order = order[strongest[piece[order]]]
    ordered = piece[order]
    breaks = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    bounds = np.concatenate([[0], breaks, [len(order)]]) if len(order) else breaks
    return Pieces(rows[order], columns[order], heights[order], support[order], bounds[:-1], bounds[1:])


def _local_maxima(response: ImageArray, threshold: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows, columns and heights of the points, in the order of the image's rows."""
    highest = cv2.dilate(response, np.ones((1, 2 * STEP_PX + 1), np.uint8))
    places = np.flatnonzero(response == cv2.max(highest, threshold))  # type: ignore[call-overload]
    places = _middles_of_plateaus(places)
    heights = response.ravel()[places].astype(float)
    limit = POINTS_PER_ROW * response.shape[0]
    if len(places) > limit:
        keep = np.sort(np.argpartition(-heights, limit)[:limit])
        places, heights = places[keep], heights[keep]
    rows, columns = np.divmod(places, response.shape[1])
    return rows, columns, heights


def _middles_of_plateaus(places: IntArray) -> IntArray:
    """One place for each run of places next to each other."""
    if len(places) == 0:
        return places
    breaks = np.flatnonzero(places[1:] - places[:-1] > STEP_PX)
    first, last = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(places) - 1]])
    middles: IntArray = (places[first] + places[last]) // 2
    return middles


def _piece_of_point(rows: IntArray, columns: IntArray, heights: FloatArray, width: int) -> IntArray:
    """(n,) number of the piece of each point; pieces are numbered by their first point."""
    key = rows * (width + 2 * STEP_PX) + columns
    points = np.arange(len(key))
    if len(key) == 0:
        return points
    after = _neighbour(key, width + STEP_PX)
    before = _neighbour(key, -width - 3 * STEP_PX)
    linked = (after >= 0) & (before[after] == points)
    following = heights[after]
    linked &= (following < MAX_HEIGHT_RATIO * heights) & (heights < MAX_HEIGHT_RATIO * following)
    root = points.copy()
    root[after[linked]] = points[linked]
    while ((further := root[root]) != root).any():  # each round doubles the reach
        root = further
    return (np.cumsum(root == points) - 1)[root]


def _neighbour(key: IntArray, offset: int) -> IntArray:
    """For each point the first point with a key in [key + offset, key + offset + 2 STEP_PX], or -1."""
    low = key + offset
    found = np.minimum(np.searchsorted(key, low), len(key) - 1)
    beyond = key[found] - low
    return np.where((beyond >= 0) & (beyond <= 2 * STEP_PX), found, -1)


def _strongest(piece: IntArray, support: FloatArray) -> NDArray[np.bool_]:
    """(m,) which pieces are kept."""
    total = np.bincount(piece, weights=support)
    if len(total) <= MAX_PIECES:
        return np.ones(len(total), bool)
    keep = np.zeros(len(total), bool)
    keep[np.argpartition(-total, MAX_PIECES)[:MAX_PIECES]] = True
    return keep
