"""The trained model: labels of scikit-learn, a file that survives the round trip, refusals that name the fault."""

import json

import numpy as np
import pytest
from ideal_profiles import random_profile
from numpy.testing import assert_allclose, assert_array_equal
from plain_cards import write_plain_card
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from weld_cell.errors import ModelError
from weld_cell.joint_type import training
from weld_cell.joint_type.classifier import SHIPPED_MODELS, JointTypeClassifier
from weld_cell.joint_type.feature_sets import feature_names, feature_vector
from weld_cell.joint_type.model import JOINT_TYPE_MODEL, load_model, save_model
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.joint_type.training import train, train_from_profiles
from weld_cell.paths import model_file
from weld_cell.records import JointType

PAPER = JointTypeSettings(feature_set='paper')


@pytest.fixture(autouse=True)
def small_grid(monkeypatch):
    monkeypatch.setattr(training, 'LOG2_C', (-1, 5))
    monkeypatch.setattr(training, 'LOG2_GAMMA', (-5, -1))


def blurred_classes(types, per_type, seed, width=7):
    """Overlapping clouds of features, so that the machines disagree and votes tie."""
    rng = np.random.default_rng(seed)
    labels = [t for t in types for _ in range(per_type)]
    centres = rng.normal(0, 1.0, (len(types), width))
    return np.repeat(centres, per_type, axis=0) + rng.normal(0, 1.0, (len(labels), width)), labels


@pytest.mark.parametrize('count', [2, 3, 6])
def test_labels_and_decisions_equal_those_of_scikit_learn(count):
    types = list(JointType)[:count]
    features, labels = blurred_classes(types, 40, seed=count)
    model, report = train(features, labels, None, PAPER, seed=1, jobs=1)
    scaler = StandardScaler().fit(features)
    peer = SVC(C=2.0**report.log2_c, gamma=2.0**report.log2_gamma, decision_function_shape='ovo')
    peer.fit(scaler.transform(features), [types.index(t) for t in labels])
    fresh = np.random.default_rng(99).normal(0, 1.5, (2000, 7))
    classifier = JointTypeClassifier(model)
    ours = [types.index(classifier.classify_features(row).joint_type) for row in fresh]
    assert_array_equal(ours, peer.predict(scaler.transform(fresh)))
    decisions = np.array([classifier.decision_values(row) for row in fresh[:50]])
    theirs = peer.decision_function(scaler.transform(fresh[:50]))
    assert_allclose(decisions, theirs if count > 2 else -theirs[:, None], atol=1e-9)


def test_a_feature_counts_by_its_correlation_ratio_with_the_types():
    rng = np.random.default_rng(0)
    target = np.repeat(np.arange(3), 4000)
    telling, noise = target + rng.normal(0, 0.5, len(target)), rng.normal(5, 3, len(target))
    features = np.column_stack([telling, noise, np.full(len(target), 7.0)])
    offset, scale = training.weighed_scaling(features, target)
    deviations = ((features - offset) / scale).std(axis=0)
    between = 2 / 3  # variance of 0, 1 and 2; 0.25 comes on top within each type
    assert_allclose(deviations[0], np.sqrt(3), rtol=0.02)  # the only one that counts: the mean square stays 1
    assert deviations[1] < 0.03 * deviations[0] and deviations[2] == 0
    ratios = training.weighed_scaling(np.column_stack([telling, target]), target)
    deviations = ((np.column_stack([telling, target]) - ratios[0]) / ratios[1]).std(axis=0)
    assert_allclose(deviations[0] / deviations[1], np.sqrt(between / (between + 0.25)), rtol=0.01)


def test_of_pairs_that_are_as_accurate_the_simplest_is_taken():
    accuracy, support = np.array([[0.99, 0.995], [0.995, 0.98]]), np.array([[40, 90], [60, 10]])
    assert training._best_pair(accuracy, support, 0.0) == (1, 0)
    assert training._best_pair(accuracy, support, training.standard_error(0.995, 100)) == (0, 0)
    assert training._best_pair(accuracy, support, training.standard_error(0.995, 400)) == (1, 0)


def test_votes_and_margin_belong_together():
    features, labels = blurred_classes(list(JointType), 30, seed=3)
    classifier = JointTypeClassifier(train(features, labels, None, PAPER, seed=1, jobs=1)[0])
    for row in features[::7]:
        estimate = classifier.classify_features(row)
        assert sum(estimate.votes.values()) == 15
        assert estimate.votes[estimate.joint_type] == max(estimate.votes.values())
        assert (estimate.margin > 0) == (estimate.votes[estimate.joint_type] == 5)


def test_ideal_profiles_are_told_apart_after_training_on_others():
    learn, check = np.random.default_rng(1), np.random.default_rng(2)
    labels = [t for t in JointType for _ in range(30)]
    settings = JointTypeSettings(feature_set='extended')
    model, report = train_from_profiles(
        [random_profile(t, learn) for t in labels], labels, None, settings, seed=1, jobs=1
    )
    assert report.accuracy >= 0.95
    assert report.confusion.sum() == report.images == 180
    classifier = JointTypeClassifier(model)
    right = [classifier.classify(random_profile(t, check)).joint_type is t for t in labels]
    assert np.mean(right) >= 0.95


def test_the_same_seed_trains_the_same_model():
    features, labels = blurred_classes(list(JointType), 10, seed=5)
    first, _ = train(features, labels, None, PAPER, seed=7, jobs=1)
    second, _ = train(features, labels, None, PAPER, seed=7, jobs=1)
    assert first.gamma == second.gamma
    assert_array_equal(first.pair_weights, second.pair_weights)


