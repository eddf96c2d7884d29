"""A path is prolonged to where profiles last show both sides of the joint."""

import numpy as np
import pytest

from weld_cell.errors import SeamPathError
from weld_cell.records import SeamPath
from weld_cell.seam.last_seen import prolonged

UP, ALONG = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
STEP_MM, LENGTH_MM = 0.6, 60.0
SKEW, LEAN = np.tan(np.radians(10.0)), np.tan(np.radians(15.0))
DEPTH_MM, HALF_WIDTH_MM = 15.0, 9.0


def groove(along_mm, across_mm):
    """Height of a deep groove from 0 to LENGTH_MM; before and beyond lies the table."""
    depth = DEPTH_MM * np.clip(1.0 - np.abs(across_mm) / HALF_WIDTH_MM, 0.0, None)
    return np.where((along_mm >= 0.0) & (along_mm <= LENGTH_MM), DEPTH_MM - depth, -12.0)


def profile(place_mm, surface):
    """By a laser plane that lies skew to the seam and leans along it."""
    rng = np.random.default_rng(round(1000 * (place_mm + 100)))
    across = np.arange(-30.0, 30.0, 0.25)
    along = place_mm + SKEW * across
    height = surface(np.full_like(along, 30.0), across)
    for _ in range(4):  # down from the plates to where the plane meets a surface; on the faces of their ends none
        height = surface(along + LEAN * height, across)
    seen = surface(along + LEAN * height, across) == height
    rows = np.column_stack([across, along + LEAN * height, height])[seen]
    return round(1e6 * (place_mm + 100)), 1e-3 * (rows + rng.normal(0.0, 0.04, rows.shape))


def profiles(surface):
    return [profile(place, surface) for place in np.arange(-25.0, LENGTH_MM + 25.0, STEP_MM)]


GROOVE = profiles(groove)


def path(first_mm, last_mm):
    along = 1e-3 * np.linspace(first_mm, last_mm, round(0.5 * (last_mm - first_mm)) + 1)
    positions = np.column_stack([np.zeros_like(along), along, np.zeros_like(along)])
    count = len(along)
    spacing_m = float(along[1] - along[0])
    return SeamPath(
        positions, np.tile(ALONG, (count, 1)), np.tile(UP, (count, 1)), spacing_m, spacing_m * (count - 1), 3
    )


@pytest.mark.parametrize('seen', [[], [(0, np.zeros((0, 3)))], GROOVE[:3]])
def test_without_profiles_a_path_stays_as_it_is(seen):
    given = path(5.0, 55.0)
    assert prolonged(given, seen) is given


@pytest.mark.parametrize(('first_mm', 'last_mm'), [(0.0, 60.0), (4.0, 60.0), (1.5, 53.0), (9.0, 52.0)])
def test_a_path_goes_on_to_where_both_sides_are_last_seen(first_mm, last_mm):
    whole = prolonged(path(first_mm, last_mm), GROOVE)
    assert 1e3 * whole.positions_m[0, 1] == pytest.approx(min(first_mm, 0.4), abs=0.5)
    assert 1e3 * whole.positions_m[-1, 1] == pytest.approx(max(last_mm, LENGTH_MM - 0.4), abs=0.5)
    np.testing.assert_allclose(whole.positions_m[:, [0, 2]], 0.0, atol=1e-9)
    np.testing.assert_allclose(np.diff(whole.positions_m[:, 1]), whole.spacing_m, rtol=1e-6)
    assert whole.length_m == pytest.approx(whole.positions_m[-1, 1] - whole.positions_m[0, 1])
    np.testing.assert_allclose(whole.tangents, np.tile(ALONG, (len(whole.tangents), 1)), atol=1e-9)
    np.testing.assert_allclose(whole.normals, np.tile(UP, (len(whole.normals), 1)), atol=1e-9)
    assert whole.rejected == 3


@pytest.mark.parametrize(('first_mm', 'last_mm', 'end'), [(15.0, 60.0, 'start'), (0.0, 40.0, 'end')])
def test_a_path_that_is_far_too_short_is_refused(first_mm, last_mm, end):
    with pytest.raises(SeamPathError, match=f'The {end} of the seam is missing.*10 mm are allowed'):
        prolonged(path(first_mm, last_mm), GROOVE)


def test_one_side_that_goes_on_alone_is_no_joint():
    alone = profiles(lambda along, across: np.where(across < 0.0, groove(30.0, across), groove(along, across)))
    assert prolonged(path(0.5, 59.5), alone).length_m == pytest.approx(0.060, abs=1e-3)


def test_a_single_image_far_beyond_is_no_joint():
    stamp_ns, points = GROOVE[44]
    misplaced = stamp_ns, points - 9e-3 * ALONG
    assert prolonged(path(0.0, 60.0), [misplaced, *GROOVE]).length_m == pytest.approx(0.060, abs=1e-3)


def test_a_shadow_over_a_part_of_one_side_does_not_end_the_joint():
    lit = [(stamp_ns, points[(points[:, 0] < 2e-3) | (points[:, 0] > 9e-3)]) for stamp_ns, points in GROOVE[-60:]]
    assert prolonged(path(0.0, 53.0), [*GROOVE[:-60], *lit]).length_m == pytest.approx(0.060, abs=1e-3)


def test_a_bent_path_is_prolonged_along_its_bend():
    """Over two flat plates along an arc of 150 mm; the path of a chord would leave it by 0.2 mm over 8 mm."""
    turn = np.arange(0.0, 0.06, 0.002) / 0.15
    arc = 0.15 * np.column_stack([1.0 - np.cos(turn), np.sin(turn), 0.0 * turn])
    tangents = np.column_stack([np.sin(turn), np.cos(turn), 0.0 * turn])
    bent = SeamPath(arc, tangents, np.tile(UP, (len(turn), 1)), 2e-3, 2e-3 * (len(turn) - 1), 0)
    ends_mm = 1e3 * arc[-1, 1] + 8.0
    flat = profiles(lambda along, across: np.where((along >= 0.0) & (along <= ends_mm), 0.0, -12.0) + 0.0 * across)
    whole = prolonged(bent, flat)
    assert 1e3 * whole.length_m == pytest.approx(1e3 * bent.length_m + 8.0, abs=1.5)
    np.testing.assert_allclose(np.hypot(whole.positions_m[:, 0] - 0.15, whole.positions_m[:, 1]), 0.15, atol=2e-5)
