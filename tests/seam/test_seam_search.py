"""Where the joint is before its type is known."""

import numpy as np
import pytest

from weld_cell.errors import SeamError
from weld_cell.seam.search import StartFinder, find_joint

ACROSS = np.linspace(-0.03, 0.03, 400)


def profile(heights_mm, base_mm=0.0):
    return np.column_stack([ACROSS, np.zeros(400), (base_mm + heights_mm) / 1000])


FLAT = profile(np.zeros(400))
GROOVE = profile(-np.clip(10 - 1000 * np.abs(ACROSS - 0.005), 0, None))
UP = np.array([0.0, 0.0, 1.0])
STEP = profile(np.where(ACROSS > 0.01, 3.0, 0.0))


@pytest.mark.parametrize('points', [np.empty((0, 3)), FLAT[:30], FLAT])
def test_what_shows_no_joint_is_refused(points):
    with pytest.raises(SeamError):
        find_joint(points)


def test_the_bottom_of_a_groove_and_the_edge_of_a_step():
    assert find_joint(GROOVE)[0] == pytest.approx(0.005, abs=5e-4)
    assert find_joint(STEP)[0] == pytest.approx(0.01, abs=1e-3)


def test_speckle_is_no_joint():
    spikes = np.zeros(400)
    spikes[100:103] = 5.0
    with pytest.raises(SeamError, match='flat'):
        find_joint(profile(spikes))


@pytest.mark.parametrize(
    ('profiles', 'found'),
    [
        ([], False),
        ([FLAT] * 5, False),  # the table, nothing else
        ([FLAT] * 2 + [GROOVE] * 3, True),
        ([FLAT] * 2 + [GROOVE] * 2, False),
        ([FLAT] * 2 + [GROOVE, FLAT, GROOVE, GROOVE], False),
        ([FLAT] * 2 + [profile(np.zeros(400), 30.0)] * 3, True),  # a plate without relief over the table
    ],
)
def test_the_start_of_the_plates(profiles, found):
    finder = StartFinder(UP, 3, FLAT)
    for number, points in enumerate(profiles):
        finder.update(number, points)
        finder.update(number, points)  # the same image again counts once
    assert finder.found is found


def test_plates_out_of_the_dark():
    finder = StartFinder(UP, 3, None)
    for number in range(3):
        finder.update(number, FLAT)
    assert finder.found
