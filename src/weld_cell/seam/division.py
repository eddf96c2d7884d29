"""Optimal division of nodes into line segments, compiled: see `weld_cell.seam.segmentation`."""

import math

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import FloatArray

IndexArray = NDArray[np.int64]
_MIN_NODES = 2  # of a line


@compiled_helper()
def _cumulative_sums(y: FloatArray, z: FloatArray) -> FloatArray:
    """(n + 1, 5) running sums of y, z, y^2, y z and z^2: their differences give the line through any nodes."""
    sums = np.zeros((len(y) + 1, 5))
    for i in range(len(y)):
        sums[i + 1, 0] = sums[i, 0] + y[i]
        sums[i + 1, 1] = sums[i, 1] + z[i]
        sums[i + 1, 2] = sums[i, 2] + y[i] * y[i]
        sums[i + 1, 3] = sums[i, 3] + y[i] * z[i]
        sums[i + 1, 4] = sums[i, 4] + z[i] * z[i]
    return sums


@compiled_helper()
def _line_through(sums: FloatArray, first: int, last: int) -> tuple[float, float, float]:
    """Slope, height and squared error of the line through nodes first..last; infinite error where it is none."""
    n = last - first + 1
    sy, sz = sums[last + 1, 0] - sums[first, 0], sums[last + 1, 1] - sums[first, 1]
    syy, syz = sums[last + 1, 2] - sums[first, 2], sums[last + 1, 3] - sums[first, 3]
    spread = n * syy - sy * sy
    if n < _MIN_NODES or spread <= 0.0:
        return 0.0, 0.0, math.inf
    slope = (n * syz - sy * sz) / spread
    height = (sz - slope * sy) / n
    return slope, height, sums[last + 1, 4] - sums[first, 4] - slope * syz - height * sz


@compiled_helper()
def _line_errors(sums: FloatArray) -> NDArray[np.float32]:
    """(n, n) squared error of the line through nodes first..last, as [first, last]; infinite where it is none.

    In single precision: so half as many bytes are searched.
    """
    count = len(sums) - 1
    errors = np.full((count, count), np.float32(np.inf))
    for first in range(count):
        for last in range(first + 1, count):
            errors[first, last] = _line_through(sums, first, last)[2]
    return errors


@compiled_helper()
def _best_division(errors: NDArray[np.float32], penalty: float, most: int) -> IndexArray:
    """Nodes (k, 2) first and last of each line of the division with the least error plus penalty for each line.

    Args:
        errors: (n, n) of each possible line, n >= 1.
        penalty: Not below 0.
        most: Lines, at least 1.
    """
    count = len(errors)
    rounds = max(min(most, count // _MIN_NODES), 1)
    totals = np.full((rounds, count), np.float32(np.inf))  # least error of k + 1 lines through nodes 0..last
    before = np.zeros((rounds, count), np.int32)  # last node before the last one of these lines
    for last in range(count):
        totals[0, last] = errors[0, last]
    for k in range(1, rounds):
        total, cut = totals[k], before[k]
        for first in range(1, count):
            head, line, place = totals[k - 1, first - 1], errors[first], np.int32(first - 1)
            for last in range(count):  # whole rows without branches: eight go at once
                through = head + line[last]
                better = through < total[last]
                total[last] = through if better else total[last]
                cut[last] = place if better else cut[last]
    lines = 1
    for k in range(1, rounds):
        if totals[k, -1] + np.float32(penalty * k) < totals[lines - 1, -1] + np.float32(penalty * (lines - 1)):
            lines = k + 1
    bounds, last = np.zeros((lines, 2), np.int64), count - 1
    for k in range(lines - 1, -1, -1):
        bounds[k, 0], bounds[k, 1] = (before[k, last] + 1 if k else 0), last
        last = bounds[k, 0] - 1
    return bounds


@compiled('Tuple((int64[:, ::1], float64[:, ::1]))(float64[::1], float64[::1], float64, int64)')
def divide(y: FloatArray, z: FloatArray, penalty: float, most: int) -> tuple[IndexArray, FloatArray]:
    """The division of nodes into lines with the least squared error plus a penalty for each line.

    Args:
        y: (n,) places, metres, n >= 1.
        z: (n,) heights, metres.
        penalty: In square metres, not below 0.
        most: Lines, at least 1.

    Returns:
        (k, 2) first and last node, and (k, 2) slope and height of each line, in the order of the nodes.
    """
    y_mean, z_mean = y.mean(), z.mean()  # keeps the sums small
    sums = _cumulative_sums(y - y_mean, z - z_mean)
    bounds = _best_division(_line_errors(sums), penalty, most)
    lines = np.empty((len(bounds), 2))
    for k in range(len(bounds)):
        slope, height, _ = _line_through(sums, bounds[k, 0], bounds[k, 1])
        lines[k, 0], lines[k, 1] = slope, height + z_mean - slope * y_mean
    return bounds, lines


@compiled_helper()
def _continued(
    piece: int,
    faces: IndexArray,
    bounds: IndexArray,
    lines: FloatArray,
    y: FloatArray,
    apart_m: float,
    break_m: float,
) -> int:
    """The first of some faces beside which a piece lies on the face's line, or -1."""
    first, last = bounds[piece]
    for k in range(len(faces)):
        face: int = faces[k]
        hole = y[bounds[face, 0]] - y[last] if first < bounds[face, 0] else y[first] - y[bounds[face, 1]]
        tilt, shift = lines[face, 0] - lines[piece, 0], lines[face, 1] - lines[piece, 1]
        apart = max(abs(shift + tilt * y[first]), abs(shift + tilt * y[last]))
        if hole <= break_m and apart * math.cos(math.atan(lines[face, 0])) < apart_m:
            return face
    return -1


@compiled('int64[::1](int64[:, ::1], float64[:, ::1], float64[::1], float64, float64)')
def merge_pieces(bounds: IndexArray, lines: FloatArray, y: FloatArray, apart_m: float, break_m: float) -> IndexArray:
    """Join stretches that a shadow or speckle cut out of one line; longer ones take in shorter ones.

    Args:
        bounds: (k, 2) first and last point of each stretch; those that take in others are widened.
        lines: (k, 2) slope and height of each.
        y: (n,) places of the points, metres.
        apart_m: A piece of a line leaves it by less than this.
        break_m: Longest break before or behind a piece.

    Returns:
        Numbers of the stretches that stand, longest first.
    """
    lengths = np.empty(len(bounds))
    for i in range(len(bounds)):
        lengths[i] = (y[bounds[i, 1]] - y[bounds[i, 0]]) / math.cos(math.atan(lines[i, 0]))
    standing, count = np.empty(len(bounds), np.int64), 0
    for _ in range(len(bounds)):
        piece = int(np.argmax(lengths))
        lengths[piece] = -math.inf
        face = _continued(piece, standing[:count], bounds, lines, y, apart_m, break_m)
        if face < 0:
            standing[count] = piece
            count += 1
        else:
            bounds[face, 0] = min(bounds[face, 0], bounds[piece, 0])
            bounds[face, 1] = max(bounds[face, 1], bounds[piece, 1])
    return standing[:count]
