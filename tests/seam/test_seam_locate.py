"""The seam point by joint type on exact cross-sections, and errors where a profile does not show the joint."""

from dataclasses import replace

import numpy as np
import pytest
import seam_sections as sections

from weld_cell.errors import CalibrationError, SeamError
from weld_cell.records import JointType, StripeProfile
from weld_cell.seam.locate import locate_seam, to_base
from weld_cell.seam.settings import SeamSettings

SETTINGS = SeamSettings()
LOW = -12.0  # brings a groove 20 mm deep into the middle of the field

CASES = [
    pytest.param(sections.fillet(), 0.0, 0.02, id='fillet'),
    pytest.param(sections.fillet(80.0), 0.0, 0.02, id='fillet 80 deg'),
    pytest.param(sections.fillet(100.0), 0.0, 0.02, id='fillet 100 deg'),
    pytest.param(sections.lap(), 0.0, 0.20, id='lap'),
    pytest.param(sections.lap(5.0), 0.0, 0.30, id='lap 5 mm'),
    pytest.param(sections.butt(), 0.0, 0.10, id='butt'),
    pytest.param(sections.butt(2.0, -1.0), 0.0, 0.10, id='butt wide and misaligned'),
    pytest.param(sections.butt(0.6, 0.0), 0.0, 0.10, id='butt narrow and flush'),
    pytest.param(sections.splice(), 0.0, 0.10, id='splice'),
    pytest.param(sections.splice(1.6), 0.0, 0.10, id='splice wide'),
    pytest.param(sections.groove(), LOW, 0.25, id='v'),
    pytest.param(sections.groove(70.0, 18.0, 0.0, 2.0), LOW, 0.05, id='v closed'),
    pytest.param(sections.groove(50.0, 25.0, 2.0, 0.0), LOW, 0.25, id='v 25 mm'),
    pytest.param(sections.filler_layer(), LOW, 0.05, id='filler layer convex'),
    pytest.param(sections.filler_layer(bulge=-0.8), LOW, 0.05, id='filler layer concave'),
]


def locate(profile, joint_type, settings=SETTINGS):
    return locate_seam(profile, joint_type, sections.CAMERA, sections.LASER_PLANE, settings, 7)


@pytest.mark.parametrize(('section', 'height', 'limit_mm'), CASES)
@pytest.mark.parametrize('roll_deg', [0.0, 4.0, -4.0])
def test_the_seam_point_is_where_the_joint_has_it(section, height, limit_mm, roll_deg):
    moved = section.moved(roll_deg, 0.0, height)
    found = locate(sections.draw_stripe(moved), section.joint_type)
    assert found.joint_type is section.joint_type
    assert found.stamp_ns == 7
    np.testing.assert_allclose(found.seam_m, moved.seam_m(), atol=limit_mm * 1e-3)
    assert found.normal @ moved.normal_optical() > np.cos(np.radians(0.5))


@pytest.mark.parametrize(('section', 'height', 'limit_mm'), CASES)
def test_noise_and_lost_rows_move_the_mean_little(section, height, limit_mm):
    rng = np.random.default_rng(11)
    misses = []
    for _ in range(8):
        moved = section.moved(rng.uniform(-3, 3), rng.uniform(-5, 5), height + rng.uniform(-4, 4))
        found = locate(sections.draw_stripe(moved, 0.1, rng, drop=np.arange(50, 52)), section.joint_type)
        misses.append(found.seam_m - moved.seam_m())
    assert 1e3 * np.linalg.norm(np.median(misses, axis=0)) < limit_mm


@pytest.mark.parametrize(('gap', 'mismatch'), [(0.6, 0.0), (1.2, 0.4), (2.0, -1.0)])
def test_gap_and_mismatch_of_a_butt_joint(gap, mismatch):
    found = locate(sections.draw_stripe(sections.butt(gap, mismatch)), JointType.BUTT)
    assert found.gap_mm == pytest.approx(gap, abs=0.16)  # a row is 0.15 mm
    assert found.mismatch_mm == pytest.approx(mismatch, abs=0.02)


def test_the_step_of_a_lap_joint_is_signed_towards_larger_rows():
    upper_first = locate(sections.draw_stripe(sections.lap()), JointType.LAP)
    assert upper_first.mismatch_mm == pytest.approx(-3.0, abs=0.02)


