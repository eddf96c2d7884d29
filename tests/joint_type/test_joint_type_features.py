"""The paper's features against values worked out by hand."""

import numpy as np
import pytest
from ideal_profiles import profile_of
from numpy.testing import assert_allclose

from weld_cell.errors import JointTypeError
from weld_cell.joint_type.features import feature_points, paper_features, slope_classes, slopes
from weld_cell.records import StripeProfile


def profile_from_columns(columns, rows=None):
    columns = np.asarray(columns, dtype=float)
    rows = np.arange(len(columns), dtype=float) if rows is None else np.asarray(rows, dtype=float)
    flags = np.zeros(len(columns), dtype=bool)
    return StripeProfile(rows, columns, np.full(len(columns), 200.0), flags, (640, 480))


@pytest.mark.parametrize('rows', [[], [7.0], np.arange(39.0)])
def test_too_few_rows_are_refused_with_their_number(rows):
    with pytest.raises(JointTypeError, match=f'covers {len(rows)} rows'):
        paper_features(profile_from_columns(np.zeros(len(rows)), rows))


def test_slope_equals_a_slow_reading_of_equation_6():
    columns = np.random.default_rng(4).uniform(0, 640, 60)
    by_hand = [sum(abs((columns[i + lag] - columns[i - lag]) / 2) for lag in range(1, 6)) / 5 for i in range(5, 55)]
    assert_allclose(slopes(columns), by_hand)


@pytest.mark.parametrize(('columns_per_row', 'expected'), [(0.0, 0.0), (1.0, 3.0), (-1.0, 3.0), (0.5, 1.5)])
def test_slope_is_not_divided_by_the_lag(columns_per_row, expected):
    assert_allclose(slopes(columns_per_row * np.arange(50)), expected)


def test_the_upper_edge_belongs_to_the_class():
    slope = np.array([0.0, 0.6, 0.61, 1.5, 1.51, 2.5, 3.5, 4.5, 4.51, 90.0])
    assert slope_classes(slope).tolist() == [0, 0, 1, 1, 2, 2, 3, 4, 5, 5]


@pytest.mark.parametrize('roll_deg', [0.0, 10.0, -10.0])
def test_a_plate_has_no_features_at_any_roll(roll_deg):
    assert_allclose(paper_features(profile_of([(-99, 0), (99, 0)], roll_deg=roll_deg)), 0.0)


def test_a_step_of_20_columns_by_hand():
    # Lags 1..5 straddle the step of 20 between rows 49 and 50 one after the other: seen from the row just before
    # or after it all five do (K = 5 * 10 / 5 = 10), one row further four (8), then 6, 4 and 2. Ten rows in all:
    # K = 2 4 6 8 10 10 8 6 4 2, classes 2 4 5 5 5 5 5 5 4 2. Classes step by one only from 4 to 5 (row 46) and
    # from 5 to 4 (row 52).
    columns = np.where(np.arange(100) < 50, 100.0, 120.0)
    assert paper_features(profile_from_columns(columns)).tolist() == [0, 2, 0, 2, 6, 20, 6]
    assert feature_points(profile_from_columns(columns)).tolist() == [[100, 46], [120, 52]]


def test_the_paper_words_choose_the_rows_steeper_than_one():
    columns = np.where(np.arange(100) < 50, 100.0, 120.0)
    profile = profile_from_columns(columns)
    assert feature_points(profile, 'slope_above_one').tolist() == [[100, 45], [120, 54]]
    assert paper_features(profile, 'slope_above_one')[5:].tolist() == [20, 9]


def test_feature_points_count_image_rows():
    columns = np.where(np.arange(100) < 50, 100.0, 120.0)
    moved = profile_from_columns(columns, np.arange(100) + 30.0)
    assert feature_points(moved)[:, 1].tolist() == [76, 82]


def test_a_straight_stripe_has_no_feature_points():
    with pytest.raises(JointTypeError, match='has no jump'):
        feature_points(profile_from_columns(np.full(100, 50.0)))


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match='feature point rule'):
        paper_features(profile_from_columns(np.zeros(100)), 'guess')


def test_rows_left_out_are_bridged_by_straight_lines():
    columns = np.abs(np.arange(100.0) - 50)
    seen = np.r_[0:20, 30:100]
    whole = paper_features(profile_from_columns(columns))
    assert_allclose(paper_features(profile_from_columns(columns[seen], seen)), whole)
