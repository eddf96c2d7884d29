"""Points that go on from where the seam was, and points that do not."""

import numpy as np
import pytest

from weld_cell.records import SeamPoint
from weld_cell.seam.tracking import SeamTracker

Z, Y = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])


def points(*rows_mm):
    return [SeamPoint(np.array(row) / 1000, Z, k) for k, row in enumerate(rows_mm)]


def tracker(on_seam=True):
    return SeamTracker(np.zeros(3), Z, Y, on_seam=on_seam)


def kept(tracked):
    return [point.stamp_ns for point in tracked]


@pytest.mark.parametrize(
    ('rows', 'expected'),
    [
        ([], []),
        ([(0, 1, 0), (0.5, 2, 0), (1, 3, 0.2)], [0, 1, 2]),
        ([(0, -9, -40), (0, 1, 0)], [1]),  # the table before the plates
        ([(0, 1, 0), (15, 2, 0), (0, 3, 0)], [0, 2]),  # a shadow beside the seam
        ([(0, 1, 0), (0, 2, -30), (0, 3, -30)], [0]),  # the table after the plates
    ],
)
def test_points_beside_the_seam_are_left_out(rows, expected):
    assert kept(tracker().update(points(*rows))) == expected


def test_a_start_beside_the_seam_says_the_height_only():
    assert kept(tracker(on_seam=False).update(points((25, 1, -40), (25, 2, 0), (0, 3, 0), (26, 4, 0)))) == [1, 3]


def test_each_point_is_looked_at_once():
    scan = points(*[(0, k, 0) for k in range(5)])
    follower = tracker()
    follower.update(scan[:2])
    assert kept(follower.update(scan)) == [0, 1, 2, 3, 4]


def test_a_seam_that_bends_is_followed():
    bend = [(k**2 / 80, k, -k / 10) for k in range(40)]
    assert len(tracker().update(points(*bend))) == 40
