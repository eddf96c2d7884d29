"""Training of the joint type's support vector machine: grid search with five-fold cross-validation.

Source: Zeng et al. 2020, section 4 and figure 16: 110 pairs of C and g, shared by all one-against-one machines.
The only place, with evaluation.py, where scikit-learn is used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from weld_cell.joint_type.feature_sets import feature_matrix
from weld_cell.joint_type.model import JointTypeModel
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.records import FloatArray, JointType, StripeProfile

LOG2_C = tuple(range(-5, 16, 2))
LOG2_GAMMA = tuple(range(-15, 4, 2))
FOLDS = 5
IntArray = NDArray[np.intp]
Fold = tuple[IntArray, IntArray]
Scaling = Callable[[FloatArray, IntArray], tuple[FloatArray, FloatArray]]
"""Offset and divisor (k,) of features (n, k) with the numbers of their types (n,)."""
LEAST_RATIO = 1e-3
"""A feature that tells nothing apart still has this correlation ratio."""
Progress = Callable[[int, int], None]
"""Called with the pairs done and the pairs in all."""


@dataclass(frozen=True, eq=False)
class TrainingReport:
    """How a training went.

    Attributes:
        types: The t types, in the order of the confusion matrix.
        log2_c: log2 of the chosen C.
        log2_gamma: log2 of the chosen g.
        accuracy: Cross-validated accuracy of the chosen pair, 0 to 1.
        grid: (11, 10) cross-validated accuracy for every C (rows) and g (columns).
        confusion: (t, t) cross-validated images; rows are the true types.
        images: Images trained on.
        support_vectors: Support vectors of the final model.
    """

    types: tuple[JointType, ...]
    log2_c: int
    log2_gamma: int
    accuracy: float
    grid: FloatArray
    confusion: IntArray
    images: int
    support_vectors: int


def train_from_profiles(
    profiles: Sequence[StripeProfile],
    labels: Sequence[JointType],
    groups: Sequence[int] | None,
    settings: JointTypeSettings,
    seed: int,
    jobs: int = 2,
    progress: Progress | None = None,
) -> tuple[JointTypeModel, TrainingReport]:
    """Take the features of profiles, then `train`.

    Raises:
        JointTypeError: a profile covers too few rows.
        ValueError: as `train`.
    """
    return train(feature_matrix(profiles, settings), labels, groups, settings, seed, jobs, progress)


def train(
    features: FloatArray,
    labels: Sequence[JointType],
    groups: Sequence[int] | None,
    settings: JointTypeSettings,
    seed: int,
    jobs: int = 2,
    progress: Progress | None = None,
) -> tuple[JointTypeModel, TrainingReport]:
    """Search C and g by cross-validation, then train on everything.

    Args:
        features: (n, k) not normalised.
        labels: n types.
        groups: n scene numbers; images of one scene never straddle folds. None: every image is its own scene.
        settings: Feature set and rule by which the features were made.
        seed: Of the shuffling into folds.
        jobs: Processes.
        progress: Called after each pair of the grid.

    Returns:
        The model, and the report of the cross-validation.

    Raises:
        ValueError: lengths differ, fewer than two types, or a type with fewer than five scenes.
    """
    present = set(labels)
    types = tuple(t for t in JointType if t in present)
    scenes = np.arange(len(labels)) if groups is None else np.asarray(groups)
    _check_training_set(features, labels, scenes)
    target = np.array([types.index(t) for t in labels])
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    folds = list(splitter.split(features, target, scenes))
    papers = settings.feature_set == 'paper'
    scaling = standard_scaling if papers else weighed_scaling
    grid, support = _grid_search(features, target, folds, scaling, jobs, progress)
    row, column = _best_pair(grid, support, 0.0 if papers else standard_error(grid.max(), len(target)))
    log2_c, log2_gamma = LOG2_C[row], LOG2_GAMMA[column]
    guesses, _ = _cross_validated(features, target, folds, scaling, 2.0**log2_c, 2.0**log2_gamma)
    model = _fit_model(features, target, types, settings, scaling, 2.0**log2_c, 2.0**log2_gamma)
    report = TrainingReport(
        types,
        log2_c,
        log2_gamma,
        float(grid[row, column]),
        grid,
        confusion_matrix(target, guesses),
        len(target),
        len(model.support_vectors),
    )
    return model, report


def _check_training_set(features: FloatArray, labels: Sequence[JointType], scenes: NDArray[Any]) -> None:
    if features.ndim != 2 or not len(features) == len(labels) == len(scenes):
        raise ValueError(
            f'expected one feature row, label and scene an image, got {features.shape}, {len(labels)} labels, '
            f'{len(scenes)} scenes'
        )
    if len(set(labels)) < 2:
        raise ValueError(f'training needs images of at least two joint types, got {len(set(labels))}')
    for joint_type in sorted(set(labels)):
        own = {s for s, t in zip(scenes.tolist(), labels, strict=True) if t == joint_type}
        if len(own) < FOLDS:
            raise ValueError(f'{joint_type}: training needs {FOLDS} different scenes, got {len(own)}')


def standard_scaling(features: FloatArray, target: IntArray) -> tuple[FloatArray, FloatArray]:
    """What is subtracted from features (n, k) and by what they are divided (k,) for mean 0 and deviation 1 (paper,
    section 4); `target` (n,) has no part in it.
    """
    scaler = StandardScaler().fit(features)
    return scaler.mean_, scaler.scale_


def weighed_scaling(features: FloatArray, target: IntArray) -> tuple[FloatArray, FloatArray]:
    """As `standard_scaling`, but the deviation of each feature is its correlation ratio with the types.

    That is the root of the share of its variance that lies between the types' means (Pearson 1905), 0 to 1. In the
    kernel all features have their part in the distance of two images; so those count less that say little.
    """
    offset, scale = standard_scaling(features, target)
    between = np.zeros(features.shape[1])
    for number in np.unique(target):
        of_type = features[target == number]
        between += len(of_type) / len(features) * ((of_type.mean(axis=0) - offset) / scale) ** 2
    ratio = np.maximum(np.sqrt(between), LEAST_RATIO)
    return offset, scale / (ratio / np.sqrt(np.mean(ratio**2)))


def _machine(c: float, gamma: float) -> SVC:
    return SVC(C=c, gamma=gamma, kernel='rbf', decision_function_shape='ovo')


def _cross_validated(
    features: FloatArray, target: IntArray, folds: list[Fold], scaling: Scaling, c: float, gamma: float
) -> tuple[IntArray, int]:
    """Every image's type as the folds without it see it, scaled by the training part only; and support vectors."""
    guesses, support = np.empty_like(target), 0
    for learn, check in folds:
        offset, scale = scaling(features[learn], target[learn])
        machine = _machine(c, gamma).fit((features[learn] - offset) / scale, target[learn])
        guesses[check] = machine.predict((features[check] - offset) / scale)
        support += int(machine.n_support_.sum())
    return guesses, support


