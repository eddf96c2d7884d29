"""Simulated sheet metal: exact outlines, the dial of asymmetry, and drawings that are where they should be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weld_cell.geometry.polygon_cover import polygon_area
from weld_cell.sim.sheet_metal import SURFACES, Bend, ClosedCurve, SheetPart, segment_area
from weld_cell.sim.sheet_metal_asymmetry import asymmetry_pct, differing_pct
from weld_cell.sim.sheet_metal_drawing import as_sheet, draw_part
from weld_cell.sim.sheet_metal_random import random_part

RECTANGLE = ClosedCurve(np.array([[-40.0, -20, 0], [40, -20, 0], [40, 20, 0], [-40, 20, 0]]))
DISC = ClosedCurve.circle(np.array([0.0, 0.0]), 10.0)


def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize(
    ('part', 'message'),
    [
        (dict(outline=ClosedCurve(RECTANGLE.vertices[::-1])), 'round to the left'),
        (dict(outline=RECTANGLE, cutouts=(ClosedCurve(np.zeros((2, 3))),)), 'round to the left'),
        (dict(outline=RECTANGLE, surface='rusty'), 'one of plain, brushed'),
    ],
)
def test_what_is_no_part_is_refused(part, message):
    with pytest.raises(ValueError, match=message):
        SheetPart(**part)


def test_areas_by_hand():
    assert pytest.approx(0.0) == segment_area(10.0, 0.0)
    assert segment_area(20.0, 1.0) == pytest.approx(50 * np.pi)
    assert segment_area(20.0, -1.0) == pytest.approx(-50 * np.pi)
    assert RECTANGLE.area_mm2 == pytest.approx(3200.0)
    assert DISC.area_mm2 == pytest.approx(100 * np.pi)
    slot = ClosedCurve.slot(np.array([0.0, 0.0]), np.array([0.0, 30.0]), 4.0)
    assert slot.area_mm2 == pytest.approx(30 * 8 + 16 * np.pi)
    assert SheetPart(RECTANGLE, (DISC,)).area_mm2 == pytest.approx(3200 - 100 * np.pi)


@given(st.floats(-2.0, 2.0).filter(lambda bulge: abs(bulge) > 1e-3))
def test_an_arc_keeps_to_its_circle(bulge):
    curve = ClosedCurve(np.array([[0.0, 0.0, bulge], [10.0, 4.0, 0.0]]))
    points = curve.polygon(1e-3)
    assert polygon_area(points) == pytest.approx(curve.area_mm2, rel=2e-3, abs=0.02)
    sagitta = 0.5 * bulge * np.hypot(10.0, 4.0)  # to the right of the chord
    top = np.array([5.0, 2.0]) + sagitta * np.array([4.0, -10.0]) / np.hypot(10.0, 4.0)
    assert np.hypot(*(points - top).T).min() < np.hypot(*np.diff(points, axis=0).T).max() + 1e-9


@given(st.integers(0, 200))
@settings(max_examples=15, deadline=None)
def test_a_mirror_image_mirrored_is_the_part(seed):
    part, other = random_part(np.random.default_rng(seed), 0.3)
    again = other.mirrored()
    np.testing.assert_allclose(again.outline.vertices, part.outline.vertices, atol=1e-12)
    assert other.area_mm2 == pytest.approx(part.area_mm2)
    points, mirrored = part.outline.polygon(0.01), other.outline.polygon(0.01)
    assert polygon_area(mirrored) == pytest.approx(polygon_area(points))
    np.testing.assert_allclose(mirrored.max(axis=0), points.max(axis=0) * [1, 0] - points.min(axis=0) * [0, 1])
    np.testing.assert_allclose(other.bends[0].left, part.bends[0].left * [1, -1])


@pytest.mark.parametrize(('asymmetry', 'length'), [(-0.1, 240.0), (1.5, 240.0), (float('nan'), 240.0), (0.3, 0.0)])
def test_an_asymmetry_that_cannot_be_is_refused(asymmetry, length):
    with pytest.raises(ValueError, match='expected an asymmetry'):
        random_part(rng(), asymmetry, length)


def test_a_symmetric_part_has_no_asymmetry():
    right, left = random_part(np.random.default_rng(5), 0.0)
    assert differing_pct(right, left, 1.0) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(('seed', 'asymmetry'), [(0, 0.34), (1, 0.30), (2, 0.15), (3, 1.0)])
def test_the_dial_says_what_is_measured(seed, asymmetry):
    right, _ = random_part(np.random.default_rng(seed), asymmetry)
    assert asymmetry_pct(right, 1.5) == pytest.approx(asymmetry, rel=0.02)


def test_a_square_in_a_drawing_by_hand():
    """At 2 px/mm and 90 degrees the part's x axis points down and its y axis to the right."""
    part = SheetPart(ClosedCurve(np.array([[0.0, 0, 0], [3, 0, 0], [3, 1, 0], [0, 1, 0]])), reflectance=0.8)
    drawn = draw_part(part, 90.0, np.array([4.5, 5.5]), (12, 14), 2.0, 10, rng())
    expected = np.full((14, 12), 10)
    expected[6:12, 5:7] = 204
    np.testing.assert_array_equal(drawn, expected)


