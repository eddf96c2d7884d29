"""ROS messages <-> the core's records. Nothing else knows both sides."""

import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration, Time
from cv_bridge import CvBridge, CvBridgeError
from geometry_msgs.msg import Point, PointStamped, Pose, PoseArray, PoseStamped, Quaternion, TransformStamped
from nav_msgs.msg import Path
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import CameraInfo, Image, PointCloud2, PointField
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from weld_cell.errors import CalibrationError, ImageError, MessageError, SeamPathError, TrajectoryRejectedError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import quaternion_xyzw, transform_from_xyz_quaternion
from weld_cell.images import Encoding, checked_encoding, encoding_of
from weld_cell.records import CameraImage, FloatArray, ImageArray, MotionPhase, RobotTrajectory, SeamPath
from weld_cell.trajectory.robot_model import RobotModel

BASE_FRAME = 'base_link'
_BRIDGE = CvBridge()
_NS = 10**9
_XYZ = [(name, 4 * index, PointField.FLOAT32) for index, name in enumerate('xyz')]
_XYZ_BYTES = 12


def time_from_ns(stamp_ns: int) -> Time:
    """Nanoseconds as builtin_interfaces/Time."""
    return Time(sec=stamp_ns // _NS, nanosec=stamp_ns % _NS)


def ns_from_time(stamp: Time | Duration) -> int:
    """builtin_interfaces/Time or Duration as nanoseconds."""
    return int(stamp.sec) * _NS + int(stamp.nanosec)


def make_header(stamp_ns: int, frame: str) -> Header:
    """A header with stamp and frame."""
    return Header(stamp=time_from_ns(stamp_ns), frame_id=frame)


def image_to_message(pixels: ImageArray, stamp_ns: int, frame: str) -> Image:
    """Image message (mono8 or bgr8) of pixels (h, w) or (h, w, 3).

    Raises:
        ImageError: the pixels are empty, or neither grey nor BGR.
    """
    return _BRIDGE.cv2_to_imgmsg(pixels, encoding_of(pixels), make_header(stamp_ns, frame))


def refill_image(message: Image, pixels: ImageArray, stamp_ns: int) -> None:
    """Put the next image of the same size and encoding into a message that has been published.

    Publishing has copied it by then; a new buffer for each image would cost ten times the copy.
    """
    message.header.stamp = time_from_ns(stamp_ns)
    np.frombuffer(message.data, np.uint8).reshape(pixels.shape)[:] = pixels


def pixels_from_message(message: Image) -> ImageArray:
    """Grey (h, w) or BGR (h, w, 3) pixels; a view of the message's data wherever the encoding allows it.

    Raises:
        ImageError: unknown encoding, empty, or the data does not fit its size.
    """
    encoding = checked_encoding(message.height, message.width, message.encoding, message.step, len(message.data))
    try:
        if encoding.name == encoding.target:  # asked for the same again, cv_bridge would copy
            pixels: ImageArray = _BRIDGE.imgmsg_to_cv2(_in_whole_pixels(message, encoding), 'passthrough')
        else:
            pixels = _BRIDGE.imgmsg_to_cv2(_renamed(message, encoding), encoding.target)
    except CvBridgeError as error:
        raise ImageError(
            f'cv_bridge does not take an image in encoding "{message.encoding}": {error}.',
            'Let the driver publish mono8 or bgr8.',
        ) from error
    return pixels


def _in_whole_pixels(message: Image, encoding: Encoding) -> Image:
    """The message, in rows of whole pixels: cv_bridge reads rows of any other length from the wrong places."""
    if message.step % encoding.pixel_bytes == 0:
        return message
    step = message.width * encoding.pixel_bytes
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, -1)[:, :step]
    return _like(message, message.encoding, step, array.array('B', rows.tobytes()))


def _renamed(message: Image, encoding: Encoding) -> Image:
    """The message under the name that cv_bridge has for its encoding."""
    whole = _in_whole_pixels(message, encoding)
    return whole if whole.encoding == encoding.name else _like(whole, encoding.name, whole.step, whole.data)


def _like(message: Image, encoding: str, step: int, data: 'array.array[int]') -> Image:
    return Image(
        height=message.height,
        width=message.width,
        encoding=encoding,
        is_bigendian=message.is_bigendian,
        step=step,
        data=data,
    )


def image_from_message(message: Image, sequence: int) -> CameraImage:
    """The image with its stamp; the sequence is counted by the receiver.

    Raises:
        ImageError: unknown encoding, empty, cut, or without a stamp.
    """
    stamp_ns = ns_from_time(message.header.stamp)
    if stamp_ns <= 0:
        raise ImageError('The image has no stamp.', 'Let the camera driver stamp its images at acquisition.')
    return CameraImage(pixels_from_message(message), stamp_ns, sequence, message.header.frame_id)


