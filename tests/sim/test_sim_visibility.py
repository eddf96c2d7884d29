"""What a point source sees of a chain, by hand."""

import numpy as np
import pytest

from weld_cell.sim.visibility import first_hits


@pytest.mark.parametrize(
    ('chain', 'eye', 'expected'),
    [
        ([], (0, 10), []),
        ([(0, 0)], (0, 10), [1]),
        ([(-2, 0), (0, 0), (2, 0)], (0, 10), [1, 1, 1]),
        # A step seen from the high side: the shadow of its edge (0, 5) falls up to y = 10.
        ([(-20, 5), (-1, 5), (0, 5), (0, 0), (1, 0), (9, 0), (11, 0)], (-10, 10), [1, 1, 1, 0, 0, 0, 1]),
        # The same from the low side: nothing is hidden, the wall is seen.
        ([(-20, 5), (-1, 5), (0, 5), (0, 0), (1, 0), (9, 0)], (10, 10), [1, 1, 1, 1, 1, 1]),
        # A narrow gap seen at a slant: its bottom is hidden, the far wall is seen only near the top.
        (
            [(-5, 0), (0, 0), (0, -9), (1, -9), (1, -8), (1, -0.5), (1, 0), (5, 0)],
            (-10, 10),
            [1, 1, 0, 0, 0, 1, 1, 1],
        ),
    ],
)
def test_first_hits(chain, eye, expected):
    points = np.array(chain, dtype=float).reshape(-1, 2)
    seen = first_hits(points[:, 0] - eye[0], eye[1] - points[:, 1])
    np.testing.assert_array_equal(seen, np.array(expected, dtype=bool))
