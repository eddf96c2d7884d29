"""A recorded bag as the pipeline wants it: images in order, the camera's calibration, and where frames were."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.rosbag2 import ReaderError
from rosbags.typesys import Stores, get_typestore

from weld_cell.errors import BagError, CalibrationError
from weld_cell.geometry.camera import DISTORTION_LENGTH, CameraModel
from weld_cell.geometry.frame_tree import FrameTree
from weld_cell.geometry.transforms import transform_from_xyz_quaternion
from weld_cell.images import pixels_from_fields
from weld_cell.records import CameraImage

_TYPES = get_typestore(Stores.ROS2_JAZZY)


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

    def __init__(self, reader: AnyReader, name: str) -> None:
        self._reader = reader
        self._name = name

    def topics(self) -> dict[str, str]:
        """Topic names and their message types."""
        return {connection.topic: connection.msgtype for connection in self._reader.connections}

    def count(self, topic: str) -> int:
        """How many messages a topic has."""
        return sum(connection.msgcount for connection in self._connections(topic))

    def frame_tree(self) -> FrameTree:
        """Everything that /tf and /tf_static say."""
        tree = FrameTree()
        connections = [c for c in self._reader.connections if c.topic.rpartition('/')[2] in {'tf', 'tf_static'}]
        for connection, _, raw in self._reader.messages(connections) if connections else ():
            fixed = connection.topic.endswith('tf_static')
            message: Any = self._reader.deserialize(raw, connection.msgtype)
            for stamped in message.transforms:
                _add_transform(tree, stamped, fixed)
        return tree

    def images(self, topic: str) -> Iterator[RecordedImage]:
        """Images of a topic in recorded order.

        Raises:
            BagError: the bag has no such topic.
            ImageError: a message's data does not fit its size or encoding.
        """
        info_topic = '/'.join([*_absolute(topic).split('/')[:-1], 'camera_info'])
        infos = self._infos_by_stamp(info_topic)
        for sequence, (connection, _, raw) in enumerate(self._reader.messages(self._connections(topic))):
            message: Any = self._reader.deserialize(raw, connection.msgtype)
            stamp_ns = _stamp_ns(message.header)
            pixels = pixels_from_fields(
                message.height, message.width, message.encoding, message.step, np.asarray(message.data))
            camera = infos.get(stamp_ns, CalibrationError(
                f'No camera_info on {info_topic} for the image at {stamp_ns / 1e9:.3f} s.',
                'Record camera_info beside the images.'))
            yield RecordedImage(CameraImage(pixels, stamp_ns, sequence), message.header.frame_id, camera)

    def _infos_by_stamp(self, topic: str) -> dict[int, CameraModel | CalibrationError]:
        connections = [c for c in self._reader.connections if c.topic == topic]
        infos: dict[int, CameraModel | CalibrationError] = {}
        for connection, _, raw in self._reader.messages(connections) if connections else ():
            message: Any = self._reader.deserialize(raw, connection.msgtype)
            infos[_stamp_ns(message.header)] = _camera_model(message)
        return infos

    def _connections(self, topic: str) -> list[Any]:
        wanted = _absolute(topic)
        found = [c for c in self._reader.connections if c.topic == wanted]
        if not found:
            raise BagError(
                f'Bag {self._name} has no topic {wanted}.',
                f'Name one with --topic: {", ".join(sorted(self.topics())) or "the bag is empty"}.')
        return found


@contextmanager
def open_bag(path: Path) -> Iterator[BagReader]:
    """Open a rosbag2 bag (MCAP or sqlite3).

    Raises:
        BagError: missing, cut or no bag.
    """
    try:
        with AnyReader([path], default_typestore=_TYPES) as reader:
            yield BagReader(reader, str(path))
    except (AnyReaderError, ReaderError, OSError) as error:
        raise BagError(
            f'Bag {path} cannot be read: {error}',
            'Check the path; a recording that was cut off can be mended with "ros2 bag reindex".') from error


def _absolute(topic: str) -> str:
    return topic if topic.startswith('/') else f'/{topic}'


def _stamp_ns(header: Any) -> int:
    return int(header.stamp.sec) * 10**9 + int(header.stamp.nanosec)


def _camera_model(message: Any) -> CameraModel | CalibrationError:
    distortion = np.zeros(DISTORTION_LENGTH)
    distortion[:min(len(message.d), DISTORTION_LENGTH)] = message.d[:DISTORTION_LENGTH]
    try:
        return CameraModel(np.asarray(message.k).reshape(3, 3), distortion, (message.width, message.height))
    except CalibrationError as error:
        return error


def _add_transform(tree: FrameTree, stamped: Any, fixed: bool) -> None:
    t, q = stamped.transform.translation, stamped.transform.rotation
    transform = transform_from_xyz_quaternion(np.array([t.x, t.y, t.z]), np.array([q.x, q.y, q.z, q.w]))
    parent, child = stamped.header.frame_id, stamped.child_frame_id
    if fixed:
        tree.add_fixed(parent, child, transform)
    else:
        tree.add(parent, child, _stamp_ns(stamped.header), transform)
