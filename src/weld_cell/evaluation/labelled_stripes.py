"""Stripe profiles whose joint type is known: from the simulator, or from a folder with a sub-folder for each type."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from weld_cell.errors import ImageError, WeldCellError
from weld_cell.images import SUFFIXES, image_files, read_image
from weld_cell.joint_type.curve import continuous_curve
from weld_cell.records import ImageArray, JointType, StripeProfile
from weld_cell.sim.dataset import SamplerSettings, labelled_images
from weld_cell.sim.effects import HardEffects
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


@dataclass(frozen=True, eq=False)
class LabelledStripe:
    """The stripe of an image of known joint type.

    Attributes:
        name: Of the image, for people.
        joint_type: What it shows.
        scene: Number of the scene.
        profile: The stripe, or why none is usable.
    """

    name: str
    joint_type: JointType
    scene: int
    profile: StripeProfile | WeldCellError


def find_stripe(image: LabelledImage, settings: StripeSettings) -> LabelledStripe:
    """The stripe of an image; one that cannot be read or shows none is told, not fatal."""
    profile: StripeProfile | WeldCellError
    try:
        profile = extract_stripe(image.read(), settings)
        continuous_curve(profile)
    except WeldCellError as error:
        profile = error
    return LabelledStripe(image.name, image.joint_type, image.scene, profile)


def extract_all(images: Iterable[LabelledImage], settings: StripeSettings) -> LabelledProfiles:
    """Find the stripe in every image; those without are named."""
    found = LabelledProfiles()
    for stripe in (find_stripe(image, settings) for image in images):
        if isinstance(stripe.profile, WeldCellError):
            found.refused.append(f'{stripe.name}: {stripe.profile.message}')
            continue
        found.profiles.append(stripe.profile)
        found.labels.append(stripe.joint_type)
        found.scenes.append(stripe.scene)
    return found


def folder_images(folder: Path, scene_length: int = 1) -> list[LabelledImage]:
    """The images of a folder with one sub-folder for each joint type.

    Args:
        folder: Holds sub-folders named after joint types (lap, butt, splice, fillet, v, filler_layer), with images,
            or with further sub-folders of images, one for each scene.
        scene_length: So many images one after the other are of one scene (for instance cut from a video); those in
            the sub-folder of a scene are one scene however many they are.

    Raises:
        ImageError: no sub-folder is named after a joint type, one is named otherwise, or one has no images.
        ValueError: scene_length is below 1.
    """
    if scene_length < 1:
        raise ValueError(f'scene length: expected 1 or more images, got {scene_length}')
    images: list[LabelledImage] = []
    scenes = 0
    for joint_type in _types_in(folder):
        for files in _scenes_in(folder / joint_type, scene_length):
            images += [LabelledImage(str(path), joint_type, scenes, partial(read_image, path)) for path in files]
            scenes += 1
    return images


def _types_in(folder: Path) -> list[JointType]:
    """The joint types that have a sub-folder.

    Raises:
        ImageError: none has, or a sub-folder is named otherwise.
    """
    remedy = f'Sort the images into sub-folders: {", ".join(JointType)}.'
    names = _sub_folders(folder) if folder.is_dir() else []
    unknown = [name for name in names if name not in set(JointType)]
    if unknown:
        raise ImageError(f'{folder}: no joint type is named {", ".join(unknown)}.', remedy)
    if not names:
        raise ImageError(f'{folder} has no sub-folder named after a joint type.', remedy)
    return [joint_type for joint_type in JointType if joint_type in names]


def _scenes_in(folder: Path, scene_length: int) -> list[list[Path]]:
    """The images of a type, scene by scene: a sub-folder each, or so many one after the other."""
    names = _sub_folders(folder)
    scenes = [image_files(folder / name) for name in names]
    if scenes and not any(path.suffix.lower() in SUFFIXES for path in folder.iterdir()):
        return scenes
    files = image_files(folder)
    return scenes + [files[k : k + scene_length] for k in range(0, len(files), scene_length)]


def _sub_folders(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith('.'))


def simulated_images(
    types: Iterable[JointType],
    per_type: int,
    seed: int,
    split: str,
    settings: SamplerSettings,
    effects: HardEffects | None = None,
) -> Iterator[LabelledImage]:
    """Images of the simulated sensor.

    Args:
        types: Which joint types.
        per_type: Images of each.
        seed: Of the set.
        split: 'train' or 'test'; never the same scene in both.
        settings: What the images have in common.
        effects: Fixed dials; by default each scene draws its own.
    """
    for joint_type in types:
        first_scene = list(JointType).index(joint_type) * per_type
        images = labelled_images(joint_type, per_type, seed=seed, split=split, settings=settings, effects=effects)
        for number, image in enumerate(images):
            yield LabelledImage(
                f'{joint_type} {number} ({split}, seed {seed})',
                joint_type,
                first_scene + number // settings.images_per_scene,
                partial(_same, image.pixels),
            )


def _same(pixels: ImageArray) -> ImageArray:
    return pixels
