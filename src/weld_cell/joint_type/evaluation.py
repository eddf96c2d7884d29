"""Accuracy of the joint-type classification, and the paper's reference classifiers (section 5.3, table 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from weld_cell.joint_type.classifier import JointTypeClassifier
from weld_cell.records import FloatArray, JointType


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Images of known type against what was said of them.

    Attributes:
        types: The t types, in the order of the confusion matrix.
        confusion: (t, t) images; rows are the true types.
        wrong: Indices of the images told wrongly.
        refused: Further images, in which no stripe was found; they count as wrong.
    """

    types: tuple[JointType, ...]
    confusion: NDArray[np.intp]
    wrong: tuple[int, ...]
    refused: int = 0

    @property
    def accuracy(self) -> float:
        """Share of the images classified correctly, 0 to 1."""
        return float(np.trace(self.confusion) / self.images)

    @property
    def images(self) -> int:
        """How many images there were, those without a stripe included."""
        return int(self.confusion.sum()) + self.refused


def evaluate(
    classifier: JointTypeClassifier, features: FloatArray, labels: Sequence[JointType], refused: int = 0
) -> Evaluation:
    """Tell the type of every feature row and compare.

    Args:
        classifier: With a trained model.
        features: (n, k) not normalised, of the model's feature set.
        labels: n true types, each known to the model.
        refused: Further images, in which no stripe was found.

    Raises:
        ValueError: no images, a label for each row is missing, or the model does not know a type.
    """
    if not len(labels) or len(features) != len(labels):
        raise ValueError(f'expected a label for each image, got {len(labels)} for {len(features)}')
    types = classifier.model.types
    if not set(labels) <= set(types):
        raise ValueError(f'the model knows {", ".join(types)}; the labels have {", ".join(sorted(set(labels)))}')
    truth = np.array([types.index(label) for label in labels])
    said = np.array([types.index(classifier.classify_features(row).joint_type) for row in features])
    return Evaluation(
        types,
        confusion_matrix(truth, said, labels=range(len(types))),
        tuple(np.flatnonzero(truth != said).tolist()),
        refused,
    )


def peer_classifiers(seed: int) -> dict[str, Pipeline]:
    """Untrained peers by name: k nearest neighbours (k = 5) and a decision tree by information gain, as ID3's."""
    return {
        'k nearest neighbours': make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=5)),
        'decision tree': make_pipeline(
            StandardScaler(), DecisionTreeClassifier(criterion='entropy', random_state=seed)
        ),
    }


def peer_accuracies(
    train_features: FloatArray,
    train_labels: Sequence[JointType],
    test_features: FloatArray,
    test_labels: Sequence[JointType],
    seed: int,
) -> dict[str, float]:
    """Accuracy of each peer, trained and tested on the same images as ours."""
    learn, check = [str(t) for t in train_labels], [str(t) for t in test_labels]
    return {
        name: float(peer.fit(train_features, learn).score(test_features, check))
        for name, peer in peer_classifiers(seed).items()
    }
