"""The classical steps one by one, against slow references and hand-computed values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import legendre
from scipy.ndimage import gaussian_filter1d

from weld_cell.errors import PlateSeamAbsentError
from weld_cell.plate_seam.denoise import denoise
from weld_cell.plate_seam.edges import OPERATORS, above_otsu, edge_map, improved_prewitt
from weld_cell.plate_seam.evidence import line_evidence
from weld_cell.plate_seam.fit import Curve, fit_curve
from weld_cell.plate_seam.follow import follow_lines
from weld_cell.plate_seam.gap_fit import blur_and_share, read_gaps
from weld_cell.plate_seam.lines import hough_segments, segment_points
from weld_cell.plate_seam.measure import straightness
from weld_cell.plate_seam.profiles import take_profiles
from weld_cell.plate_seam.settings import PlateSeamSettings


def plain_median(grey, side):
    """Pixel by pixel: the window's median, at the border that of the nearest pixel with a whole window."""
    half, (height, width) = side // 2, grey.shape
    out = np.empty_like(grey)
    for v in range(height):
        for u in range(width):
            row, column = min(max(v, half), height - 1 - half), min(max(u, half), width - 1 - half)
            window = grey[row - half : row + half + 1, column - half : column + half + 1]
            out[v, u] = sorted(window.ravel().tolist())[side * side // 2]
    return out


@pytest.mark.parametrize(('shape', 'side'), [((3, 3), 3), ((3, 9), 3), ((12, 17), 3), ((11, 12), 5), ((9, 15), 9)])
def test_the_median_with_edge_approximation_is_the_plain_one(shape, side):
    grey = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(denoise(grey, 'median', side), plain_median(grey, side))


@pytest.mark.parametrize(('shape', 'side'), [((2, 9), 3), ((9, 9), 4), ((9, 9, 3), 3)])
def test_a_window_that_does_not_fit_is_a_mistake(shape, side):
    with pytest.raises(ValueError, match='window'):
        denoise(np.zeros(shape, np.uint8), 'median', side)


def test_a_median_removes_a_gap_of_one_pixel():
    """Why the method ridge reads the image as it came."""
    grey = np.full((9, 30), 200, np.uint8)
    grey[4] = 20
    assert denoise(grey).min() == 200


def test_prewitt_is_weighed_by_the_box():
    """A step of 10 up and down, in a region of 8 x 2: Gy = 30, w_y = 2 / 10, G = sqrt(0.2) 30."""
    region = np.zeros((2, 8), np.uint8)
    region[1] = 10
    beside = np.sqrt(0.2 * 30.0**2)
    np.testing.assert_allclose(improved_prewitt(region), beside)


def test_otsu_parts_two_kinds():
    magnitude = np.array([[1.0, 2.0, 1.5, 80.0, 90.0]])
    np.testing.assert_array_equal(above_otsu(magnitude), [[0, 0, 0, 255, 255]])
    assert not above_otsu(np.zeros((4, 4))).any()


@pytest.mark.parametrize('operator', OPERATORS)
def test_every_operator_sees_a_step(operator):
    region = np.full((40, 60), 40, np.uint8)
    region[:, 30:] = 200
    found = np.flatnonzero(edge_map(region, operator)[20])
    assert len(found) and np.abs(found - 29.5).max() <= 3.0


def test_hough_finds_the_segment_and_refuses_an_empty_map():
    edges = np.zeros((60, 300), np.uint8)
    with pytest.raises(PlateSeamAbsentError, match='straight edge'):
        hough_segments(edges, PlateSeamSettings())
    edges[30, 20:280] = 255
    points = segment_points(hough_segments(edges, PlateSeamSettings()))
    assert np.ptp(points[:, 0]) > 250 and np.abs(points[:, 1] - 30).max() <= 1


def test_no_segments_have_no_points():
    assert segment_points(np.empty((0, 4))).shape == (0, 2)
    np.testing.assert_allclose(segment_points(np.array([[0.0, 0.0, 2.0, 0.0]])), [[0, 0], [1, 0], [2, 0]])


@pytest.mark.parametrize('points', [np.empty((0, 2)), np.zeros((5, 2)), np.full((4, 2), np.nan)])
def test_points_that_make_no_curve_are_a_mistake(points):
    with pytest.raises(ValueError, match='expected'):
        fit_curve(points, 3, 4.0, 0.01)


@given(st.floats(-3.0, 3.0), st.floats(-50.0, 50.0), st.integers(0, 1000))
def test_a_line_with_outliers_is_a_line(turn, away, seed):
    rng = np.random.default_rng(seed)
    along = np.linspace(-100.0, 100.0, 120)
    across = away + rng.normal(0.0, 0.05, 120)
    across[rng.choice(120, 25, replace=False)] += rng.choice([-1.0, 1.0], 25) * rng.uniform(3.0, 20.0, 25)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    fitted = fit_curve(np.column_stack([along, across]) @ rotation.T, 9, 4.0, 0.02)
    truth = np.column_stack([along, np.full(120, away)]) @ rotation.T
    assert np.abs(fitted.curve.offsets(truth)).max() < 0.1
    assert 85 <= fitted.on_curve.sum() <= 97


def test_a_curve_is_a_series_of_legendre_polynomials_that_goes_on_straight():
    coefficients = np.array([0.5, -1.0, 2.0, 0.3, -0.7])
    curve = Curve(np.array([10.0, 20.0]), np.array([0.0, 1.0]), 50.0, coefficients)
    x = np.array([-60.0, -50.0, 0.0, 17.0, 50.0, 70.0])
    inside = np.clip(x, -50.0, 50.0) / 50.0
    slopes = legendre.legval(inside, legendre.legder(coefficients)) / 50.0
    y = legendre.legval(inside, coefficients) + (x - 50.0 * inside) * slopes
    np.testing.assert_allclose(curve.points(x), np.column_stack([10.0 - y, 20.0 + x]), atol=1e-12)
    along = np.column_stack([-slopes, np.ones(6)])
    np.testing.assert_allclose((curve.normals(x) * along).sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(curve.normals(x), axis=1), 1.0)


def test_a_noisy_line_is_not_taken_for_a_bent_one():
    along = np.linspace(-100.0, 100.0, 200)
    noisy = np.column_stack([along, np.random.default_rng(1).normal(0.0, 0.05, 200)])
    assert fit_curve(noisy, 9, 4.0, 0.02).curve.degree == 1


def test_an_arc_is_followed():
    turn = np.linspace(-0.4, 0.4, 200)
    arc = 150.0 * np.column_stack([np.sin(turn), np.cos(turn)])
    fitted = fit_curve(arc, 9, 4.0, 0.01)
    assert fitted.curve.degree > 1
    assert np.abs(fitted.curve.offsets(arc)).max() < 0.03


def test_straightness_is_the_width_of_the_strip():
    assert straightness(np.array([[0.0, 0.0], [5.0, 0.0], [10.0, 0.0]])) == pytest.approx(0.0, abs=1e-12)
    assert straightness(np.array([[0.0, 0.0], [5.0, 1.0], [10.0, 0.0]])) == pytest.approx(1.0)


def drawn_line(turn_deg, hidden=0.0):
    """A dark line 3 px wide through the middle of 160 x 160 px, hidden for a part of its middle."""
    v, u = np.mgrid[:160, :160] - 79.5
    turn = np.deg2rad(turn_deg)
    away, along = u * np.sin(turn) - v * np.cos(turn), u * np.cos(turn) + v * np.sin(turn)
    line = np.clip(2.0 - np.abs(away), 0.0, 1.0) * (np.abs(along) > 0.5 * hidden)
    return np.round(150.0 - 100.0 * line).astype(np.uint8)


@pytest.mark.parametrize('grey', [np.full((60, 90), 120, np.uint8), np.zeros((8, 8), np.uint8)])
def test_nothing_speaks_for_a_line_where_all_is_even(grey):
    evidence = line_evidence(grey, 1, lap=False)
    assert not evidence.strength.any()
    assert follow_lines(evidence, np.ones(grey.shape, bool), 3, 20.0, 10.0) == []


@pytest.mark.parametrize('turn_deg', [0.0, 23.0, 67.0, 90.0, 135.0])
def test_a_line_is_followed_in_any_direction_and_across_what_hides_it(turn_deg):
    grey = drawn_line(turn_deg, hidden=30.0)
    evidence = line_evidence(grey, 1, lap=False)
    best = follow_lines(evidence, np.ones(grey.shape, bool), 3, 40.0, 20.0)[0]
    turn = np.deg2rad(turn_deg)
    away = (best.points - 79.5) @ [np.sin(turn), -np.cos(turn)]
    assert np.abs(away).max() <= 2.5
    assert np.ptp((best.points - 79.5) @ [np.cos(turn), np.sin(turn)]) > 130.0


def test_a_step_is_no_gap_but_the_edge_of_a_lap():
    grey = np.full((80, 120), 60, np.uint8)
    grey[40:] = 160
    assert line_evidence(grey, 1, lap=False).strength[36:44, 10:-10].max() < 0.1
    assert line_evidence(grey, 1, lap=True).strength[38:42, 10:-10].max() > 0.5


@pytest.mark.parametrize('width', [0.4, 1.0, 2.5, 6.0])
@pytest.mark.parametrize('centre', [20.0, 20.3, 20.5])
def test_a_gap_between_unequal_plates_is_read_to_a_part_of_a_pixel(width, centre):
    """Drawn on a grid of 1/20 px, blurred by 0.7 px in all."""
    fine = np.arange(0.0, 41.0, 0.05) - 0.475
    light = np.where(fine < centre, 180.0, 120.0)
    light[np.abs(fine - centre) < 0.5 * width] = 12.0
    column = gaussian_filter1d(light, 0.7 / 0.05)[9::20]
    image = np.repeat(np.round(column).astype(np.uint8)[:, None], 60, axis=1)
    stations = np.column_stack([np.arange(10.0, 50.0), np.full(40, 20.0)])
    settings = PlateSeamSettings()
    profiles = take_profiles(image, stations, np.tile([0.0, 1.0], (40, 1)), 14.0)
    readings = read_gaps(profiles, 8.0, settings.blur_px, settings.dark_share)
    seen = readings.seen(8.0, settings)
    assert seen.all()
    blur, share = blur_and_share(profiles, readings, seen, settings)
    readings = read_gaps(profiles, 8.0, blur, share, float(np.median(readings.width_px)))
    np.testing.assert_allclose(readings.offset_px, centre - 20.0, atol=0.05)
    np.testing.assert_allclose(readings.width_px, width, rtol=0.1)