def camera_info_from_model(camera: CameraModel, stamp_ns: int, frame: str) -> CameraInfo:
    """CameraInfo of an unrectified camera; its projection matrix is K beside a zero column."""
    matrix = np.asarray(camera.matrix, dtype=float)
    width, height = camera.size_px
    return CameraInfo(
        header=make_header(stamp_ns, frame),
        width=width,
        height=height,
        distortion_model='plumb_bob',
        d=np.asarray(camera.distortion, dtype=float).tolist(),
        k=matrix.ravel(),
        r=np.eye(3).ravel(),
        p=np.hstack([matrix, np.zeros((3, 1))]).ravel(),
    )


def uncalibrated_camera_info(size_px: tuple[int, int], stamp_ns: int, frame: str) -> CameraInfo:
    """CameraInfo with a K of zeros, the message's own way of saying that there is no calibration for this size."""
    return CameraInfo(header=make_header(stamp_ns, frame), width=size_px[0], height=size_px[1])


def model_from_camera_info(message: CameraInfo) -> CameraModel:
    """Intrinsics out of CameraInfo.

    Raises:
        CalibrationError: the camera is not calibrated (a K of zeros), or its numbers are no camera.
    """
    if not np.isfinite([*message.k, *message.d]).all():
        raise CalibrationError(
            'camera_info holds numbers that are not finite.', 'Calibrate the camera, or mend its driver.'
        )
    distortion = np.zeros(5)
    distortion[: len(message.d[:5])] = message.d[:5]
    return CameraModel(np.array(message.k, dtype=float).reshape(3, 3), distortion, (message.width, message.height))


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
    return transform_from_xyz_quaternion(_row(pose.position, 'xyz'), _row(pose.orientation, 'xyzw'))


def transforms_to_messages(edges: Sequence[tuple[str, str, FloatArray]], stamp_ns: int) -> list[TransformStamped]:
    """Parent, child and (4, 4) T_parent_child of each edge; all at once, for the robot's 125 Hz."""
    stack = np.stack([transform for _, _, transform in edges])
    quaternions = Rotation.from_matrix(stack[:, :3, :3]).as_quat(canonical=True).tolist()
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
        _row(message.transform.translation, 'xyz'), _row(message.transform.rotation, 'xyzw')
    )


def _row(message: Any, names: str) -> FloatArray:
    return np.array([getattr(message, name) for name in names], dtype=float)


def seam_path_to_message(path: SeamPath, stamp_ns: int, frame: str) -> Path:
    """The seam as Path: x of each pose along the seam, z out of the joint."""
    header = make_header(stamp_ns, frame)
    frames = np.tile(np.eye(4), (len(path.positions_m), 1, 1))
    frames[:, :3, 0], frames[:, :3, 2] = path.tangents, path.normals
    frames[:, :3, 1] = np.cross(path.normals, path.tangents)
    frames[:, :3, 3] = path.positions_m
    return Path(header=header, poses=[PoseStamped(header=header, pose=pose_from_transform(T)) for T in frames])


def seam_path_from_message(message: Path) -> SeamPath:
    """The seam out of a Path as `seam_path_to_message` writes it.

    Raises:
        SeamPathError: fewer than two poses, a pose without orientation, not finite, all at one place, or not in
            base_link.
    """
    if message.header.frame_id != BASE_FRAME:
        raise SeamPathError(
            f'The path is in frame "{message.header.frame_id}", expected "{BASE_FRAME}".', 'Who else publishes it?'
        )
    if len(message.poses) < 2:
        raise SeamPathError(
            f'The path has {len(message.poses)} poses; a seam has at least 2.', 'Scan the seam again.'
        )
    try:
        frames = np.stack([transform_from_pose(stamped.pose) for stamped in message.poses])
    except ValueError as error:
        raise SeamPathError(f'A pose of the path has no orientation ({error}).', 'Scan the seam again.') from error
    steps = np.linalg.norm(np.diff(frames[:, :3, 3], axis=0), axis=1)
    if not np.isfinite(frames).all() or not steps.min() > 0.0:
        raise SeamPathError('Poses of the path are not finite, or not apart.', 'Scan the seam again.')
    return SeamPath(
        positions_m=frames[:, :3, 3],
        tangents=frames[:, :3, 0],
        normals=frames[:, :3, 2],
        spacing_m=float(np.median(steps)),
        length_m=float(steps.sum()),
        rejected=0,
    )


def pose_array(transforms: FloatArray, stamp_ns: int, frame: str) -> PoseArray:
    """(n, 4, 4) as PoseArray."""
    return PoseArray(header=make_header(stamp_ns, frame), poses=[pose_from_transform(T) for T in transforms])


