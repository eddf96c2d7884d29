"""From the ridge at half resolution to the stripe's rows at full resolution."""

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import BoolArray, FloatArray, ImageArray
from weld_cell.stripe.centre import subpixel_centres
from weld_cell.stripe.points import STEP_PX, IntArray
from weld_cell.stripe.response import SEARCH_SCALE

SPILL_ROWS = 8
SPILL_PX = 6.0
SPILL_SHARE = 0.35
"""A row is not lit itself where its stripe has less than this share of the contrast of a row so near by; deep in a
gap, where the stripe is dim as well, it stands at another column."""


def measure_stripe(image: ImageArray, rows: IntArray, columns: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sub-pixel centres along a ridge.

    A row of the half-size image next to a leap may belong to both of its sides: its two rows are measured on either
    side, and the outcome of more contrast stands.

    Args:
        image: (h, w) uint8 at full size.
        rows: (n,) rows of the half-size image, ascending, at least one.
        columns: (n,) the ridge's columns in it.

    Returns:
        rows (m,), centres (m,) and grey values (m,) at full size.
    """
    full_rows, full_columns, first = _places(rows, columns)
    centres = subpixel_centres(image, full_rows, full_columns)
    return _lit_rows(full_rows, centres.columns, centres.grey, centres.contrast, first, SEARCH_SCALE * len(rows))


@compiled('UniTuple(int64[::1], 3)(int64[::1], int64[::1])')
def _places(rows: IntArray, columns: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Where the full-size image is measured.

    Returns:
        Rows (k,) and columns (k,): for each row of the half-size image its two rows, then the rows beside a leap with
        the column of the leap's other side; and the number of the same row's first measurement (k,).
    """
    near = rows[1:] - rows[:-1] <= SEARCH_SCALE
    leaps = np.flatnonzero(near & (np.abs(columns[1:] - columns[:-1]) > STEP_PX))
    at = np.concatenate((np.arange(len(rows)), leaps, leaps + 1))
    side = np.concatenate((np.arange(len(rows)), leaps + 1, leaps))
    full_rows = np.empty(SEARCH_SCALE * len(at), np.int64)
    full_columns, first = np.empty_like(full_rows), np.empty_like(full_rows)
    for k in range(len(full_rows)):
        place, within = divmod(k, SEARCH_SCALE)
        full_rows[k] = SEARCH_SCALE * rows[at[place]] + within
        full_columns[k] = SEARCH_SCALE * columns[side[place]]
        first[k] = SEARCH_SCALE * at[place] + within
    return full_rows, full_columns, first


@compiled_helper()
def _better_side(first: IntArray, contrast: FloatArray, rows: int) -> IntArray:
    """(rows,) the measurement of most contrast of each row; the first `rows` of them are the rows' own."""
    best = np.arange(rows)
    for second in range(rows, len(first)):
        row = first[second]
        if contrast[second] > contrast[row] and contrast[second] >= contrast[best[row]]:
            best[row] = second
    return best


@compiled('boolean[::1](int64[::1], float64[::1], float64[::1])')
def _lit(rows: IntArray, columns: FloatArray, contrast: FloatArray) -> BoolArray:
    """(n,) False where a row shows only light spilt from much brighter rows near by: the edge of a gap."""
    lit: BoolArray = contrast >= SPILL_SHARE * contrast.max()  # nowhere is it brighter than this
    begin = 0
    for k in np.flatnonzero(~lit):
        while rows[begin] < rows[k] - SPILL_ROWS:
            begin += 1
        brightest, near = 0.0, begin
        while near < len(rows) and rows[near] <= rows[k] + SPILL_ROWS:
            if abs(columns[near] - columns[k]) <= SPILL_PX:
                brightest = max(brightest, contrast[near])
            near += 1
        lit[k] = contrast[k] >= SPILL_SHARE * brightest
    return lit


@compiled('UniTuple(float64[::1], 3)(int64[::1], float64[::1], float64[::1], float64[::1], int64[::1], int64)')
def _lit_rows(
    full_rows: IntArray,
    columns: FloatArray,
    grey: FloatArray,
    contrast: FloatArray,
    first: IntArray,
    rows: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rows, centres and grey values of the lit rows, each from its better side; see `_places` and `_better_side`."""
    best = _better_side(first, contrast, rows)
    best = best[_lit(full_rows[best], columns[best], contrast[best])]
    return full_rows[best].astype(np.float64), columns[best], grey[best]
