"""Where the two walls of a groove would meet, against how deep they are seen: a root is where they meet, a welded
layer ends them long before. It holds for a groove of any depth, and though the bottom itself be dark.
"""

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import JointShape
from weld_cell.records import BoolArray, FloatArray

WALL_FEATURE_NAMES = (
    'walls_meet',  # 2: the walls reach down to where they meet; -2: they end long before; 0: no walls seen
)

_LAG_ROWS = 4
_WALL_SLOPES = (0.45, 1.5)  # columns a row against the plates
_FEWEST_ROWS = 8  # of either wall, and nothing is said of walls with fewer
_DEPTH_QUANTILE = 0.9  # of the depths of a wall; the deepest rows may be outliers
_MAX_FEATURE = 2.0
_BETWEEN, _DEVIATION = 0.77, 0.1
"""Of the depth where the walls would meet: walls down to an open root reach 0.82 to 0.93 by this count, the less the
wider its gap; those down to a layer that fills 0.3 of the groove reach 0.7, to a fuller layer less.
"""
_MAX_DEPTH = 1.05  # anything deeper is not a wall


def wall_features(curve: StripeCurve, shape: JointShape) -> FloatArray:
    """(1,) in the order of WALL_FEATURE_NAMES."""
    reached = _depth_share(
        shape.columns_px, shape.below_px, curve.missing, shape.mean_slope, shape.groove.start, shape.groove.stop
    )
    known = 0.0 < reached < _MAX_DEPTH
    return np.array([min(max((reached - _BETWEEN) / _DEVIATION, -_MAX_FEATURE), _MAX_FEATURE) if known else 0.0])


@compiled_helper()
def _slopes(
    columns: FloatArray, missing: BoolArray, level: float, first: int, stop: int
) -> tuple[FloatArray, BoolArray]:
    """Of all rows but the outermost: slope against the plates, and whether the row is in the groove and is seen."""
    count = len(columns) - 2 * _LAG_ROWS
    slope, seen = np.empty(count), np.empty(count, np.bool_)
    for before in range(count):
        row, after = before + _LAG_ROWS, before + 2 * _LAG_ROWS
        slope[before] = (columns[after] - columns[before]) / (2 * _LAG_ROWS) - level
        seen[before] = first <= row < stop and not (missing[row] or missing[before] or missing[after])
    return slope, seen


@compiled('float64(float64[::1], float64[::1], boolean[::1], float64, int64, int64)')
def _depth_share(
    columns: FloatArray, all_below: FloatArray, missing: BoolArray, level: float, first: int, stop: int
) -> float:
    """Depth that the walls reach over the depth where they would meet; 0 where there are no two walls.

    Args:
        columns: (n,) freed of wild rows.
        all_below: (n,) depth below the plates.
        missing: (n,); only rows count around which the stripe is seen.
        level: The plates' mean slope.
        first: Row of the groove.
        stop: Its end row.
    """
    below = all_below[_LAG_ROWS:-_LAG_ROWS]
    slope, seen = _slopes(columns, missing, level, first, stop)
    least, greatest = _WALL_SLOPES
    down = np.flatnonzero(seen & (slope > least) & (slope < greatest))
    up = np.flatnonzero(seen & (slope < -least) & (slope > -greatest))
    if min(len(down), len(up)) < _FEWEST_ROWS:
        return 0.0
    fall, rise = np.median(slope[down]), np.median(slope[up])
    fall_at, rise_at = np.median(below[down] - fall * down), np.median(below[up] - rise * up)
    meet = fall_at + fall * (rise_at - fall_at) / (fall - rise)
    reached = max(
        np.sort(below[down])[int(_DEPTH_QUANTILE * len(down))], np.sort(below[up])[int(_DEPTH_QUANTILE * len(up))]
    )
    return reached / meet if meet > reached / _MAX_DEPTH else 0.0
