"""A folder of images into a bag: how photographs and exported recordings get into the node graph."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.rosbag2.errors import WriterError
from rosbags.typesys import Stores, get_typestore

from weld_cell.errors import BagError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import quaternion_xyzw
from weld_cell.images import encoding_of, read_image
from weld_cell.records import FloatArray, ImageArray

FIRST_STAMP_NS = 1_000_000_000  # not 0, which ROS takes for "no time"
_TYPES = get_typestore(Stores.ROS2_JAZZY)


def images_to_bag(
    files: list[Path],
    bag: Path,
    *,
    topic: str,
    frame: str,
    rate_hz: float,
    camera: CameraModel,
    still_pose: tuple[str, str, FloatArray] | None = None,
    first_stamp_ns: int = FIRST_STAMP_NS,
) -> Iterator[Path]:
    """Write images to an MCAP bag, evenly stamped, with camera_info beside each.

    The work is done while the caller iterates, so that it can show progress.

    Args:
        files: Images in order.
        bag: Folder to make.
        topic: Image topic; camera_info goes to its neighbour.
        frame: Optical frame of the camera.
        rate_hz: Images per second.
        camera: Intrinsics. An image of another size than the camera's gets an uncalibrated (all zero)
            camera_info, as sensor_msgs/CameraInfo asks.
        still_pose: (parent, child, T_parent_child) written to /tf_static, for images that no robot took.
        first_stamp_ns: Stamp of the first image.

    Yields:
        Each file once it is in the bag.

    Raises:
        BagError: the bag exists already or cannot be written.
        ImageError: a file is no image.
    """
    try:
        with Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
            yield from _write(writer, files, topic, frame, rate_hz, camera, still_pose, first_stamp_ns)
    except (WriterError, OSError) as error:
        raise BagError(f'Bag {bag} cannot be written: {error}', 'Choose a new folder with room for it.') from error


def _write(
    writer: Writer, files: list[Path], topic: str, frame: str, rate_hz: float, camera: CameraModel,
    still_pose: tuple[str, str, FloatArray] | None, first_stamp_ns: int,
) -> Iterator[Path]:
    info_topic = '/'.join([*topic.split('/')[:-1], 'camera_info'])
    images = _connect(writer, topic, 'sensor_msgs/msg/Image')
    infos = _connect(writer, info_topic, 'sensor_msgs/msg/CameraInfo')
    if still_pose is not None:
        frames = _connect(writer, '/tf_static', 'tf2_msgs/msg/TFMessage', latched=True)
        _put(writer, frames, first_stamp_ns, _tf_message(first_stamp_ns, *still_pose))
    for index, path in enumerate(files):
        stamp_ns = first_stamp_ns + round(index * 1e9 / rate_hz)
        pixels = read_image(path)
        _put(writer, infos, stamp_ns, _camera_info_message(stamp_ns, frame, camera, pixels))
        _put(writer, images, stamp_ns, _image_message(stamp_ns, frame, pixels))
        yield path


def _connect(writer: Writer, topic: str, kind: str, latched: bool = False) -> Any:
    unset = QosTime(2147483647, 4294967295)
    durability = QosDurability.TRANSIENT_LOCAL if latched else QosDurability.VOLATILE
    qos = Qos(
        QosHistory.KEEP_LAST, 1 if latched else 5, QosReliability.RELIABLE, durability, unset, unset,
        QosLiveliness.AUTOMATIC, unset, False)
    return writer.add_connection(
        topic if topic.startswith('/') else f'/{topic}', kind, typestore=_TYPES, offered_qos_profiles=[qos])


def _put(writer: Writer, connection: Any, stamp_ns: int, message: Any) -> None:
    writer.write(connection, stamp_ns, _TYPES.serialize_cdr(message, connection.msgtype))


def _message(kind: str, **fields: Any) -> Any:
    return _TYPES.types[kind](**fields)


def _header(stamp_ns: int, frame: str) -> Any:
    stamp = _message('builtin_interfaces/msg/Time', sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return _message('std_msgs/msg/Header', stamp=stamp, frame_id=frame)


def _image_message(stamp_ns: int, frame: str, pixels: ImageArray) -> Any:
    height, width = pixels.shape[:2]
    return _message(
        'sensor_msgs/msg/Image', header=_header(stamp_ns, frame), height=height, width=width,
        encoding=encoding_of(pixels), is_bigendian=0, step=pixels.nbytes // height,
        data=np.ascontiguousarray(pixels).reshape(-1))


def _camera_info_message(stamp_ns: int, frame: str, camera: CameraModel, pixels: ImageArray) -> Any:
    height, width = pixels.shape[:2]
    known = (width, height) == camera.size_px
    K = np.asarray(camera.matrix, dtype=float) if known else np.zeros((3, 3))
    P = np.hstack([K, np.zeros((3, 1))])
    roi = _message(
        'sensor_msgs/msg/RegionOfInterest', x_offset=0, y_offset=0, height=0, width=0, do_rectify=False)
    return _message(
        'sensor_msgs/msg/CameraInfo', header=_header(stamp_ns, frame), height=height, width=width,
        distortion_model='plumb_bob', d=np.asarray(camera.distortion, dtype=float) if known else np.zeros(5),
        k=K.reshape(-1), r=(np.eye(3) if known else np.zeros((3, 3))).reshape(-1), p=P.reshape(-1),
        binning_x=0, binning_y=0, roi=roi)


def _tf_message(stamp_ns: int, parent: str, child: str, T_parent_child: FloatArray) -> Any:
    x, y, z = (float(v) for v in T_parent_child[:3, 3])
    qx, qy, qz, qw = (float(v) for v in quaternion_xyzw(T_parent_child))
    transform = _message(
        'geometry_msgs/msg/Transform', translation=_message('geometry_msgs/msg/Vector3', x=x, y=y, z=z),
        rotation=_message('geometry_msgs/msg/Quaternion', x=qx, y=qy, z=qz, w=qw))
    stamped = _message(
        'geometry_msgs/msg/TransformStamped', header=_header(stamp_ns, parent), child_frame_id=child,
        transform=transform)
    return _message('tf2_msgs/msg/TFMessage', transforms=[stamped])