def test_progress_counts_to_the_end():
    features, labels = blurred_classes(list(JointType)[:2], 10, seed=5)
    calls = []
    train(features, labels, None, PAPER, seed=1, jobs=1, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_images_of_one_scene_never_straddle_folds(monkeypatch):
    features, labels = blurred_classes(list(JointType)[:2], 50, seed=6)
    scenes = np.repeat(np.arange(20), 5)
    seen = []
    whole = training._grid_search

    def spy(features, target, folds, *others):
        seen.extend(folds)
        return whole(features, target, folds, *others)

    monkeypatch.setattr(training, '_grid_search', spy)
    train(features, labels, scenes, PAPER, seed=1, jobs=1)
    assert len(seen) == 5
    for learn, check in seen:
        assert not set(scenes[learn]) & set(scenes[check])


@pytest.mark.parametrize(
    ('features', 'labels', 'groups', 'message'),
    [
        (np.empty((0, 7)), [], None, 'at least two joint types'),
        (np.zeros((6, 7)), [JointType.LAP] * 6, None, 'at least two joint types'),
        (np.zeros((6, 7)), [JointType.LAP] * 5, None, 'one feature row'),
        (np.zeros((9, 7)), [JointType.LAP] * 5 + [JointType.V] * 4, None, 'v: training needs 5'),
        (np.zeros((10, 7)), [JointType.LAP] * 5 + [JointType.V] * 5, [0, 1, 2, 3, 4, 5, 5, 6, 7, 8], 'got 4'),
    ],
)
def test_a_poor_training_set_is_refused(features, labels, groups, message):
    with pytest.raises(ValueError, match=message):
        train(features, labels, groups, PAPER, seed=1, jobs=1)


@pytest.fixture
def model():
    features, labels = blurred_classes(list(JointType), 10, seed=8)
    return train(features, labels, None, PAPER, seed=1, jobs=1)[0]


def test_the_file_gives_back_the_model(model, tmp_path):
    saved_with_card(model, tmp_path / 'm.npz')
    stored = load_model(tmp_path / 'm.npz')
    assert (stored.types, stored.gamma, stored.feature_set) == (model.types, model.gamma, 'paper')
    for name in ('offset', 'scale', 'support_vectors', 'pair_weights', 'pair_bias'):
        assert_array_equal(getattr(stored, name), getattr(model, name))


def test_a_missing_file_and_a_folder_that_is_none_are_named(model, tmp_path):
    with pytest.raises(ModelError, match='nothing.npz'):
        load_model(tmp_path / 'nothing.npz')
    (tmp_path / 'a_file').touch()
    with pytest.raises(ModelError, match='cannot be written'):
        save_model(model, tmp_path / 'a_file' / 'm.npz')


def saved_with_card(model, path):
    save_model(model, path)
    write_plain_card(path, JOINT_TYPE_MODEL)


def test_an_archive_of_other_arrays_is_refused(tmp_path):
    path = tmp_path / 'm.npz'
    np.savez(path, weights=np.zeros(3))
    write_plain_card(path, JOINT_TYPE_MODEL)
    with pytest.raises(ModelError, match='not a joint type model'):
        load_model(path)


def test_a_cut_model_is_refused(model, tmp_path):
    path = tmp_path / 'm.npz'
    saved_with_card(model, path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ModelError, match='damaged'):
        load_model(path)


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('feature_names', ['a', 'b'], 'trained on the features'),
        ('feature_set', 'extended', 'trained on the features'),
        ('types', ['lap', 'scarf'], 'not a joint type model'),
        ('types', ['lap', 'v'], 'shape'),
    ],
)
def test_a_model_that_does_not_fit_is_refused(model, tmp_path, key, value, message):
    path = tmp_path / 'm.npz'
    save_model(model, path)
    with np.load(path) as stored:
        content = dict(stored)
    header = json.loads(str(content['header'])) | {key: value}
    np.savez(path, **content | {'header': np.array(json.dumps(header))})
    write_plain_card(path, JOINT_TYPE_MODEL)
    with pytest.raises(ModelError, match=message):
        load_model(path)


def test_a_model_for_other_features_than_the_settings_ask_for_is_refused(model, tmp_path):
    saved_with_card(model, tmp_path / 'm.npz')
    with pytest.raises(ModelError, match='the settings ask for extended'):
        JointTypeClassifier.load(tmp_path / 'm.npz')
    named = JointTypeSettings(feature_set='paper', model_file=str(tmp_path / 'm.npz'))
    assert JointTypeClassifier.load(settings=named).model.feature_set == 'paper'


@pytest.mark.parametrize('feature_set', ['paper', 'extended'])
def test_the_shipped_models_fit_and_are_small(feature_set):
    settings = JointTypeSettings(feature_set=feature_set)
    shipped = JointTypeClassifier.load(settings=settings).model
    assert shipped.types == tuple(JointType)
    assert shipped.support_vectors.shape[1] == len(feature_names(feature_set))
    assert model_file(SHIPPED_MODELS[feature_set]).stat().st_size < 1_000_000


def test_the_shipped_model_knows_ideal_profiles():
    classifier, rng = JointTypeClassifier.load(), np.random.default_rng(11)
    right = [classifier.classify(random_profile(t, rng)).joint_type is t for t in list(JointType) * 10]
    assert np.mean(right) >= 0.9


def test_features_of_an_estimate_are_those_of_the_profile():
    classifier = JointTypeClassifier.load()
    profile = random_profile(JointType.V, np.random.default_rng(1))
    assert_array_equal(classifier.classify(profile).features, feature_vector(profile, JointTypeSettings()))
