"""Images and poses for a calibration, from a folder or from a bag in which the robot stops at times."""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.bags.reading import BagReader, open_bag
from weld_cell.calibration.pose_files import TURN_KEYS, UNITS, poses_of_folder
from weld_cell.calibration.poses import RobotPoses
from weld_cell.calibration.record import sha256_of_files
from weld_cell.errors import CalibrationError, ImageError, TransformError
from weld_cell.geometry.transforms import invert
from weld_cell.images import image_files, read_image
from weld_cell.records import FloatArray, ImageArray
from weld_cell.replays.recorded_poses import BASE_FRAME, HAND_FRAME, Hand, recorded_hand

STILL_S = 0.15
STILL_M, STILL_DEG = 0.0003, 0.03
"""A robot that moves less within STILL_S before and after an image stood still."""
APART_M, APART_DEG = 0.01, 1.0
"""Images from nearer places than these say the same again."""


@dataclass(frozen=True, eq=False)
class PosedImages:
    """Images with the pose of the hand at each.

    Attributes:
        images: Name, and pixels or why there are none.
        poses: In the same order.
        sha256: Of everything.
        without_pose: Names of images that have none.
    """

    images: list[tuple[str, ImageArray | ImageError]]
    poses: RobotPoses
    sha256: str
    without_pose: tuple[str, ...]


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder or bag, and how its poses are written."""
    parser.add_argument('source', type=Path, metavar='FOLDER_OR_BAG', help='images with poses, or a bag')
    parser.add_argument(
        '--poses',
        type=Path,
        metavar='FILE',
        help='of the poses, or their folder (default: beside the images)',
    )
    parser.add_argument('--turns', choices=TURN_KEYS, default='', help='what the numbers of bare rows mean')
    parser.add_argument('--unit', choices=UNITS, default='m', help='of positions without one (default: m)')
    parser.add_argument('--topic', default='', metavar='NAME', help="of a bag's images")
    parser.add_argument(
        '--urdf',
        type=Path,
        metavar='FILE',
        help='robot of a bag that has joint_states but no /tf and no robot_description',
    )


def read_posed_images(arguments: argparse.Namespace) -> PosedImages:
    """What `add_source_arguments` names.

    Raises:
        WeldCellError: it cannot be read, or images and poses are not to be paired.
    """
    source: Path = arguments.source
    if not source.exists():
        raise ImageError(f'{source}: no such folder or bag.', 'Check the path.')
    if source.is_file() or any(source.glob('*.mcap')) or (source / 'metadata.yaml').is_file():
        with open_bag(source) as bag:
            topic = arguments.topic or _only_image_topic(bag, str(source))
            hand = recorded_hand(bag, arguments.urdf, str(source), topic)
            return _of_bag(bag, topic, str(source), hand, getattr(arguments, 'moving', False))
    return _of_folder(arguments)


def _of_folder(arguments: argparse.Namespace) -> PosedImages:
    files = image_files(arguments.source)
    poses = poses_of_folder(files, arguments.poses, arguments.turns, arguments.unit)
    by_name = {file.name: file for file in files}
    chosen = [by_name[name] for name in poses.names]
    hashed = hashlib.sha256(sha256_of_files(chosen).encode() + np.ascontiguousarray(poses.transforms).tobytes())
    without = tuple(file.name for file in files if file.name not in poses.names)
    return PosedImages([(file.name, _read(file)) for file in chosen], poses, hashed.hexdigest(), without)


def _read(file: Path) -> ImageArray | ImageError:
    try:
        return read_image(file)
    except ImageError as error:
        return error


def _of_bag(bag: BagReader, topic: str, source: str, hand: Hand, moving: bool) -> PosedImages:
    """The images of a bag at which the hand stood still, or of all, one of each place."""
    images: list[tuple[str, ImageArray | ImageError]] = []
    taken: list[FloatArray] = []
    names, hashed = [], hashlib.sha256()
    for recorded in bag.images(topic):
        stamp_ns = recorded.image.stamp_ns
        try:
            pose = hand(stamp_ns) if moving else _still_pose(hand, stamp_ns)
        except TransformError:
            continue
        if pose is None or (taken and min(_apart(pose, other) for other in taken) < 1.0):
            continue
        names.append(f'{stamp_ns / 1e9:.3f} s')
        images.append((names[-1], recorded.image.pixels))
        taken.append(pose)
        hashed.update(recorded.image.pixels.tobytes() + pose.tobytes())
    if not taken:
        raise CalibrationError(
            f'{source}: no image on {topic} at which "{HAND_FRAME}" '
            + (f'has a pose in "{BASE_FRAME}".' if moving else f'stood still in "{BASE_FRAME}".'),
            'Record /tf or /joint_states with the images, and let the robot stand for half a second at each place.',
        )
    poses = RobotPoses.of_transforms(np.stack(taken), names, source)
    return PosedImages(images, poses, hashed.hexdigest(), ())


def _only_image_topic(bag: BagReader, source: str) -> str:
    kinds = {name for name, kind in bag.topics().items() if kind.endswith(('/Image', '/CompressedImage'))}
    if len(kinds) != 1:
        raise CalibrationError(
            f'{source} has {len(kinds)} image topics: {", ".join(sorted(kinds))}.', 'Name one with --topic.'
        )
    return kinds.pop()


def _still_pose(hand: Hand, stamp_ns: int) -> FloatArray | None:
    """The pose at a stamp; None where the hand moved."""
    before, at, after = (hand(stamp_ns + int(1e9 * shift)) for shift in (-STILL_S, 0.0, STILL_S))
    moved = max(_steps(before, at, STILL_M, STILL_DEG), _steps(at, after, STILL_M, STILL_DEG))
    return at if moved <= 1.0 else None


def _apart(first: FloatArray, second: FloatArray) -> float:
    return _steps(first, second, APART_M, APART_DEG)


def _steps(first: FloatArray, second: FloatArray, metres: float, degrees: float) -> float:
    """How far apart two poses are, in units of a length or an angle, whichever is more."""
    between = invert(first) @ second
    turn_deg = float(np.degrees(Rotation.from_matrix(between[:3, :3]).magnitude()))
    return max(float(np.linalg.norm(between[:3, 3])) / metres, turn_deg / degrees)
