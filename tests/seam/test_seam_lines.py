"""Lines in the cross-section, upright ones too."""

import numpy as np
import pytest

from weld_cell.errors import SeamError
from weld_cell.seam.lines import Line, StraightLine, intersection
from weld_cell.seam.rules.grooves import _meet
from weld_cell.seam.rules.splice import _through_median

UPRIGHT = StraightLine(np.array([2.0, -7.0]), np.array([0.0, 3.0]))


@pytest.mark.parametrize(
    ('first', 'second'),
    [
        (Line(0.5, 1.0), Line(0.5, 2.0)),
        (UPRIGHT, StraightLine(np.array([3.0, 0.0]), np.array([0.0, -1.0]))),
        (Line(1.0, 0.0), StraightLine(np.zeros(2), np.array([-2.0, -2.0]))),
    ],
)
def test_parallel_lines_do_not_meet(first, second):
    with pytest.raises(ValueError, match='parallel'):
        intersection(first, second)


@pytest.mark.parametrize(
    ('first', 'second', 'place'),
    [
        (Line(1.0, 0.0), Line(-1.0, 2.0), (1.0, 1.0)),
        (Line(0.5, 1.0), UPRIGHT, (2.0, 2.0)),
        (UPRIGHT, Line(0.5, 1.0), (2.0, 2.0)),
        (UPRIGHT, StraightLine(np.array([0.0, 5.0]), np.array([-1.0, 0.0])), (2.0, 5.0)),
    ],
)
def test_where_lines_meet(first, second, place):
    np.testing.assert_allclose(intersection(first, second), place, atol=1e-12)


def test_an_upright_line_meets_a_layer_once():
    np.testing.assert_allclose(_meet(UPRIGHT, np.array([0.5, 0.0, 1.0]), near=9.0), [2.0, 3.0], atol=1e-12)
    np.testing.assert_allclose(_meet(Line(0.0, 3.0), np.array([0.5, 0.0, 1.0]), near=-1.0), [-2.0, 3.0], atol=1e-12)
    with pytest.raises(SeamError, match='does not reach'):
        _meet(Line(0.0, 0.0), np.array([0.5, 0.0, 1.0]), near=0.0)


@pytest.mark.parametrize('angle_deg', [-45.0, 89.9, 90.0, 100.0])
def test_a_bevel_may_stand_upright(angle_deg):
    along = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    y, z = np.array([[3.0, 1.0]]).T + along[:, None] * np.linspace(-1.0, 1.0, 7)
    y[2] += 5.0
    bevel = _through_median(np.radians(angle_deg), y, z)
    square = StraightLine(np.array([3.0, 1.0]), np.array([-along[1], along[0]]))
    np.testing.assert_allclose(intersection(bevel, square), [3.0, 1.0], atol=1e-9)
