"""A recorded bag for the pipeline: images in order, camera calibration, transforms."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosbags.serde import SerdeError

from weld_cell.bags.arm import (
    DESCRIPTION,
    DESCRIPTION_TOPIC,
    JOINT_STATES,
    RecordedJoints,
    read_description,
    read_joint_state,
)
from weld_cell.bags.beside_images import BesideImages, CalibrationsBySize
from weld_cell.bags.image_messages import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE, ImageDecoder, read_compressed
from weld_cell.bags.namespaces import beside
from weld_cell.bags.storage import BagStorage
from weld_cell.bags.time_order import TimeOrder
from weld_cell.bags.transforms import KIND as FRAMES
from weld_cell.errors import BagError, CalibrationError, ImageError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.camera_info import is_rectified
from weld_cell.geometry.frame_tree import FrameTree
from weld_cell.records import CameraImage, ImageArray


@dataclass(frozen=True, eq=False)
class RecordedImage:
    """An image of a bag with the calibration that was published beside it.

    Attributes:
        image: Pixels, stamp of the message header, count in the bag.
        frame: Optical frame of the camera.
        camera: Its intrinsics, or the reason why there are none.
    """

    image: CameraImage
    frame: str
    camera: CameraModel | CalibrationError


@dataclass(frozen=True, eq=False)
class BrokenImage:
    """An image of a bag that cannot be decoded.

    Attributes:
        stamp_ns: Of the message header.
        sequence: Its count in the bag.
        error: Why not.
    """

    stamp_ns: int
    sequence: int
    error: ImageError


class BagReader:
    """An open bag; made by `open_bag`.

    Attributes:
        broken: The images that the last call of `images` left out.
    """

    def __init__(self, storage: BagStorage, name: str) -> None:
        self._storage = storage
        self._name = name
        self._whole_beside: dict[tuple[str, ...], BesideImages] = {}
        self.broken: list[BrokenImage] = []

    @property
    def problems(self) -> list[str]:
        """What of the bag could not be read so far, in words."""
        return self._storage.problems

    def topics(self) -> dict[str, str]:
        """Topic names and their message types."""
        return self._storage.topics()

    def count(self, topic: str) -> int:
        """How many messages a topic has.

        Raises:
            BagError: the bag has no such topic.
        """
        return self._storage.count(self._known(topic))

    def frame_tree(self, images: str = '') -> FrameTree:
        """Everything that tf and tf_static say; an invalid transform is left out and named in `problems`.

        Costs a pass over the bag, the first time; images, which need the calibrations beside them, ask for it too.

        Args:
            images: Topic of the images whose cell is meant, see `namespaces`; empty: of any.
        """
        return self._beside(images).frames

    def joints(self, images: str = '') -> RecordedJoints:
        """What joint_states say; nothing where there are none. Costs a pass over the bag.

        Args:
            images: As for `frame_tree`; of other cells only robot joints are taken that this one never tells.
        """
        topics = self._of_kind(JOINT_STATES)
        own = set(beside(topics, _absolute(images)))
        states = list(self._messages(dict.fromkeys(topics, read_joint_state)))
        known = {name for topic, (_, positions) in states if topic in own for name in positions}
        return RecordedJoints(
            [
                (stamp_ns, {n: p for n, p in positions.items() if topic in own or n not in known})
                for topic, (stamp_ns, positions) in states
            ]
        )

    def robot_description(self, images: str = '') -> str:
        """The newest URDF on robot_description; empty where there is none.

        Args:
            images: As for `frame_tree`.
        """
        topics = [name for name in self._of_kind(DESCRIPTION) if name.split('/')[-1] == DESCRIPTION_TOPIC]
        own = dict.fromkeys(beside(topics, _absolute(images)), read_description)
        texts = [text for _, text in self._messages(own)]
        return texts[-1] if texts else ''

    def images(self, topic: str) -> Iterator[RecordedImage]:
        """Images of a topic, raw or compressed, in recorded order; a damaged one is left out and named in
        `problems`.

        Raises:
            BagError: the bag has no such topic, or it carries something else.
            TimeJumpError: the time of the recording jumps back.
        """
        name = self._known(topic)
        kind = self.topics()[name]
        if kind not in (IMAGE, COMPRESSED_IMAGE):
            raise BagError(f'{name} in bag {self._name} carries {kind}, not {IMAGE}.', 'Name another topic.')
        decode: Callable[[bytes], Any] = ImageDecoder().read if kind == IMAGE else read_compressed
        info_topic = '/'.join([*name.removesuffix('/compressed').split('/')[:-1], 'camera_info'])
        self.broken = []
        cameras = self._beside(name).cameras(info_topic)
        order = TimeOrder(name)
        for sequence, (_, message) in enumerate(self._messages({name: decode})):
            stamp_ns = message.stamp_ns
            order.check(stamp_ns)
            try:
                pixels = message.pixels()
            except ImageError as error:
                self.broken.append(BrokenImage(stamp_ns, sequence, error.with_traceback(None)))
                self._storage.tell(f'the image at {stamp_ns / 1e9:.3f} s on {name} is left out: {error.message}')
                continue
            camera = _camera_for(pixels, stamp_ns, cameras, info_topic)
            yield RecordedImage(CameraImage(pixels, stamp_ns, sequence), message.frame.removeprefix('/'), camera)

    def _beside(self, images: str) -> BesideImages:
        """Frames and calibrations for the images of a topic, of the whole bag."""
        frames = beside(self._of_kind(FRAMES), _absolute(images))
        key = (*frames, str(is_rectified(images)))
        if key not in self._whole_beside:
            chosen = dict.fromkeys(frames, FRAMES) | dict.fromkeys(self._of_kind(CAMERA_INFO), CAMERA_INFO)
            whole = BesideImages(chosen, images, self._storage.tell)
            for topic, message in self._messages(whole.decoders):
                whole.add(topic, message)
            self._whole_beside[key] = whole
        return self._whole_beside[key]

    def _of_kind(self, kind: str) -> list[str]:
        return [name for name, each in self.topics().items() if each == kind]

    def _messages(self, decode: Mapping[str, Callable[[bytes], Any]]) -> Iterator[tuple[str, Any]]:
        """Topic and message of some topics, whose decoders are given."""
        for number, (topic, raw) in enumerate(self._storage.messages(decode)):
            try:
                yield topic, decode[topic](raw)
            except (SerdeError, ValueError) as error:  # a ValueError: a text that is no UTF-8
                self._storage.tell(f'message {number} on {topic} is damaged and left out: {error}')

    def _known(self, topic: str) -> str:
        name = _absolute(topic)
        if name not in self.topics():
            raise BagError(
                f'Bag {self._name} has no topic {name}.',
                f'Name one with --topic: {", ".join(sorted(self.topics())) or "the bag is empty"}.',
            )
        return name


def _absolute(topic: str) -> str:
    return topic if topic.startswith('/') else f'/{topic}'


@contextmanager
def open_bag(path: Path) -> Iterator[BagReader]:
    """Open a rosbag2 bag (MCAP or sqlite3). Of a cut recording what is whole is read; see `BagReader.problems`.

    Raises:
        BagError: missing, no bag, or nothing of it can be read.
    """
    with closing(BagStorage(path)) as storage:
        yield BagReader(storage, str(path))


def _camera_for(
    pixels: ImageArray, stamp_ns: int, cameras: CalibrationsBySize, topic: str
) -> CameraModel | CalibrationError:
    """The calibration of an image, or why it has none."""
    size_px = (pixels.shape[1], pixels.shape[0])
    camera = cameras.at(size_px, stamp_ns)
    if camera is not None:
        return camera
    if not cameras.sizes_px:
        return CalibrationError(f'No camera_info on {topic}.', 'Record camera_info beside the images.')
    sizes = ', '.join(f'{width} x {height}' for width, height in cameras.sizes_px)
    return CalibrationError(
        f'The camera_info on {topic} is for {sizes} px, the image has {size_px[0]} x {size_px[1]}.',
        'Calibrate the camera at the size that it sends.',
    )
