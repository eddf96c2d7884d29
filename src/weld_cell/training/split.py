"""Split of samples by scene, because images of one workpiece are nearly identical."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Split:
    """Numbers of the samples to train on, to choose by and to test on, in ascending order.

    Attributes:
        train: (a,) the weights are fitted to these.
        held_out: (b,) looked at during the training: when to end it, which weights to keep.
        test: (c,) looked at once, after it.
    """

    train: Numbers
    held_out: Numbers
    test: Numbers


def split_by_scene(scenes: NDArray[Any], held_out: float, test: float, seed: int) -> Split:
    """Part samples so that no scene is in two parts; the same scenes, shares and seed give the same parts.

    Args:
        scenes: (n,) what each sample shows: a number or a name.
        held_out: Share of the scenes, from 0; rounded, but one scene at least where it is not 0.
        test: Share of the scenes, as held_out.
        seed: Of the drawing.

    Raises:
        ValueError: no samples, shares that leave nothing to train on, or too few scenes for the parts.
    """
    if scenes.ndim != 1 or not len(scenes):
        raise ValueError(f'scenes: expected one for each sample, got an array of shape {scenes.shape}')
    if min(held_out, test) < 0 or held_out + test >= 1:
        raise ValueError(f'shares: expected 0 or more and less than 1 together, got {held_out} and {test}')
    different = np.unique(scenes)
    sizes = [max(round(share * len(different)), 1) if share else 0 for share in (held_out, test)]
    if sum(sizes) >= len(different):
        raise ValueError(f'{len(different)} scenes are too few for shares of {held_out} and {test}')
    drawn = np.random.default_rng(seed).permutation(different)
    parts = np.split(drawn, np.cumsum(sizes))
    held_out_numbers, test_numbers, train_numbers = (np.flatnonzero(np.isin(scenes, part)) for part in parts)
    return proven_disjoint(Split(train_numbers, held_out_numbers, test_numbers), scenes)


def proven_disjoint(split: Split, scenes: NDArray[Any]) -> Split:
    """The split, after checking that every sample is in one part and every scene in no more than one.

    Args:
        split: Of n samples.
        scenes: (n,) what each shows.

    Raises:
        ValueError: a sample is in no part or in two, or there is none of its number, or a scene is in two; names it.
    """
    parts = {'train': split.train, 'held_out': split.held_out, 'test': split.test}
    count = np.bincount(np.concatenate(list(parts.values())), minlength=len(scenes))
    if len(count) > len(scenes):
        raise ValueError(f'there is no sample {len(count) - 1}: expected 0 to {len(scenes) - 1}')
    if (count != 1).any():
        raise ValueError(f'sample {int(np.flatnonzero(count != 1)[0])} is in {int(count[count != 1][0])} parts')
    home: dict[Any, str] = {}
    for name, numbers in parts.items():
        for scene in np.unique(scenes[numbers]).tolist():
            if home.setdefault(scene, name) != name:
                raise ValueError(f'scene {scene} is in {home[scene]} and in {name}')
    return split
