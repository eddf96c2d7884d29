"""Labelled images for training and evaluation, drawn from random scenes.

Every image has a seed of its own, made of the user's seed, the split, the joint type and the scene's number. Training
and test draws are therefore disjoint whatever their sizes, and any part of a set can be made again alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, SeedSequence
from scipy.spatial.transform import Rotation

from weld_cell.config import Settings, bounded, choice
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray, ImageArray, JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene
from weld_cell.sim.truth import ImageTruth

SPLITS = ('train', 'test')
_END_MARGIN_M = 0.020  # with 10 degrees of yaw the whole stripe is still on the plates
_MAX_TRIES = 20


@dataclass(frozen=True)
class SamplerSettings(Settings):
    """What the images of a set have in common."""

    hardness: float = bounded(1.0, 0.0, 1.0, '', 'Each effect is drawn from 0 to this dial.')
    stand_off_mm: float = bounded(20.0, 0.0, 30.0, 'mm', 'Greatest error of the distance to the plates.')
    lateral_mm: float = bounded(10.0, 0.0, 20.0, 'mm', 'Greatest distance of the seam from the middle of the field.')
    angle_deg: float = bounded(10.0, 0.0, 15.0, 'deg', 'Greatest roll, pitch and yaw of the sensor.')
    sizes: str = choice('standard', ('standard', 'other', 'wide'), 'Sizes of the joints.')
    images_per_scene: int = bounded(4, 1, 100, '', 'Images of one workpiece, in different places.')
    least_shown: float = bounded(
        0.6, 0.0, 1.0, '', 'Images that show less of the joint (Scene.joint_shown) hide its type; left out.'
    )


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """An image and what it shows.

    Attributes:
        pixels: (height, width) uint8.
        truth: Of this image.
        joint_type: The label.
        effects: The dials that the scene was drawn with.
    """

    pixels: ImageArray
    truth: ImageTruth
    joint_type: JointType
    effects: HardEffects


def labelled_images(
    joint_type: JointType,
    count: int,
    *,
    seed: int,
    split: str,
    settings: SamplerSettings | None = None,
    effects: HardEffects | None = None,
) -> Iterator[LabelledImage]:
    """Images of one joint type.

    Args:
        joint_type: The label.
        count: How many.
        seed: Of the whole set.
        split: 'train' or 'test'; never the same scene in both.
        settings: What the images have in common.
        effects: Fixed dials; by default each scene draws its own by the settings' hardness.

    Raises:
        ValueError: no such split, or a negative count.
    """
    if split not in SPLITS or count < 0:
        raise ValueError(f'expected a split of {", ".join(SPLITS)} and a count from 0, got {split!r}, {count}')
    settings = settings or SamplerSettings()
    for number in range(count):
        scene_number, image_number = divmod(number, settings.images_per_scene)
        if image_number == 0:
            rng = _generator(seed, split, joint_type, scene_number)
            dials = effects or HardEffects.at_random(rng, settings.hardness)
            scene = Scene.random(joint_type, rng, effects=dials, sizes=settings.sizes)
        yield _labelled_image(scene, rng, settings)


def draw_sample(joint_type: JointType, rng: Generator, hardness: float, sizes: str = 'standard') -> LabelledImage:
    """One image of a scene of its own, from a random pose.

    Args:
        joint_type: The label.
        rng: Where everything random comes from.
        hardness: Each effect is drawn from 0 to this dial.
        sizes: A key of weld_cell.sim.joint_sizes.SIZES.
    """
    settings = SamplerSettings(hardness=hardness, sizes=sizes)
    scene = Scene.random(joint_type, rng, effects=HardEffects.at_random(rng, hardness), sizes=sizes)
    return _labelled_image(scene, rng, settings)


def _generator(seed: int, split: str, joint_type: JointType, scene_number: int) -> Generator:
    key = (SPLITS.index(split), list(JointType).index(joint_type), scene_number)
    return np.random.default_rng(SeedSequence(seed, spawn_key=key))


def _labelled_image(scene: Scene, rng: Generator, settings: SamplerSettings) -> LabelledImage:
    for _ in range(_MAX_TRIES):
        s = rng.uniform(_END_MARGIN_M, scene.truth.length_m - _END_MARGIN_M)
        pose, time_s = scene.seam_pose(s, sensor_error(rng, settings)), rng.uniform(0.0, 10.0)
        if scene.joint_shown(pose, time_s) >= settings.least_shown:
            break
    pixels, truth = scene.render(pose, time_s)
    return LabelledImage(pixels, truth, scene.joint_type, scene.effects)


def sensor_error(rng: Generator, settings: SamplerSettings) -> FloatArray:
    """(4, 4) random deviation of the stripe frame from standing square on the seam at the nominal distance."""
    angles = rng.uniform(-settings.angle_deg, settings.angle_deg, 3)
    lateral = rng.uniform(-settings.lateral_mm, settings.lateral_mm) * 1e-3
    height = rng.uniform(-settings.stand_off_mm, settings.stand_off_mm) * 1e-3
    return make_transform((0.0, lateral, height), Rotation.from_euler('xyz', angles, degrees=True))
