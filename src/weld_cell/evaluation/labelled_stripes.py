"""Stripe profiles whose joint type is known: from the simulator, or from a folder with a sub-folder for each type."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from weld_cell.errors import ImageError, WeldCellError
from weld_cell.images import image_files, read_image
from weld_cell.joint_type.curve import continuous_curve
from weld_cell.records import ImageArray, JointType, StripeProfile
from weld_cell.sim.dataset import SamplerSettings, labelled_images
from weld_cell.stripe import StripeSettings, extract_stripe


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """An image of known joint type, read only when it is its turn.

    Attributes:
        name: For people.
        joint_type: What it shows.
        scene: Number of the scene; images of one scene are nearly the same.
        read: Gives the pixels; raises ImageError.
    """

    name: str
    joint_type: JointType
    scene: int
    read: Callable[[], ImageArray]


@dataclass(frozen=True, eq=False)
class LabelledProfiles:
    """The stripes that were found, and the images that show none.

    Attributes:
        profiles: n stripes.
        labels: n joint types.
        scenes: n scene numbers.
        refused: Name and reason of each image without a usable stripe.
    """

    profiles: list[StripeProfile] = field(default_factory=list)
    labels: list[JointType] = field(default_factory=list)
    scenes: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def extract_all(images: Iterable[LabelledImage], settings: StripeSettings) -> LabelledProfiles:
    """Find the stripe in every image; an image that cannot be read or shows none is named, not fatal."""
    found = LabelledProfiles()
    for image in images:
        try:
            profile = extract_stripe(image.read(), settings)
            continuous_curve(profile)
        except WeldCellError as error:
            found.refused.append(f'{image.name}: {error.message}')
            continue
        found.profiles.append(profile)
        found.labels.append(image.joint_type)
        found.scenes.append(image.scene)
    return found


def folder_images(folder: Path, scene_length: int = 1) -> list[LabelledImage]:
    """The images of a folder with one sub-folder for each joint type.

    Args:
        folder: Holds sub-folders named after joint types (lap, butt, splice, fillet, v, filler_layer).
        scene_length: So many images one after the other are of one scene (for instance cut from a video).

    Raises:
        ImageError: no sub-folder is named after a joint type, or one has no images.
        ValueError: scene_length is below 1.
    """
    if scene_length < 1:
        raise ValueError(f'scene length: expected 1 or more images, got {scene_length}')
    images: list[LabelledImage] = []
    scenes = 0
    for joint_type in JointType:
        if not (folder / joint_type).is_dir():
            continue
        files = image_files(folder / joint_type)
        images += [
            LabelledImage(str(path), joint_type, scenes + i // scene_length, partial(read_image, path))
            for i, path in enumerate(files)]
        scenes += len(files)
    if not images:
        raise ImageError(
            f'{folder} has no sub-folder named after a joint type.',
            f'Sort the images into sub-folders: {", ".join(JointType)}.')
    return images


def simulated_images(
        types: Iterable[JointType], per_type: int, seed: int, split: str,
        settings: SamplerSettings) -> Iterator[LabelledImage]:
    """Images of the simulated sensor.

    Args:
        types: Which joint types.
        per_type: Images of each.
        seed: Of the set.
        split: 'train' or 'test'; never the same scene in both.
        settings: What the images have in common.
    """
    for joint_type in types:
        first_scene = list(JointType).index(joint_type) * per_type
        images = labelled_images(joint_type, per_type, seed=seed, split=split, settings=settings)
        for number, image in enumerate(images):
            yield LabelledImage(
                f'{joint_type} {number} ({split}, seed {seed})', joint_type,
                first_scene + number // settings.images_per_scene, partial(_same, image.pixels))


def _same(pixels: ImageArray) -> ImageArray:
    return pixels
