"""Hermite curves, as joint_trajectory_controller interpolates its trajectories."""

from collections.abc import Iterator
from math import comb, perm

import numpy as np
from scipy.interpolate import BPoly

from weld_cell.records import FloatArray

PART_INTERVALS = 400


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
        np.sum([comb(j, i) / perm(degree, i) * spans**i * derivatives[:, i] for i in range(j + 1)], axis=0)
        for j in range(count)
    ]


def in_parts(curve: BPoly) -> Iterator[BPoly]:
    """The curve in parts of PART_INTERVALS at most, one after the other; each ends where the next one begins.

    Who looks at a whole weld at once needs megabytes for a moment, which the process then keeps for minutes.
    """
    for first in range(0, len(curve.x) - 1, PART_INTERVALS):
        yield BPoly(curve.c[:, first : first + PART_INTERVALS], curve.x[first : first + PART_INTERVALS + 1])


def sampled(curve: BPoly, places: int) -> tuple[FloatArray, FloatArray]:
    """Value, velocity and acceleration at even places of every interval, and at the curve's end.

    As the curve's own calls give them, in a thirtieth of their time: the places are the same parts of all intervals,
    so that one matrix of Bernstein polynomials serves them all. A robot's states must not wait for a check of limits.

    Args:
        curve: Of k coordinates over n - 1 intervals.
        places: In each interval, from its beginning on.

    Returns:
        Times (m,) with m = (n - 1) places + 1, and (3, m, k) values, first and second derivatives there.
    """
    parts = np.arange(places) / places
    spans = np.diff(curve.x)[:, None]
    times = np.append(curve.x[:-1, None] + spans * parts, curve.x[-1])
    derivatives = np.zeros((3, len(times), curve.c.shape[-1]))
    coefficients = curve.c
    for order in range(min(3, len(curve.c))):
        degree = len(coefficients) - 1
        inside = np.tensordot(_bernstein(degree, parts), coefficients, 1)
        derivatives[order, :-1] = inside.transpose(1, 0, 2).reshape(len(times) - 1, -1)
        derivatives[order, -1] = coefficients[-1, -1]
        coefficients = degree * np.diff(coefficients, axis=0) / spans
    return times, derivatives


def _bernstein(degree: int, parts: FloatArray) -> FloatArray:
    """(p, degree + 1) the Bernstein polynomials of a degree at parts (p,) of their interval."""
    j = np.arange(degree + 1)
    counts = np.array([comb(degree, k) for k in j])
    polynomials: FloatArray = counts * parts[:, None] ** j * (1.0 - parts[:, None]) ** (degree - j)
    return polynomials
