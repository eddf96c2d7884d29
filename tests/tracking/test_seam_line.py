"""The scanned seam by arc length."""

import numpy as np
import pytest
from tracked_seam import LENGTH_M, seen, straight_path

from weld_cell.tracking import SeamLine


@pytest.mark.parametrize('s_m', [-0.02, 0.0, 0.05, LENGTH_M, 0.15])
def test_places_before_on_and_beyond_the_seam(s_m):
    line, at = SeamLine(straight_path()), np.array([s_m])
    np.testing.assert_allclose(line.positions(at), [[s_m, 0.0, 0.0]], atol=1e-12)
    np.testing.assert_allclose(line.places(line.positions(at) + [0.0, 0.003, 0.001]), at, atol=1e-9)
    np.testing.assert_allclose(line.directions(at)[0], [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], atol=1e-12)


def test_the_offset_is_left_and_up():
    s, offset = SeamLine(straight_path()).offset(np.array([0.03, 0.002, -0.001]))
    assert s == pytest.approx(0.03)
    np.testing.assert_allclose(offset, [0.002, -0.001])


def test_what_the_scan_was_off_by_is_no_offset():
    scanned = [seen(s, (0.1e-3, 0.0), k) for k, s in enumerate(np.linspace(0.0, LENGTH_M, 101))]
    line = SeamLine(straight_path(), scanned)
    _, offset = line.offset(np.array([0.05, 0.4e-3, 0.0]))
    np.testing.assert_allclose(offset, [0.3e-3, 0.0], atol=1e-9)
    assert line.scatter_m.max() < 1e-9


def test_a_few_scanned_points_are_no_reference():
    line = SeamLine(straight_path(), [seen(0.05, (0.3e-3, 0.0), 0)])
    np.testing.assert_allclose(line.offset(np.array([0.05, 0.3e-3, 0.0]))[1], [0.3e-3, 0.0])
