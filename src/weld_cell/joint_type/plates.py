"""A line for each of the two plates in a stripe, and the deviation of each row from the nearer one."""

from dataclasses import dataclass

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.joint_type.plate_start import plate_start
from weld_cell.records import BoolArray, FloatArray

_INLIER_PX = 2.5  # a row nearer to the line lies on the plate
_INLIER_SCATTERS = 3.0
_MOST_INLIER_PX = 6.0  # however wild the end: half of it may be a streak of spatter
_FEWEST_ROWS = 5  # on the line, to draw it better by least squares
_LEAVE_ROWS, _LEAVE_OFF = 7, 6  # the plate ends where so many of so many rows in succession are off its line
_LEAST_DEPTH_PX = 1.5  # nothing shallower counts as a groove
_DEPTH_SCATTERS = 3.0
_GROOVE_HOLE_ROWS = 9  # shorter holes do not part a groove


@dataclass(frozen=True)
class PlateLine:
    """column = at + slope * row, row counted from the stripe's first.

    Attributes:
        slope: Columns a row.
        at: Column at row 0.
        scatter_px: Median distance of the stripe's end from the line.
    """

    slope: float
    at: float
    scatter_px: float


@dataclass(frozen=True, eq=False)
class JointShape:
    """A stripe against its two plates; larger columns are deeper.

    Attributes:
        columns_px: (n,) stripe, freed of single wild rows.
        plates: The lines of the plate at the first rows and of that at the last rows.
        below_px: (n,) depth below the nearer plate's line; negative above it.
        split: Row index where the nearer plate changes.
        step_px: Distance of the plates' lines there.
        groove: Rows of the largest groove below both plates; empty where there is none.
    """

    columns_px: FloatArray
    plates: tuple[PlateLine, PlateLine]
    below_px: FloatArray
    split: int
    step_px: float
    groove: slice

    @property
    def mean_slope(self) -> float:
        """Of the two plates, columns a row."""
        return (self.plates[0].slope + self.plates[1].slope) / 2


def joint_shape(columns_px: FloatArray) -> JointShape:
    """Take the plates away from a stripe.

    Args:
        columns_px: (n,) stripe centre in successive rows, larger is deeper; of a StripeCurve, thus enough.
    """
    columns, below = np.empty_like(columns_px), np.empty_like(columns_px)
    _without_wild_rows(columns_px, columns)
    row = np.arange(0.0, len(columns))
    plates = fit_plate(row, columns), fit_plate(row[::-1].copy(), columns[::-1].copy())
    lines = np.array([[plate.slope, plate.at] for plate in plates])
    split, step = _below_nearer_plate(columns, lines, below)
    scatter = max(plate.scatter_px for plate in plates)
    first, stop = _largest_groove(below, max(_LEAST_DEPTH_PX, _DEPTH_SCATTERS * scatter))
    return JointShape(columns, plates, below, split, step, slice(first, stop))


def fit_plate(row: FloatArray, column: FloatArray) -> PlateLine:
    """The line of the plate on which a stripe begins.

    The line that most of its first rows follow finds the plate; least squares over its rows, up to where the stripe
    leaves it for good, then make it exact enough to be drawn on to the joint.

    Args:
        row: (n,) in order from the stripe's end inwards, at least 40.
        column: (n,).
    """
    slope, at, end = plate_start(column)
    slope *= row[1] - row[0]
    return PlateLine(*_drawn_on(row, column, slope, at - slope * row[0], end))


@compiled('float64(float64[::1])')
def median(values: FloatArray) -> float:
    """The middle value of at least one (of an even count the upper one), many times faster than np.median."""
    middle = len(values) // 2
    value: float = np.partition(values, middle)[middle]
    return value


