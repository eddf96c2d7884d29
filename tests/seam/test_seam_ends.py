"""Profiles that show the joint beyond the ends of a path."""

import numpy as np
import pytest

from weld_cell.errors import SeamPathError
from weld_cell.records import SeamPath, SeamPoint
from weld_cell.seam.ends import require_ends, unread_m
from weld_cell.seam.settings import PathSettings

UP, ALONG, ACROSS = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
STEP_MM, LENGTH_MM = 0.6, 60.0
PLACES_MM = np.arange(-12.0, LENGTH_MM + 12.0, STEP_MM)
SETTINGS = PathSettings()
STEP_DOWN_MM = 3.0


def surface_mm(along_mm, across_mm):
    """Height of a lap joint from 0 to LENGTH_MM; before and beyond lies the table, near enough to be taken for it."""
    if 0.0 <= along_mm <= LENGTH_MM:
        return np.where(across_mm < 0.0, STEP_DOWN_MM, 0.0)
    return np.full_like(across_mm, -8.5)


def profile(along_mm, surface=surface_mm):
    rng = np.random.default_rng(round(1000 * (along_mm + 100)))
    across = np.arange(-30.0, 30.0, 0.3)
    rows = np.column_stack([across, np.full_like(across, along_mm), surface(along_mm, across)])
    return round(1e6 * (along_mm + 100)), (rows + rng.normal(0.0, 0.05, rows.shape)) / 1000


PROFILES = [profile(place) for place in PLACES_MM]


def points(first_mm, last_mm):
    """Seam points, every STEP_MM, of which the joint begins at 0."""
    rng = np.random.default_rng(5)
    places = [place for place in PLACES_MM if first_mm <= place <= last_mm]
    return [
        SeamPoint(np.array([rng.normal(0, 0.05), place, 0.0]) / 1000, UP, round(1e6 * (place + 100)))
        for place in places
    ]


def path(first_mm, last_mm):
    along = np.arange(first_mm, last_mm + 0.1, 2.0)
    positions = np.column_stack([np.zeros_like(along), along, np.zeros_like(along)]) / 1000
    count = len(along)
    return SeamPath(positions, np.tile(ALONG, (count, 1)), np.tile(UP, (count, 1)), 2e-3, 2e-3 * (count - 1), 0)


@pytest.mark.parametrize('profiles', [[], [(0, np.zeros((0, 3)))], PROFILES])
def test_too_few_points_tell_nothing(profiles):
    assert unread_m([], profiles, SETTINGS) == 0.0
    assert unread_m(points(10.0, 12.0), profiles, SETTINGS) == 0.0


@pytest.mark.parametrize('profiles', [[], [(0, np.zeros((0, 3)))]])
def test_without_profiles_nothing_is_seen(profiles):
    assert unread_m(points(10.0, 50.0), profiles, SETTINGS) == 0.0


@pytest.mark.parametrize(('first_mm', 'last_mm'), [(0.0, 60.0), (0.6, 58.0), (10.0, 60.0), (0.0, 42.0)])
def test_what_lies_between_path_and_end_is_told(first_mm, last_mm):
    seen = points(first_mm, last_mm)
    assert 1000 * unread_m(seen[::-1], PROFILES, SETTINGS) == pytest.approx(first_mm, abs=2.5)
    assert 1000 * unread_m(seen, PROFILES, SETTINGS) == pytest.approx(LENGTH_MM - last_mm, abs=2.5)


def test_a_path_with_both_ends_is_taken():
    require_ends(path(0.0, 60.0), points(0.0, 60.0), PROFILES, SETTINGS)


@pytest.mark.parametrize(('first_mm', 'last_mm', 'end'), [(8.0, 60.0, 'start'), (0.0, 50.0, 'end')])
def test_a_path_that_lost_an_end_is_refused(first_mm, last_mm, end):
    with pytest.raises(SeamPathError, match=f'The {end} of the seam is missing.*Remedy: Look at'):
        require_ends(path(first_mm, last_mm), points(first_mm, last_mm), PROFILES, SETTINGS)


def test_points_that_the_path_left_out_do_not_hide_a_lost_start():
    """Two points right at the start, then none for ten millimetres: the path begins after them."""
    with pytest.raises(SeamPathError, match='start of the seam is missing'):
        require_ends(path(10.0, 60.0), points(0.0, 0.6) + points(10.0, 60.0), PROFILES, SETTINGS)


def on_one_side(along_mm, across_mm):
    """The lower plate goes on where the upper one has ended."""
    return np.where((across_mm < 0.0) & (0.0 <= along_mm <= LENGTH_MM), STEP_DOWN_MM, 0.0)


def test_a_plate_that_goes_on_alone_is_no_joint():
    profiles = [profile(place, on_one_side) for place in PLACES_MM]
    require_ends(path(0.0, 60.0), points(0.0, 60.0), profiles, SETTINGS)


def test_one_profile_that_looks_alike_is_no_witness():
    alike = [profile(-12.0, lambda _, across: surface_mm(1.0, across))]
    require_ends(path(0.0, 60.0), points(0.0, 60.0), [*alike, *PROFILES], SETTINGS)


def test_as_much_as_is_allowed_is_taken():
    require_ends(path(8.0, 60.0), points(8.0, 60.0), PROFILES, PathSettings(max_unread_mm=10.0))
