"""Ridge pieces: points that continue each other from row to row."""

from dataclasses import dataclass

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import BoolArray, FloatArray
from weld_cell.stripe.points import STEP_PX, IntArray, Points

MAX_HEIGHT_RATIO = 2.0
"""A piece ends where its height changes by this factor from row to row: at the edge of a gap only light spilt from
the stripe goes on, and where a second reflection crosses the stripe one must not be taken for the other."""
MAX_LIGHT_RATIO = 2.0
"""It also ends where the light across it, averaged over some rows on either side, changes by this factor."""
LIGHT_MEMORY = 0.85
"""Share of the rows before in that average, from row to row."""
HALF_SUPPORT = 8.0
"""A point has about half of the full support where it stands this many thresholds high."""
MAX_PIECES = 96
"""The chain looks at the pieces with the most support only."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Ridge pieces ordered by their first row, and their points ordered by piece, then row.

    Attributes:
        rows, columns: (n,) of the points; a piece has one in each row from its first to its last.
        light: (n,) of the points across the ridge.
        support: (n,) of the points, 0 to 1: near 0 at the noise, near 1 for a bright stripe.
        bounds: (m + 1,) the points of piece k are bounds[k] to bounds[k + 1] - 1.
    """

    rows: IntArray
    columns: IntArray
    light: FloatArray
    support: FloatArray
    bounds: IntArray


def link_pieces(points: Points, threshold: int) -> Pieces:
    """The pieces with the most support.

    Args:
        points: Of one image.
        threshold: Least height of a point, in grey levels.
    """
    support, piece, total = _pieces(points.rows, points.columns, points.heights, points.light, threshold)
    kept = np.ones(len(total), np.bool_)
    if len(total) > MAX_PIECES:
        kept[np.argpartition(-total, MAX_PIECES)[MAX_PIECES:]] = False
    return Pieces(*_by_piece(points.rows, points.columns, points.light, support, piece, kept))


@compiled_helper()
def _lies_before(row: int, column: int, other_row: int, other_column: int) -> bool:
    """Whether a place comes before another in the order of points."""
    return row < other_row or (row == other_row and column < other_column)


@compiled_helper()
def _continues(rows: IntArray, columns: IntArray, above: int, point: int) -> bool:
    """Whether the first point that a point reaches in the row above reaches no earlier one in the point's row."""
    if rows[above] != rows[point] - 1 or columns[above] > columns[point] + STEP_PX:
        return False
    return bool(rows[point - 1] != rows[point] or columns[point - 1] < columns[above] - STEP_PX)


@compiled('boolean(float64, float64)')
def _alike(height: float, other: float) -> bool:
    return height < MAX_HEIGHT_RATIO * other and other < MAX_HEIGHT_RATIO * height


@compiled_helper()
def _support(heights: FloatArray, threshold: int) -> FloatArray:
    """(n,) saturating, so that a short glare does not outweigh a long dim stripe."""
    return (heights - threshold + 1.0) / (heights + HALF_SUPPORT * threshold)


@compiled_helper()
def _share_of_stripe(rows: IntArray, light: FloatArray) -> FloatArray:
    """(n,) light of points in parts of the brightest in their row, or of what that usually has; at most 1.

    A second reflection stands as high over the noise as the stripe, but is narrower and dimmer: without this, the
    curve through the corner of a fillet goes straight on along the reflection instead of turning with the stripe.
    The dim bottom of a gap has its row for itself, and a spark is brighter than the stripe usually is.
    """
    if len(rows) == 0:
        return light
    brightest = np.zeros(rows[-1] + 1)
    for point in range(len(rows)):
        brightest[rows[point]] = max(brightest[rows[point]], light[point])
    usual = np.median(brightest[brightest > 0])
    share = np.empty(len(rows))
    for point in range(len(rows)):
        share[point] = min(light[point] / min(brightest[rows[point]], usual), 1.0)
    return share


