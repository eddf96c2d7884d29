"""What a chain says of images of known type, and the same over several draws: accuracy, spread, confusion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from weld_cell.errors import WeldCellError
from weld_cell.evaluation.chains import Classify, Features
from weld_cell.evaluation.labelled_stripes import LabelledStripe
from weld_cell.joint_type.evaluation import Evaluation
from weld_cell.records import JointType


@dataclass(frozen=True, eq=False)
class Score:
    """One chain on the same kind of test images, draw by draw.

    Attributes:
        draws: At least one; all of the same types.
    """

    draws: tuple[Evaluation, ...]

    @property
    def accuracy(self) -> float:
        """Share of all images classified correctly, 0 to 1; an image without a usable stripe counts as wrong."""
        return float(np.trace(self.confusion) / self.images)

    @property
    def spread(self) -> float | None:
        """Standard deviation of the draws' accuracies; None for a single draw."""
        accuracies = [draw.accuracy for draw in self.draws]
        return float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None

    @property
    def images(self) -> int:
        """All test images."""
        return sum(draw.images for draw in self.draws)

    @property
    def confusion(self) -> NDArray[np.intp]:
        """(t, t) images of all draws; rows are the true types."""
        total: NDArray[np.intp] = np.sum([draw.confusion for draw in self.draws], axis=0)
        return total

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            'accuracy': round(self.accuracy, 5),
            'spread': None if self.spread is None else round(self.spread, 5),
            'draws': [round(draw.accuracy, 5) for draw in self.draws],
            'images': self.images,
            'without_stripe': sum(draw.refused for draw in self.draws),
            'types': [str(t) for t in self.draws[0].types],
            'confusion': self.confusion.tolist(),
        }


def judge(
    classify: Classify, features: Features, stripes: Sequence[LabelledStripe], types: tuple[JointType, ...]
) -> Evaluation:
    """Classify each stripe and compare it with the truth.

    Args:
        classify: A trained machine.
        features: What it was trained on.
        stripes: At least one.
        types: All types that are true or that the machine can predict.
    """
    truth, said, wrong = [], [], []
    for number, stripe in enumerate(stripes):
        if isinstance(stripe.profile, WeldCellError):
            wrong.append(number)
            continue
        truth.append(types.index(stripe.joint_type))
        said.append(types.index(classify(features(stripe.profile))))
        if said[-1] != truth[-1]:
            wrong.append(number)
    confusion = confusion_matrix(truth, said, labels=range(len(types))) if truth else np.zeros((len(types),) * 2, int)
    return Evaluation(types, confusion, tuple(wrong), len(stripes) - len(truth))
