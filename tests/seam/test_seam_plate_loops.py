"""What lies between two plates: interruptions beside hand-made rows, steps beside a plain least-squares fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weld_cell.seam.rules.plate_loops import lost_rows, rows_below, step_gains

PITCH = 1e-4


def interrupted(gaps, count=60, widest=1e-3):
    """Interruptions of a plate of `count` points where some of them, first to last, are no part of it."""
    belongs = np.ones(count, bool)
    for first, last in gaps:
        belongs[first : last + 1] = False
    return lost_rows(np.arange(count), belongs, PITCH, widest).tolist()


@pytest.mark.parametrize(
    ('gaps', 'expected'),
    [
        ([(0, 59)], []),
        ([], []),
        ([(30, 30)], []),  # a single row
        ([(30, 31)], [[29, 32]]),
        ([(20, 24), (40, 49)], [[19, 25], [39, 50]]),
        ([(20, 30)], []),  # 11 rows are wider than 1 mm
        ([(8, 10)], []),
        ([(9, 11)], [[8, 12]]),  # too near to the plates' ends
        ([(50, 51)], [[49, 52]]),
        ([(51, 52)], []),
    ],
)
def test_interruptions(gaps, expected):
    assert interrupted(gaps) == expected


def test_rows_that_the_stripe_left_out_are_interruptions_too():
    rows = np.concatenate([np.arange(30), np.arange(35, 65)])
    assert lost_rows(rows, np.ones(60, bool), PITCH, 1e-3).tolist() == [[29, 30]]
    assert lost_rows(rows[:0], np.ones(0, bool), PITCH, 1e-3).tolist() == []


def test_rows_below_two_lines_less_those_above():
    y = np.array([0.0, 1.0, 2.0, 3.0])
    left, right = np.array([0.0, 0.0]), np.array([1.0, -1.5])  # the right one is the lower one up to y = 1.5
    assert rows_below(y[:0], y[:0], left, right, 0.1) == 0
    assert rows_below(y, np.array([-2.0, -0.7, 0.05, -9.0]), left, right, 0.1) == 3
    assert rows_below(y, np.array([-2.0, 0.7, 0.7, 0.7]), left, right, 0.1) == -2


@given(st.integers(0, 10**6))
def test_the_gain_of_a_step_is_the_drop_of_the_squared_residuals(seed):
    rng = np.random.default_rng(seed)
    y = np.sort(rng.uniform(-0.02, 0.02, 40))
    z = 0.3 * y + rng.normal(0.0, 1e-3, 40) + 2e-3 * (y > y[25])
    line = np.column_stack([np.ones(40), y])
    places = y[[5, 25]]
    gains = [
        np.linalg.lstsq(line, z)[1][0] - np.linalg.lstsq(np.column_stack([line, y > at]), z)[1][0] for at in places
    ]
    np.testing.assert_allclose(step_gains(y, z, places), gains, rtol=1e-6, atol=1e-12)


def test_a_step_before_or_behind_all_points_gains_nothing():
    y = np.linspace(0.0, 0.01, 20)
    np.testing.assert_allclose(step_gains(y, y**2, np.array([-1.0, 1.0])), 0.0, atol=1e-12)
