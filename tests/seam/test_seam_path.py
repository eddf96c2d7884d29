"""The path from points: exact curves, noise, outliers, holes; and the look ahead."""

from contextlib import nullcontext

import numpy as np
import pytest

from weld_cell.errors import SeamPathError
from weld_cell.records import SeamPoint
from weld_cell.seam.curve import fit_curve
from weld_cell.seam.path import _refuse_island, _stray_ends, fit_seam_path
from weld_cell.seam.prediction import predict_ahead
from weld_cell.seam.settings import PathSettings

SETTINGS = PathSettings()
UP = np.array([0.0, 0.0, 1.0])


def straight(length_m=0.3, count=600):
    s = np.linspace(0.0, length_m, count)
    return np.column_stack([1.0 + s, 0.2 + 0.0 * s, 0.1 + 0.0 * s])


def arc(radius_m=0.15, length_m=0.3, count=600):
    turn = np.linspace(0.0, length_m / radius_m, count)
    return radius_m * np.column_stack([np.sin(turn), 1.0 - np.cos(turn), 0.0 * turn])


def points(positions, normal=UP):
    return [SeamPoint(p, np.asarray(normal), 25_000_000 * i) for i, p in enumerate(positions)]


def off_arc_mm(path, radius_m=0.15):
    x, y, z = path.positions_m.T
    return 1e3 * np.hypot(np.hypot(x, y - radius_m) - radius_m, z)


@pytest.mark.parametrize('count', [0, 1, SETTINGS.min_points - 1])
def test_too_few_points_are_refused(count):
    with pytest.raises(SeamPathError, match=f'{count} seam points'):
        fit_seam_path(points(straight(count=600)[:count]), SETTINGS)


def test_a_straight_seam_by_hand():
    path = fit_seam_path(points(straight(), normal=(0.1, 0.0, 1.0)), SETTINGS)
    np.testing.assert_allclose(path.positions_m[[0, -1]], [[1.0, 0.2, 0.1], [1.3, 0.2, 0.1]], atol=2e-5)
    assert path.length_m == pytest.approx(0.3, abs=3e-5)
    assert path.spacing_m == pytest.approx(0.002, abs=1e-6)
    assert len(path.positions_m) == 151
    assert path.rejected == 0
    np.testing.assert_allclose(path.tangents, np.tile([1.0, 0.0, 0.0], (151, 1)), atol=1e-6)
    np.testing.assert_allclose(path.normals, np.tile(UP, (151, 1)), atol=1e-6)


@pytest.mark.parametrize('curve', [straight, arc])
@pytest.mark.parametrize('back_mm', [0, 15, 30, 45, 60, 100])
def test_a_way_back_before_the_scan_takes_no_end_from_its_path(curve, back_mm):
    """The search, the vote and the way back see the same seam as the scan that follows them."""
    rng = np.random.default_rng(back_mm)
    scan = curve(length_m=0.2, count=320)
    back = scan[: round(320 * back_mm / 200)][::-1]
    scanned = np.concatenate([back[::-1], back, scan])
    path = fit_seam_path(points(scanned + rng.normal(0.0, 3e-5, scanned.shape)), SETTINGS)
    assert 1e3 * path.length_m == pytest.approx(200.0, abs=0.5)
    assert np.linalg.norm(path.positions_m[0] - scan[0]) < 5e-4  # and still in the direction of the scan


def test_an_arc_is_not_pulled_inwards():
    path = fit_seam_path(points(arc()), SETTINGS)
    assert off_arc_mm(path).max() < 0.01
    assert path.length_m == pytest.approx(0.3, abs=3e-5)
    np.testing.assert_allclose(np.linalg.norm(np.diff(path.positions_m, axis=0), axis=1), path.spacing_m, rtol=1e-3)
    np.testing.assert_allclose(np.sum(path.tangents * path.normals, axis=1), 0.0, atol=1e-12)


def test_where_two_arcs_meet_the_path_follows():
    one = arc(length_m=0.15, count=300)
    other = one[::-1] * [-1.0, -1.0, 1.0]
    path = fit_seam_path(points(np.vstack([other, one[1:]])), SETTINGS)
    off = np.minimum(
        np.abs(np.hypot(path.positions_m[:, 0], path.positions_m[:, 1] - 0.15) - 0.15),
        np.abs(np.hypot(path.positions_m[:, 0], path.positions_m[:, 1] + 0.15) - 0.15),
    )
    assert 1e3 * off.max() < 0.08  # the curvature jumps by 1 / 75 mm; away from there it is as exact as on one arc


def test_noise_is_averaged_and_outliers_are_left_out():
    rng = np.random.default_rng(3)
    positions = arc() + rng.normal(0.0, 0.05e-3, (600, 3))
    wild = rng.choice(np.arange(10, 590), 120, replace=False)
    positions[wild] += rng.normal(0.0, 8e-3, (120, 3))
    path = fit_seam_path(points(positions), SETTINGS)
    off = off_arc_mm(path)
    assert np.sqrt(np.mean(off**2)) < 0.03
    assert off.max() < 0.1
    assert 100 <= path.rejected <= 135