@compiled('void(float64[::1], float64[::1])')
def _without_wild_rows(columns: FloatArray, smooth: FloatArray) -> None:
    """Fill smooth (n,) with medians of five successive rows, the end rows repeated; in the single precision that
    models know.
    """
    count = len(columns)
    padded = np.empty(count + 4, np.float32)
    for i in range(count + 4):
        padded[i] = columns[min(max(i - 2, 0), count - 1)]
    for i in range(count):
        a, b, c, d = padded[i], padded[i + 1], padded[i + 3], padded[i + 4]
        low, high = max(min(a, b), min(c, d)), min(max(a, b), max(c, d))
        smooth[i] = max(min(low, high), min(max(low, high), padded[i + 2]))


@compiled_helper()
def _leaves(near: BoolArray) -> int:
    """The first row from which on enough of the next rows are off the plate; n where the stripe never leaves it.

    Rows before the first one on the plate do not count: a streak may cover the stripe's end.
    """
    begin = np.argmax(near)
    off = 0
    for i in range(begin, len(near)):
        off += not near[i]
        if i >= begin + _LEAVE_ROWS:
            off -= not near[i - _LEAVE_ROWS]
        if i >= begin + _LEAVE_ROWS - 1 and off >= _LEAVE_OFF:
            return i - (_LEAVE_ROWS - 1)
    return len(near)


@compiled_helper()
def _least_squares(row: FloatArray, column: FloatArray, near: BoolArray, stop: int) -> tuple[float, float]:
    """Slope and column at row 0 of the line through the near ones among the first rows; two of them at least."""
    x, y = row[:stop][near[:stop]], column[:stop][near[:stop]]
    x_mean, y_mean = x.mean(), y.mean()
    x -= x_mean
    slope = (x * y).sum() / (x * x).sum()
    return slope, y_mean - slope * x_mean


@compiled('UniTuple(float64, 3)(float64[::1], float64[::1], float64, float64, int64)')
def _drawn_on(row: FloatArray, column: FloatArray, slope: float, at: float, end: int) -> tuple[float, float, float]:
    """Slope, column at row 0 and scatter of a plate, of its line at the stripe's first rows; see `fit_plate`."""
    off = np.abs(column - (at + slope * row))
    scatter = median(off[:end])
    near = off < min(max(_INLIER_PX, _INLIER_SCATTERS * scatter), _MOST_INLIER_PX)
    stop = max(end, _leaves(near))
    if near[:stop].sum() >= _FEWEST_ROWS:
        slope, at = _least_squares(row, column, near, stop)
    return slope, at, scatter


@compiled('Tuple((int64, float64))(float64[::1], float64[:, ::1], float64[::1])')
def _below_nearer_plate(columns: FloatArray, lines: FloatArray, below: FloatArray) -> tuple[int, float]:
    """Fill in the depth below the nearer plate (n,); the row where that changes, and the plates' distance there."""
    split = 0
    for i in range(len(columns)):
        below_first = columns[i] - (lines[0, 1] + lines[0, 0] * i)
        below_last = columns[i] - (lines[1, 1] + lines[1, 0] * i)
        on_first = abs(below_first) < abs(below_last)
        below[i] = below_first if on_first else below_last
        split += on_first
    split = min(split, len(columns) - 1)
    return split, abs(lines[0, 1] + lines[0, 0] * split - (lines[1, 1] + lines[1, 0] * split))


@compiled('UniTuple(int64, 2)(float64[::1], float64)')
def _largest_groove(below: FloatArray, threshold: float) -> tuple[int, int]:
    """First and end row of the groove with the largest area, (0, 0) where there is none; short holes are closed."""
    area = np.zeros(len(below) + 1)  # above each row
    area[1:] = np.cumsum(below)
    best, largest = (0, 0), -np.inf
    first, stop = -1, -_GROOVE_HOLE_ROWS - 1
    for i in range(len(below) + 1):
        deep = i < len(below) and below[i] > threshold
        apart = i == len(below) or (deep and i - stop > _GROOVE_HOLE_ROWS)
        if apart and first >= 0 and area[stop] - area[first] > largest:
            best, largest = (first, stop), area[stop] - area[first]
        if deep:
            first, stop = i if apart else first, i + 1
    return best
