"""From an image and a region to readings along the seam, in pixels: the classical steps in their order."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from weld_cell.errors import PlateSeamAbsentError, PlateSeamAmbiguousError
from weld_cell.plate_seam.denoise import denoise
from weld_cell.plate_seam.edges import edge_map
from weld_cell.plate_seam.fit import Curve, fit_curve
from weld_cell.plate_seam.lines import hough_segments, segment_points
from weld_cell.plate_seam.profiles import ALONG_PX, read_gaps
from weld_cell.plate_seam.ridge import Ridge, best_path, darkness, rival
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import BoolArray, FloatArray, ImageArray

LEAST_READINGS = 12
_FLOOR_PX = 0.5  # of the coarse path, which is whole pixels


@dataclass(frozen=True, eq=False)
class Trace:
    """Readings along the seam, in the order of the region's longer side.

    Attributes:
        centres_px: (n, 2) u, v of the seam.
        left_px: (n, 2) of the gap's edge on one side.
        right_px: (n, 2) on the other.
        depth: (n,) how much darker the gap is than the plates, as a part of them.
        seen: (n,) whether the seam is seen there; the rest of a row means nothing where it is not.
        on_plates: (n,) whether there is a plate on both sides.
    """

    centres_px: FloatArray
    left_px: FloatArray
    right_px: FloatArray
    depth: FloatArray
    seen: BoolArray
    on_plates: BoolArray


def clipped_box(box_xyxy: FloatArray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a box in whole pixels within an image (h, w).

    Raises:
        ValueError: not four finite numbers, or less than 8 x 8 pixels lie in the image.
    """
    box = np.asarray(box_xyxy, dtype=float)
    if box.shape != (4,) or not np.isfinite(box).all():
        raise ValueError(f'expected a box of 4 finite numbers, got {box_xyxy}')
    left, top = np.clip(np.floor(box[:2]), 0, shape[1::-1]).astype(int).tolist()
    right, bottom = np.clip(np.ceil(box[2:]), 0, shape[1::-1]).astype(int).tolist()
    if right - left < 8 or bottom - top < 8:
        raise ValueError(f'expected a box of 8 x 8 px at least in an image of {shape[1::-1]}, got {box.tolist()}')
    return left, top, right, bottom


def trace_seam(grey: ImageArray, box_xyxy: FloatArray, settings: PlateSeamSettings) -> Trace:
    """Trace the seam in a region.

    Args:
        grey: (h, w) uint8.
        box_xyxy: (4,) left, top, right, bottom in pixels.
        settings: Method and limits.

    Raises:
        ValueError: the box is none, or lies outside the image.
        PlateSeamAbsentError: no seam is seen.
        PlateSeamAmbiguousError: two could be it.
    """
    box = clipped_box(box_xyxy, grey.shape)
    if settings.method == 'paper':
        return _as_fitted(grey, _course(_paper_points(grey, box, settings), settings), settings)
    traces = [_trace(grey, _course(points, settings), settings) for points in _candidates(grey, box, settings)]
    support = [_support(trace, settings) for trace in traces]
    best = int(np.argmax(support))
    _refuse_few(int(traces[best].seen.sum()), len(traces[best].seen))
    if _apart_px(traces[1 - best], traces[best]) > settings.max_gap_px:
        _refuse_rival(support[1 - best] / support[best], settings)
    return traces[best]


def _course(points: FloatArray, settings: PlateSeamSettings) -> Curve:
    return fit_curve(points, settings.max_degree, settings.outlier_sigma, _FLOOR_PX, len(ALONG_PX)).curve


def _apart_px(trace: Trace, other: Trace) -> float:
    """Median distance of what is seen of a trace from the nearest of another's readings; 0 where nothing is seen."""
    if not trace.seen.any():
        return 0.0
    return float(np.median(cKDTree(other.centres_px).query(trace.centres_px[trace.seen])[0]))


def _support(trace: Trace, settings: PlateSeamSettings) -> float:
    """How much speaks for a trace: the depths of the readings that lie on one smooth curve, summed."""
    if trace.seen.sum() < LEAST_READINGS:
        return 0.0
    points = trace.centres_px[trace.seen]
    on_curve = fit_curve(points, settings.max_degree, settings.outlier_sigma, 0.1, len(ALONG_PX)).on_curve
    return float(trace.depth[trace.seen][on_curve].sum())


def _candidates(grey: ImageArray, box: tuple[int, int, int, int], settings: PlateSeamSettings) -> list[FloatArray]:
    """Pixels (n, 2) of the path of most darkness, and of its rival."""
    left, top, right, bottom = box
    region = grey[top:bottom, left:right]
    upright = region.shape[0] > region.shape[1]
    along_rows = np.ascontiguousarray(region.T if upright else region)
    score = darkness(along_rows, settings.max_gap_px)
    path = best_path(score)
    paths = (path, rival(score, path, settings.max_gap_px + 3))
    return [_strong(found, upright, settings) + [left, top] for found in paths]


def _strong(path: Ridge, upright: bool, settings: PlateSeamSettings) -> FloatArray:
    """(n, 2) pixels in the region at which a path is strong enough to say where the seam runs."""
    points = np.column_stack([np.arange(len(path.across)), path.across]).astype(float)
    strong = path.strength >= min(settings.min_depth, float(np.median(path.strength)))
    return points[strong][:, ::-1] if upright else points[strong]


def _paper_points(grey: ImageArray, box: tuple[int, int, int, int], settings: PlateSeamSettings) -> FloatArray:
    """(n, 2) pixels on the segments that the Hough transform finds in the edges of the denoised region."""
    left, top, right, bottom = box
    region = denoise(grey, settings.denoise, settings.denoise_px)[top:bottom, left:right]
    points: FloatArray = segment_points(hough_segments(edge_map(region, settings.operator), settings)) + [left, top]
    return points


def _stations(course: Curve) -> FloatArray:
    """(n,) places along a course, a pixel apart."""
    return np.linspace(-course.half, course.half, max(int(2.0 * course.half) + 1, 2))


def _as_fitted(grey: ImageArray, course: Curve, settings: PlateSeamSettings) -> Trace:
    """The course itself as the seam, as the paper takes it; its gap as it is read there."""
    read = _trace(grey, course, settings)
    centres = course.points(_stations(course))
    half = 0.5 * (read.right_px - read.left_px)
    everywhere = np.ones(len(centres), bool)
    return Trace(centres, centres - half, centres + half, read.depth, everywhere, everywhere)


def _trace(grey: ImageArray, course: Curve, settings: PlateSeamSettings) -> Trace:
    """What is read along a course, and about as far beside it as a gap is wide."""
    x = _stations(course)
    stations, normals = course.points(x), course.normals(x)
    readings = read_gaps(grey, stations, normals, settings)
    left, centre, right = (
        stations + (readings.offset_px + side * readings.width_px)[:, None] * normals for side in (-0.5, 0.0, 0.5)
    )
    return Trace(
        centre, left, right, readings.depth, readings.seen(settings), readings.on_plates(settings.min_plate_share)
    )


def _refuse_few(seen: int, stations: int) -> None:
    if seen < LEAST_READINGS:
        raise PlateSeamAbsentError(
            f'No seam in the region: one is seen at {seen} of {stations} places.',
            'Check that the region shows the seam, and the light.',
        )


def _refuse_rival(share: float, settings: PlateSeamSettings) -> None:
    if share > settings.ambiguous_share:
        raise PlateSeamAmbiguousError(
            f'Two lines in the region could be the seam, one {100.0 * share:.0f} % as strong as the other.',
            'Narrow the region to one seam, or clean scratches off the plates.',
        )
