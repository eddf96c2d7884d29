"""Hermite curves against scipy's slow constructor and against numbers by hand."""

import numpy as np
import pytest
from scipy.interpolate import BPoly

from weld_cell.geometry.hermite import PART_INTERVALS, hermite_curve, in_parts, sampled


@pytest.mark.parametrize('count', [0, 1])
def test_one_point_is_no_curve(count):
    with pytest.raises(ValueError, match='n >= 2 times'):
        hermite_curve(np.arange(float(count)), np.zeros((count, 1, 6)))


def test_cubic_by_hand():
    """From 0 to 1 in 2 s, at rest at both ends: 3 u^2 - 2 u^3 with u = t / 2."""
    curve = hermite_curve(np.array([0.0, 2.0]), np.array([[[0.0], [0.0]], [[1.0], [0.0]]]))
    np.testing.assert_allclose(curve(np.array([0.5, 1.0]))[:, 0], [0.15625, 0.5])
    assert curve(1.0, 1)[0] == pytest.approx(0.75)


@pytest.mark.parametrize('levels', [1, 2, 3])
def test_the_same_as_scipy(levels):
    generator = np.random.default_rng(levels)
    times = np.cumsum(generator.uniform(0.01, 0.5, 9))
    rows = generator.normal(size=(9, levels, 6))
    dense = np.linspace(times[0], times[-1], 200)
    ours, theirs = hermite_curve(times, rows), BPoly.from_derivatives(times, rows)
    for order in range(levels):
        np.testing.assert_allclose(ours(dense, order), theirs(dense, order), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize('given', [1, 2, 3])
def test_sampled_is_what_the_curve_itself_says(given):
    rng = np.random.default_rng(given)
    times = np.cumsum(rng.uniform(0.01, 0.2, 40))
    curve = hermite_curve(times, rng.normal(0, 1, (40, given, 6)))
    places, derivatives = sampled(curve, 8)
    assert places[0] == times[0] and places[-1] == times[-1] and len(places) == 39 * 8 + 1
    for order in range(min(3, 2 * given)):
        scale = np.abs(derivatives[order]).max()
        np.testing.assert_allclose(derivatives[order], curve(places, order), atol=1e-10 * scale)
    assert given > 1 or not derivatives[2].any()


@pytest.mark.parametrize('intervals', [1, PART_INTERVALS, PART_INTERVALS + 1, 3 * PART_INTERVALS - 1])
def test_the_parts_are_the_curve(intervals):
    rng = np.random.default_rng(intervals)
    curve = hermite_curve(np.cumsum(rng.uniform(0.01, 0.2, intervals + 1)), rng.normal(size=(intervals + 1, 3, 6)))
    parts = [sampled(part, 4) for part in in_parts(curve)]
    times, derivatives = sampled(curve, 4)
    np.testing.assert_array_equal(np.concatenate([part[0][:-1] for part in parts]), times[:-1])
    np.testing.assert_array_equal(np.concatenate([part[1][:, :-1] for part in parts], axis=1), derivatives[:, :-1])
    np.testing.assert_array_equal(parts[-1][1][:, -1], derivatives[:, -1])
