"""The ways from an image to its joint type that are compared: ours, the paper's, and the paper's peers.

Source: Zeng et al. 2020, sections 3 to 5, tables 3 and 4. A chain is a way to find the stripe, features of it, and a
machine that learns. All peers of the paper's tables stand on the paper's own stripe chain, as they did there.
"""

import inspect
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from sklearn.base import ClassifierMixin, clone
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from weld_cell.errors import WeldCellError
from weld_cell.evaluation.labelled_stripes import LabelledImage
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.evaluation import peer_classifiers
from weld_cell.joint_type.feature_sets import feature_names, feature_vector
from weld_cell.joint_type.reference_features import reference_features
from weld_cell.joint_type.stripe_net import NET_FEATURE_NAMES
from weld_cell.joint_type.training import FOLDS, LOG2_C, LOG2_GAMMA, train
from weld_cell.records import FloatArray, JointType, StripeProfile
from weld_cell.stripe import StripeSettings, extract_stripe

Features = Callable[[StripeProfile], FloatArray]
Classify = Callable[[FloatArray], JointType]
"""The joint type for one feature row (k,)."""
Learn = Callable[[FloatArray, Sequence[JointType], Sequence[int], int], Classify]
"""From feature rows (n, k), n types, n scenes and a seed."""


@dataclass(frozen=True, eq=False)
class Chain:
    """One way from an image to a joint type.

    Attributes:
        stripe: How the stripe is found.
        features: What is taken from it.
        learn: Trains the machine that tells types from the features.
    """

    stripe: StripeSettings
    features: Features
    learn: Learn


RIDGE, PAPER = StripeSettings(), StripeSettings(method='paper')
OURS = 'ours'
PAPER_CHAIN = "paper's chain as written"
REFERENCE_23 = 'features of reference 23'
NEIGHBOURS, TREE = 'k nearest neighbours', 'decision tree'
NETWORK = 'the network alone'
_SHIPPED_SETTINGS = JointTypeSettings()


@lru_cache(maxsize=2048)
def our_features(profile: StripeProfile) -> FloatArray:
    """All our features; remembered, as several chains and feature groups learn from the same stripes."""
    return feature_vector(profile, _SHIPPED_SETTINGS)


def some_of_ours(names: Sequence[str]) -> Features:
    """Those of our features that have these names, in the order of the names."""
    columns = [feature_names('extended').index(name) for name in names]

    def features(profile: StripeProfile) -> FloatArray:
        chosen: FloatArray = our_features(profile)[columns]
        return chosen

    return features


def compared_chains(seed: int) -> dict[str, Chain]:
    """All chains of the comparison by name; the paper's own four as in its tables 3 and 4."""
    seven = JointTypeSettings(feature_set='paper')
    papers = partial(feature_vector, settings=seven)
    peers = peer_classifiers(seed)
    return {
        OURS: Chain(RIDGE, our_features, partial(learn_ours, settings=_SHIPPED_SETTINGS)),
        PAPER_CHAIN: Chain(PAPER, papers, partial(learn_ours, settings=seven)),
        REFERENCE_23: Chain(PAPER, reference_features, learn_tuned_machine),
        NEIGHBOURS: Chain(PAPER, papers, partial(learn_peer, peer=peers[NEIGHBOURS])),
        TREE: Chain(PAPER, papers, partial(learn_peer, peer=peers[TREE])),
        f'{NEIGHBOURS} on our features': Chain(RIDGE, our_features, partial(learn_peer, peer=peers[NEIGHBOURS])),
        f'{TREE} on our features': Chain(RIDGE, our_features, partial(learn_peer, peer=peers[TREE])),
        NETWORK: Chain(RIDGE, some_of_ours(NET_FEATURE_NAMES), take_likeliest),
    }


def learn_ours(
    features: FloatArray, labels: Sequence[JointType], scenes: Sequence[int], seed: int, settings: JointTypeSettings
) -> Classify:
    """The product's own training and classifier: the paper's machine on the features that the settings name."""
    model, _ = train(features, labels, scenes, settings, seed, jobs=1)
    return shipped(JointTypeClassifier(model, settings))


def shipped(classifier: JointTypeClassifier) -> Classify:
    """A classifier that is trained already."""
    return lambda row: classifier.classify_features(row).joint_type


def learn_tuned_machine(
    features: FloatArray,
    labels: Sequence[JointType],
    scenes: Sequence[int],
    seed: int,
    log2_c: Sequence[int] = LOG2_C,
    log2_gamma: Sequence[int] = LOG2_GAMMA,
) -> Classify:
    """The paper's machine and grid search on any features, by scikit-learn."""
    grid = {'svc__C': [2.0**c for c in log2_c], 'svc__gamma': [2.0**g for g in log2_gamma]}
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    search = GridSearchCV(make_pipeline(StandardScaler(), SVC(decision_function_shape='ovo')), grid, cv=folds)
    return _predictor(search.fit(features, [str(label) for label in labels], groups=list(scenes)))


def learn_peer(
    features: FloatArray, labels: Sequence[JointType], scenes: Sequence[int], seed: int, peer: Pipeline
) -> Classify:
    """A peer without anything to tune; scenes and seed have no part in it."""
    return _predictor(clone(peer).fit(features, [str(label) for label in labels]))


def take_likeliest(features: FloatArray, labels: Sequence[JointType], scenes: Sequence[int], seed: int) -> Classify:
    """Nothing is learnt: of the types among the labels, the one for which the network's odds are best."""
    known = [list(JointType).index(joint_type) for joint_type in set(labels)]
    return lambda odds: list(JointType)[known[int(odds[known].argmax())]]


def _predictor(machine: ClassifierMixin) -> Classify:
    return lambda row: JointType(machine.predict(row[None])[0])


def milliseconds(chain: Chain, classify: Classify, images: Sequence[LabelledImage]) -> FloatArray:
    """(n,) time from an image in memory to its type; images without a usable stripe count too."""
    features = inspect.unwrap(chain.features)  # remembering them is the evaluation's own business, and takes time
    taken = []
    for pixels in [image.read() for image in images]:
        began = time.perf_counter()
        with suppress(WeldCellError):
            classify(features(extract_stripe(pixels, chain.stripe)))
        taken.append(1e3 * (time.perf_counter() - began))
    return np.array(taken)