def trajectory_to_message(trajectory: RobotTrajectory) -> JointTrajectory:
    """JointTrajectory with a zero stamp: the controller starts it when it comes."""
    rows = zip(
        trajectory.times_s,
        trajectory.positions_rad,
        trajectory.velocities_rad_s,
        trajectory.accelerations_rad_s2,
        strict=True,
    )
    points = [
        JointTrajectoryPoint(
            positions=q.tolist(),
            velocities=qd.tolist(),
            accelerations=qdd.tolist(),
            time_from_start=_duration(float(t)),
        )
        for t, q, qd, qdd in rows
    ]
    return JointTrajectory(joint_names=list(trajectory.joint_names), points=points)


def _duration(seconds: float) -> Duration:
    nanoseconds = round(seconds * _NS)
    return Duration(sec=nanoseconds // _NS, nanosec=nanoseconds % _NS)


def trajectory_arrays(message: JointTrajectory) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times (n,) in s, positions (n, k) in rad and velocities (n, k) in rad/s of a JointTrajectory.

    Velocities that are left out, as the message allows, are zeros.

    Raises:
        TrajectoryRejectedError: no points, or points of unequal length.
    """
    count = len(message.joint_names)
    if not message.points or any(len(point.positions) != count for point in message.points):
        raise TrajectoryRejectedError(
            f'The trajectory has {len(message.points)} points; each needs {count} positions.',
            "Send one position for each of the trajectory's joint names.",
        )
    if any(len(point.velocities) not in (0, count) for point in message.points):
        raise TrajectoryRejectedError(
            'A trajectory point has velocities for some robot joints only.', 'Send all velocities or none.'
        )
    times = np.array([ns_from_time(point.time_from_start) / _NS for point in message.points])
    positions = np.array([point.positions for point in message.points], dtype=float)
    velocities = np.array([point.velocities or [0.0] * count for point in message.points], dtype=float)
    return times, positions, velocities


def trajectory_from_message(
    message: JointTrajectory,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    phase: MotionPhase,
) -> RobotTrajectory:
    """A JointTrajectory as `trajectory_to_message` writes it, its columns in the robot's order.

    Raises:
        TrajectoryRejectedError: no points, points of unequal length, or names that are not the robot's.
    """
    times_s, positions, velocities = trajectory_arrays(message)
    if sorted(message.joint_names) != sorted(robot.joint_names):
        raise TrajectoryRejectedError(
            f'The trajectory moves {", ".join(message.joint_names)}; the robot has {", ".join(robot.joint_names)}.',
            'Check that robot_description is that of the robot.',
        )
    order = [list(message.joint_names).index(name) for name in robot.joint_names]
    count = len(order)
    accelerations = np.array(
        [p.accelerations if len(p.accelerations) == count else [0.0] * count for p in message.points], dtype=float
    )
    return RobotTrajectory(
        robot.joint_names,
        times_s,
        positions[:, order],
        velocities[:, order],
        accelerations[:, order],
        robot.forward(positions[:, order], T_tool0_tool),
        (phase,) * len(times_s),
    )


def point_cloud(points_m: FloatArray, stamp_ns: int, frame: str) -> PointCloud2:
    """PointCloud2 of float32 x, y, z."""
    fields = [PointField(name=name, offset=offset, datatype=kind, count=1) for name, offset, kind in _XYZ]
    data = array.array('B')
    data.frombytes(np.ascontiguousarray(points_m, dtype='<f4').tobytes())
    return PointCloud2(
        header=make_header(stamp_ns, frame),
        height=1,
        width=len(points_m),
        fields=fields,
        is_bigendian=False,
        point_step=_XYZ_BYTES,
        row_step=_XYZ_BYTES * len(points_m),
        data=data,
        is_dense=bool(np.isfinite(points_m).all()),
    )


def points_from_cloud(message: PointCloud2) -> FloatArray:
    """(n, 3) points of a PointCloud2 as `point_cloud` writes it (float32 x, y, z first in each point).

    Raises:
        MessageError: points of another kind, or the data does not fit its size.
    """
    layout = [(field.name, field.offset, field.datatype) for field in message.fields[:3]]
    size = message.height * message.width * message.point_step
    if layout != _XYZ or message.point_step < _XYZ_BYTES or message.is_bigendian or size != len(message.data):
        raise MessageError(
            f'The point cloud ({message.width} x {message.height} points of {message.point_step} bytes, '
            f'{len(message.data)} bytes came) is not one of float32 x, y, z.',
            'Who else publishes seam/profile?',
        )
    raw = np.frombuffer(message.data, np.uint8).reshape(-1, message.point_step)
    points: FloatArray = np.ascontiguousarray(raw[:, :_XYZ_BYTES]).view('<f4').astype(float)
    if not np.isfinite(points).all():
        raise MessageError('The point cloud holds points that are not finite.', 'Who else publishes seam/profile?')
    return points


def point_from_message(message: PointStamped) -> FloatArray:
    """(3,) position.

    Raises:
        MessageError: not finite.
    """
    position = _row(message.point, 'xyz')
    if not np.isfinite(position).all():
        raise MessageError(f'A point at {position.tolist()} m.', 'Who else publishes seam/point?')
    return position
