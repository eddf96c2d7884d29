"""Evaluation, the peers, and the features of the paper's reference 23."""

import numpy as np
import pytest
from ideal_profiles import profile_of, random_profile
from numpy.testing import assert_allclose

from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.evaluation import evaluate, peer_accuracies
from weld_cell.joint_type.feature_sets import feature_matrix
from weld_cell.joint_type.reference_features import REFERENCE_FEATURE_NAMES, reference_features
from weld_cell.records import JointType


def features_of(labels, seed):
    rng = np.random.default_rng(seed)
    return feature_matrix([random_profile(t, rng) for t in labels], JointTypeSettings())


def test_no_images_cannot_be_evaluated():
    with pytest.raises(ValueError, match='a label for each image'):
        evaluate(JointTypeClassifier.load(), np.empty((0, 23)), [])


def test_confusion_and_wrong_images_agree():
    labels = list(JointType) * 3
    features = features_of(labels, 1)
    claimed = [*labels[:-1], JointType.LAP]  # the last one, a filler layer, is called a lap joint
    result = evaluate(JointTypeClassifier.load(), features, claimed)
    assert result.confusion.sum() == 18
    assert 17 in result.wrong
    assert_allclose(result.accuracy, 1 - len(result.wrong) / 18)
    with_refused = evaluate(JointTypeClassifier.load(), features, claimed, refused=18)
    assert_allclose(with_refused.accuracy, result.accuracy / 2)


def test_peers_learn_the_ideal_profiles():
    labels = list(JointType) * 20
    scores = peer_accuracies(features_of(labels, 1), labels, features_of(labels, 2), labels, seed=0)
    assert sorted(scores) == ['decision tree', 'k nearest neighbours']
    assert min(scores.values()) > 0.8


def test_a_plate_has_no_reference_features():
    assert_allclose(reference_features(profile_of([(-99, 0), (99, 0)])), 0.0)


def test_reference_features_of_a_symmetric_groove():
    groove = profile_of([(-99, 0), (-9, 0), (0, -18), (9, 0), (99, 0)])
    features = dict(zip(REFERENCE_FEATURE_NAMES, reference_features(groove), strict=True))
    assert_allclose(features['end_1_to_bottom_dx'], 18 * 3.33, atol=4)
    assert_allclose(features['end_1_to_bottom_dy'], 9 / 0.15, atol=5)
    assert_allclose(features['end_2_to_bottom_dy'], 9 / 0.15, atol=5)
    assert_allclose(features['depth_px'], 18 * 3.33, atol=4)
