"""Points, vectors, poses and polygons in another frame; each result has the transform's header.

In all of them ``transform`` is T_target_source, as `tf2_ros.Buffer.lookup_transform` gives it; it takes what is given
in the source frame into the target frame. Neither argument is changed.
"""

from collections.abc import Sequence

import numpy as np
import tf2_ros
from geometry_msgs.msg import (
    Point,
    Point32,
    PointStamped,
    PolygonStamped,
    Pose,
    PoseStamped,
    PoseWithCovarianceStamped,
    Quaternion,
    TransformStamped,
    Vector3,
    Vector3Stamped,
)
from tf2_ros.rigid import IDENTITY, Rigid, compose, normalised, rotate

_AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def do_transform_point(point: PointStamped, transform: TransformStamped) -> PointStamped:
    """A point in the target frame."""
    return PointStamped(header=transform.header, point=Point(**_moved(point.point, _rigid(transform))))


def do_transform_vector3(vector3: Vector3Stamped, transform: TransformStamped) -> Vector3Stamped:
    """A direction in the target frame: rotated, not moved."""
    rotation = Rigid((0.0, 0.0, 0.0), _rigid(transform).rotation)
    return Vector3Stamped(header=transform.header, vector=Vector3(**_moved(vector3.vector, rotation)))


def do_transform_pose(pose: Pose, transform: TransformStamped) -> Pose:
    """A pose in the target frame; of the two quaternions of its orientation the one with w not negative."""
    position, orientation = pose.position, pose.orientation
    local = Rigid((position.x, position.y, position.z), _unit(orientation))
    (x, y, z), rotation = compose(_rigid(transform), local)
    sign = -1.0 if rotation[3] < 0.0 else 1.0
    qx, qy, qz, qw = (sign * value for value in rotation)
    return Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw))


def do_transform_pose_stamped(pose: PoseStamped, transform: TransformStamped) -> PoseStamped:
    """A pose in the target frame."""
    return PoseStamped(header=transform.header, pose=do_transform_pose(pose.pose, transform))


def do_transform_pose_with_covariance_stamped(
    pose: PoseWithCovarianceStamped, transform: TransformStamped
) -> PoseWithCovarianceStamped:
    """A pose and its covariance in the target frame."""
    moved = PoseWithCovarianceStamped(header=transform.header)
    moved.pose.pose = do_transform_pose(pose.pose.pose, transform)
    moved.pose.covariance = transform_covariance(pose.pose.covariance, transform)
    return moved


def do_transform_polygon_stamped(polygon: PolygonStamped, transform: TransformStamped) -> PolygonStamped:
    """A polygon in the target frame."""
    moved, rigid = PolygonStamped(header=transform.header), _rigid(transform)
    moved.polygon.points = [Point32(**_moved(point, rigid)) for point in polygon.polygon.points]
    return moved


def transform_covariance(cov_in: Sequence[float], transform: TransformStamped) -> np.ndarray:
    """The covariance of a pose in the target frame.

    Args:
        cov_in: (36,) 6 x 6 over x, y, z and the turns about these axes, row by row.
        transform: Its rotation turns both halves.

    Returns:
        (36,)
    """
    rotation = _rigid(transform).rotation
    turn = np.array([rotate(rotation, axis) for axis in _AXES]).T
    both = np.kron(np.eye(2), turn)
    turned: np.ndarray = (both @ np.reshape(cov_in, (6, 6)) @ both.T).ravel()
    return turned


def _rigid(transform: TransformStamped) -> Rigid:
    t = transform.transform.translation
    return Rigid((t.x, t.y, t.z), _unit(transform.transform.rotation))


def _unit(q: Quaternion) -> tuple[float, float, float, float]:
    """At length 1; a quaternion of zeros, as nobody filled it in, turns nothing."""
    values = (q.x, q.y, q.z, q.w)
    return normalised(values) if any(values) else IDENTITY.rotation


def _moved(point: Point | Point32 | Vector3, transform: Rigid) -> dict[str, float]:
    turned = rotate(transform.rotation, (point.x, point.y, point.z))
    return {name: a + b for name, a, b in zip('xyz', turned, transform.translation, strict=True)}


for message_type, function in (
    (PointStamped, do_transform_point),
    (Vector3Stamped, do_transform_vector3),
    (PoseStamped, do_transform_pose_stamped),
    (PoseWithCovarianceStamped, do_transform_pose_with_covariance_stamped),
    (PolygonStamped, do_transform_polygon_stamped),
):
    tf2_ros.TransformRegistration().add(message_type, function)
