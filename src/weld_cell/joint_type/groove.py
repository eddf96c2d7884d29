"""The groove between two plates, and what its sides and its floor are like: rows that run with the plates tell a
welded layer from a root, rows that run steeply against them are walls.
"""

import numpy as np

from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import JointShape, median, runs
from weld_cell.records import FloatArray

GROOVE_FEATURE_NAMES = (
    'log_groove_rows',      # rows of the largest groove below both plates
    'log_groove_depth_px',  # the depth that a tenth of its rows exceed
    'groove_fill',          # its area over width times depth: 0.5 triangle, 1 rectangle
    'groove_flat_share',    # share of its rows near its bottom
    'log_floor_rows',       # bright rows deep down that run with the plates: a welded layer
    'log_dim_floor_rows',   # the same, dim: a second reflection
    'log_floor_run',        # the longest run of the bright ones
    'log_lesser_wall',      # rows of the shorter wall
    'log_greater_wall',     # rows of the longer wall
    'floor_share',          # the floor's share of floor and walls
)

_LAG_ROWS = 4
_DEEP_PX = 10.0             # 3 mm
_FLOOR_SLOPE = 0.3          # columns a row against the plates
_WALL_SLOPES = (0.45, 1.5)
_BRIGHT_SHARE = 0.5
_FEW_ROWS = 5.0             # so many rows of floor or wall say nothing yet


def groove_features(curve: StripeCurve, shape: JointShape) -> FloatArray:
    """(10,) in the order of GROOVE_FEATURE_NAMES."""
    return np.array([*_extent(shape), *_floor_and_walls(curve, shape)])


def _extent(shape: JointShape) -> tuple[float, float, float, float]:
    """log rows, log depth, fill and flat share of the largest groove; zeros where there is none."""
    depths = shape.below_px[shape.groove]
    if not len(depths):
        return 0.0, 0.0, 0.0, 0.0
    tenth = int(0.9 * len(depths))  # a few wild rows make no depth
    depth = max(float(np.partition(depths, tenth)[tenth]), 1.0)
    fill = float(np.minimum(depths, depth).mean()) / depth
    return np.log1p(len(depths)), np.log1p(depth), fill, float(np.mean(depths > 0.8 * depth))


def _floor_and_walls(curve: StripeCurve, shape: JointShape) -> FloatArray:
    """(6,) the last six features; only rows count around which the stripe is seen."""
    inner, lag = slice(_LAG_ROWS, -_LAG_ROWS), 2 * _LAG_ROWS
    level = (shape.plates[0].slope + shape.plates[1].slope) / 2
    slope = (shape.columns_px[lag:] - shape.columns_px[:-lag]) / lag - level
    seen = ~(curve.missing[inner] | curve.missing[lag:] | curve.missing[:-lag])
    floor = seen & (shape.below_px[inner] > _DEEP_PX) & (np.abs(slope) < _FLOOR_SLOPE)
    bright = floor & (curve.intensity[inner] > _BRIGHT_SHARE * median(curve.intensity))
    least, greatest = _WALL_SLOPES
    walls = sorted(int(np.count_nonzero(seen & (side > least) & (side < greatest))) for side in (slope, -slope))
    rows, dim = int(np.count_nonzero(bright)), int(np.count_nonzero(floor & ~bright))
    found = runs(bright)
    longest = int((found[:, 1] - found[:, 0]).max(initial=0))
    share = rows / (rows + sum(walls) + _FEW_ROWS)
    return np.append(np.log1p(np.array([rows, dim, longest, *walls])), share)