@compiled_helper()
def _linked(rows: IntArray, columns: IntArray, heights: FloatArray) -> IntArray:
    """(n,) the point in the row above that each continues, -1 where there is none.

    Two points continue each other where each is the first of its row within reach of the other.
    """
    linked = np.full(len(rows), -1)
    above = 0
    for point in range(len(rows)):
        while _lies_before(rows[above], columns[above], rows[point] - 1, columns[point] - STEP_PX):
            above += 1
        if _continues(rows, columns, above, point) and _alike(heights[above], heights[point]):
            linked[point] = above
    return linked


@compiled_helper()
def _part_by_light(linked: IntArray, light: FloatArray) -> None:
    """Set -1 in linked (n,) where the light (n,) of what lies above and of what goes on is plainly another.

    Where the stripe is dark at the corner of a fillet, its second reflection goes straight on into it: as one piece
    both would belong to the curve or neither.
    """
    before, after, jump = light.copy(), light.copy(), np.zeros(len(light))
    for point in range(len(linked)):
        if linked[point] >= 0:
            before[point] += LIGHT_MEMORY * (before[linked[point]] - before[point])
    below = np.full(len(linked), -1)
    for point in range(len(linked) - 1, -1, -1):
        if below[point] >= 0:
            after[point] += LIGHT_MEMORY * (after[below[point]] - after[point])
        if linked[point] >= 0:
            below[linked[point]] = point
            above = before[linked[point]]
            jump[point] = max(after[point], above) / min(after[point], above)
    for point in range(len(linked) - 1, -1, -1):
        above, next_one = linked[point], below[point]
        if (
            jump[point] > MAX_LIGHT_RATIO
            and jump[point] >= jump[above]
            and (next_one < 0 or jump[point] > jump[next_one])
        ):
            linked[point] = -1


@compiled_helper()
def _piece_of_point(linked: IntArray, support: FloatArray) -> tuple[IntArray, FloatArray]:
    """(n,) number of each point's piece, numbered by their first points; (m,) support of each piece."""
    piece, total = np.empty(len(linked), np.int64), np.zeros(len(linked))
    found = 0
    for point in range(len(linked)):
        if linked[point] >= 0:
            piece[point] = piece[linked[point]]
        else:
            piece[point] = found
            found += 1
        total[piece[point]] += support[point]
    return piece, total[:found]


@compiled_helper()
def _order(piece: IntArray, kept: BoolArray) -> tuple[IntArray, IntArray]:
    """The points of the kept pieces, piece by piece, and the bounds of each piece among them."""
    length = np.zeros(len(kept), np.int64)
    for number in piece:
        length[number] += kept[number]
    bounds, place = np.zeros(kept.sum() + 1, np.int64), np.zeros(len(kept), np.int64)
    pieces = 0
    for number in range(len(kept)):
        place[number] = bounds[pieces]
        if kept[number]:
            pieces += 1
            bounds[pieces] = place[number] + length[number]
    order = np.empty(bounds[pieces], np.int64)
    for point, number in enumerate(piece):
        if kept[number]:
            order[place[number]] = point
            place[number] += 1
    return order, bounds


@compiled(
    'Tuple((int64[::1], int64[::1], float64[::1], float64[::1], int64[::1]))'
    '(int64[::1], int64[::1], float64[::1], float64[::1], int64[::1], boolean[::1])'
)
def _by_piece(
    rows: IntArray,
    columns: IntArray,
    light: FloatArray,
    support: FloatArray,
    piece: IntArray,
    kept: BoolArray,
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, IntArray]:
    """What `Pieces` holds, of points (n,), their pieces' numbers (n,) and which of these (m,) are kept."""
    order, bounds = _order(piece, kept)
    return rows[order], columns[order], light[order], support[order], bounds


@compiled(
    'Tuple((float64[::1], int64[::1], float64[::1]))(int64[::1], int64[::1], float64[::1], float64[::1], int64)'
)
def _pieces(
    rows: IntArray,
    columns: IntArray,
    heights: FloatArray,
    light: FloatArray,
    threshold: int,
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Support of each point (n,), number of its piece (n,), and support of each piece (m,)."""
    support = _support(heights, threshold) * _share_of_stripe(rows, light)
    linked = _linked(rows, columns, heights)
    _part_by_light(linked, light)
    piece, total = _piece_of_point(linked, support)
    return support, piece, total