def test_what_is_seen_beyond_the_plates_is_left_out():
    beyond = straight()[:40] + [-0.02, 0.015, -0.06]
    path = fit_seam_path(points(np.vstack([beyond, straight()])), SETTINGS)
    np.testing.assert_allclose(path.positions_m[0], [1.0, 0.2, 0.1], atol=1e-5)
    assert path.rejected == 40


def test_a_shadow_that_goes_on_for_a_while_is_no_seam():
    """60 of 150 points go on from each other, the others lie anywhere beside the seam."""
    rng = np.random.default_rng(13)
    positions = straight(0.15, 150)
    positions[60:, 1] += rng.uniform(-20e-3, 20e-3, 90)
    with pytest.raises(SeamPathError, match='4[01] % of 150 seam points lie between the ends'):
        fit_seam_path(points(positions), SETTINGS)


def test_the_order_of_the_points_does_not_matter_but_their_stamps_give_the_direction():
    forwards = points(arc())
    shuffled = list(np.random.default_rng(1).permutation(np.array(forwards, dtype=object)))
    np.testing.assert_array_equal(
        fit_seam_path(shuffled, SETTINGS).positions_m, fit_seam_path(forwards, SETTINGS).positions_m
    )
    backwards = fit_seam_path(points(arc()[::-1]), SETTINGS)
    np.testing.assert_allclose(backwards.positions_m[-1], [0.0, 0.0, 0.0], atol=1e-5)


def test_a_robot_that_stands_still_for_a_while_makes_the_same_path():
    rng = np.random.default_rng(2)
    moving = straight() + rng.normal(0.0, 0.03e-3, (600, 3))
    standing = np.repeat(straight()[300:301], 400, axis=0) + rng.normal(0.0, 0.03e-3, (400, 3))
    path = fit_seam_path(points(np.vstack([moving[:300], standing, moving[300:]])), SETTINGS)
    np.testing.assert_allclose(path.positions_m[:, 1:], np.tile([0.2, 0.1], (151, 1)), atol=0.1e-3)
    assert path.length_m == pytest.approx(0.3, abs=2e-4)


@pytest.mark.parametrize(
    ('positions', 'message'),
    [
        (np.zeros((50, 3)), 'within 0.0 mm'),
        (straight(0.004, 50), '4.0 mm long'),
        (np.vstack([straight()[:230], straight()[350:]]), 'hole'),
        (straight() + np.random.default_rng(1).normal(0.0, 4e-3, (600, 3)), 'go on from each other'),
    ],
)
def test_what_is_no_path_is_refused_with_a_remedy(positions, message):
    with pytest.raises(SeamPathError, match=message) as caught:
        fit_seam_path(points(positions), SETTINGS)
    assert caught.value.remedy


def test_points_that_scatter_more_than_allowed_are_refused():
    scattered = straight() + np.random.default_rng(1).normal(0.0, 0.4e-3, (600, 3))
    with pytest.raises(SeamPathError, match='scatter by 0.[34]'):
        fit_seam_path(points(scattered), PathSettings(max_scatter_mm=0.3))


def test_a_seam_that_few_points_show_is_found_among_shadows():
    """A third of the points go on from each other along an arc; the others lie anywhere beside it."""
    rng = np.random.default_rng(6)
    positions = arc()[::2]
    wild = rng.choice(300, 200, replace=False)
    positions[wild] += np.column_stack([np.zeros(200), rng.uniform(-15e-3, 15e-3, 200), np.zeros(200)])
    path = fit_seam_path(points(positions), SETTINGS)
    assert off_arc_mm(path).max() < 0.2
    assert path.length_m == pytest.approx(0.3, abs=5e-3)


def test_a_short_hole_is_bridged():
    path = fit_seam_path(points(np.vstack([arc()[:300], arc()[330:]])), SETTINGS)
    assert off_arc_mm(path).max() < 0.03


@pytest.mark.parametrize('count', [0, SETTINGS.min_points - 1])
def test_too_few_points_to_look_ahead(count):
    with pytest.raises(SeamPathError, match=f'{count} seam points'):
        predict_ahead(points(straight()[:count]), np.array([0.01]), SETTINGS)


def test_points_that_do_not_advance_give_no_look_ahead():
    with pytest.raises(SeamPathError, match='do not advance'):
        predict_ahead(points(np.repeat(straight()[:1], 50, axis=0)), np.array([0.01]), SETTINGS)


