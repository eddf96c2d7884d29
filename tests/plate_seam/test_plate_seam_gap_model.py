"""The model of a gap's profile, against one that is computed by SciPy."""

import numpy as np
import pytest
from scipy.special import ndtr

from weld_cell.plate_seam.gap_model import fit_profile, fit_profiles
from weld_cell.plate_seam.profiles import STEP_PX

OFFSETS = STEP_PX * np.arange(-30, 31, dtype=float)


def profile_of(centre, width, left, right, log_blur, share):
    on_left, on_right = (ndtr((side * (OFFSETS - centre) - 0.5 * width) / np.exp(log_blur)) for side in (1.0, -1.0))
    dark = 0.5 * share * (left + right)
    return (dark + (left - dark) * on_left + (right - dark) * on_right).astype(np.float32)


@pytest.mark.parametrize('truth', [(0.0, 1.0, 150.0, 150.0), (0.7, 2.5, 120.0, 180.0), (-1.2, 6.0, 90.0, 60.0)])
def test_centre_width_and_both_plates_are_found_where_blur_and_darkness_are_known(truth):
    light = np.stack([profile_of(*truth, np.log(0.8), 0.1)])
    start = np.array([[truth[0] + 0.8, 1.5 * truth[1], 100.0, 100.0]])
    fitted, missed = np.empty((1, 4)), np.empty(1)
    fit_profiles(light, OFFSETS, start, 0.8, 0.1, fitted, missed)
    np.testing.assert_allclose(fitted[0], truth, rtol=1e-3, atol=1e-3)
    assert missed[0] < 1e-2


def test_blur_and_darkness_are_found_in_a_wide_gap():
    truth = np.array([0.3, 5.0, 100.0, 80.0, np.log(1.3), 0.4])
    found = np.array([0.0, 4.0, 90.0, 90.0, np.log(0.7), 0.05])
    low, high = np.array([-2.0, 0.0, 1.0, 1.0, -1.2, 0.0]), np.array([2.0, 20.0, 300.0, 300.0, 2.0, 0.9])
    fit_profile(profile_of(*truth), OFFSETS, found, low, high, np.zeros(12), 1.0, 60)
    np.testing.assert_allclose(found, truth, atol=1e-3)


def test_what_is_usual_decides_where_the_profile_does_not():
    """There is no gap: nothing says how dark its inside is."""
    usual = np.array([0.0, 0.0, 0.0, 0.0, np.log(0.7), 0.2, 0.0, 0.0, 0.0, 0.0, 0.3, 0.1])
    found = np.array([0.0, 0.0, 100.0, 100.0, 0.5, 0.6])
    low, high = np.array([-2.0, 0.0, 1.0, 1.0, -1.2, 0.0]), np.array([2.0, 20.0, 300.0, 300.0, 2.0, 0.9])
    fit_profile(np.full(61, 100.0, np.float32), OFFSETS, found, low, high, usual, 1.0, 60)
    np.testing.assert_allclose(found[4:], usual[4:6], atol=1e-2)
