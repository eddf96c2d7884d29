"""The strongest continuous curve through ridge pieces, by dynamic programming over the pieces.

The value of a curve is the support of its points, less a cost for every leap from one piece to the next. A leap
inside a joint (the step of a lap, the bottom of a gap) is cheap, a leap to clutter far away dear, so that the
curve may go deep into a gap for a few dim rows but not across the image for a spark.
"""

import math

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import BoolArray, FloatArray
from weld_cell.stripe.pieces import Pieces
from weld_cell.stripe.points import STEP_PX, IntArray

FREE_SLOPE = 1.0
"""Over a gap the stripe may move this many columns a row without cost."""
LEAP_COST = 0.15
"""Cost, in rows of full support, of a leap to e - 1 columns."""
SKIP_COST = 0.01
"""Cost, in rows of full support, of each row over which a leap goes: beyond the stripe's ends lies noise."""


def strongest_chain(pieces: Pieces, free: BoolArray, jump_px: float) -> IntArray:
    """The numbers of the pieces of the best curve, from top to bottom.

    Args:
        pieces: Of one image.
        free: (m,) which of them may take part, at least one.
        jump_px: A leap this wide costs a row of full support, others by the square of their width; a small
            cost that grows with its logarithm comes on top.
    """
    return _strongest_chain(pieces.rows, pieces.columns, pieces.support, pieces.bounds, free, jump_px)


def chain_points(pieces: Pieces, chain: IntArray) -> IntArray:
    """Points on a chain, one for each row (the better supported one), rows ascending."""
    return _chain_points(pieces.rows, pieces.support, pieces.bounds, chain)


@compiled_helper()
def _shared_rows(columns: IntArray, support: FloatArray, one: int, other: int, count: int) -> tuple[float, float]:
    """In the rows that two pieces share, from their points on: the support lost there, and how near they come."""
    lost, nearest = 0.0, np.inf
    for k in range(count):
        lost += min(support[one + k], support[other + k])
        nearest = min(nearest, float(abs(columns[one + k] - columns[other + k])))
    return lost, nearest


@compiled_helper()
def _best_before(
    rows: IntArray,
    columns: IntArray,
    support: FloatArray,
    bounds: IntArray,
    best: FloatArray,
    lower: int,
    jump_px: float,
) -> tuple[float, int]:
    """What the best curve that goes on with a piece brings along, less the leap, and its last piece; 0, -1 for none.

    The best are mostly near by: from there upwards few leaps are worth a look.
    """
    gain, previous = 0.0, -1
    begin, last_row = bounds[lower], rows[bounds[lower + 1] - 1]
    for upper in range(lower - 1, -1, -1):
        end = bounds[upper + 1] - 1
        if best[upper] < gain or rows[bounds[upper]] >= rows[begin] or rows[end] >= last_row:
            continue
        skipped, lost = rows[begin] - rows[end] - 1, 0.0
        leap = float(abs(columns[begin] - columns[end]))
        if skipped < 0:
            lost, leap = _shared_rows(columns, support, end + skipped + 1, begin, -skipped)
        leap = max(leap - STEP_PX - FREE_SLOPE * max(skipped, 0), 0.0)
        reached = best[upper] - (
            lost + SKIP_COST * max(skipped, 0) + LEAP_COST * math.log1p(leap) + (leap / jump_px) ** 2
        )
        if reached > 0.0 and reached >= gain:  # of equals the first
            gain, previous = reached, upper
    return gain, previous


@compiled_helper()
def _traced_back(previous: IntArray, last: int) -> IntArray:
    """The chain that ends in a piece, from top to bottom."""
    backwards = np.empty(len(previous), np.int64)
    length = 0
    while last >= 0:
        backwards[length] = last
        length += 1
        last = previous[last]
    return backwards[:length][::-1].copy()


@compiled('int64[::1](int64[::1], int64[::1], float64[::1], int64[::1], boolean[::1], float64)')
def _strongest_chain(
    rows: IntArray,
    columns: IntArray,
    support: FloatArray,
    bounds: IntArray,
    free: BoolArray,
    jump_px: float,
) -> IntArray:
    """For each piece the best curve that ends in it, from which earlier piece; then back from the best of all."""
    best, previous = np.full(len(free), -np.inf), np.full(len(free), -1)
    for lower in range(len(free)):
        if not free[lower]:
            continue
        gain, previous[lower] = _best_before(rows, columns, support, bounds, best, lower, jump_px)
        best[lower] = gain + support[bounds[lower] : bounds[lower + 1]].sum()
    return _traced_back(previous, int(best.argmax()))


@compiled('int64[::1](int64[::1], float64[::1], int64[::1], int64[::1])')
def _chain_points(rows: IntArray, support: FloatArray, bounds: IntArray, chain: IntArray) -> IntArray:
    """As `chain_points`; of two points in a row that are supported alike the one of the earlier piece stands."""
    first, last = rows[bounds[chain[0]]], rows[bounds[chain[-1] + 1] - 1]
    best = np.full(last - first + 1, -1)
    for piece in chain:
        for point in range(bounds[piece], bounds[piece + 1]):
            row = rows[point] - first
            if best[row] < 0 or support[point] > support[best[row]]:
                best[row] = point
    return best[best >= 0]
