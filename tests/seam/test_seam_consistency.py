"""What all images of a scan together say: the root gap."""

import numpy as np
import pytest

from weld_cell.records import SeamPoint
from weld_cell.seam import PathSettings, fit_seam_path
from weld_cell.seam.consistency import common_gap

UP = np.array([0.0, 0.0, 1.0])
GAPS = np.arange(30)  # in steps of 0.1 mm


def costs_of(least, count=40):
    """(count, 30) that rise by a squared sigma for every step that a gap is off."""
    return np.tile(np.abs(GAPS - least).astype(float), (count, 1))


@pytest.mark.parametrize(('misled', 'taper'), [(0, 0.0), (15, 0.0), (0, 4.0), (10, 4.0)])
def test_the_common_gap_outvotes_misled_images(misled, taper):
    costs = np.array([4.0 * np.abs(GAPS - 10.0 - taper * place) for place in np.linspace(-0.5, 0.5, 40)])
    costs[:misled] = 4.0 * np.abs(GAPS - 24.0)
    expected = 1.0 + 0.1 * taper * np.linspace(-0.5, 0.5, 40)
    np.testing.assert_allclose(common_gap(costs), expected, atol=0.06)


def test_images_that_say_nothing_leave_it_to_the_others():
    costs = np.zeros((40, 30))
    costs[::4] = costs_of(7, 10)
    np.testing.assert_allclose(common_gap(costs), 0.7, atol=1e-9)


def test_a_root_is_lifted_to_where_the_common_gap_has_it():
    read_mm = np.where(np.arange(80) % 3, 1.0, 2.2)  # every third image sees the walls end early
    points = [
        SeamPoint(np.array([1e-3 * i, 0.0, 0.8e-3 * (gap - 1.0)]), UP, 25_000_000 * i, gap,
                  costs_of(round(10 * gap), 1)[0], 0.8)
        for i, gap in enumerate(read_mm)]
    path = fit_seam_path(points, PathSettings())
    np.testing.assert_allclose(path.positions_m[:, 2], 0.0, atol=1e-5)
