"""Poses and transforms."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from geometry_msgs.msg import Point, Pose, PoseArray, Quaternion, TransformStamped

from weld_cell.geometry.transforms import quaternion_xyzw, transform_from_xyz_quaternion
from weld_cell.records import FloatArray
from weld_cell.ros.conversions.stamps import make_header


def pose_from_transform(transform: FloatArray) -> Pose:
    """(4, 4) as Pose."""
    x, y, z = transform[:3, 3].tolist()
    qx, qy, qz, qw = quaternion_xyzw(transform).tolist()
    return Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw))


def transform_from_pose(pose: Pose) -> FloatArray:
    """Pose as (4, 4).

    Raises:
        ValueError: the quaternion is zero.
    """
    return transform_from_xyz_quaternion(row_of(pose.position, 'xyz'), row_of(pose.orientation, 'xyzw'))


def transforms_to_messages(edges: Sequence[tuple[str, str, FloatArray]], stamp_ns: int) -> list[TransformStamped]:
    """Parent, child and (4, 4) T_parent_child of each edge; all at once, for the robot's 125 Hz."""
    stack = np.stack([transform for _, _, transform in edges])
    quaternions = quaternion_xyzw(stack).tolist()
    messages = []
    for (parent, child, _), xyz, xyzw in zip(edges, stack[:, :3, 3].tolist(), quaternions, strict=True):
        message = TransformStamped(header=make_header(stamp_ns, parent), child_frame_id=child)
        translation, rotation = message.transform.translation, message.transform.rotation
        translation.x, translation.y, translation.z = xyz
        rotation.x, rotation.y, rotation.z, rotation.w = xyzw
        messages.append(message)
    return messages


def transform_from_message(message: TransformStamped) -> FloatArray:
    """TransformStamped as (4, 4) T_parent_child."""
    return transform_from_xyz_quaternion(
        row_of(message.transform.translation, 'xyz'), row_of(message.transform.rotation, 'xyzw')
    )


def row_of(message: Any, names: str) -> FloatArray:
    """(k,) the fields of a message that have these names of one letter each."""
    return np.array([getattr(message, name) for name in names], dtype=float)


def pose_array(transforms: FloatArray, stamp_ns: int, frame: str) -> PoseArray:
    """(n, 4, 4) as PoseArray."""
    return PoseArray(header=make_header(stamp_ns, frame), poses=[pose_from_transform(T) for T in transforms])
