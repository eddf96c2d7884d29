"""The line of the plate on which a stripe begins, with spatter in its way."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from weld_cell.joint_type.plate_start import plate_start
from weld_cell.joint_type.plates import fit_plate

ROWS = np.arange(480.0)


def plate(slope=0.1, at=300.0, rows=480):
    return at + slope * ROWS[:rows]


def with_streak(columns, first, stop, slope=2.0):
    streaked = columns.copy()
    streaked[first:stop] = columns[first] + 12.0 + slope * np.arange(stop - first)
    return streaked


@pytest.mark.parametrize(
    ('columns', 'slope', 'at'),
    [
        (np.full(40, 7.0), 0.0, 7.0),
        (plate(rows=40), 0.1, 300.0),
        (plate(-0.75), -0.75, 300.0),
        (with_streak(plate(), 0, 30), 0.1, 300.0),
        (with_streak(plate(), 20, 50), 0.1, 300.0),
        (with_streak(plate(), 0, 45), 0.1, 300.0),  # most of the end: the next rows decide
        (with_streak(plate(-0.1), 0, 60, 3.5), -0.1, 300.0),
    ],
)
def test_most_rows_decide(columns, slope, at):
    found_slope, found_at, looked_at = plate_start(columns)
    assert_allclose([found_slope, found_at], [slope, at], atol=1e-9)
    assert 10 <= looked_at <= len(columns)


def test_nothing_straight_gives_some_line_all_the_same():
    rng = np.random.default_rng(0)
    for rows in (40, 41, 480):
        wild = rng.uniform(0, 640, rows)
        line = fit_plate(np.arange(float(rows)), wild)
        assert np.all(np.isfinite([line.slope, line.at, line.scatter_px]))


@pytest.mark.parametrize('stop', [0, 30, 45, 60])
def test_a_plate_is_fitted_beside_a_streak_from_either_end(stop):
    columns = with_streak(plate(), 0, stop) if stop else plate()
    columns[240:] += 16.0
    first = fit_plate(ROWS, columns)
    assert_allclose([first.slope, first.at], [0.1, 300.0], atol=1e-6)
    turned = fit_plate(ROWS[::-1].copy(), columns[::-1].copy())
    assert_allclose([turned.slope, turned.at], [0.1, 316.0], atol=1e-6)
    last = fit_plate(ROWS[::-1].copy(), columns)
    assert_allclose([last.slope, last.at], [-0.1, 300.0 + 47.9], atol=1e-6)
