"""Features of our own beside the paper's: what is left of a stripe when the two plates are taken away.

Straight lines are fitted to both ends of the stripe, which lie on the plates. What deviates from the nearer
line is the joint itself. Every value is the same when the profile is mirrored along its rows, when the image is
mirrored along its columns, and when the sensor is rolled (a constant slope), so the model need not learn that.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.joint_type.curve import StripeCurve
from weld_cell.records import BoolArray, FloatArray

EXTENDED_FEATURE_NAMES = (
    'bend',                 # difference of the plates' slopes, columns per row; a fillet has the most
    'step_px',              # height of one plate over the other where they meet
    'log_groove_rows',      # rows that lie below both plates
    'log_groove_depth_px',  # how deep they lie
    'groove_fill',          # area of the groove over width times depth: 0.5 triangle, 1 rectangle
    'groove_flat_share',    # share of the groove's rows near its bottom
    'log_bump_px',          # how far the stripe stands above both plates
    'steepest_wall',        # largest slope against the plates over a few rows
    'log_gap_rows',         # longest stretch without stripe
    'missing_share',        # share of the rows without stripe
    'groove_brightness',    # brightness of the joint against the plates
    'log_residual_px',      # scatter of the plates about their lines
)

_END_SHARE = 1 / 7        # of the rows at either end taken to lie on a plate
_LEAST_DEPTH_PX = 1.5     # nothing shallower counts as a groove
_RESIDUALS_PER_DEPTH = 4.0
_WALL_LAG = 3


@dataclass(frozen=True, eq=False)
class JointShape:
    """A curve, oriented so that the joint lies at larger columns, against its two plates.

    Attributes:
        columns_px: (n,) smoothed columns, larger is deeper.
        slopes: (2,) slope of either plate, columns per row.
        below_px: (n,) depth below the nearer plate's line; negative above it.
        split: Row index where the nearer plate changes.
        step_px: Distance of the plates' lines at the split.
        residual_px: Scatter of the ends about their lines (median).
        in_groove: (n,) True where the curve lies clearly below the plates.
    """

    columns_px: FloatArray
    slopes: FloatArray
    below_px: FloatArray
    split: int
    step_px: float
    residual_px: float
    in_groove: BoolArray


def extended_features(curve: StripeCurve) -> FloatArray:
    """Our features, in the order of EXTENDED_FEATURE_NAMES.

    Args:
        curve: The stripe, one centre a row.

    Returns:
        (12,) values, not normalised.
    """
    shape = joint_shape(curve.columns_px)
    rows, depth, fill, flat = _groove(shape)
    gap = _longest_run(curve.missing)
    joint = _joint_rows(shape, gap)
    return np.array([
        shape.slopes[0] - shape.slopes[1],
        abs(shape.step_px),
        np.log1p(rows),
        np.log1p(depth),
        fill,
        flat,
        np.log1p(max(0.0, -float(shape.below_px.min()))),
        _steepest(shape),
        np.log1p(gap.stop - gap.start),
        curve.missing.mean(),
        _brightness(curve, joint),
        np.log(shape.residual_px + 0.05),
    ])


def joint_shape(columns_px: FloatArray) -> JointShape:
    """Take the plates away from a curve.

    Args:
        columns_px: (n,) stripe centre in successive rows.
    """
    smooth = cv2.medianBlur(columns_px.astype(np.float32).reshape(-1, 1), 5).ravel().astype(float)
    count = len(smooth)
    row = np.arange(count, dtype=float)
    chord = np.interp(row, (0, count - 1), (smooth[:5].mean(), smooth[-5:].mean()))
    if (smooth - chord).sum() < 0:
        smooth = -smooth
    end = max(10, round(count * _END_SHARE))
    slope_1, at_1, scatter_1 = _robust_line(row[:end], smooth[:end])
    slope_2, at_2, scatter_2 = _robust_line(row[-end:], smooth[-end:])
    below = np.stack([smooth - (at_1 + slope_1 * row), smooth - (at_2 + slope_2 * row)])
    nearer_first = np.abs(below[0]) < np.abs(below[1])
    split = min(int(np.count_nonzero(nearer_first)), count - 1)
    nearest = np.where(nearer_first, below[0], below[1])
    residual = max(scatter_1, scatter_2)
    return JointShape(
        smooth, np.array([slope_1, slope_2]), nearest, split, float(below[1, split] - below[0, split]),
        residual, nearest > max(_LEAST_DEPTH_PX, _RESIDUALS_PER_DEPTH * residual))


def _robust_line(row: FloatArray, column: FloatArray) -> tuple[float, float, float]:
    """Slope, intercept and median residual of a line by medians (repeated differences over half the length)."""
    half = len(row) // 2
    slope = _median(column[half:2 * half] - column[:half]) / half
    offset = column - slope * row
    intercept = _median(offset)
    return slope, intercept, _median(np.abs(offset - intercept))


def _median(values: FloatArray) -> float:
    """Middle value; many times faster than np.median on so few."""
    return float(np.partition(values, len(values) // 2)[len(values) // 2])


def _groove(shape: JointShape) -> tuple[int, float, float, float]:
    """Rows, depth (px), fill and flat share of the groove; zeros where there is none."""
    depths = shape.below_px[shape.in_groove]
    if not len(depths):
        return 0, 0.0, 0.0, 0.0
    depth = float(depths.max())
    return len(depths), depth, float(depths.mean()) / depth, float(np.mean(depths > 0.8 * depth))


def _joint_rows(shape: JointShape, gap: slice) -> slice:
    """Where the joint is, with a few rows on both sides: the groove, else the gap, else where the plates meet."""
    inside = np.flatnonzero(shape.in_groove)
    if len(inside):
        first, stop = int(inside[0]), int(inside[-1]) + 1
    elif gap.stop > gap.start:
        first, stop = gap.start, gap.stop
    else:
        first, stop = shape.split, shape.split + 1
    return slice(max(0, first - 12), stop + 12)


def _steepest(shape: JointShape) -> float:
    """Largest slope against the plates' mean slope, over a few rows."""
    rise = shape.columns_px[2 * _WALL_LAG:] - shape.columns_px[:-2 * _WALL_LAG]
    return float(np.abs(rise / (2 * _WALL_LAG) - shape.slopes.mean()).max())


def _longest_run(flags: BoolArray) -> slice:
    """The longest run of True; an empty slice where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.view(np.int8), [0]])))
    if not len(edges):
        return slice(0, 0)
    longest = int((edges[1::2] - edges[::2]).argmax())
    return slice(int(edges[2 * longest]), int(edges[2 * longest + 1]))


def _brightness(curve: StripeCurve, joint: slice) -> float:
    """Mean grey value of the joint over that of the whole stripe; 1 where the stripe has no brightness."""
    whole = float(curve.intensity.mean())
    return float(curve.intensity[joint].mean()) / whole if whole > 0 else 1.0
