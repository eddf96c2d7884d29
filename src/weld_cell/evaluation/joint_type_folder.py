"""How well the joint type is told on a user's own labelled images: cross-validated, training included."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sklearn.model_selection import StratifiedGroupKFold

from weld_cell.errors import ImageError
from weld_cell.evaluation.chains import OURS, compared_chains
from weld_cell.evaluation.image_sets import ImageSet
from weld_cell.evaluation.joint_type import Trained, times
from weld_cell.evaluation.labelled_stripes import LabelledImage
from weld_cell.evaluation.trials import JointTypeFigures, Stripes, Track, Trials, find_stripes, learn, no_track
from weld_cell.joint_type.training import FOLDS
from weld_cell.records import JointType

FOLDER = 'your images'
SCENES_NEEDED = FOLDS + 2
"""Of seven scenes a fold takes two at most, and the grid search on the others wants five."""


def evaluate_folder(images: Sequence[LabelledImage], seed: int, track: Track = no_track) -> JointTypeFigures:
    """Every image is told once, by machines that saw no image of its scene.

    Args:
        images: Of at least two types, each of enough scenes.
        seed: Of the shuffling into folds.
        track: Shows the progress.

    Raises:
        ImageError: fewer than two types, or too few scenes of one.
    """
    types = _checked_types(images)
    stripes = find_stripes(images, len(images), track, 'images')
    trials, chains, wrong = Trials(), compared_chains(seed), []
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(
        images, [str(image.joint_type) for image in images], [image.scene for image in images]
    )
    for number, (learning, checking) in enumerate(folds):
        train, test = _chosen(stripes, learning), _chosen(stripes, checking)
        trained = Trained()
        for name, chain in track(chains.items(), len(chains), f'fold {number + 1} of {FOLDS}: learning'):
            trained[name] = chain, learn(chain, train, types, seed)
            told = trials.add(FOLDER, name, *trained[name], test, types)
            wrong += [test[chain.stripe][k].name for k in told.wrong] if name == OURS else []
    return JointTypeFigures(
        trials.scores(), times(trained, ImageSet(FOLDER, len(images), lambda: images)), tuple(wrong), lambda: images
    )


def _chosen(stripes: Stripes, numbers: Iterable[int]) -> Stripes:
    chosen = list(numbers)
    return {settings: [found[k] for k in chosen] for settings, found in stripes.items()}


def _checked_types(images: Sequence[LabelledImage]) -> tuple[JointType, ...]:
    """The types of the images.

    Raises:
        ImageError: fewer than two, or too few scenes of one.
    """
    scenes: dict[JointType, set[int]] = defaultdict(set)
    for image in images:
        scenes[image.joint_type].add(image.scene)
    if len(scenes) < 2:
        raise ImageError(
            f'The images show {", ".join(scenes) or "no joint type"} only; at least 2 types are needed to tell one '
            'from another.',
            'Add a sub-folder with images of another type.',
        )
    few = {t: len(own) for t, own in scenes.items() if len(own) < SCENES_NEEDED}
    if few:
        raise ImageError(
            f'Too few scenes: {", ".join(f"{t} {count}" for t, count in few.items())}; each type needs '
            f'{SCENES_NEEDED} to be cross-validated.',
            'Add images, or lower --scene-length where successive images show different scenes.',
        )
    return tuple(t for t in JointType if t in scenes)
