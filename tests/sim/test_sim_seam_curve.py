"""The seam curve: lengths and chords by hand, and places found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weld_cell.sim.seam_curve import MIN_RADIUS_M, SeamCurve, random_seam, straight_seam


@pytest.mark.parametrize(
    ('lengths', 'curvatures'),
    [([], []), ([0.0], [0.0]), ([0.1], []), ([0.1], [1 / 0.149]), ([0.1, -0.1], [0.0, 0.0])],
)
def test_bad_pieces_are_refused(lengths, curvatures):
    with pytest.raises(ValueError, match='expected'):
        SeamCurve.from_pieces(lengths, curvatures)


def test_arc_by_hand():
    radius, length = 0.2, 0.2 * np.pi / 3  # a sixth of a circle: the chord is the radius
    curve = SeamCurve.from_pieces([length], [1 / radius])
    assert curve.length_m == pytest.approx(length)
    assert curve.chord_m == pytest.approx(radius)
    points, tangents, _ = curve.evaluate(np.array([0.0, length / 2, length]))
    sagitta = radius * (1 - np.cos(np.pi / 6))
    np.testing.assert_allclose(points, [[0, 0], [radius / 2, -sagitta], [radius, 0]], atol=1e-12)
    np.testing.assert_allclose(tangents, [[np.cos(np.pi / 6), -0.5], [1, 0], [np.cos(np.pi / 6), 0.5]], atol=1e-12)


def test_goes_on_straight_beyond_its_ends():
    curve = SeamCurve.from_pieces([0.1], [4.0])
    points, tangents, curvature = curve.evaluate(np.array([-0.02, 0.0, 0.1, 0.13]))
    np.testing.assert_allclose(points[1] - points[0], 0.02 * tangents[1], atol=1e-12)
    np.testing.assert_allclose(points[3] - points[2], 0.03 * tangents[2], atol=1e-12)
    assert curvature[0] == curvature[3] == 0.0


@given(seed=st.integers(0, 10_000), curved=st.booleans(), part=st.floats(-0.1, 1.1), offset=st.floats(-0.04, 0.04))
def test_places_are_found_again(seed, curved, part, offset):
    curve = random_seam(np.random.default_rng(seed), curved)
    s = np.array([part * curve.length_m])
    points, tangents, _ = curve.evaluate(s)
    left = np.column_stack([-tangents[:, 1], tangents[:, 0]])
    found_s, found_offset = curve.locate(points + offset * left)
    np.testing.assert_allclose(found_s, s, atol=1e-9)
    np.testing.assert_allclose(found_offset, [offset], atol=1e-9)


@given(seed=st.integers(0, 10_000), curved=st.booleans())
def test_random_seams(seed, curved):
    curve = random_seam(np.random.default_rng(seed), curved)
    assert 0.120 <= curve.length_m <= 0.250
    assert np.abs(curve.curvatures).max() <= 1 / MIN_RADIUS_M + 1e-9
    assert curve.is_straight is not curved
    points, _, _ = curve.evaluate(np.linspace(0, curve.length_m, 400))
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert steps.sum() == pytest.approx(curve.length_m, rel=1e-5)
    assert np.abs(points[:, 1]).max() < 0.009  # within reach of a straight scan
    np.testing.assert_allclose(points[-1], [curve.chord_m, 0.0], atol=1e-12)


def test_straight_seam():
    assert straight_seam(0.15).is_straight
    assert straight_seam(0.15).chord_m == pytest.approx(0.15)
