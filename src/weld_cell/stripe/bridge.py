"""Interpolation of gaps in the stripe by straight lines (Zeng et al. 2020, section 3, step 4)."""

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.records import BoolArray, FloatArray


@compiled(
    'Tuple((float64[::1], float64[::1], float64[::1], boolean[::1]))(float64[::1], float64[::1], float64[::1], int64)'
)
def bridge_gaps(
    rows: FloatArray,
    columns: FloatArray,
    grey: FloatArray,
    bridge_rows: int,
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """The stripe's rows with its gaps filled.

    Args:
        rows: (n,) in which the stripe is seen, whole numbers, ascending, at least one.
        columns: (n,) centres.
        grey: (n,) grey values.
        bridge_rows: Longer gaps are left out.

    Returns:
        rows (m,), columns (m,), grey values (m,) 0 where bridged, and where they are bridged (m,).
    """
    most = int(rows[-1] - rows[0]) + 1
    every_row, every_column, intensity = np.empty(most), np.empty(most), np.zeros(most)
    bridged = np.ones(most, np.bool_)
    count = 0
    for k in range(len(rows)):
        gap = int(rows[k] - rows[k - 1]) - 1 if k else 0
        if 0 < gap <= bridge_rows:
            slope = (columns[k] - columns[k - 1]) / (rows[k] - rows[k - 1])
            for skipped in range(1, gap + 1):
                every_row[count] = rows[k - 1] + skipped
                every_column[count] = slope * skipped + columns[k - 1]
                count += 1
        every_row[count], every_column[count], intensity[count], bridged[count] = rows[k], columns[k], grey[k], False
        count += 1
    return every_row[:count], every_column[:count], intensity[:count], bridged[:count]
