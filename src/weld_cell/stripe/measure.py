"""From the ridge at half size to the stripe's rows at full size: both sides of a leap, and no spilt light."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe.centre import subpixel_centres
from weld_cell.stripe.pieces import STEP_PX, IntArray

SEARCH_SCALE = 2
"""The ridge is searched in an image smaller by this factor."""
SPILL_ROWS = 8
SPILL_PX = 6.0
SPILL_SHARE = 0.35
"""A row is not lit itself where its stripe has less than this share of the contrast of a row so near by; deep in a
gap, where the stripe is dim as well, it stands at another column."""


def measure_stripe(
        image: ImageArray, rows: IntArray, columns: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
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
    near = rows[1:] - rows[:-1] <= SEARCH_SCALE
    leap = np.flatnonzero((np.abs(columns[1:] - columns[:-1]) > STEP_PX) & near)
    full_rows = _doubled(np.concatenate([rows, rows[leap], rows[leap + 1]]))
    full_columns = SEARCH_SCALE * np.concatenate([columns, columns[leap + 1], columns[leap]])
    centres = subpixel_centres(image, full_rows, np.repeat(full_columns, SEARCH_SCALE))
    best = np.arange(SEARCH_SCALE * len(rows))
    if len(leap):
        _take_other_side(best, full_rows, centres.contrast)
    best = best[_lit(full_rows[best], centres.columns[best], centres.contrast[best])]
    return full_rows[best].astype(float), centres.columns[best], centres.grey[best]


def _doubled(rows: IntArray) -> IntArray:
    """The full-size rows that belong to half-size rows."""
    return (SEARCH_SCALE * rows[:, None] + np.arange(SEARCH_SCALE)).ravel()


def _take_other_side(best: IntArray, rows: IntArray, contrast: FloatArray) -> None:
    """Put a row's second measurement (those behind the first n) into best (n,) where it has more contrast."""
    second = len(best) + np.argsort(contrast[len(best):])  # the strongest is written last
    first = np.searchsorted(rows[:len(best)], rows[second])
    stronger = contrast[second] > contrast[first]
    best[first[stronger]] = second[stronger]


def _lit(rows: IntArray, columns: FloatArray, contrast: FloatArray) -> NDArray[np.bool_]:
    """(n,) False where a row shows only light spilt from much brighter rows near by: the edge of a gap."""
    dense = np.zeros(rows[-1] - rows[0] + 1)
    dense[rows - rows[0]] = contrast
    around = maximum_filter1d(dense, 2 * SPILL_ROWS + 1)[rows - rows[0]]
    lit: NDArray[np.bool_] = contrast >= SPILL_SHARE * around
    dim = np.flatnonzero(~lit)
    if len(dim) == 0:
        return lit
    near = np.clip(dim[:, None] + np.arange(-SPILL_ROWS, SPILL_ROWS + 1), 0, len(rows) - 1)
    same_place = (np.abs(columns[near] - columns[dim, None]) <= SPILL_PX) \
        & (np.abs(rows[near] - rows[dim, None]) <= SPILL_ROWS)
    lit[dim] = contrast[dim] >= SPILL_SHARE * np.where(same_place, contrast[near], 0.0).max(axis=1)
    return lit
