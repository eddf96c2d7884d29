"""Welds as a whole: common size, and what no axis of the good ones explains."""

import numpy as np
import pytest

from weld_cell.records import WeldRegion
from weld_cell.spot_weld.crops import boxes_about
from weld_cell.spot_weld.profile import ProfileBank
from weld_cell.spot_weld.settings import BankSettings


def good(count, rng):
    """Profiles (count, 4, 3) that differ along two directions, and a little anywhere."""
    directions = np.random.default_rng(5).standard_normal((2, 4, 3))
    along = rng.standard_normal((count, 2))
    return (np.tensordot(along, directions, 1) + 0.05 * rng.standard_normal((count, 4, 3))).astype(np.float32)


def test_what_no_good_weld_does_counts_more_than_what_they_all_do():
    rng = np.random.default_rng(0)
    bank = ProfileBank.of(good(80, rng))
    others, rings = bank.compared(good(40, rng))
    strange = good(40, rng)
    strange[:, 2] += 0.5
    assert bank.compared(strange)[0].min() > 2.0 * np.quantile(others, 0.95)
    assert bank.compared(strange)[1].mean(axis=0).argmax() == 2 and rings.shape == (40, 4)


@pytest.mark.parametrize('count', [2, 3, 6])
def test_few_good_welds_have_fewer_axes_and_finite_scores(count):
    rng = np.random.default_rng(count)
    whole, rings = ProfileBank.of(good(count, rng)).compared(good(5, rng))
    assert np.isfinite(whole).all() and (whole > 0.0).all() and np.isfinite(rings).all()


def test_welds_of_an_image_are_cut_out_at_their_median_size_or_each_at_its_own():
    regions = [WeldRegion(np.array([100.0, 50.0]), radius, 1.0) for radius in (10.0, 12.0, 20.0)]
    common, own = (boxes_about(regions, BankSettings(context=2.0, common_size=each)) for each in (True, False))
    np.testing.assert_allclose(common, [[76.0, 26.0, 124.0, 74.0]] * 3)
    np.testing.assert_allclose(own[:, 2] - own[:, 0], [40.0, 48.0, 80.0])
    assert boxes_about([], BankSettings()).shape == (0, 4)
