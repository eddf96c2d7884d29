"""A stretched stripe is the stripe of a larger joint."""

from dataclasses import replace

import numpy as np
import pytest
from ideal_profiles import profile_of
from numpy.testing import assert_allclose

from weld_cell.joint_type.curve import continuous_curve
from weld_cell.joint_type.plates import joint_shape
from weld_cell.joint_type.stretching import stretched

LAP = continuous_curve(profile_of([(-99, 3), (0, 3), (0.01, 0), (99, 0)]))


@pytest.mark.parametrize(('across', 'along'), [(0.0, 1.0), (1.0, -1.0)])
def test_factors_must_be_above_zero(across, along):
    with pytest.raises(ValueError, match='factors'):
        stretched(LAP, across, along)


def test_light_must_be_known():
    with pytest.raises(ValueError, match='light'):
        stretched(replace(LAP, light=np.zeros((0, 0), np.uint8)), 1.5, 1.0)


def test_factors_of_one_change_nothing():
    same = stretched(LAP, 1.0, 1.0)
    assert_allclose(same.columns_px, LAP.columns_px)
    assert_allclose(same.light, LAP.light)
    assert same.first_row_px == LAP.first_row_px


@pytest.mark.parametrize(('across', 'along'), [(0.7, 1.0), (1.9, 1.0), (1.3, 0.8), (1.0, 1.25)])
def test_the_step_grows_and_the_light_stays_on_the_curve(across, along):
    curve = stretched(LAP, across, along)
    step_px = joint_shape(LAP.columns_px).step_px
    assert_allclose(joint_shape(curve.columns_px).step_px, across * step_px, rtol=0.02)
    assert_allclose(np.abs(np.diff(curve.columns_px)).argmax(), 240 * along, atol=1.5)
    rows = np.arange(20, len(curve.columns_px) - 20, 10)
    rows = rows[np.abs(rows - 240 * along) > 10]
    for row in rows:
        light = curve.light[round(curve.first_row_px + row)].astype(float) - 10.0
        assert_allclose(np.average(np.arange(len(light)), weights=light.clip(0)), curve.columns_px[row], atol=0.3)
