"""Whether a groove's walls reach down to where they would meet."""

from dataclasses import replace

import numpy as np
import pytest
from ideal_profiles import profile_of
from numpy.testing import assert_allclose

from weld_cell.joint_type.curve import continuous_curve
from weld_cell.joint_type.plates import joint_shape
from weld_cell.joint_type.walls import wall_features

FLAT = [(-99, 0), (99, 0)]
LAP = [(-99, 3), (0, 3), (0.01, 0), (99, 0)]


def groove(depth_mm, fill=0.0, half_angle_deg=30.0):
    """A V of no root gap, filled up to a part of its depth."""
    slope = np.tan(np.radians(half_angle_deg))
    top, toe, level = depth_mm * slope, fill * depth_mm * slope, (fill - 1.0) * depth_mm
    return [(-99, 0), (-top, 0), (-toe, level), (toe, level), (top, 0), (99, 0)]


def told(polyline, dark=(0.0, 0.0), **pose):
    curve = continuous_curve(profile_of(polyline, dark, **pose))
    return float(wall_features(curve, joint_shape(curve.columns_px))[0])


@pytest.mark.parametrize('polyline', [FLAT, LAP])
def test_no_walls_say_nothing(polyline):
    assert told(polyline) == 0.0


@pytest.mark.parametrize('depth_mm', [18.0, 22.0, 26.0])
@pytest.mark.parametrize(('fill', 'expected'), [(0.0, 1.3), (0.2, -0.5), (0.35, -1.85), (0.6, -2.0)])
def test_a_layer_ends_the_walls_early_whatever_the_groove_s_depth(depth_mm, fill, expected):
    """Nine tenths of the rows: 0.9 (1 - fill) of the depth, against 0.77 in steps of a tenth."""
    assert_allclose(told(groove(depth_mm, fill)), expected, atol=0.25)


@pytest.mark.parametrize('roll_deg', [-8.0, 8.0])
def test_a_dark_bottom_and_roll_change_little(roll_deg):
    assert told(groove(20.0, 0.4), dark=(-4.0, 4.0), roll_deg=roll_deg) < -1.5
    assert told(groove(20.0), roll_deg=roll_deg) > 0.8


def test_a_mirrored_stripe_tells_the_same():
    curve = continuous_curve(profile_of(groove(20.0, 0.3), offset_mm=5.0))
    turned = replace(curve, columns_px=curve.columns_px[::-1].copy())
    features = [wall_features(c, joint_shape(c.columns_px)) for c in (curve, turned)]
    assert_allclose(*features, atol=0.05)
