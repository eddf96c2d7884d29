"""Where the light of a plate ends, to parts of a row: it falls to one half there, however the image is blurred."""

import math

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import IMAGE, compiled, compiled_helper
from weld_cell.records import FloatArray, ImageArray
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, StraightLine, intersection

PLATE_ROWS = 16
"""Of a plate next to its end, by which its light is judged."""
_MOST_ROWS = 1.5  # from the last row: farther off is no blur of the end, but a shadow or speckle beside it
_FADED_ROWS = 4  # beyond its end its light is gone
_FLANK_PX = 10  # so far from its middle the stripe's light is looked for where it is not saturated
_MAX_UNSATURATED = 200.0  # grey value


def plate_end(section: CrossSection, line: Line, last: int, towards: int, aside: int) -> FloatArray:
    """(2,) where the light of a plate ends, on its line.

    Args:
        section: The measured profile; its light is known.
        line: The plate.
        last: Index of the plate's last point before its end.
        towards: +1: it ends at larger rows; -1: at smaller ones.
        aside: +1: what lies beyond its end is seen at smaller columns; -1: at larger ones.
    """
    part = slice(max(last - PLATE_ROWS, 0), last + 1) if towards > 0 else slice(last, last + PLATE_ROWS + 1)
    y, (left, top) = section.y[part], section.light_origin_px
    columns = section.upright_px(section.to_optical(np.column_stack([y, line.at(y)])))[:, 0].copy()
    beyond = float(section.rows[last]) + 0.5 * towards
    row = light_end(section.light, left, top, section.rows[part], columns, towards, aside)
    row = min(max(row, beyond - _MOST_ROWS), beyond + _MOST_ROWS)
    return intersection(line_of_sight(section, row), line)


@compiled_helper()
def _light_at(light: ImageArray, row: int, column: float) -> float:
    """Grey value at a place of the light, the mean of three columns; beyond the light its edge is repeated."""
    height, width = light.shape
    v, u = min(max(row, 0), height - 1), min(max(round(column), 1), width - 2)
    return (float(light[v, u - 1]) + float(light[v, u]) + float(light[v, u + 1])) / 3.0


@compiled(f'float64({IMAGE}, int64, int64, int64[::1], float64[::1], int64, int64)')
def light_end(
    light: ImageArray,
    left: int,
    top: int,
    rows: NDArray[np.int64],
    columns: FloatArray,
    towards: int,
    aside: int,
) -> float:
    """Row at which the light of a plate falls to one half.

    The light is read along the plate's line, drawn on; beside its middle if that is saturated, where blur would seem
    to move the end.

    Args:
        light: (h, w), at least three columns.
        left, top: Column and row of its first pixel.
        rows: (n,) of the plate next to its end, at least one.
        columns: (n,) where the stripe is there.
        towards: +1: it ends at larger rows; -1: at smaller ones.
        aside: +1: larger columns are away from the other plate; -1: smaller ones.
    """
    last = rows[-1] if towards > 0 else rows[0]
    back = rows - rows.mean()
    slope = (back * columns).sum() / max((back * back).sum(), 1.0)
    at = columns.mean() + slope * (last - rows.mean())
    full, of_rows = np.empty(_FLANK_PX), np.empty(len(rows))
    for k in range(_FLANK_PX):
        for i in range(len(rows)):
            of_rows[i] = _light_at(light, rows[i] - top, columns[i] + aside * k - left)
        full[k] = np.median(of_rows)
    flank = 0
    while full[-1] <= _MAX_UNSATURATED < full[flank]:
        flank += 1
    seen = np.empty(2 * _FADED_ROWS + 1)
    for k in range(len(seen)):
        step = towards * (k - _FADED_ROWS)
        seen[k] = _light_at(light, last + step - top, at + slope * step + aside * flank - left)
    half, k = 0.5 * (seen.min() + full[flank]), len(seen) - 1
    while k >= 0 and seen[k] < half:
        k -= 1
    k = k if k >= 0 else _FADED_ROWS
    if k + 1 == len(seen) or seen[k] <= seen[k + 1]:
        return float(last + 0.5 * towards)
    return float(last + towards * (k - _FADED_ROWS + (seen[k] - half) / (seen[k] - seen[k + 1])))


def line_of_sight(section: CrossSection, row: float) -> StraightLine:
    """The line of all points that are seen in a row."""
    after = min(max(int(np.searchsorted(section.rows, row)), 1), len(section.rows) - 1)
    first, last = section.rows[after - 1], section.rows[after]
    part = min(max((row - first) / (last - first), 0.0), 1.0)
    if math.isinf(section.eye_height):
        y = section.y[after - 1] + part * (section.y[after] - section.y[after - 1])
        return StraightLine((float(y), 0.0), (0.0, 1.0))
    before, behind = (section.y[k] / (section.eye_height - section.z[k]) for k in (after - 1, after))
    return StraightLine((0.0, section.eye_height), (float(before + part * (behind - before)), -1.0))
