"""Curves through points with given derivatives, as joint_trajectory_controller interpolates its trajectories."""

from math import comb, perm

import numpy as np
from scipy.interpolate import BPoly

from weld_cell.records import FloatArray


def hermite_curve(times_s: FloatArray, derivatives: FloatArray) -> BPoly:
    """Piecewise polynomial that has the given value and derivatives at each time.

    Linear from positions alone, cubic with velocities, quintic with accelerations. The same as
    `BPoly.from_derivatives`, for all intervals at once (a weld has a thousand; theirs takes 0.3 s). The
    coefficients in the Bernstein basis of degree n follow from its derivatives at an end of an interval h:
    c_j = sum over i <= j of comb(j, i) (n - i)! / n! h^i y^(i).

    Args:
        times_s: (n,) strictly ascending, n >= 2.
        derivatives: (n, d, k) of k coordinates: values, first, ... derivatives.

    Raises:
        ValueError: fewer than 2 times, or the shapes do not fit.
    """
    if len(times_s) < 2 or derivatives.ndim != 3 or len(derivatives) != len(times_s):
        raise ValueError(f'expected n >= 2 times and (n, d, k) values, got {len(times_s)} and {derivatives.shape}')
    spans = np.diff(times_s)[:, None]
    at_start = _end_coefficients(derivatives[:-1], spans)
    at_end = _end_coefficients(derivatives[1:], -spans)
    return BPoly(np.stack([*at_start, *reversed(at_end)]), times_s)


def _end_coefficients(derivatives: FloatArray, spans: FloatArray) -> list[FloatArray]:
    count = derivatives.shape[1]
    degree = 2 * count - 1
    return [
        np.sum([comb(j, i) / perm(degree, i) * spans ** i * derivatives[:, i] for i in range(j + 1)], axis=0)
        for j in range(count)]
