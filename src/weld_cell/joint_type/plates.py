"""A stripe against the two plates that it lies on: a line for each, and what deviates from the nearer one."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.joint_type.plate_start import plate_start
from weld_cell.records import BoolArray, FloatArray

_INLIER_PX = 2.5              # a row nearer to the line lies on the plate
_INLIER_SCATTERS = 3.0
_MOST_INLIER_PX = 6.0         # however wild the end: half of it may be a streak of spatter
_FEWEST_ROWS = 5              # on the line, to draw it better by least squares
_LEAVE_ROWS, _LEAVE_OFF = 7, 6  # the plate ends where so many of so many rows in succession are off its line
_LEAST_DEPTH_PX = 1.5         # nothing shallower counts as a groove
_DEPTH_SCATTERS = 3.0
_GROOVE_HOLE_ROWS = 9         # shorter holes do not part a groove


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


def joint_shape(columns_px: FloatArray) -> JointShape:
    """Take the plates away from a stripe.

    Args:
        columns_px: (n,) stripe centre in successive rows, larger is deeper.
    """
    columns = cv2.medianBlur(columns_px.astype(np.float32).reshape(-1, 1), 5).ravel().astype(float)
    row = np.arange(len(columns), dtype=float)
    plates = fit_plate(row, columns), fit_plate(row[::-1], columns[::-1])
    below = [columns - (plate.at + plate.slope * row) for plate in plates]
    on_first = np.abs(below[0]) < np.abs(below[1])
    split = min(int(np.count_nonzero(on_first)), len(columns) - 1)
    nearest = np.where(on_first, below[0], below[1])
    scatter = max(plate.scatter_px for plate in plates)
    groove = _largest_groove(nearest, max(_LEAST_DEPTH_PX, _DEPTH_SCATTERS * scatter))
    return JointShape(columns, plates, nearest, split, abs(float(below[0][split] - below[1][split])), groove)


def fit_plate(row: FloatArray, column: FloatArray) -> PlateLine:
    """The line of the plate on which a stripe begins.

    The line that most of its first rows follow finds the plate; least squares over its rows, up to where the stripe
    leaves it for good, then make it exact enough to be drawn on to the joint.

    Args:
        row: (n,) in order from the stripe's end inwards.
        column: (n,).
    """
    slope, at, end = plate_start(column)
    slope *= row[1] - row[0]
    at -= slope * row[0]
    off = np.abs(column - (at + slope * row))
    scatter = median(off[:end])
    near = off < min(max(_INLIER_PX, _INLIER_SCATTERS * scatter), _MOST_INLIER_PX)
    leaves = np.convolve(~near, np.ones(_LEAVE_ROWS), 'valid') >= _LEAVE_OFF
    leaves[:int(near.argmax())] = False
    stop = max(end, int(leaves.argmax()) if leaves.any() else len(row))
    x, y = row[:stop][near[:stop]], column[:stop][near[:stop]]
    if len(x) < _FEWEST_ROWS:
        return PlateLine(slope, at, scatter)
    x_mean, y_mean = float(x.mean()), float(y.mean())
    x = x - x_mean
    slope = float(x @ y) / float(x @ x)
    return PlateLine(slope, y_mean - slope * x_mean, scatter)


def median(values: FloatArray) -> float:
    """The middle value (of an even count the upper one); many times faster than np.median on so few."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def runs(flags: BoolArray) -> NDArray[np.intp]:
    """(k, 2) first index and end index of every run of True."""
    return np.flatnonzero(np.diff(np.concatenate([[0], flags.view(np.int8), [0]]))).reshape(-1, 2)


def _largest_groove(below_px: FloatArray, threshold_px: float) -> slice:
    """The rows of the groove with the largest area; short holes in it are closed."""
    deep = runs(below_px > threshold_px)
    if not len(deep):
        return slice(0, 0)
    apart = deep[1:, 0] - deep[:-1, 1] > _GROOVE_HOLE_ROWS
    first, stop = deep[np.concatenate([[True], apart]), 0], deep[np.concatenate([apart, [True]]), 1]
    area = np.concatenate([[0.0], np.cumsum(below_px)])
    best = int((area[stop] - area[first]).argmax())
    return slice(int(first[best]), int(stop[best]))
