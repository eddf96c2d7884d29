"""A recorded bag as the pipeline wants it: images in order, the camera's calibration, and where frames were."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rosbags.serde import SerdeError

from weld_cell.bags.beside_images import BesideImages
from weld_cell.bags.image_messages import IMAGE, ImageDecoder, ImageMessage
from weld_cell.bags.storage import BagStorage
from weld_cell.errors import BagError, CalibrationError, ImageError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.frame_tree import FrameTree
from weld_cell.images import pixels_from_fields
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


class BagReader:
    """An open bag; made by `open_bag`."""

    def __init__(self, storage: BagStorage, name: str) -> None:
        self._storage = storage
        self._name = name
        self._whole_beside: BesideImages | None = None

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

    def frame_tree(self) -> FrameTree:
        """Everything that /tf and /tf_static say; a transform that is none is left out and told in `problems`.

        Costs a pass over the bag, unless all images of a topic have been read before. Not to be asked for while they
        are being read: there is one file to read from.
        """
        return self._beside().frames

    def images(self, topic: str) -> Iterator[RecordedImage]:
        """Images of a topic in recorded order; one that is damaged is left out and told in `problems`.

        Raises:
            BagError: the bag has no such topic, or it carries something else.
        """
        name = self._known(topic)
        if self.topics()[name] != IMAGE:
            raise BagError(
                f'{name} in bag {self._name} carries {self.topics()[name]}, not {IMAGE}.', 'Name another topic.'
            )
        info_topic = '/'.join([*name.split('/')[:-1], 'camera_info'])
        for sequence, (message, info) in enumerate(self._image_messages(name, info_topic)):
            stamp_ns = message.stamp_ns
            try:
                pixels = pixels_from_fields(
                    message.height,
                    message.width,
                    message.encoding,
                    message.step,
                    message.data,
                    message.is_bigendian,
                )
            except ImageError as error:
                self._storage.tell(f'the image at {stamp_ns / 1e9:.3f} s on {name} is left out: {error.message}')
                continue
            camera = _camera_for(pixels, info, f'{info_topic} for the image at {stamp_ns / 1e9:.3f} s')
            yield RecordedImage(CameraImage(pixels, stamp_ns, sequence), message.frame, camera)

    def _image_messages(
        self,
        name: str,
        info_topic: str,
    ) -> Iterator[tuple[ImageMessage, CameraModel | CalibrationError | None]]:
        """Images of a topic, each with its calibration if the bag has one.

        Both are recorded one beside the other, so that one pass over the bag reads both, and the frames. Where a
        calibration comes later than its image (or never) the rest is read first, then the images again.
        """
        given = 0
        if self._whole_beside is None:
            beside = BesideImages(self.topics(), self._storage.tell)
            for topic, message in self._messages({name: ImageDecoder().read, **beside.decoders}):
                if topic != name:
                    beside.add(topic, message)
                    continue
                if (camera := beside.camera(info_topic, message.stamp_ns)) is None:
                    break
                yield message, camera
                given += 1
            else:
                self._whole_beside = beside
                return
        beside = self._beside()
        for _, message in islice(self._messages({name: ImageDecoder().read}), given, None):
            yield message, beside.camera(info_topic, message.stamp_ns)

    def _beside(self) -> BesideImages:
        """Frames and calibrations of the whole bag."""
        if self._whole_beside is None:
            beside = BesideImages(self.topics(), self._storage.tell)
            for topic, message in self._messages(beside.decoders):
                beside.add(topic, message)
            self._whole_beside = beside
        return self._whole_beside

    def _messages(self, decode: Mapping[str, Callable[[bytes], Any]]) -> Iterator[tuple[str, Any]]:
        """Topic and message of some topics, whose decoders are given."""
        for number, (topic, raw) in enumerate(self._storage.messages(decode)):
            try:
                yield topic, decode[topic](raw)
            except (SerdeError, ValueError) as error:  # a ValueError: a text that is no UTF-8
                self._storage.tell(f'message {number} on {topic} is damaged and left out: {error}')

    def _known(self, topic: str) -> str:
        name = topic if topic.startswith('/') else f'/{topic}'
        if name not in self.topics():
            raise BagError(
                f'Bag {self._name} has no topic {name}.',
                f'Name one with --topic: {", ".join(sorted(self.topics())) or "the bag is empty"}.',
            )
        return name


@contextmanager
def open_bag(path: Path) -> Iterator[BagReader]:
    """Open a rosbag2 bag (MCAP or sqlite3). Of a cut recording what is whole is read; see `BagReader.problems`.

    Raises:
        BagError: missing, no bag, or nothing of it can be read.
    """
    with closing(BagStorage(path)) as storage:
        yield BagReader(storage, str(path))


def _camera_for(
    pixels: ImageArray,
    info: CameraModel | CalibrationError | None,
    where: str,
) -> CameraModel | CalibrationError:
    """The calibration of an image, or why it has none."""
    if info is None:
        return CalibrationError(f'No camera_info on {where}.', 'Record camera_info beside the images.')
    size_px = (pixels.shape[1], pixels.shape[0])
    if isinstance(info, CameraModel) and info.size_px != size_px:
        return CalibrationError(
            f'The camera_info on {where} is for {info.size_px[0]} x {info.size_px[1]} px, the image has '
            f'{size_px[0]} x {size_px[1]}.',
            'Calibrate the camera at the size that it sends.',
        )
    return info
