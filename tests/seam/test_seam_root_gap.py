"""The root gap from the light in all images of a scan."""

import numpy as np
import pytest
from seam_root_views import GEOMETRY, views

from weld_cell.seam.rules.v.evidence import RootView
from weld_cell.seam.rules.v.root_gap import _Fit, _mean_gap_mm, root_gap_mm


@pytest.mark.parametrize(
    ('gap', 'face', 'backing'),
    [(0.0, 1.0, 0.0), (0.4, 1.0, 0.0), (0.4, 0.4, 0.7), (1.2, 1.5, 0.0), (1.2, 1.1, 0.7), (2.0, 0.3, 0.7)],
)
def test_the_gap_is_found(gap, face, backing):
    assert root_gap_mm(views(gap, face, backing, np.random.default_rng(3))) == pytest.approx(gap, abs=0.05)


def test_dark_and_covered_views_are_outvoted():
    rng = np.random.default_rng(4)
    dark = [RootView(np.full(view.light.shape, 25, np.uint8), GEOMETRY) for view in views(1.2, 1.5, 0.0, rng, 30)]
    tacked = views(0.0, 1.0, 0.0, rng, 8)
    assert root_gap_mm([*dark, *tacked, *views(1.2, 1.5, 0.0, rng)]) == pytest.approx(1.2, abs=0.05)


@pytest.mark.parametrize('grey', [0, 90, 255])
def test_what_shows_nothing_gives_a_number_all_the_same(grey):
    gap = root_gap_mm([RootView(np.full((29, 39), grey, np.uint8), GEOMETRY)])
    assert 0.0 <= gap < 3.0


def test_one_view_is_enough():
    assert root_gap_mm(views(1.2, 1.5, 0.0, np.random.default_rng(5), 1)) == pytest.approx(1.2, abs=0.1)


@pytest.mark.parametrize(
    ('costs', 'expected'),
    [
        ((110.0, 100.0), 0.3),  # alike: a backing has to be better by 10
        ((110.0, 1000.0), 0.1),
        ((1000.0, 100.0), 0.5),
    ],
)
def test_between_explanations_that_are_alike_the_mean_is_taken(costs, expected):
    narrow, wide = _Fit(np.array([0.1]), costs[0], False), _Fit(np.array([0.5]), costs[1], True)
    assert _mean_gap_mm([narrow, wide, wide]) == pytest.approx(expected, abs=1e-6)  # found twice it counts once
