"""Chains of seam points that go on from each other, beside hand-made ones."""

import numpy as np
import pytest

from weld_cell.seam.consistency import _longest_chain

HOLE_M = 0.04


def chain_of(across_mm, gaps_mm=None, along_mm=None):
    count = len(across_mm)
    along = np.arange(count) if along_mm is None else along_mm
    positions = 1e-3 * np.column_stack([along, across_mm, np.zeros(count)])
    gaps = 0.5e-3 * np.asarray(np.zeros(count) if gaps_mm is None else gaps_mm)
    return _longest_chain(positions, gaps, np.tile([1.0, 0.0, 0.0], (count, 1)), HOLE_M).tolist()


@pytest.mark.parametrize(('across_mm', 'expected'), [
    ([5.0], [0]),
    ([0.0, 0.05, 0.1, 0.05], [0, 1, 2, 3]),
    ([0.0, 0.0, 4.0, 0.0, 4.0, 0.0], [0, 1, 3, 5]),  # two points of something else
    ([4.0, 0.0, 0.0, 0.0, -4.0], [1, 2, 3]),
])
def test_points_aside_are_left_out(across_mm, expected):
    assert chain_of(across_mm) == expected


def test_a_point_whose_gap_leaps_is_left_out():
    assert chain_of(np.zeros(5), gaps_mm=[1.0, 1.1, 3.0, 1.0, 1.1]) == [0, 1, 3, 4]


def test_no_link_leads_over_a_long_hole_or_far_back():
    assert chain_of(np.zeros(5), along_mm=np.array([0.0, 1.0, 50.0, 51.0, 52.0])) == [2, 3, 4]
    assert chain_of(np.zeros(4), along_mm=np.array([0.0, 5.0, 2.0, 3.0])) == [0, 2, 3]
    assert chain_of(np.zeros(4), along_mm=np.array([0.0, 1.0, 0.5, 1.5])) == [0, 1, 2, 3]  # by noise alone
