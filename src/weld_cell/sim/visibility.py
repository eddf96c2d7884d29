"""What a point source sees of a curve in a plane: the first hit along each of its rays."""

import numpy as np

from weld_cell.records import BoolArray, FloatArray

_TOLERANCE_M = 1e-6


def first_hits(sideways: FloatArray, depth: FloatArray) -> BoolArray:
    """Which points of a chain are seen from an eye at the origin, none of them hidden by another part.

    The chain is cut where its rays turn back. A run of growing rays faces the eye and can hide what lies deeper on
    the same rays; a run that turns back shows its rear and is never seen.

    Args:
        sideways: (n,) coordinate across the looking direction, ascending where the chain faces the eye.
        depth: (n,) along the looking direction, positive.
    """
    ray = sideways / depth
    falling = np.diff(ray) < -1e-12
    if not falling.any():
        return np.ones(len(ray), dtype=bool)
    seen = np.ones(len(ray), dtype=bool)
    seen[1:] &= ~falling
    for run in _rising_runs(falling):
        hides = (ray > ray[run[0]]) & (ray < ray[run[1] - 1])
        front = np.interp(ray, ray[run[0] : run[1]], depth[run[0] : run[1]])
        seen &= ~(hides & (depth > front + _TOLERANCE_M))
    return seen


def _rising_runs(falling: BoolArray) -> list[tuple[int, int]]:
    """First index and end index of each run of at least two points without a falling step."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], falling, [True]]).astype(np.int8)))
    return [(int(a), int(b) + 1) for a, b in edges.reshape(-1, 2)]