def _score(
    features: FloatArray, target: IntArray, folds: list[Fold], scaling: Scaling, c: float, gamma: float
) -> tuple[float, int]:
    """Cross-validated accuracy, and support vectors."""
    guesses, support = _cross_validated(features, target, folds, scaling, c, gamma)
    return float(np.mean(guesses == target)), support


def _grid_search(
    features: FloatArray, target: IntArray, folds: list[Fold], scaling: Scaling, jobs: int, progress: Progress | None
) -> tuple[FloatArray, FloatArray]:
    """(11, 10) cross-validated accuracy, and support vectors, of all pairs of C and g."""
    pairs = [(2.0**c, 2.0**g) for c in LOG2_C for g in LOG2_GAMMA]
    results = Parallel(n_jobs=jobs, return_as='generator')(
        delayed(_score)(features, target, folds, scaling, c, gamma) for c, gamma in pairs
    )
    scores = []
    for score in results:
        scores.append(score)
        if progress:
            progress(len(scores), len(pairs))
    accuracy, support = np.array(scores).T.reshape(2, len(LOG2_C), len(LOG2_GAMMA))
    return accuracy, support


def standard_error(accuracy: float, images: int) -> float:
    """Of an accuracy that was measured on so many images."""
    return float(np.sqrt(accuracy * (1.0 - accuracy) / images))


def _best_pair(accuracy: FloatArray, support: FloatArray, tolerance: float) -> tuple[int, int]:
    """Row and column of the fewest support vectors among all pairs that are as accurate as the best one.

    Some images more or less are chance: a pair within one standard error of the best is as good (Breiman et al.,
    Classification and Regression Trees, 1984). A machine of few vectors is the simpler one, and faster.
    """
    equals = np.where(accuracy >= accuracy.max() - tolerance, support, np.inf)
    row, column = np.unravel_index(equals.argmin(), accuracy.shape)
    return int(row), int(column)


def _fit_model(
    features: FloatArray,
    target: IntArray,
    types: tuple[JointType, ...],
    settings: JointTypeSettings,
    scaling: Scaling,
    c: float,
    gamma: float,
) -> JointTypeModel:
    offset, scale = scaling(features, target)
    machine = _machine(c, gamma).fit((features - offset) / scale, target)
    weights, bias = _pair_weights(machine)
    return JointTypeModel(
        types,
        settings.feature_set,
        settings.feature_point_rule,
        offset,
        scale,
        machine.support_vectors_,
        weights,
        bias,
        gamma,
    )


def _pair_weights(machine: SVC) -> tuple[FloatArray, FloatArray]:
    """libsvm's packed coefficients spread out to one row of weights a pair of types.

    Row j of dual_coef_ holds, for a support vector of type i, its weight against the j-th of the other types.
    """
    owner = np.repeat(np.arange(len(machine.classes_)), machine.n_support_)
    count = len(machine.classes_)
    rows = []
    for a in range(count):
        for b in range(a + 1, count):
            rows.append(
                np.where(owner == a, machine.dual_coef_[b - 1], 0.0)
                + np.where(owner == b, machine.dual_coef_[a], 0.0)
            )
    # With two types scikit-learn turns libsvm's sign, so that positive speaks for the second.
    sign = -1.0 if count == 2 else 1.0
    return sign * np.array(rows), sign * np.asarray(machine.intercept_, dtype=float)
