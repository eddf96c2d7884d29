"""Nearest neighbours, coreset, whitening and threshold: what the bank is made of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weld_cell.spot_weld.coreset import greedy_coreset
from weld_cell.spot_weld.describe import Whitening, from_middle
from weld_cell.spot_weld.nearest import nearest
from weld_cell.spot_weld.patchcore import exhaustive_nearest
from weld_cell.spot_weld.threshold import Thresholds, false_alarm_threshold, odd_ones


def test_an_empty_bank_is_refused():
    with pytest.raises(ValueError, match='a bank'):
        nearest(np.zeros((2, 3), np.float32), np.empty((0, 3), np.float32))


def test_no_query_gives_no_answer():
    assert len(nearest(np.empty((0, 3), np.float32), np.ones((4, 3), np.float32)).index) == 0


def test_by_hand():
    found = nearest(np.array([[0.0, 0.0], [3.0, 4.0]], np.float32), np.array([[0.0, 1.0], [3.0, 0.0]], np.float32))
    assert found.index.tolist() == [0, 1]
    np.testing.assert_allclose(found.distance, [1.0, 4.0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 9), st.floats(0.0, 1e4))
def test_as_all_differences(seed, count, width, away):
    rng = np.random.default_rng(seed)
    bank = (rng.standard_normal((count, width)) + away).astype(np.float32)
    queries = (rng.standard_normal((17, width)) + away).astype(np.float32)
    found, plain = nearest(queries, bank), exhaustive_nearest(queries, bank)
    exact = np.linalg.norm(queries[:, None].astype(float) - bank[None], axis=2).min(axis=1)
    np.testing.assert_allclose(found.distance, exact, rtol=1e-12)
    np.testing.assert_allclose(plain.distance, exact, rtol=1e-5, atol=1e-6)


def test_far_from_the_origin_the_products_alone_would_be_wrong():
    bank = np.array([[1e4, 0.0], [1e4, 0.05]], np.float32)
    assert nearest(np.array([[1e4, 0.04]], np.float32), bank).index.tolist() == [1]


def test_a_coreset_of_nothing_is_refused():
    with pytest.raises(ValueError, match='at least'):
        greedy_coreset(np.empty((0, 2), np.float32), 3, np.random.default_rng(0))


def test_a_coreset_takes_a_vector_of_each_cluster():
    rng = np.random.default_rng(1)
    middles = 10.0 * np.array([[0, 0], [1, 0], [0, 1], [1, 1], [3, 3]])
    vectors = np.repeat(middles, 50, axis=0) + rng.normal(0.0, 0.1, (250, 2))
    chosen = greedy_coreset(vectors.astype(np.float32), 5, rng)
    assert sorted(chosen // 50) == [0, 1, 2, 3, 4]


def test_a_coreset_takes_each_vector_once():
    vectors = np.zeros((6, 3), np.float32)
    assert sorted(greedy_coreset(vectors, 10, np.random.default_rng(0))) == list(range(6))


def test_whitened_features_are_uncorrelated_and_a_constant_one_counts_nothing():
    rng = np.random.default_rng(2)
    mixed = np.array([[3, 1, 0], [0, 2, 0], [0, 0, 0]], np.float32)
    features = (rng.standard_normal((500, 3)).astype(np.float32) @ mixed)[:, None]
    one_ring = np.zeros(1, int)
    whitened = Whitening.of(features, one_ring).apply(features, one_ring)[:, 0]
    np.testing.assert_allclose(np.sort(np.linalg.eigvalsh(np.cov(whitened.T))), [0.0, 1.0, 1.0], atol=1e-2)


def test_each_ring_has_its_own_usual_look():
    rng = np.random.default_rng(3)
    features = rng.standard_normal((400, 2, 1)).astype(np.float32) * [[1.0], [5.0]] + [[0.0], [9.0]]
    ring = np.array([0, 1])
    whitened = Whitening.of(features, ring).apply(features, ring)
    np.testing.assert_allclose(whitened.mean(axis=0), 0.0, atol=1e-6)
    assert 0.5 < whitened[:, 0].std() < 1.0 < 1.1 * whitened[:, 1].std() < 1.3  # shrunk towards what both share


def test_the_distance_from_the_middle():
    away = from_middle(2, 2, 1.6)
    np.testing.assert_allclose(away, np.full((2, 2), 0.8 * np.sqrt(2.0)))


@pytest.mark.parametrize(
    ('scores', 'rate'), [([], 0.1), ([1.0, 1.0], 0.1), ([1.0, 0.0, 1.0], 0.1), ([1.0, 2.0, 3.0], 0.0)]
)
def test_a_threshold_of_too_little_is_refused(scores, rate):
    with pytest.raises(ValueError, match='expected'):
        false_alarm_threshold(np.array(scores), rate)


def test_with_many_scores_it_is_an_order_statistic():
    assert false_alarm_threshold(np.arange(1.0, 100.0), 0.05) == 95.0  # rank 100 * 0.95 of 99


def test_with_few_scores_it_lies_above_all_of_them():
    scores = np.array([1.0, 1.1, 0.9, 1.05, 0.95])
    assert scores.max() < false_alarm_threshold(scores, 0.01) < 2.0


@pytest.mark.parametrize('count', [6, 30, 400])
def test_the_rate_of_false_alarms_is_kept(count):
    rng = np.random.default_rng(3)
    alarms = [
        rng.lognormal(0.0, 0.2) > false_alarm_threshold(rng.lognormal(0.0, 0.2, count), 0.05) for _ in range(2000)
    ]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.02)


def test_doubtful_is_not_above_defective():
    scores = np.linspace(1.0, 2.0, 300)
    limits = Thresholds.of(scores, scores, scores, 0.01, 0.05)
    assert limits.doubtful < 1.0 == limits.fused


@pytest.mark.parametrize('count', [6, 12, 40])
def test_one_odd_weld_does_not_lift_the_threshold(count):
    scores = np.random.default_rng(count).lognormal(0.0, 0.1, count)
    with_odd = np.append(scores, 9.0)
    assert false_alarm_threshold(with_odd, 0.01) == pytest.approx(false_alarm_threshold(scores, 0.01))
    assert odd_ones(with_odd).tolist() == [False] * count + [True]
