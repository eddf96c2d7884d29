"""What a bag holds beside its images: where frames were, and the calibrations of cameras."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from weld_cell.bags.image_messages import CAMERA_INFO, CameraInfoDecoder
from weld_cell.bags.transforms import KIND as FRAMES
from weld_cell.bags.transforms import Sample, TransformDecoder
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.frame_tree import FrameTree
from weld_cell.geometry.transforms import transform_from_xyz_quaternion

_UNIT_TOLERANCE = 1e-2  # of a quaternion's squared length; tf2 refuses the same


class BesideImages:
    """Frames and calibrations, as far as the bag has been read.

    Args:
        topics: Of the bag, with their message types.
        tell: Called with what is wrong with a message, in words.

    Attributes:
        frames: Everything that /tf and /tf_static say; a transform that is none is left out and told.
        decoders: For each topic that belongs here what makes of a serialised message what `add` takes.
    """

    def __init__(self, topics: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self.frames = FrameTree()
        self._cameras: dict[tuple[str, int], CameraModel | CalibrationError] = {}
        transforms = TransformDecoder()
        self.decoders: dict[str, Callable[[bytes], Any]] = {
            topic: transforms.read if kind == FRAMES else CameraInfoDecoder().read
            for topic, kind in topics.items()
            if kind in (FRAMES, CAMERA_INFO)
        }
        self._are_frames = {topic: kind == FRAMES for topic, kind in topics.items()}
        self._tell = tell

    def add(self, topic: str, message: Any) -> None:
        """Take in a decoded message."""
        if self._are_frames[topic]:
            self._add_transforms(message, topic.endswith('tf_static'))
        else:
            stamp_ns, camera = message
            self._cameras[topic, stamp_ns] = camera

    def camera(self, topic: str, stamp_ns: int) -> CameraModel | CalibrationError | None:
        """The intrinsics that a message said, or why there are none; None where there was no message."""
        return self._cameras.get((topic, stamp_ns))

    def _add_transforms(self, samples: list[Sample], fixed: bool) -> None:
        for parent, child, stamp_ns, pose in samples:
            x, y, z, w = pose[3:]
            if not abs(x * x + y * y + z * z + w * w - 1.0) < _UNIT_TOLERANCE:
                self._tell(f'a transform from {child} to {parent} whose quaternion is no rotation is left out')
            elif fixed:
                self.frames.add_fixed(
                    parent, child, transform_from_xyz_quaternion(np.array(pose[:3]), np.array(pose[3:]))
                )
            else:
                self.frames.add_pose(parent, child, stamp_ns, pose)
