"""The seam point before the renderer of tests/judges, which shares no code with the simulator."""

import sys
from pathlib import Path

import numpy as np
import pytest

from weld_cell.errors import CalibrationError, SeamError, StripeAbsentError
from weld_cell.records import JointType
from weld_cell.seam.locate import locate_seam
from weld_cell.seam.settings import SeamSettings
from weld_cell.stripe import StripeSettings, extract_stripe

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_looks import dialled, drawn, generator  # noqa: E402
from stripe_score import camera_of  # noqa: E402


def located(judged, name, **settings):
    profile = extract_stripe(judged.pixels, StripeSettings())
    plane = 1e3 * judged.rig.plane_per_mm
    return locate_seam(profile, JointType(name), camera_of(judged.rig), plane, SeamSettings(**settings), 0)


def off_mm(name, look, seeds=range(12), **settings):
    """(n,) distances from the true seam point."""
    images = [drawn(name, look, seed) for seed in seeds]
    return np.array([np.linalg.norm(1e3 * located(j, name, **settings).seam_m - j.seam_mm) for j in images])


@pytest.mark.parametrize('look', ['plain', 'thick', 'tilted', 'saturated', 'wide', 'optics'])
def test_the_foot_of_a_square_edge(look):
    off = off_mm('lap', look)
    assert np.median(off) < 0.05
    assert off.max() < 0.15


def test_the_foot_of_a_leaning_edge_is_seen_from_outside():
    """Of edges that lean out by 0 to 6 degrees, which nobody told; the camera looks over the top of about half."""
    off = off_mm('lap', 'leaning', range(7000, 7024))
    assert np.percentile(off, 33) < 0.05


def test_wide_gaps_are_found_with_and_without_a_backing():
    off = off_mm('butt', 'wide_gap', range(20))
    assert np.median(off) < 0.05
    assert off.max() < 0.1


@pytest.mark.parametrize('look', ['plain', 'thin', 'bare', 'mismatch'])
def test_the_width_of_a_gap_to_parts_of_a_row(look):
    """By the last rows of the plates it was 0.07 mm too narrow, in steps of a row (0.15 mm)."""
    off = []
    for seed in range(12):
        gap = dialled('butt', look, generator('butt', look, seed)).gap
        off.append(located(drawn('butt', look, seed), 'butt').gap_mm - gap)
    assert abs(np.median(off)) < 0.03
    assert np.abs(off).max() < 0.12


def test_the_short_wall_above_a_layer_ends_where_the_plate_begins():
    """A wall of 5 to 8 rows: the plate beside it has more, and they were counted against it."""
    assert off_mm('filler_layer', 'noisy', [12012]).max() < 0.15


def test_a_gap_wider_than_allowed_is_refused_by_its_width():
    judged = drawn('butt', 'wide_gap', 3)
    gap = located(judged, 'butt').gap_mm
    with pytest.raises(SeamError, match=f'gap found is {gap:.2f} mm wide'):
        located(judged, 'butt', max_gap_mm=3.0)


def test_a_gap_over_a_backing_is_no_lap():
    told = []
    for seed in range(7000, 7020):
        try:
            told.append(located(drawn('butt', 'wide_gap', seed), 'lap').seam_px)
        except SeamError:
            continue
    assert not told


@pytest.mark.parametrize('look', ['bevels', 'even_bevels'])
def test_the_bottom_of_bevels_at_any_angle(look):
    """Of 10 to 60 degrees to the plates' normal, equal and unequal; the dim rows of steep ones count."""
    off, refused = [], 0
    for seed in range(30):
        judged = drawn('splice', look, seed)
        try:
            off.append(np.linalg.norm(1e3 * located(judged, 'splice').seam_m - judged.seam_mm))
        except SeamError:
            refused += 1
    assert refused <= 1
    assert np.median(off) < 0.05
    assert np.percentile(off, 95) < 0.15
    assert max(off) < 0.5


def test_two_bevels_that_meet_are_no_gap():
    """However dim they are; a gap keeps its walls out of sight, whatever lies below."""
    found = {'even_bevels': 0, 'plain': 0}
    for name, look in (('splice', 'even_bevels'), ('butt', 'plain')):
        for seed in range(7000, 7012):
            try:
                located(drawn(name, look, seed), 'butt')
                found[look] += 1
            except SeamError:
                continue
    assert found == {'even_bevels': 0, 'plain': 12}


def test_the_floor_of_a_gap_is_no_notch():
    """A backing deep below thick plates; its middle was told as the bottom, 8 mm below the seam."""
    found = []
    for seed in (8033, *range(7000, 7012)):
        try:
            found.append(located(drawn('butt', 'thick', seed), 'splice').mismatch_mm)
        except SeamError:
            continue
    assert not found


@pytest.mark.parametrize('look', ['tilted', 'mismatch', 'optics', 'mirror', 'wide', 'saturated'])
def test_the_root_of_a_v_in_one_image(look):
    """However bright the backing and the mirror images of the walls are; half a row is 0.07 mm."""
    off = off_mm('v', look, range(7000, 7016))
    assert np.median(off) < 0.05
    assert np.percentile(off, 95) < 0.15


def test_a_sensor_mounted_obliquely_is_refused():
    """Rows cut its stripe slantingly: of the seams found in some images one in seven was more than 1 mm off."""
    refusals = []
    for seed in range(7000, 7006):
        with pytest.raises((CalibrationError, StripeAbsentError)) as refusal:
            located(drawn('fillet', 'oblique', seed), 'fillet')
        refusals.append(str(refusal.value))
    assert sum('turned by' in message for message in refusals) >= 4


@pytest.mark.parametrize('name', ['lap', 'butt', 'splice', 'fillet', 'v', 'filler_layer'])
@pytest.mark.parametrize('look', ['flat', 'oblique'])
def test_the_seam_of_a_sensor_that_is_mounted_turned(name, look):
    """In millimetres of its own optical frame, and in its own image."""
    for seed in range(3):
        judged = drawn(name, look, seed)
        profile = extract_stripe(judged.pixels, StripeSettings(direction='auto'))
        camera, plane = camera_of(judged.rig), 1e3 * judged.rig.plane_per_mm
        found = locate_seam(profile, JointType(name), camera, plane, SeamSettings(), 0)
        assert np.linalg.norm(1e3 * found.seam_m - judged.seam_mm) < 0.3
        assert np.linalg.norm(found.seam_px - judged.seam_px) < 3.0
        assert found.normal[2] < -0.8


def test_a_stripe_followed_in_another_direction_than_the_laser_plane_says_is_refused():
    judged = drawn('fillet', 'plain', 1)
    flat = 1e3 * judged.rig.plane_per_mm[[1, 0, 2]]
    profile = extract_stripe(judged.pixels, StripeSettings())
    with pytest.raises(CalibrationError, match='stripe.direction'):
        locate_seam(profile, JointType.FILLET, camera_of(judged.rig), flat, SeamSettings(), 0)
