"""The groove between two plates, and what its sides and its floor are like: rows that run with the plates tell a
welded layer from a root, rows that run steeply against them are walls.
"""

import math

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import JointShape
from weld_cell.records import BoolArray, FloatArray

GROOVE_FEATURE_NAMES = (
    'log_groove_rows',  # rows of the largest groove below both plates
    'log_groove_depth_px',  # the depth that a tenth of its rows exceed
    'groove_fill',  # its area over width times depth: 0.5 triangle, 1 rectangle
    'groove_flat_share',  # share of its rows near its bottom
    'log_floor_rows',  # bright rows deep down that run with the plates: a welded layer
    'log_dim_floor_rows',  # the same, dim: a second reflection
    'log_floor_run',  # the longest run of the bright ones
    'log_lesser_wall',  # rows of the shorter wall
    'log_greater_wall',  # rows of the longer wall
    'floor_share',  # the floor's share of floor and walls
)

_LAG_ROWS = 4
_DEEP_PX = 10.0  # 3 mm
_FLOOR_SLOPE = 0.3  # columns a row against the plates
_WALL_SLOPES = (0.45, 1.5)
_BRIGHT_SHARE = 0.5
_FEW_ROWS = 5.0  # so many rows of floor or wall say nothing yet


def groove_features(curve: StripeCurve, shape: JointShape, usual_intensity: float) -> FloatArray:
    """(10,) in the order of GROOVE_FEATURE_NAMES."""
    features = np.empty(len(GROOVE_FEATURE_NAMES))
    _extent(shape.below_px[shape.groove], features[:4])
    _floor_and_walls(
        shape.columns_px,
        shape.below_px,
        curve.intensity,
        curve.missing,
        shape.mean_slope,
        _BRIGHT_SHARE * usual_intensity,
        features[4:],
    )
    return features


@compiled('void(float64[::1], float64[::1])')
def _extent(depths: FloatArray, features: FloatArray) -> None:
    """Fill in log rows, log depth, fill and flat share (4,) of a groove of depths (n,); zeros where there is none."""
    features[:] = 0.0
    if len(depths) == 0:
        return
    tenth = int(0.9 * len(depths))  # a few wild rows make no depth
    depth = max(np.partition(depths, tenth)[tenth], 1.0)
    features[0], features[1] = math.log1p(len(depths)), math.log1p(depth)
    for below in depths:
        features[2] += min(below, depth) / depth / len(depths)
        features[3] += (below > 0.8 * depth) / len(depths)


@compiled('void(float64[::1], float64[::1], float64[::1], boolean[::1], float64, float64, float64[::1])')
def _floor_and_walls(
    columns: FloatArray,
    below: FloatArray,
    intensity: FloatArray,
    missing: BoolArray,
    level: float,
    bright: float,
    features: FloatArray,
) -> None:
    """The last six features; only rows count around which the stripe is seen.

    Args:
        columns: (n,) freed of wild rows.
        below: (n,) depth below the nearer plate.
        intensity: (n,).
        missing: (n,).
        level: The plates' mean slope.
        bright: A row of more intensity is bright.
        features: (6,) to be filled.
    """
    rows = dim = run = longest = falling = rising = 0
    least, greatest = _WALL_SLOPES
    for i in range(_LAG_ROWS, len(columns) - _LAG_ROWS):
        before, after = i - _LAG_ROWS, i + _LAG_ROWS
        seen = not (missing[i] or missing[before] or missing[after])
        slope = (columns[after] - columns[before]) / (2 * _LAG_ROWS) - level
        floor = seen and below[i] > _DEEP_PX and abs(slope) < _FLOOR_SLOPE
        bright_floor = floor and intensity[i] > bright
        rows += bright_floor
        dim += floor and not bright_floor
        run = run + 1 if bright_floor else 0
        longest = max(longest, run)
        falling += seen and least < slope < greatest
        rising += seen and least < -slope < greatest
    counts = (rows, dim, longest, min(falling, rising), max(falling, rising))
    for k in range(len(counts)):
        features[k] = math.log1p(counts[k])
    features[5] = rows / (rows + falling + rising + _FEW_ROWS)
