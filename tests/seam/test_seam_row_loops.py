"""The compiled loops over rows beside numpy's plain words for the same; where a face ends, beside hand-made rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from weld_cell.seam import row_loops as loops

FLOOR = 1e-5
values = arrays(float, st.integers(1, 60), elements=st.floats(-1.0, 1.0))


@pytest.mark.parametrize('function', [loops.median, loops.median_magnitude])
def test_there_is_no_median_of_nothing(function):
    with pytest.raises(ValueError, match='median of nothing'):
        function(np.empty(0))


@given(values)
def test_medians(some):
    kept = some.copy()
    assert loops.median(some) == pytest.approx(np.median(some), abs=1e-15)
    assert loops.median_magnitude(some) == np.sort(np.abs(some))[len(some) // 2]
    assert np.array_equal(some, kept)


@given(values, st.integers(2, 16))
def test_medians_of_groups(some, size):
    groups = some[: len(some) // size * size].reshape(-1, size)
    assert np.array_equal(loops.group_medians(some, size), np.sort(groups, axis=1)[:, size // 2])


def biweights(residuals, scale):
    return np.clip(1.0 - (residuals / scale) ** 2, 0.0, None) ** 2


@pytest.mark.parametrize('y', [[], [1.0], [1.0, 1.0, 1.0]])
def test_no_line_through_less_than_two_places(y):
    with pytest.raises(ValueError, match='median of nothing|two different places'):
        loops.robust_line(np.array(y), np.zeros(len(y)), 0.0, 0.0, FLOOR, 3)


def test_points_far_from_a_line_without_noise_have_no_weight():
    z = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    assert loops.robust_line(np.arange(5.0), z, 0.0, 0.0, FLOOR, 3) == (0.0, 0.0, FLOOR)


def test_a_robust_line_is_numpys_reweighted_polynomial():
    rng = np.random.default_rng(2)
    y = np.linspace(-0.02, 0.03, 80)
    z = 0.01 - 0.3 * y + rng.normal(0.0, 4e-5, 80)
    z[10:16] += 2e-3
    slope, height = -0.29, 0.0101
    for _ in range(3):
        residuals = z - (height + slope * y)
        sigma = max(1.4826 * np.sort(np.abs(residuals))[40], FLOOR)
        slope, height = np.polyfit(y, z, 1, w=np.sqrt(biweights(residuals, 4.685 * sigma)))
    assert loops.robust_line(y, z, -0.29, 0.0101, FLOOR, 3) == pytest.approx((slope, height, sigma), rel=1e-9)


@pytest.mark.parametrize('y', [[0.0, 0.0], [-1.0, 1.0], [-1.0, 1.0, 1.0]])
def test_no_parabola_through_less_than_three_places(y):
    with pytest.raises(ValueError, match='three different places'):
        loops.robust_parabola(np.array(y), np.ones(len(y)), FLOOR, 1)


def test_a_robust_parabola_is_numpys_reweighted_polynomial():
    rng = np.random.default_rng(3)
    y = np.linspace(-0.008, 0.01, 60)
    z = 0.002 + 0.1 * y - 9.0 * y**2 + rng.normal(0.0, 4e-5, 60)
    z[5:9] -= 1e-3
    weights = np.ones(60)
    for _ in range(3):
        curve = np.polyfit(y, z, 2, w=np.sqrt(weights))
        residuals = z - np.polyval(curve, y)
        weights = biweights(residuals, 4.685 * max(1.4826 * np.sort(np.abs(residuals))[30], FLOOR))
    np.testing.assert_allclose(loops.robust_parabola(y, z, FLOOR, 3), curve, rtol=1e-9)


@pytest.mark.parametrize(
    ('belongs', 'towards', 'at'),
    [
        ([0], 1, 0),
        ([0, 0, 0], -1, 2),
        ([1, 1, 1, 0, 0], 1, 2),
        ([1, 0, 1, 1, 0, 0, 1], 1, 3),  # a speckle within the face, another behind its end
        ([0, 0, 1, 1, 1], -1, 2),
        ([1, 0, 0, 1, 1, 0, 1], -1, 3),
    ],
)
def test_a_face_ends_where_most_rows_before_belong_and_most_behind_do_not(belongs, towards, at):
    off = np.where(np.array(belongs, bool), 0.5, 2.0)
    assert loops.change_of_support(off, np.full(len(off), 100.0), 1.0, 0.5, towards) == at


def test_rows_much_dimmer_than_the_face_are_no_part_of_it():
    intensity = np.array([90.0, 100.0, 110.0, 100.0, 47.0, 20.0])  # of 95 in the middle
    assert loops.change_of_support(np.zeros(6), intensity, 1.0, 0.5, +1) == 3
