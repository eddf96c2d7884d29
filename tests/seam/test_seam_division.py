"""The optimal division beside a search through all divisions; pieces of a line beside hand-made ones."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weld_cell.seam.division import divide, merge_pieces

PENALTY = 1e-3


def squared_error(y, z):
    return float(np.sum((z - np.polyval(np.polyfit(y, z, 1), y)) ** 2))


def cost(y, z, starts):
    """Of the division into lines that begin at some nodes."""
    pieces = list(zip(starts, [*starts[1:], len(y)], strict=True))
    if any(stop - start < 2 for start, stop in pieces):
        return np.inf
    return sum(squared_error(y[start:stop], z[start:stop]) + PENALTY for start, stop in pieces)


def every_division(count, most):
    return [(0, *starts) for lines in range(most) for starts in itertools.combinations(range(1, count), lines)]


@pytest.mark.parametrize('count', [1, 2, 3])
def test_a_few_nodes_are_one_line(count):
    bounds, lines = divide(np.arange(count, dtype=float), np.ones(count), PENALTY, 9)
    assert bounds.tolist() == [[0, count - 1]]
    assert lines.shape == (1, 2)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(4, 10), st.integers(1, 4))
def test_no_division_is_better(seed, count, most):
    rng = np.random.default_rng(seed)
    y = np.cumsum(rng.uniform(0.5, 1.5, count))
    z = np.where(y > y[count // 2], 0.2 * y, 1.0) + rng.normal(0.0, 0.02, count)
    bounds, lines = divide(y, z, PENALTY, most)
    assert bounds[0, 0] == 0
    assert bounds[-1, 1] == count - 1
    assert (bounds[1:, 0] == bounds[:-1, 1] + 1).all()
    best = min(cost(y, z, starts) for starts in every_division(count, most))
    assert cost(y, z, tuple(bounds[:, 0])) == pytest.approx(best, rel=1e-5, abs=1e-7)
    for (first, last), line in zip(bounds, lines, strict=True):
        np.testing.assert_allclose(line, np.polyfit(y[first : last + 1], z[first : last + 1], 1), atol=1e-7)


def test_nodes_at_one_place_make_no_line():
    y, z = np.array([0.0, 1.0, 2.0, 3.0, 3.0, 3.0]), np.zeros(6)
    assert divide(y, z, PENALTY, 3)[0].tolist() == [[0, 5]]


def merged(bounds, heights, slopes=None, count=100):
    bounds = np.array(bounds, np.int64).reshape(-1, 2)
    lines = np.column_stack([slopes or np.zeros(len(bounds)), heights])
    standing = merge_pieces(bounds, lines, 1e-4 * np.arange(count), 2e-4, 2e-3)
    return standing.tolist(), bounds[standing].tolist()


@pytest.mark.parametrize(
    ('bounds', 'heights', 'standing', 'expected'),
    [
        ([], [], [], []),
        ([(0, 99)], [0.0], [0], [[0, 99]]),
        ([(0, 40), (41, 99)], [0.0, 1.0], [1, 0], [[41, 99], [0, 40]]),
        ([(0, 40), (45, 99)], [0.0, 1e-4], [1], [[0, 99]]),  # a break of 0.5 mm
        ([(0, 40), (62, 99)], [0.0, 0.0], [0, 1], [[0, 40], [62, 99]]),  # of 2.2 mm
        ([(0, 9), (10, 60), (61, 99)], [0.0, 1.0, 0.0], [1, 2, 0], [[10, 60], [61, 99], [0, 9]]),
        ([(0, 25), (26, 40), (41, 99)], [0.0, 1.0, 0.0], [2, 1], [[0, 99], [26, 40]]),  # around a reflection
        ([(0, 9), (15, 50), (55, 99)], [0.0, 0.0, 0.0], [2], [[0, 99]]),  # the third joins what the second widened
    ],
)
def test_pieces_of_one_line(bounds, heights, standing, expected):
    assert merged(bounds, heights) == (standing, expected)


def test_a_piece_that_leaves_the_line_at_one_end_stands_alone():
    bounds = [(0, 79), (80, 99)]
    slope = 0.15  # 0.3 mm over its 2 mm
    assert merged(bounds, [0.0, -slope * 80e-4], [0.0, slope])[1] == [[0, 79], [80, 99]]
