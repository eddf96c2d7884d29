"""Coverage of a set of views: missing image regions, tilts and rotations of the board."""

from collections.abc import Sequence

import numpy as np

from weld_cell.calibration.boards import BoardView
from weld_cell.records import FloatArray, IntArray

GRID = (3, 3)
"""Columns and rows of the regions of an image."""
LEAST_SHARE = 0.03
"""Of all points, in a region that counts as covered; a ninth would be even."""
TILT_DEG = 15.0
_COLUMNS, _ROWS = ('left', 'middle', 'right'), ('upper', 'middle', 'lower')
_TILTS = {
    (0, 1): 'the lower edge of the board towards the camera',
    (0, -1): 'the upper edge of the board towards the camera',
    (1, 1): 'the right edge of the board towards the camera',
    (1, -1): 'the left edge of the board towards the camera',
}
"""By axis of `tilts_deg` and sign."""


def region_counts(views: Sequence[BoardView]) -> IntArray:
    """(rows, columns) how many points lie in each region of the image."""
    pixels = np.concatenate([view.pixels for view in views])
    regions = (pixels / views[0].size_px * GRID).astype(int).clip(0, np.array(GRID) - 1)
    counts = np.zeros(GRID[::-1], int)
    np.add.at(counts, (regions[:, 1], regions[:, 0]), 1)
    return counts


def missing_views(views: Sequence[BoardView], tilts_deg: FloatArray) -> list[str]:
    """What to add, in words; empty where nothing is missing.

    Args:
        views: That are there.
        tilts_deg: (n, 2), see `Intrinsics.tilts_deg`.
    """
    counts = region_counts(views)
    poor = counts < LEAST_SHARE * counts.sum()
    missing = [f'the board in the {_region(row, column)} of the image' for row, column in np.argwhere(poor)]
    for (axis, sign), words in _TILTS.items():
        if not (sign * tilts_deg[:, axis] > TILT_DEG).any():
            missing.append(f'{words}, by {TILT_DEG:g} degrees or more')
    return missing


def _region(row: int, column: int) -> str:
    return 'middle' if row == column == 1 else f'{_ROWS[row]} {_COLUMNS[column]}'
