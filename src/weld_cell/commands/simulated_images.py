"""Simulated images as training samples."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.paths import config_file
from weld_cell.training.cache import kept_samples
from weld_cell.training.samples import Batch

MakeSample = Callable[[Rig, str, int, int], Batch]
"""One sample of the image that the rig's area camera takes: of a split, a seed and a number."""


@dataclass(frozen=True)
class SimulatedImages:
    """How samples are made.

    Attributes:
        make: One of them; a function of a module, as other processes import it.
        seed: Of the scenes.
        jobs: Processes.
        cache: Folder with one for each split; None: keep nothing.
        at_a_time: Images that one process makes before it hands them on.
    """

    make: MakeSample
    seed: int
    jobs: int
    cache: Path | None
    at_a_time: int

    def split(self, name: str, count: int) -> Batch:
        """So many samples of a split, made now or read from the cache.

        Raises:
            TrainingError: the cache holds samples of another recipe.
        """
        folder = None if self.cache is None else self.cache / name
        recipe = {'split': name, 'seed': self.seed, 'images': count, 'recipe': 1}
        return kept_samples(folder, recipe, lambda: self._parts(name, count))

    def _parts(self, name: str, count: int) -> Iterator[Batch]:
        begins = range(0, count, self.at_a_time)
        made = Parallel(n_jobs=self.jobs, return_as='generator')(
            delayed(_part)(self.make, name, self.seed, range(begin, min(begin + self.at_a_time, count)))
            for begin in begins
        )
        yield from tqdm(made, total=len(begins), desc=f'{name} images', unit=f'{self.at_a_time} images')


def _part(make: MakeSample, split: str, seed: int, numbers: range) -> Batch:
    cv2.setNumThreads(1)
    rig = load_rig(str(config_file('rig.yaml')))
    samples = [make(rig, split, seed, number) for number in numbers]
    return {name: np.concatenate([sample[name] for sample in samples]) for name in samples[0]}