@given(st.floats(-180, 180), st.floats(20.0, 60.0), st.floats(20.0, 60.0))
@settings(max_examples=20, deadline=None)
def test_area_and_place_at_any_angle(angle, u, v):
    part = SheetPart(RECTANGLE, (ClosedCurve.circle(np.array([25.0, 8.0]), 6.0),), reflectance=1.0)
    drawn = draw_part(part, angle, np.array([u + 70, v + 70]), (240, 240), 1.0, 0, rng()) / 255.0
    assert drawn.sum() == pytest.approx(part.area_mm2, rel=5e-4)
    columns, rows = np.meshgrid(np.arange(240.0), np.arange(240.0))
    centre = np.array([(drawn * columns).sum(), (drawn * rows).sum()]) / drawn.sum()
    hole = 36 * np.pi
    x, y = -hole * np.array([25.0, 8.0]) / part.area_mm2
    turn = np.radians(angle)
    expected = [x * np.cos(turn) + y * np.sin(turn), x * np.sin(turn) - y * np.cos(turn)]
    np.testing.assert_allclose(centre - [u + 70, v + 70], expected, atol=0.01)


def test_parts_beyond_the_picture_and_over_each_other():
    disc = SheetPart(DISC, reflectance=0.4)
    assert (draw_part(disc, 0.0, np.array([-90.0, 30.0]), (60, 50), 2.0, 7, rng()) == 7).all()
    first = draw_part(disc, 0.0, np.array([0.0, 0.0]), (60, 50), 2.0, 0, rng())
    assert first[0, 0] == 102 and first[0, 59] == 0
    both = draw_part(SheetPart(DISC, reflectance=0.8), 0.0, np.array([10.0, 0.0]), (60, 50), 2.0, first, rng())
    assert both[0, 0] == 204 and first[0, 0] == 102
    full = draw_part(disc, 0.0, np.array([30.0, 25.0]), (60, 50), 50.0, 0, rng())
    assert (full == 102).all()


@pytest.mark.parametrize('surface', SURFACES)
def test_each_surface_is_drawn_anew_for_each_piece(surface):
    part, _ = random_part(rng(), 0.3, 100.0, surface)
    generator = np.random.default_rng(8)
    one, two = (draw_part(part, 20.0, np.array([80.0, 80.0]), (160, 160), 1.0, 0, generator) for _ in range(2))
    again = draw_part(part, 20.0, np.array([80.0, 80.0]), (160, 160), 1.0, 0, np.random.default_rng(8))
    np.testing.assert_array_equal(one, again)
    assert np.array_equal(one, two) == (surface == 'plain')
    np.testing.assert_array_equal(one == 0, two == 0)


def test_a_sheet_for_the_area_camera():
    bend = Bend(np.array([0.0, 30.0]), np.array([0.0, -30.0]), 4.0, 0.25)
    part = SheetPart(RECTANGLE, (DISC,), (bend,), thickness_mm=2.0)
    sheet = as_sheet(part, 4.0, rng())
    assert sheet.cover.sum() / 16 == pytest.approx(part.area_mm2, rel=1e-3)
    assert (
        sheet.thickness_m == 0.002 and sheet.reflectance.dtype == sheet.cover.dtype == sheet.slope.dtype == np.float32
    )
    assert sheet.cover.shape == sheet.reflectance.shape == sheet.slope.shape[:2]
    column, row = sheet.origin_texel
    rows, columns = np.nonzero(sheet.slope[..., 0] > 0.2)
    assert (columns.min() - column, columns.max() - column) == (
        -7,
        7,
    )  # 8 texels on each side, the outer ones by half
    np.testing.assert_allclose(sheet.slope[int(row), int(column)], [0.25, 0.0], atol=1e-6)
    inside = np.nonzero(sheet.cover[int(row)] > 0.99)[0] - column
    assert (inside.min(), inside.max()) == (-159, 159)