def test_break_points_are_ordered_by_row_and_lie_at_the_corners():
    found = locate(sections.draw_stripe(sections.groove().moved(0.0, 0.0, LOW)), JointType.V)
    corners = (
        np.array(
            [[-0.5 - 19.0 * np.tan(np.pi / 6), 20.0], [-0.5, 1.0], [0.5, 1.0], [0.5 + 19.0 * np.tan(np.pi / 6), 20.0]]
        )
        * 1e-3
    )
    corners[:, 1] += LOW * 1e-3
    assert (np.diff(found.break_points_px[:, 1]) > 0).all()
    # By hand: a point at depth d on the camera's axis plane has its row at 240 + 2000 * y / d.
    depth = 0.3 - corners[:, 1] * np.sqrt(0.75)
    np.testing.assert_allclose(found.break_points_px[:, 1], 240.0 + 2000.0 * corners[:, 0] / depth, atol=1.2)


def test_a_second_reflection_does_not_move_a_fillet():
    section = sections.fillet()
    profile = sections.draw_stripe(section)
    columns = profile.columns_px.copy()
    columns[90:115] += 14.0
    found = locate(replace(profile, columns_px=columns), JointType.FILLET)
    np.testing.assert_allclose(found.seam_m, section.seam_m(), atol=0.03e-3)


def test_a_shadow_is_not_taken_for_the_gap_of_misaligned_plates():
    section = sections.butt(0.8, 0.3)
    found = locate(sections.draw_stripe(section, drop=np.arange(120, 132)), JointType.BUTT)
    np.testing.assert_allclose(found.seam_m, section.seam_m(), atol=0.1e-3)


def empty():
    return StripeProfile(np.empty(0), np.empty(0), np.empty(0), np.empty(0, dtype=bool), (640, 480))


@pytest.mark.parametrize(
    ('profile', 'joint_type', 'message'),
    [
        (empty(), JointType.LAP, 'seen in 0 rows'),
        (sections.draw_stripe(sections.fillet()), JointType.LAP, 'no step'),
        (sections.draw_stripe(sections.fillet()), JointType.V, 'no groove'),
        (sections.draw_stripe(sections.lap()), JointType.FILLET, 'no inner corner'),
        (sections.draw_stripe(sections.lap()), JointType.FILLER_LAYER, 'no groove'),
        (sections.draw_stripe(sections.butt(0.0, 0.0)), JointType.BUTT, 'no root gap'),
        (sections.draw_stripe(sections.butt(0.0, 0.0)), JointType.SPLICE, 'no notch'),
        (sections.draw_stripe(sections.groove().moved(0, 0, LOW)), JointType.FILLER_LAYER, 'rows of a layer'),
        (sections.draw_stripe(sections.groove(gap=4.0).moved(0, 0, LOW)), JointType.V, 'mm apart'),
    ],
)
def test_a_profile_without_the_joint_is_refused_with_a_remedy(profile, joint_type, message):
    with pytest.raises(SeamError, match=message) as caught:
        locate(profile, joint_type)
    assert caught.value.remedy


def test_bridged_rows_are_left_out():
    profile = sections.draw_stripe(sections.fillet())
    bridged = np.ones(len(profile.rows_px), dtype=bool)
    with pytest.raises(SeamError, match='seen in 0 rows'):
        locate(replace(profile, bridged=bridged), JointType.FILLET)


def test_a_laser_plane_behind_the_camera_is_refused():
    profile = sections.draw_stripe(sections.fillet())
    with pytest.raises(CalibrationError):
        locate_seam(profile, JointType.FILLET, sections.CAMERA, -sections.LASER_PLANE, SETTINGS, 0)


@pytest.mark.parametrize('joint_type', list(JointType))
def test_any_curve_gives_a_seam_or_a_named_error(joint_type):
    rng = np.random.default_rng(5)
    rows = np.arange(480.0)
    for _ in range(30):
        knots = rng.uniform(0, 639, rng.integers(2, 12))
        columns = np.interp(rows, np.linspace(0, 479, len(knots)), knots) + rng.normal(0, rng.choice([0, 1, 30]), 480)
        seen = rng.random(480) < rng.uniform(0.05, 1.0)
        profile = StripeProfile(
            rows[seen],
            np.clip(columns[seen], 0, 639),
            rng.uniform(0, 255, seen.sum()),
            np.zeros(seen.sum(), bool),
            (640, 480),
        )
        try:
            found = locate(profile, joint_type)
        except SeamError:
            continue
        assert np.isfinite(found.seam_m).all()
        assert np.linalg.norm(found.normal) == pytest.approx(1.0)


def test_to_base_turns_and_moves():
    found = locate(sections.draw_stripe(sections.fillet()), JointType.FILLET)
    T_base_sensor = np.array([[0.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 1.0, 3.0], [0.0, 0, 0, 1.0]])
    point = to_base(found, T_base_sensor)
    x, y, z = found.seam_m
    np.testing.assert_allclose(point.position_m, [1.0 - y, 2.0 + x, 3.0 + z])
    np.testing.assert_allclose(point.normal, [-found.normal[1], found.normal[0], found.normal[2]])
    assert point.stamp_ns == 7
