"""Our features: hand-checked shapes, and that pose and mirroring do not change them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ideal_profiles import cross_section, profile_of
from numpy.testing import assert_allclose

from weld_cell.joint_type.curve import StripeCurve, continuous_curve
from weld_cell.joint_type.extended_features import EXTENDED_FEATURE_NAMES, extended_features
from weld_cell.joint_type.feature_sets import feature_names, feature_vector
from weld_cell.joint_type.notch import NOTCH_FEATURE_NAMES
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.records import JointType


def named(curve):
    return dict(zip(EXTENDED_FEATURE_NAMES, extended_features(curve), strict=True))


def curve_of(*arguments, **named_arguments):
    return continuous_curve(profile_of(*arguments, **named_arguments))


def mirrored(curve):
    return StripeCurve(0.0, curve.columns_px[::-1], curve.intensity[::-1], curve.missing[::-1])


def test_a_plate_has_no_joint():
    features = named(curve_of([(-99, 0), (99, 0)], roll_deg=7.0))
    assert_allclose(features.pop('joint_brightness'), 1.0)
    assert features.pop('log_scatter_px') < np.log(0.06)
    assert_allclose(list(features.values()), 0.0, atol=2e-3)


def test_a_lap_is_a_step_of_its_thickness():
    features = named(curve_of([(-99, 3), (0, 3), (0.01, 0), (99, 0)]))
    assert_allclose(features['step_px'], 3 * 3.33, rtol=0.01)
    assert_allclose(features['bend'], 0.0, atol=1e-6)
    assert features['log_groove_rows'] == 0.0


def test_a_fillet_bends_by_both_plates_slopes():
    features = named(curve_of([(-99, 99), (0, 0), (99, 99)]))
    assert_allclose(features['bend'], 2 * 0.15 * 3.33, rtol=0.01)
    assert_allclose(features['step_px'], 0.0, atol=0.5)
    assert features['log_groove_rows'] == 0.0


def test_a_triangular_and_a_rectangular_groove():
    # The depth is the one that a tenth of the rows exceed, 0.9 of a triangle's; depths of a triangle are spread
    # evenly from the threshold of 1.5 px (0.05 of 30 px) to the bottom, so the fill is the mean of min(d, 0.9) / 0.9
    # over 0.05..1 = 0.577, and the share deeper than 0.8 * 0.9 is 0.28 / 0.95 = 0.295.
    triangle = named(curve_of([(-99, 0), (-9, 0), (0, -9), (9, 0), (99, 0)]))
    box = named(curve_of([(-99, 0), (-9, 0), (-8.99, -9), (8.99, -9), (9, 0), (99, 0)]))
    assert_allclose(np.expm1(triangle['log_groove_depth_px']), 0.9 * 9 * 3.33, rtol=0.03)
    assert_allclose(np.expm1(box['log_groove_rows']), 120, atol=1)
    assert_allclose([triangle['groove_fill'], box['groove_fill']], [0.57, 1.0], atol=0.02)
    assert_allclose([triangle['groove_flat_share'], box['groove_flat_share']], [0.295, 1.0], atol=0.02)


def test_a_dark_gap_is_counted():
    curve = curve_of([(-99, 0), (99, 0)], dark=(-0.9, 0.9))
    features = named(curve)
    assert_allclose(np.expm1(features['log_dark_rows']), curve.missing.sum())
    assert_allclose(features['missing_share'], curve.missing.mean())
    assert features['joint_brightness'] < 0.7


@pytest.mark.parametrize('step_mm', [0.0, 0.4])
def test_a_notch_and_a_slot_are_told_apart_whatever_the_step(step_mm):
    notch = named(curve_of([(-99, 0), (-1.1, 0), (0, -1.1), (1.1, step_mm), (99, step_mm)], roll_deg=6.0))
    slot = named(curve_of([(-99, 0), (-0.8, 0), (-0.79, -2), (0.79, -2), (0.8, step_mm), (99, step_mm)]))
    assert notch['notch_likeness'] > 0.85 > slot['notch_likeness']
    assert slot['slot_likeness'] > 0.9 > notch['slot_likeness']
    assert_allclose(notch['notch_depth_px'], 1.1 * 3.33, rtol=0.35)
    assert_allclose(slot['slot_depth_px'], 2 * 3.33, rtol=0.35)


def test_a_ridge_is_no_notch():
    features = named(curve_of([(-99, 0), (-1.1, 0), (0, 1.1), (1.1, 0), (99, 0)]))
    assert features['ridge_likeness'] > 0.85 > features['notch_likeness']


def test_a_notch_where_the_stripe_is_dark_does_not_count():
    notch = [(-99, 0), (-1.1, 0), (0, -1.1), (1.1, 0), (99, 0)]
    assert named(curve_of(notch, dark=(-1.5, 1.5)))['notch_likeness'] < 0.1


def test_a_sensor_that_sees_depth_to_the_other_side_is_told_so():
    profile = profile_of([(-99, 0), (-9, 0), (0, -9), (9, 0), (99, 0)])
    other = replace(profile, columns_px=640 - profile.columns_px)
    assert_allclose(
        feature_vector(other, JointTypeSettings(deeper='smaller_columns')),
        feature_vector(profile, JointTypeSettings()), atol=1e-3)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(JointType)), st.integers(0, 10_000))
def test_mirroring_changes_nothing(joint_type, seed):
    polyline, dark = cross_section(joint_type, np.random.default_rng(seed))
    curve = curve_of(polyline, dark)
    assert_allclose(extended_features(mirrored(curve)), extended_features(curve), rtol=0.02, atol=0.05)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(JointType)), st.integers(0, 10_000), st.floats(-10, 10))
def test_roll_changes_nothing(joint_type, seed, roll_deg):
    polyline, dark = cross_section(joint_type, np.random.default_rng(seed))
    square, rolled = named(curve_of(polyline, dark)), named(curve_of(polyline, dark, roll_deg=roll_deg))
    if joint_type not in (JointType.BUTT, JointType.SPLICE):
        for name in NOTCH_FEATURE_NAMES:  # the best of many poor fits to something else
            del square[name], rolled[name]
    assert_allclose(list(rolled.values()), list(square.values()), rtol=0.02, atol=0.3)


def test_the_extended_set_begins_with_the_paper_features():
    profile = profile_of([(-99, 3), (0, 3), (0.01, 0), (99, 0)])
    extended = feature_vector(profile, JointTypeSettings(feature_set='extended'))
    assert_allclose(extended[:7], feature_vector(profile, JointTypeSettings(feature_set='paper')))
    assert len(extended) == len(feature_names('extended')) == 7 + len(EXTENDED_FEATURE_NAMES)


def test_an_unknown_feature_set_is_refused():
    with pytest.raises(ValueError, match='feature_set'):
        feature_names('all')
