"""A straight scanned seam along x, for the tests of the tracking."""

import numpy as np

from weld_cell.records import SeamPath, SeamPoint

LENGTH_M = 0.1


def straight_path(length_m=LENGTH_M):
    s = np.linspace(0.0, length_m, 51)
    along = np.column_stack([s, np.zeros_like(s), np.zeros_like(s)])
    tangents, normals = np.tile([1.0, 0.0, 0.0], (len(s), 1)), np.tile([0.0, 0.0, 1.0], (len(s), 1))
    return SeamPath(along, tangents, normals, float(s[1]), length_m, 0)


def seen(s_m, shift_m, stamp_ns):
    """A seam point of a workpiece that has moved by (left, up)."""
    return SeamPoint(np.array([s_m, shift_m[0], shift_m[1]]), np.array([0.0, 0.0, 1.0]), stamp_ns)
