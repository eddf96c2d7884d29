"""Sub-pixel corners of a tag: intersections of the lines along its black border.

cv2.cornerSubPix looks for saddle points, as a chessboard has them. A tag's corner is none: with it they come out up
to half a pixel too far in, the further the more blurred the image is.
"""

import cv2
import numpy as np

from weld_cell.records import FloatArray, ImageArray

_ROUNDS = 2
_WITHIN = (0.1, 0.9)
"""Part of an edge that is looked at."""
_REACH_SHARE, _REACH_PX = 0.08, (1.5, 4.0)
"""How far to both sides of an edge: less than the black border is wide."""
_POINTS = (8, 64)
_STEP_PX = 0.25
_OUTLIER = 3.0


def refined_tag_corners(grey: ImageArray, corners: FloatArray) -> FloatArray:
    """Corners (4, 2) of a black tag on white ground, going round, better than they came.

    Corners that the edges do not bear (a hidden edge, an image that ends) stay as they came.
    """
    refined = corners
    reach, inwards = _reach(corners), corners.mean(axis=0)
    for number in range(_ROUNDS):
        lines = [_edge_line(grey, refined[k], refined[(k + 1) % 4], inwards, reach / (1 + number)) for k in range(4)]
        crossings = np.stack([_crossing(lines[k - 1], lines[k]) for k in range(4)])
        if not np.isfinite(crossings).all() or np.abs(crossings - corners).max() > reach:
            return refined
        refined = crossings
    return refined


def _reach(corners: FloatArray) -> float:
    shortest = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).min()
    return float(np.clip(_REACH_SHARE * shortest, *_REACH_PX))


def _edge_line(
    grey: ImageArray, begin: FloatArray, end: FloatArray, inside: FloatArray, reach: float
) -> tuple[FloatArray, FloatArray]:
    """A point on an edge and its direction, from where it grows bright fastest along lines across it, outwards.

    Where it grows dark again, at the end of a narrow white margin, does not count.
    """
    length = float(np.linalg.norm(end - begin))
    along = (end - begin) / length
    across = np.array([along[1], -along[0]])
    across *= np.sign(across @ (begin - inside))
    places = np.linspace(*_WITHIN, int(np.clip(length / 2, *_POINTS))) * length
    offsets = np.arange(-reach, reach + _STEP_PX / 2, _STEP_PX)
    spots = begin + places[:, None, None] * along + offsets[:, None] * across
    columns, rows = np.ascontiguousarray(spots.astype(np.float32).transpose(2, 0, 1))
    values = np.asarray(
        cv2.remap(grey.astype(np.float32), columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), float
    )
    slopes = np.maximum(np.diff(values.reshape(len(places), len(offsets)), axis=1), 0.0) ** 2
    weights = slopes.sum(axis=1)
    with np.errstate(invalid='ignore', divide='ignore'):
        shifts = slopes @ (0.5 * (offsets[1:] + offsets[:-1])) / weights
    good = np.isfinite(shifts)
    if good.sum() < _POINTS[0] // 2:
        return np.full(2, np.nan), along
    slope, shift = _robust_line(places[good], shifts[good])
    return begin + shift * across, along + slope * across


def _robust_line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Slope and offset of a line, what lies far from it left out once."""
    slope, offset = np.polyfit(x, y, 1)
    left_over = np.abs(y - slope * x - offset)
    near = left_over <= _OUTLIER * np.median(left_over) + 1e-6
    slope, offset = np.polyfit(x[near], y[near], 1) if near.sum() >= 3 else (slope, offset)
    return float(slope), float(offset)


def _crossing(first: tuple[FloatArray, FloatArray], second: tuple[FloatArray, FloatArray]) -> FloatArray:
    """(2,) where two lines cross; not finite where they do not."""
    (p, d), (q, e) = first, second
    cross = d[0] * e[1] - d[1] * e[0]
    if not abs(cross) > 1e-6:
        return np.full(2, np.nan)
    way = ((q - p)[0] * e[1] - (q - p)[1] * e[0]) / cross
    crossing: FloatArray = p + way * d
    return crossing
