"""Which points of a scan go on from each other."""

import numpy as np
import pytest

from weld_cell.seam.consistency import _directions, _longest_chain, consistent
from weld_cell.seam.settings import PathSettings

HOLE_M = 0.04


def chain_of(across_mm, gaps_mm=None, along_mm=None):
    count = len(across_mm)
    along = np.arange(count) if along_mm is None else along_mm
    positions = 1e-3 * np.column_stack([along, across_mm, np.zeros(count)])
    gaps = 0.5e-3 * np.asarray(np.zeros(count) if gaps_mm is None else gaps_mm)
    return _longest_chain(positions, gaps, np.tile([1.0, 0.0, 0.0], (count, 1)), HOLE_M).tolist()


@pytest.mark.parametrize(
    ('across_mm', 'expected'),
    [
        ([5.0], [0]),
        ([0.0, 0.05, 0.1, 0.05], [0, 1, 2, 3]),
        ([0.0, 0.0, 4.0, 0.0, 4.0, 0.0], [0, 1, 3, 5]),  # two points of something else
        ([4.0, 0.0, 0.0, 0.0, -4.0], [1, 2, 3]),
    ],
)
def test_points_aside_are_left_out(across_mm, expected):
    assert chain_of(across_mm) == expected


def test_a_point_whose_gap_leaps_is_left_out():
    assert chain_of(np.zeros(5), gaps_mm=[1.0, 1.1, 3.0, 1.0, 1.1]) == [0, 1, 3, 4]


def test_no_link_leads_over_a_long_hole_or_far_back():
    assert chain_of(np.zeros(5), along_mm=np.array([0.0, 1.0, 50.0, 51.0, 52.0])) == [2, 3, 4]
    assert chain_of(np.zeros(4), along_mm=np.array([0.0, 5.0, 2.0, 3.0])) == [0, 2, 3]
    assert chain_of(np.zeros(4), along_mm=np.array([0.0, 1.0, 0.5, 1.5])) == [0, 1, 2, 3]  # by noise alone


def test_beyond_the_chosen_points_the_scan_goes_straight_on():
    """A cubic through points that scatter would turn away there, and the seam's first points would be lost."""
    rng = np.random.default_rng(15)
    positions = np.column_stack([1e-3 * np.arange(150.0), *rng.normal(0.0, 0.3e-3, (2, 150))])
    directions = _directions(positions, 50_000_000 * np.arange(150), np.arange(50, 100))
    np.testing.assert_array_equal(directions[:50], directions[[50] * 50])
    assert np.degrees(np.arccos(directions[:, 0].min())) < 4.0


def test_a_hole_in_the_scan_does_not_bend_its_direction():
    turn = np.concatenate([np.linspace(0.0, 0.3, 30), np.linspace(0.9, 1.2, 30)])
    arc = 0.15 * np.column_stack([np.sin(turn), 1.0 - np.cos(turn), 0.0 * turn])
    directions = _directions(arc, np.rint(1e9 * turn).astype(np.int64), np.arange(60))
    along = np.column_stack([np.cos(turn), np.sin(turn), 0.0 * turn])
    assert np.degrees(np.arccos(np.clip(np.sum(directions * along, axis=1), -1.0, 1.0))).max() < 2.0


def test_a_scan_that_stands_still_for_a_while_loses_nothing():
    """Over time such a scan is no cubic: its direction would turn away, and the points before the halt be lost."""
    along = np.concatenate([np.linspace(0.0, 0.020, 30), np.full(40, 0.020), np.linspace(0.020, 0.126, 170)])
    turn = (along - 0.063) / 0.18
    arc = 0.18 * np.column_stack([np.sin(turn), 1.0 - np.cos(turn), 0.0 * turn])
    arc[:, :2] += np.random.default_rng(3).normal(0.0, 0.03e-3, (len(arc), 2))
    chained, _ = consistent(arc, np.zeros(len(arc)), 25_000_000 * np.arange(len(arc)), PathSettings())
    assert chained.all()


@pytest.mark.parametrize('way_back', [False, True])
@pytest.mark.parametrize('phase', [0.0, 1.0, 2.5])
def test_a_seam_that_runs_in_waves_is_one_chain(phase, way_back):
    """Along a cubic its points turn away from the scan by more than a link allows, and an end of it was lost."""
    rng = np.random.default_rng(3)
    heading = 0.25 * np.sin(2.0 * np.pi * np.arange(150.0) / 90.0 + phase)
    line = 1e-3 * np.cumsum(np.column_stack([np.cos(heading), np.sin(heading), np.zeros(150)]), axis=0)
    scanned = np.concatenate([line[:60], line[:60][::-1], line]) if way_back else line
    positions = scanned + rng.normal(0.0, 0.03e-3, scanned.shape)
    stamps_ns = 50_000_000 * np.arange(len(positions))
    near, _ = consistent(positions, np.zeros(len(positions)), stamps_ns, PathSettings())
    missed = np.linalg.norm(line[:, None] - positions[near], axis=2).min(axis=1)
    assert missed.max() < 0.2e-3
