"""The sets of images that the joint type is measured on, from the simulator: paper's protocol, sizes, spatter.

Section 5 of Zeng et al. 2020: 120 training and 50 test images of each type. No scene, seed or split of a test is one
of a training: training draws from the split 'train', every test from the split 'test' with a seed of its own, so that
not even the random sizes of a workpiece come again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from weld_cell.evaluation.labelled_stripes import LabelledImage, simulated_images
from weld_cell.records import JointType
from weld_cell.sim.dataset import SamplerSettings
from weld_cell.sim.effects import HardEffects

FIVE_TYPES = tuple(t for t in JointType if t is not JointType.FILLER_LAYER)
SIX_TYPES = tuple(JointType)
SPATTER_FROM = 0.5
"""In the set with spatter and arc both dials are drawn from here to 1; all others from 0 as everywhere."""
_SEEDS_A_DRAW = 10


@dataclass(frozen=True)
class Protocol:
    """How many images, from how hard a simulator.

    Attributes:
        train_per_type: Training images of each type.
        test_per_type: Test images of each type.
        draws: Independent draws of everything.
        seed: Of the first draw.
        hardness: Each effect is drawn from 0 to this dial.

    Raises:
        ValueError: a count is below 1, the seed below 0, or the hardness outside 0 to 1.
    """

    train_per_type: int = 120
    test_per_type: int = 50
    draws: int = 3
    seed: int = 101
    hardness: float = 1.0

    def __post_init__(self) -> None:
        if min(self.train_per_type, self.test_per_type, self.draws) < 1 or self.seed < 0:
            raise ValueError(
                f'expected at least 1 training image and 1 test image a type, 1 draw and a seed from 0, got '
                f'{self.train_per_type}, {self.test_per_type}, {self.draws} and {self.seed}'
            )
        if not 0.0 <= self.hardness <= 1.0:
            raise ValueError(f'hardness: expected 0 to 1, got {self.hardness:g}')


@dataclass(frozen=True)
class ImageSet:
    """A recipe of images: makes the same ones each time.

    Attributes:
        name: For people.
        count: How many.
        images: Makes them.
    """

    name: str
    count: int
    images: Callable[[], Iterable[LabelledImage]]


@dataclass(frozen=True)
class Draw:
    """One independent draw: six types each; the five types of the paper are among them."""

    train: ImageSet
    test: ImageSet
    sizes: ImageSet
    spatter: ImageSet


def draw_of(protocol: Protocol, number: int) -> Draw:
    """The image sets of draw `number`, from 0; no two draws share a seed."""
    seed = (protocol.seed + number) * _SEEDS_A_DRAW
    sampler = SamplerSettings(hardness=protocol.hardness)
    other = replace(sampler, sizes='other')
    trained, tested = protocol.train_per_type, protocol.test_per_type
    return Draw(
        _set('training', SIX_TYPES, trained, partial(simulated_images, SIX_TYPES, trained, seed, 'train', sampler)),
        _set('test', SIX_TYPES, tested, partial(simulated_images, SIX_TYPES, tested, seed + 1, 'test', sampler)),
        _set('other sizes', SIX_TYPES, tested, partial(simulated_images, SIX_TYPES, tested, seed + 2, 'test', other)),
        _set('spatter and arc', SIX_TYPES, tested, partial(spatter_images, SIX_TYPES, tested, seed + 3, sampler)),
    )


def _set(
    name: str, types: Sequence[JointType], per_type: int, images: Callable[[], Iterable[LabelledImage]]
) -> ImageSet:
    return ImageSet(name, len(types) * per_type, images)


def spatter_images(
    types: Iterable[JointType], per_type: int, seed: int, settings: SamplerSettings
) -> Iterator[LabelledImage]:
    """Test images beside another robot's arc: spatter and arc glare always there, everything else at random."""
    scenes = -(-per_type // settings.images_per_scene)
    rng = np.random.default_rng(seed)
    for joint_type in types:
        left = per_type
        for scene_seed in rng.integers(2**32, size=scenes).tolist():
            dials = HardEffects.at_random(rng, settings.hardness)
            spatter, glare = rng.uniform(SPATTER_FROM, 1.0, 2).tolist()
            dials = replace(dials, spatter=spatter, arc_glare=glare)
            count = min(left, settings.images_per_scene)
            yield from simulated_images([joint_type], count, scene_seed, 'test', settings, dials)
            left -= count
