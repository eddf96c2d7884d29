"""Report of a training: text, a confusion matrix, and the model card."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from weld_cell.joint_type.evaluation import Evaluation
from weld_cell.joint_type.feature_sets import feature_names
from weld_cell.joint_type.model import JOINT_TYPE_MODEL, JointTypeModel
from weld_cell.joint_type.training import TrainingReport
from weld_cell.models.card import Confusion, ModelCard, Score, WeightFile
from weld_cell.records import JointType


def report_text(report: TrainingReport, tests: dict[str, Evaluation]) -> str:
    """The training, and each test by its name, as plain text with confusion matrices."""
    parts = [
        f'{report.images} images, {len(report.types)} types, {report.support_vectors} support vectors',
        f'five-fold cross-validation over {report.grid.size} pairs: {report.accuracy:.2%} at C = 2^{report.log2_c}, '
        f'g = 2^{report.log2_gamma} (worst pair {report.grid.min():.2%})',
        confusion_text(report.types, report.confusion),
    ]
    for name, test in tests.items():
        parts += [
            '',
            f'{name}: {test.accuracy:.2%} of {test.images} images, {test.refused} of them without a stripe',
            confusion_text(test.types, test.confusion),
        ]
    return '\n'.join(parts) + '\n'


def confusion_text(types: tuple[JointType, ...], confusion: NDArray[np.intp]) -> str:
    """A confusion matrix (t, t) as a table; rows are the true types."""
    width = max(len(t) for t in types) + 2
    head = ' ' * width + ''.join(f'{t:>{width}}' for t in types)
    rows = [
        f'{t:<{width}}' + ''.join(f'{n:>{width}}' for n in row)
        for t, row in zip(types, confusion.tolist(), strict=True)
    ]
    return '\n'.join([head, *rows])


def draw_confusion(path: Path, types: tuple[JointType, ...], confusion: NDArray[np.intp], title: str) -> None:
    """Write a confusion matrix (t, t) as a picture; rows are the true types."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 5.2), layout='constrained')
    axes = figure.add_subplot(title=title, xlabel='classified as', ylabel='is')
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap='Blues', vmin=0.0, vmax=1.0)
    axes.set_xticks(range(len(types)), [str(t) for t in types], rotation=30, ha='right')
    axes.set_yticks(range(len(types)), [str(t) for t in types])
    for (row, column), count in np.ndenumerate(confusion):
        colour = 'white' if shares[row, column] > 0.5 else 'black'
        axes.text(column, row, str(count), ha='center', va='center', color=colour)
    FigureCanvasAgg(figure).print_figure(path, dpi=110)


@dataclass(frozen=True)
class Provenance:
    """What only the one who trained a model knows of it.

    Attributes:
        date: ISO 8601.
        data: What it was trained on.
        seed: Of images and folds.
        split: How training and test images were kept apart.
        command: Makes it again.
        limits: What it has never seen.
        training_s: How long it took; None where it was not recorded.
    """

    date: str
    data: str
    seed: int
    split: str
    command: str
    limits: tuple[str, ...]
    training_s: float | None = None


def model_card(
    weights: Path,
    model: JointTypeModel,
    report: TrainingReport,
    tests: dict[str, Evaluation],
    provenance: Provenance,
) -> ModelCard:
    """The card of a model: what it is, from what, how well, and how to make it again.

    Args:
        weights: Its file, which is there.
        model: Of the file.
        report: Of its training.
        tests: By name; the last one is the hardest, by which the model is judged.
        provenance: Of the training.
    """
    trained_on = 'training images, cross-validated'
    names = ', '.join(f'`{name}`' for name in feature_names(model.feature_set))
    deviation = '1' if model.feature_set == 'paper' else 'by correlation ratio with the types'
    return ModelCard(
        name=weights.stem,
        title=f'Joint type model ({model.feature_set} features)',
        summary='One-against-one RBF support vector machine after Zeng et al. 2020 (Sensors 20(2), 471), sections '
        f'3.2 to 5. It tells {", ".join(model.types)} from the laser stripe in one image.',
        kind=JOINT_TYPE_MODEL.name,
        version=JOINT_TYPE_MODEL.version,
        date=provenance.date,
        data=provenance.data,
        seeds=(provenance.seed,),
        split=provenance.split,
        method=(
            f'Features ({len(model.offset)}): {names}',
            f'Feature points by {model.feature_point_rule}; features scaled to mean 0, deviation {deviation}',
            f'C = 2^{report.log2_c}, g = 2^{report.log2_gamma} by grid search over {report.grid.size} pairs with '
            f'five-fold cross-validation, no scene in two folds; {report.support_vectors} support vectors',
            'An image in which no stripe is found counts as wrong in a test',
        ),
        training_s=provenance.training_s,
        command=provenance.command,
        scores=(
            *(_score(name, test.accuracy, test.images) for name, test in reversed(tests.items())),
            _score(trained_on, report.accuracy, report.images),
        ),
        confusions=(
            _confusion(trained_on, report.types, report.confusion),
            *(_confusion(name, test.types, test.confusion) for name, test in tests.items()),
        ),
        limits=provenance.limits,
        weights=WeightFile.of(weights),
        inputs=JOINT_TYPE_MODEL.inputs,
        outputs=JOINT_TYPE_MODEL.outputs,
    )


def _score(name: str, accuracy: float, images: int) -> Score:
    return Score('told rightly', name, 100.0 * accuracy, '%', images)


def _confusion(name: str, types: tuple[JointType, ...], counts: NDArray[np.intp]) -> Confusion:
    return Confusion(name, tuple(map(str, types)), tuple(map(tuple, counts.tolist())))