def test_look_ahead_along_a_straight_seam_by_hand():
    (position,), (tangent,), (normal,) = predict_ahead(points(straight()[:20]), np.array([0.01]), SETTINGS)
    # 20 points reach 19 / 599 * 300 mm; the 98 % place of the last points is 0.2 mm before it.
    np.testing.assert_allclose(position, [1.0 + 0.3 * 19 / 599 + 0.01, 0.2, 0.1], atol=0.3e-3)
    np.testing.assert_allclose(tangent, [1.0, 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(normal, UP, atol=1e-9)


def test_look_ahead_bends_with_an_arc_and_ignores_outliers():
    rng = np.random.default_rng(4)
    seen = arc()[:300] + rng.normal(0.0, 0.03e-3, (300, 3))
    seen[rng.choice(300, 30, replace=False)] += [0.0, 0.01, 0.0]
    (position,), _, _ = predict_ahead(points(seen), np.array([0.01]), SETTINGS)
    off = np.hypot(np.hypot(position[0], position[1] - 0.15) - 0.15, position[2])
    assert off < 0.3e-3


def test_points_whose_gap_jumps_are_left_out():
    """A shadow beside a tapering root gap widens it on one side, and shifts its middle by half of that."""
    along = np.linspace(0.0, 0.2, 401)
    positions = np.column_stack([np.zeros(401), along, np.zeros(401)])
    gaps = np.linspace(0.6, 1.2, 401)
    shadowed = slice(378, 390)
    positions[shadowed, 0] += 0.7e-3
    gaps[shadowed] += 1.4
    points = [
        SeamPoint(position, np.array([0.0, 0.0, 1.0]), 25_000_000 * i, gap)
        for i, (position, gap) in enumerate(zip(positions, gaps, strict=True))
    ]
    path = fit_seam_path(points, PathSettings())
    assert np.abs(path.positions_m[:, 0]).max() < 0.02e-3
    assert path.rejected == 12


def test_what_a_misread_gap_shifts_in_proportion_is_taken_out():
    """A point lies 0.9 mm deeper for each millimetre that its gap is read too narrow."""
    rng = np.random.default_rng(8)
    gaps = 1.0 + rng.normal(0.0, 0.15, 400)
    positions = straight(0.2, 400) + np.outer(0.9e-3 * (gaps - 1.0), UP)
    read = [SeamPoint(p, UP, 25_000_000 * i, g) for i, (p, g) in enumerate(zip(positions, gaps, strict=True))]
    path = fit_seam_path(read, SETTINGS)
    assert 1e3 * np.abs(path.positions_m[:, 2] - 0.1).max() < 0.03


def test_the_hump_of_a_tack_weld_does_not_lift_the_path():
    rng = np.random.default_rng(8)
    positions = np.column_stack([np.arange(0.0, 0.15, 0.001), *rng.normal(0.0, 0.05e-3, (2, 150))])
    hump = np.abs(positions[:, 0] - 0.07) < 0.006
    positions[hump, 2] += 0.8e-3 * (1.0 - ((positions[hump, 0] - 0.07) / 0.006) ** 2)
    path = fit_seam_path(points(positions), SETTINGS)
    assert np.abs(path.positions_m[:, 1:]).max() < 0.05e-3


def test_a_path_goes_straight_over_a_hole():
    rng = np.random.default_rng(9)
    positions = np.column_stack([np.arange(0.0, 0.15, 0.001), *rng.normal(0.0, 0.1e-3, (2, 150))])
    path = fit_seam_path(points(np.delete(positions, np.arange(55, 92), axis=0)), SETTINGS)
    assert np.abs(path.positions_m[:, 1:]).max() < 0.1e-3


def with_island(aside_m):
    """A straight seam of which 18 mm are unseen, then 12 mm seen a way aside, then 18 mm unseen again."""
    rng = np.random.default_rng(10)
    positions = np.column_stack([np.arange(0.0, 0.15, 0.001), *rng.normal(0.0, 0.05e-3, (2, 150))])
    positions[68:80, 1] += aside_m
    return np.delete(positions, np.r_[50:68, 80:98], axis=0)


@pytest.mark.parametrize('aside_mm', [0.0, 0.3, 1.5])
def test_a_soft_curve_must_not_follow_points_that_stand_alone_and_aside(aside_mm):
    positions = with_island(1e-3 * aside_mm)
    even = np.zeros(len(positions))
    soft = fit_curve(positions, even, UP, positions[:, 0], SETTINGS, [0.008])
    assert 1e3 * soft.position(0.074)[1] == pytest.approx(aside_mm, abs=0.1)
    refusal = pytest.raises(SeamPathError, match=r'12 seam points 68 mm .* stand 1\.[45] mm')
    with refusal if aside_mm > 0.5 else nullcontext():
        _refuse_island(soft, positions, even, UP, SETTINGS)


@pytest.mark.parametrize(('aside_mm', 'stray'), [(0.0, 0), (0.3, 0), (1.3, 2)])
def test_few_points_that_stand_aside_beyond_a_hole_are_not_the_end_of_the_path(aside_mm, stray):
    rng = np.random.default_rng(14)
    positions = np.column_stack([np.arange(0.0, 0.151, 0.001), *rng.normal(0.0, 0.05e-3, (2, 151))])
    positions[:2, 1] += 1e-3 * aside_mm
    seen = np.delete(positions, np.arange(2, 13), axis=0)
    even = np.zeros(len(seen))
    soft = fit_curve(seen, even, UP, seen[:, 0], SETTINGS, [0.001])
    assert 1e3 * soft.position(0.0)[1] == pytest.approx(aside_mm, abs=0.2)
    assert np.flatnonzero(_stray_ends(soft, seen, even, UP, SETTINGS)).tolist() == [0, 1][:stray]
