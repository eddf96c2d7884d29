"""Contents of a bag beside its images: transforms and camera calibrations."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from weld_cell.bags.image_messages import CAMERA_INFO, CameraInfoDecoder
from weld_cell.bags.time_order import TimeOrder
from weld_cell.bags.transforms import KIND as FRAMES
from weld_cell.bags.transforms import Sample, TransformDecoder
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.camera_info import Size, is_rectified
from weld_cell.geometry.frame_tree import FrameTree
from weld_cell.geometry.transforms import transform_from_xyz_quaternion

_ROUNDING = 1e-12  # of a unit quaternion's squared length


class CalibrationsBySize:
    """The calibrations of one camera, as a node takes them: of the image's size the newest one counts."""

    def __init__(self) -> None:
        self._by_size: dict[Size, list[tuple[int, CameraModel | CalibrationError]]] = {}

    @property
    def sizes_px(self) -> list[Size]:
        """Of which size there are any."""
        return sorted(self._by_size)

    def add(self, stamp_ns: int, cameras: Mapping[Size, CameraModel | CalibrationError]) -> None:
        """What the next message says of images of some sizes, in recorded order."""
        for size_px, camera in cameras.items():
            said = self._by_size.setdefault(size_px, [])
            if not said or said[-1][1] is not camera:  # a driver says the same with each image
                said.append((stamp_ns, camera))

    def at(self, size_px: Size, stamp_ns: int) -> CameraModel | CalibrationError | None:
        """For an image: of its size the newest one up to its stamp, else the first one; None where there is none."""
        said = self._by_size.get(size_px)
        if not said:
            return None
        return next((camera for stamp, camera in reversed(said) if stamp <= stamp_ns), said[0][1])


class BesideImages:
    """Frames and calibrations, as far as the bag has been read.

    Args:
        topics: Of the bag that belong to the images (see `namespaces`), with their message types.
        images: Topic of the images; empty: of any raw ones.
        tell: Called with what is wrong with a message, in words.

    Attributes:
        frames: Everything that tf and tf_static say; an invalid transform is left out and reported.
        decoders: For each topic that belongs here what makes of a serialised message what `add` takes.
    """

    def __init__(self, topics: Mapping[str, str], images: str, tell: Callable[[str], None]) -> None:
        self.frames = FrameTree()
        self._cameras: dict[str, CalibrationsBySize] = {}
        transforms = TransformDecoder()
        self.decoders: dict[str, Callable[[bytes], Any]] = {
            topic: transforms.read if kind == FRAMES else CameraInfoDecoder(is_rectified(images)).read
            for topic, kind in topics.items()
            if kind in (FRAMES, CAMERA_INFO)
        }
        self._are_frames = {topic: kind == FRAMES for topic, kind in topics.items()}
        self._tell = tell
        self._orders: dict[tuple[str, str], TimeOrder] = {}

    def add(self, topic: str, message: Any) -> None:
        """Take in a decoded message.

        Raises:
            TimeJumpError: a moving frame is earlier than it was.
        """
        if self._are_frames[topic]:
            self._add_transforms(message, topic.endswith('tf_static'))
        else:
            self._cameras.setdefault(topic, CalibrationsBySize()).add(*message)

    def cameras(self, topic: str) -> 'CalibrationsBySize':
        """The calibrations that a topic carries."""
        return self._cameras.get(topic) or CalibrationsBySize()

    def _order(self, parent: str, child: str) -> TimeOrder:
        order = self._orders.get((parent, child))
        if order is None:
            order = self._orders[parent, child] = TimeOrder(f'the transform from {child} to {parent}')
        return order

    def _add_transforms(self, samples: list[Sample], fixed: bool) -> None:
        for above, below, stamp_ns, pose in samples:
            parent, child = above.removeprefix('/'), below.removeprefix('/')  # as tf2 does
            squared = sum(part * part for part in pose[3:])
            if not (0.0 < squared < math.inf and all(map(math.isfinite, pose[:3]))):
                self._tell(f'a transform from {child} to {parent} whose quaternion is no rotation is left out')
            elif fixed:
                self.frames.add_fixed(
                    parent, child, transform_from_xyz_quaternion(np.array(pose[:3]), np.array(pose[3:]))
                )
            else:
                if abs(squared - 1.0) > _ROUNDING:
                    pose = (*pose[:3], *(part / math.sqrt(squared) for part in pose[3:]))  # type: ignore[assignment]
                self._order(parent, child).check(stamp_ns)
                self.frames.add_pose(parent, child, stamp_ns, pose)
