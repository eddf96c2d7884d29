"""Compiled loops over the rows of a joint's two plates: interruptions and their contents."""

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.records import BoolArray, FloatArray

IndexArray = NDArray[np.int64]
_MARGIN_ROWS = 8  # of the plates before the first interruption that counts, and behind the last one
_LEAST_LOST = 2  # rows that make an interruption
_LEAST_STEP = 1e-9  # sum of squares of a step that a line cannot follow


@compiled('int64[:, ::1](int64[::1], boolean[::1], float64, float64)')
def lost_rows(rows: IndexArray, belongs: BoolArray, row_pitch: float, widest: float) -> IndexArray:
    """Where a surface is interrupted for at least two rows, not near its ends.

    Args:
        rows: (n,) image rows, ascending.
        belongs: (n,) whether the surface shows there.
        row_pitch: Distance between neighbouring rows, metres.
        widest: Longest interruption, metres.

    Returns:
        (k, 2) indices of the last point before and of the first one after each interruption.
    """
    on = np.flatnonzero(belongs)
    found, count = np.empty((len(on), 2), np.int64), 0
    for k in range(_MARGIN_ROWS, len(on) - _MARGIN_ROWS):
        lost = rows[on[k + 1]] - rows[on[k]] - 1
        if lost >= _LEAST_LOST and lost * row_pitch <= widest:
            found[count, 0], found[count, 1] = on[k], on[k + 1]
            count += 1
    return found[:count]


@compiled('int64(float64[::1], float64[::1], float64[::1], float64[::1], float64)')
def rows_below(y: FloatArray, z: FloatArray, left: FloatArray, right: FloatArray, limit: float) -> int:
    """How many points lie deeper than a limit below two lines, less those so high above: noise lies on both sides.

    Args:
        y: (n,) places, metres.
        z: (n,) heights, metres.
        left: (2,) slope and height of a line.
        right: (2,) of another one; the lower of both counts.
        limit: Metres.
    """
    balance = 0
    for i in range(len(y)):
        depth = min(left[1] + left[0] * y[i], right[1] + right[0] * y[i]) - z[i]
        balance += int(depth > limit) - int(depth < -limit)
    return balance


@compiled('float64[::1](float64[::1], float64[::1], float64[::1])')
def step_gains(y: FloatArray, z: FloatArray, places: FloatArray) -> FloatArray:
    """By how much (k,) a step at each of some places reduces the squared residuals of a line through points.

    Args:
        y: (n,) ascending, metres, n >= 2.
        z: (n,) heights, metres.
        places: (k,) a step lies behind each of them, metres.
    """
    dy = y - y.mean()
    spread = (dy * dy).sum()
    off = z - z.mean()
    off -= (off * dy).sum() / spread * dy
    gains = np.empty(len(places))
    for k in range(len(places)):
        share, lean = 0.0, 0.0  # of the step in the line's two regressors
        for i in range(len(y)):
            if y[i] > places[k]:
                share += 1.0 / len(y)
                lean += dy[i] / spread
        along, square = 0.0, 0.0
        for i in range(len(y)):
            step = (1.0 if y[i] > places[k] else 0.0) - share - lean * dy[i]
            along += off[i] * step
            square += step * step
        gains[k] = along * along / max(square, _LEAST_STEP)
    return gains
