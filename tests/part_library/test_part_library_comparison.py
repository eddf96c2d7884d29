"""How alike two parts are, against the simulator's own measure, whatever their turn, place and resolution."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from weld_cell.part_library.comparison import SAME_PCT, Verdict, compare, compare_all
from weld_cell.part_library.part import LibraryPart
from weld_cell.sim.sheet_metal import ClosedCurve, SheetPart
from weld_cell.sim.sheet_metal_drawing import draw_part
from weld_cell.sim.sheet_metal_random import random_part


def library_part(part, code='P', angle=0.0, px_per_mm=1.2):
    centre, size = np.array([170.3, 169.6]), (340, 340)
    white = SheetPart(part.outline, part.cutouts, reflectance=1.0)
    cover = draw_part(white, angle, centre, size, px_per_mm, 0, np.random.default_rng(0))
    return LibraryPart(code, cover // 2, cover, centre, angle, 1.0 / px_per_mm, 3.0)


def square(side):
    half = side / 2
    return SheetPart(ClosedCurve(np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])))


def test_a_part_with_itself_by_hand():
    part = library_part(square(100.0))
    found = compare(part, part)
    assert found.differing_pct == pytest.approx(0.0, abs=1e-3) and found.score == pytest.approx(0.0, abs=1e-9)
    assert found.verdict is Verdict.SAME


def test_two_squares_by_hand():
    found = compare(library_part(square(110.0)), library_part(square(100.0), angle=30.0))
    assert found.differing_pct == pytest.approx(100.0 * (1.0 - 1.0 / 1.21), rel=0.02)
    assert found.differing_mm2 == pytest.approx(2100.0, rel=0.02)
    assert found.verdict is Verdict.CLEAR


def test_f_of_two_flat_pictures_by_hand():
    """Grey 100 on grey 80, each everywhere: E = 20/255, D = (20/255)^2."""
    part = replace(library_part(square(100.0)), pixels=np.full((340, 340), 100, np.uint8))
    other = replace(part, pixels=np.full((340, 340), 80, np.uint8))
    assert compare(part, other).score == pytest.approx((20 / 255) ** 3, rel=1e-4)


@pytest.mark.parametrize('asymmetry', [0.0, 0.34, 0.8])
def test_a_mirrored_pair_at_any_turn_and_resolution(asymmetry):
    right, left = random_part(np.random.default_rng(9), asymmetry)
    first, second = library_part(right, 'R', 33.0), library_part(left, 'L', -107.0, 1.0)
    assert compare(first, second).differing_pct == pytest.approx(asymmetry, abs=0.09)
    assert compare(first, second, mirrored=True).differing_pct < SAME_PCT
    assert compare(first, first, mirrored=True).differing_pct == pytest.approx(asymmetry, abs=0.09)


def test_the_second_part_lies_on_the_first():
    right, _ = random_part(np.random.default_rng(9), 0.0)
    first, second = library_part(right, 'R', 10.0), library_part(right, 'S', -170.0, 0.9)
    laid = compare(first, second).laid
    assert laid.shape == first.cover.shape
    assert np.abs(cv2.blur(laid, (5, 5)).astype(int) - cv2.blur(first.cover, (5, 5))).max() < 20


def test_all_pairs_once():
    parts = [library_part(square(side), f'S{side:.0f}') for side in (100.0, 60.0)]
    seen = [(c.first.code, c.second.code, c.mirrored) for c in compare_all(parts)]
    own = [('S100', 'S100', True), ('S60', 'S60', True)]
    assert seen == [*own, ('S100', 'S60', False), ('S100', 'S60', True)]


def test_a_disc_has_no_turn():
    disc = library_part(SheetPart(ClosedCurve.circle(np.zeros(2), 50.0)))
    assert compare(disc, disc).differing_pct == pytest.approx(0.0, abs=0.02)
