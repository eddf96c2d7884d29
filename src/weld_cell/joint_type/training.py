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
from scipy.ndimage import uniform_filter
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
        profiles: Sequence[StripeProfile], labels: Sequence[JointType], groups: Sequence[int] | None,
        settings: JointTypeSettings, seed: int, jobs: int = 2, progress: Progress | None = None,
) -> tuple[JointTypeModel, TrainingReport]:
    """Take the features of profiles, then `train`.

    Raises:
        JointTypeError: a profile covers too few rows.
        ValueError: as `train`.
    """
    return train(feature_matrix(profiles, settings), labels, groups, settings, seed, jobs, progress)


def train(
        features: FloatArray, labels: Sequence[JointType], groups: Sequence[int] | None,
        settings: JointTypeSettings, seed: int, jobs: int = 2, progress: Progress | None = None,
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
    grid = _grid_search(features, target, folds, jobs, progress)
    row, column = _best_pair(grid)
    log2_c, log2_gamma = LOG2_C[row], LOG2_GAMMA[column]
    guesses = _cross_validated(features, target, folds, 2.0 ** log2_c, 2.0 ** log2_gamma)
    model = _fit_model(features, target, types, settings, 2.0 ** log2_c, 2.0 ** log2_gamma)
    report = TrainingReport(
        types, log2_c, log2_gamma, float(grid[row, column]), grid, confusion_matrix(target, guesses),
        len(target), len(model.support_vectors))
    return model, report


def _check_training_set(features: FloatArray, labels: Sequence[JointType], scenes: NDArray[Any]) -> None:
    if features.ndim != 2 or not len(features) == len(labels) == len(scenes):
        raise ValueError(
            f'expected one feature row, label and scene an image, got {features.shape}, {len(labels)} labels, '
            f'{len(scenes)} scenes')
    if len(set(labels)) < 2:
        raise ValueError(f'training needs images of at least two joint types, got {len(set(labels))}')
    for joint_type in sorted(set(labels)):
        own = {s for s, t in zip(scenes.tolist(), labels, strict=True) if t == joint_type}
        if len(own) < FOLDS:
            raise ValueError(f'{joint_type}: training needs {FOLDS} different scenes, got {len(own)}')


def _machine(c: float, gamma: float) -> SVC:
    return SVC(C=c, gamma=gamma, kernel='rbf', decision_function_shape='ovo')


def _cross_validated(features: FloatArray, target: IntArray, folds: list[Fold], c: float, gamma: float) -> IntArray:
    """Every image's type as the folds without it see it; normalised by the training part only."""
    guesses = np.empty_like(target)
    for learn, check in folds:
        scaler = StandardScaler().fit(features[learn])
        machine = _machine(c, gamma).fit(scaler.transform(features[learn]), target[learn])
        guesses[check] = machine.predict(scaler.transform(features[check]))
    return guesses


def _accuracy(features: FloatArray, target: IntArray, folds: list[Fold], c: float, gamma: float) -> float:
    return float(np.mean(_cross_validated(features, target, folds, c, gamma) == target))


def _grid_search(
        features: FloatArray, target: IntArray, folds: list[Fold], jobs: int,
        progress: Progress | None) -> FloatArray:
    """(11, 10) cross-validated accuracy of all pairs of C and g."""
    pairs = [(2.0 ** c, 2.0 ** g) for c in LOG2_C for g in LOG2_GAMMA]
    results = Parallel(n_jobs=jobs, return_as='generator')(
        delayed(_accuracy)(features, target, folds, c, gamma) for c, gamma in pairs)
    scores = []
    for score in results:
        scores.append(score)
        if progress:
            progress(len(scores), len(pairs))
    return np.array(scores).reshape(len(LOG2_C), len(LOG2_GAMMA))


def _best_pair(grid: FloatArray) -> tuple[int, int]:
    """Row and column of the best accuracy; among equals the one with the best surroundings.

    Many pairs reach the same score; in the middle of their plateau a new image is less of a surprise.
    """
    around = uniform_filter(grid, size=3, mode='nearest')
    best = np.where(grid == grid.max(), around, -1.0)
    row, column = np.unravel_index(int(best.argmax()), grid.shape)
    return int(row), int(column)


def _fit_model(
        features: FloatArray, target: IntArray, types: tuple[JointType, ...], settings: JointTypeSettings,
        c: float, gamma: float) -> JointTypeModel:
    scaler = StandardScaler().fit(features)
    machine = _machine(c, gamma).fit(scaler.transform(features), target)
    weights, bias = _pair_weights(machine)
    return JointTypeModel(
        types, settings.feature_set, settings.feature_point_rule, scaler.mean_, scaler.scale_,
        machine.support_vectors_, weights, bias, gamma, notes={})


def _pair_weights(machine: SVC) -> tuple[FloatArray, FloatArray]:
    """libsvm's packed coefficients spread out to one row of weights a pair of types.

    Row j of dual_coef_ holds, for a support vector of type i, its weight against the j-th of the other types.
    """
    owner = np.repeat(np.arange(len(machine.classes_)), machine.n_support_)
    count = len(machine.classes_)
    rows = []
    for a in range(count):
        for b in range(a + 1, count):
            rows.append(np.where(owner == a, machine.dual_coef_[b - 1], 0.0)
                        + np.where(owner == b, machine.dual_coef_[a], 0.0))
    # With two types scikit-learn turns libsvm's sign, so that positive speaks for the second.
    sign = -1.0 if count == 2 else 1.0
    return sign * np.array(rows), sign * np.asarray(machine.intercept_, dtype=float)
