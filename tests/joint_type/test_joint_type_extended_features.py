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
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.joint_type.stripe_net import NET_FEATURE_NAMES
from weld_cell.records import JointType

ROW_COUNTS = ('log_floor_rows', 'log_dim_floor_rows', 'log_floor_run', 'log_lesser_wall', 'log_greater_wall')


def named(curve):
    return dict(zip(EXTENDED_FEATURE_NAMES, extended_features(curve), strict=True))


def without_network(curve):
    return {name: value for name, value in named(curve).items() if name not in NET_FEATURE_NAMES}


def curve_of(*arguments, **named_arguments):
    return continuous_curve(profile_of(*arguments, **named_arguments))


def mirrored(curve):
    return StripeCurve(0.0, curve.columns_px[::-1], curve.intensity[::-1], curve.missing[::-1], curve.light[::-1])


def test_a_plate_has_no_joint():
    features = without_network(curve_of([(-99, 0), (99, 0)], roll_deg=7.0))
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


def test_a_v_has_walls_and_no_floor_and_a_layer_has_one():
    # Walls of 20 mm at 30 degrees to the plates' normal fall by 0.15 * 3.33 * 1.732 = 0.865 columns a row; 11.55 mm
    # across are 77 rows. The layer at half the depth is 38.5 rows to either side; slopes are taken over 9 rows.
    half = 20 * np.tan(np.radians(30))
    v = named(curve_of([(-99, 0), (-half, 0), (0, -20), (half, 0), (99, 0)]))
    layer = named(curve_of([(-99, 0), (-half, 0), (-half / 2, -10), (half / 2, -10), (half, 0), (99, 0)]))
    assert_allclose(np.expm1([v['log_lesser_wall'], v['log_greater_wall']]), 77, atol=5)
    assert_allclose(np.expm1([layer['log_lesser_wall'], layer['log_greater_wall']]), 38.5, atol=5)
    assert_allclose(np.expm1([layer['log_floor_rows'], layer['log_floor_run']]), 77, atol=6)
    assert np.expm1(v['log_floor_rows']) < 8 and layer['log_dim_floor_rows'] == 0.0
    assert v['floor_share'] < 0.06 < 0.4 < layer['floor_share']


def test_a_dim_floor_is_a_reflection():
    half = 20 * np.tan(np.radians(30))
    curve = curve_of([(-99, 0), (-half, 0), (-half / 2, -10), (half / 2, -10), (half, 0), (99, 0)])
    floor = curve.columns_px > curve.columns_px.max() - 1
    features = named(replace(curve, intensity=np.where(floor, 60.0, 230.0)))
    assert np.expm1(features['log_floor_rows']) < 8 < 60 < np.expm1(features['log_dim_floor_rows'])


def test_a_sensor_that_sees_depth_to_the_other_side_is_told_so():
    profile = profile_of([(-99, 0), (-9, 0), (0, -9), (9, 0), (99, 0)])
    other = replace(profile, columns_px=639 - profile.columns_px, light=profile.light[:, ::-1])
    assert_allclose(
        feature_vector(other, JointTypeSettings(deeper='smaller_columns')),
        feature_vector(profile, JointTypeSettings()),
        atol=1e-3,
    )


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(JointType)), st.integers(0, 10_000))
def test_mirroring_changes_nothing(joint_type, seed):
    polyline, dark = cross_section(joint_type, np.random.default_rng(seed))
    curve = curve_of(polyline, dark)
    there, back = without_network(mirrored(curve)), without_network(curve)
    assert_allclose(list(there.values()), list(back.values()), rtol=0.02, atol=0.05)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(JointType)), st.integers(0, 10_000), st.floats(-10, 10))
def test_roll_changes_nothing(joint_type, seed, roll_deg):
    polyline, dark = cross_section(joint_type, np.random.default_rng(seed))
    square, rolled = (without_network(curve_of(polyline, dark, roll_deg=roll)) for roll in (0.0, roll_deg))
    for name in ROW_COUNTS:  # a row at an end of a floor or a wall may count or not
        assert_allclose(np.expm1(rolled.pop(name)), np.expm1(square.pop(name)), atol=6)
    assert_allclose(list(rolled.values()), list(square.values()), rtol=0.02, atol=0.3)


def test_the_extended_set_begins_with_the_paper_features():
    profile = profile_of([(-99, 3), (0, 3), (0.01, 0), (99, 0)])
    extended = feature_vector(profile, JointTypeSettings(feature_set='extended'))
    assert_allclose(extended[:7], feature_vector(profile, JointTypeSettings(feature_set='paper')))
    assert len(extended) == len(feature_names('extended')) == 7 + len(EXTENDED_FEATURE_NAMES)


def test_an_unknown_feature_set_is_refused():
    with pytest.raises(ValueError, match='feature_set'):
        feature_names('all')
