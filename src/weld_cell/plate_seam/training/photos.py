"""A user's own photographs as samples, kept apart by scene."""

from pathlib import Path

import numpy as np

from weld_cell.errors import TrainingError
from weld_cell.images import read_image, to_grey
from weld_cell.plate_seam.training.labels import LabelledPhoto, labelled_photos, scene_of
from weld_cell.plate_seam.training.samples import joined, seam_sample
from weld_cell.plate_seam.training.seam_training import SeamData
from weld_cell.training.samples import Batch
from weld_cell.training.split import split_by_scene

HELD_OUT = TEST = 0.12
"""Shares of the scenes: the paper's 400 of 3400 images."""


def photo_samples(folder: Path, seed: int) -> SeamData:
    """Samples of the labelled photographs of a folder.

    Args:
        folder: See `labels`.
        seed: Of the split.

    Raises:
        TrainingError: labels or images are not sound, or too few scenes to hold some out.
    """
    photos = labelled_photos(folder)
    scenes = np.array([scene_of(photo.path, folder) for photo in photos])
    try:
        split = split_by_scene(scenes, HELD_OUT, TEST, seed)
    except ValueError as error:
        raise TrainingError(
            f'{folder}: {len(photos)} labelled photographs of {len(set(scenes.tolist()))} scenes: too few to hold '
            'one out and to test on another.',
            'Photograph more workpieces, a subfolder each; three scenes are the least, a hundred a start.',
        ) from error
    samples = [_sample(photo) for photo in photos]
    parts = {'train': split.train, 'held_out': split.held_out, 'test': split.test}
    data = {name: joined([samples[number] for number in numbers]) for name, numbers in parts.items()}
    for name, part in data.items():
        if not part['count'].sum():
            raise TrainingError(
                f'{folder}: no seam in the scenes drawn for {name}.', 'Label more scenes, or take another --seed.'
            )
    return SeamData(**data)


def _sample(photo: LabelledPhoto) -> Batch:
    grey = to_grey(read_image(photo.path, upright=True))
    try:
        return seam_sample(grey, photo.in_pixels((grey.shape[1], grey.shape[0])))
    except ValueError as error:
        raise TrainingError(f'{photo.path}: {error}.', 'Label the seams alone.') from error
