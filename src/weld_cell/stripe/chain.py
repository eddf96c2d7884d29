"""The strongest continuous curve through ridge pieces, by dynamic programming over the pieces.

The value of a curve is the support of its points, less a cost for every leap from one piece to the next. A leap
inside a joint (the step of a lap, the bottom of a gap) is cheap, a leap to clutter far away dear, so that the
curve may go deep into a gap for a few dim rows but not across the image for a spark.
"""

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.stripe.pieces import STEP_PX, IntArray, Pieces

FREE_SLOPE = 1.0
"""Over a gap the stripe may move this many columns a row without cost."""
LEAP_COST = 0.15
"""Cost, in rows of full support, of a leap to e - 1 columns."""


def strongest_chain(pieces: Pieces, jump_px: float) -> tuple[IntArray, float]:
    """The pieces of the best curve.

    Args:
        pieces: At least one.
        jump_px: A leap this wide costs a row of full support, others by the square of their width; a small
            cost that grows with its logarithm comes on top.

    Returns:
        Numbers of the pieces from top to bottom, and the curve's value in rows of full support.
    """
    own = np.add.reduceat(pieces.support, pieces.first)
    cost = _leap_costs(pieces, jump_px)
    best, previous = own.copy(), np.full(len(own), -1)
    for k in range(1, len(own)):
        gains = best[:k] - cost[:k, k]
        source = int(gains.argmax())
        if gains[source] > 0:
            best[k] += gains[source]
            previous[k] = source
    last = int(best.argmax())
    chain = [last]
    while previous[chain[-1]] >= 0:
        chain.append(int(previous[chain[-1]]))
    return np.array(chain[::-1]), float(best[last])


def _leap_costs(pieces: Pieces, jump_px: float) -> FloatArray:
    """(m, m) cost of going from piece i to piece j; infinite where j does not lie below i."""
    top_row, bottom_row = pieces.rows[pieces.first], pieces.rows[pieces.end - 1]
    skipped = top_row[None, :] - bottom_row[:, None] - 1
    leap = np.abs(pieces.columns[pieces.first][None, :] - pieces.columns[pieces.end - 1][:, None]).astype(float)
    below = (top_row[:, None] < top_row[None, :]) & (bottom_row[:, None] < bottom_row[None, :])
    upper, lower = np.nonzero(below & (skipped < 0))
    lost = np.zeros(leap.shape)
    if len(upper):
        lost[upper, lower], leap[upper, lower] = _shared_rows(pieces, upper, lower)
    leap = np.maximum(leap - STEP_PX - FREE_SLOPE * np.maximum(skipped, 0), 0.0)
    return np.where(below, lost + LEAP_COST * np.log1p(leap) + (leap / jump_px) ** 2, np.inf)


def _shared_rows(pieces: Pieces, upper: IntArray, lower: IntArray) -> tuple[FloatArray, FloatArray]:
    """For pairs of pieces with rows in common: the support that is lost there, and how near they come."""
    size = (len(pieces.first), int(pieces.rows.max()) + 1)
    piece = np.repeat(np.arange(size[0]), pieces.end - pieces.first)
    support, columns = np.zeros(size), np.zeros(size)
    support[piece, pieces.rows] = pieces.support
    columns[piece, pieces.rows] = pieces.columns
    lost = np.minimum(support[upper], support[lower]).sum(axis=1)
    shared = (support[upper] > 0) & (support[lower] > 0)
    apart = np.where(shared, np.abs(columns[upper] - columns[lower]), np.inf)
    return lost, apart.min(axis=1)


def chain_points(pieces: Pieces, chain: IntArray) -> IntArray:
    """Points on a chain, one for each row (the better supported one), rows ascending."""
    points = np.flatnonzero(_on_chain(pieces, chain))
    rows = pieces.rows[points]
    if (rows[1:] > rows[:-1]).all():  # no two pieces share a row: nothing to choose
        return points
    order = np.lexsort((-pieces.support[points], rows))
    points, rows = points[order], rows[order]
    kept: IntArray = points[np.concatenate([[True], rows[1:] > rows[:-1]])]
    return kept


def without(pieces: Pieces, chain: IntArray) -> Pieces:
    """The pieces that are not on a chain."""
    others = ~_on_chain(pieces, chain)
    lengths = np.delete(pieces.end - pieces.first, chain)
    end = np.cumsum(lengths)
    return Pieces(
        pieces.rows[others], pieces.columns[others], pieces.heights[others], pieces.support[others],
        end - lengths, end)


def _on_chain(pieces: Pieces, chain: IntArray) -> NDArray[np.bool_]:
    """(n,) which points belong to a chain."""
    chosen = np.zeros(len(pieces.first), bool)
    chosen[chain] = True
    return np.repeat(chosen, pieces.end - pieces.first)
