"""Conversion of a folder of images to a bag."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.rosbag2.errors import WriterError
from rosbags.typesys import Stores, get_typestore

from weld_cell.errors import BagError, ImageError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import quaternion_xyzw
from weld_cell.images import encoding_of, read_image
from weld_cell.records import FloatArray, ImageArray

FIRST_STAMP_NS = 1_000_000_000  # not 0, which ROS takes for "no time"
_TYPES = get_typestore(Stores.ROS2_JAZZY)
FrameSample = tuple[str, str, FloatArray]
"""Parent, child, T_parent_child (4, 4)."""
_DEPTH = 40
"""Of the recorded publishers: a second of images."""


def images_to_bag(
    files: list[Path],
    bag: Path,
    *,
    topic: str,
    frame: str,
    rate_hz: float,
    camera: CameraModel,
    still_pose: FrameSample | None = None,
    first_stamp_ns: int = FIRST_STAMP_NS,
    tell: Callable[[str], None] | None = None,
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
        tell: Called with what is wrong with a file that is no image, which is then left out; without it, that is an
            error.

    Yields:
        Each file once it is in the bag.

    Raises:
        BagError: the bag exists already or cannot be written.
        ImageError: a file is no image.
    """
    with open_image_bag(bag, topic, frame, camera) as writer:
        if still_pose is not None:
            writer.transforms(first_stamp_ns, [still_pose], fixed=True)
        for index, path in enumerate(files):
            try:
                pixels = read_image(path)
            except ImageError as error:
                if tell is None:
                    raise
                tell(str(error))
                continue
            writer.image(first_stamp_ns + round(index * 1e9 / rate_hz), pixels)
            yield path


class ImageBagWriter:
    """Images of one camera, camera_info beside each, and where frames were; made by `open_image_bag`."""

    def __init__(self, writer: Writer, topic: str, frame: str, camera: CameraModel) -> None:
        self._writer = writer
        self._frame = frame
        self._camera = camera
        info_topic = '/'.join([*topic.split('/')[:-1], 'camera_info'])
        self._images = _connect(writer, topic, 'sensor_msgs/msg/Image')
        self._infos = _connect(writer, info_topic, 'sensor_msgs/msg/CameraInfo')
        self._frames: dict[str, Any] = {}

    def image(self, stamp_ns: int, pixels: ImageArray) -> None:
        """Write an image and its camera_info."""
        _put(self._writer, self._infos, stamp_ns, _camera_info_message(stamp_ns, self._frame, self._camera, pixels))
        _put(self._writer, self._images, stamp_ns, _image_message(stamp_ns, self._frame, pixels))

    def transforms(self, stamp_ns: int, frames: Sequence[FrameSample], fixed: bool = False) -> None:
        """Write one message on /tf, or on /tf_static for frames that never move."""
        topic = '/tf_static' if fixed else '/tf'
        if topic not in self._frames:
            self._frames[topic] = _connect(self._writer, topic, 'tf2_msgs/msg/TFMessage', latched=fixed)
        _put(self._writer, self._frames[topic], stamp_ns, _tf_message(stamp_ns, frames))


@contextmanager
def open_image_bag(
    bag: Path,
    topic: str,
    frame: str,
    camera: CameraModel,
    compressed: bool = False,
) -> Iterator[ImageBagWriter]:
    """Make an MCAP bag for the images of a camera; where it is not ended in order, nothing of it stays.

    Args:
        bag: Folder to make.
        topic: Image topic; camera_info goes to its neighbour.
        frame: Optical frame of the camera.
        camera: Intrinsics; an image of another size gets an uncalibrated camera_info.
        compressed: Whether its chunks are compressed (zstd).

    Raises:
        BagError: the bag exists already or cannot be written.
    """
    existed = bag.exists()
    try:
        writer = Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP)
        if compressed:
            writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        with writer:
            _number(writer)
            yield ImageBagWriter(writer, topic, frame, camera)
    except (WriterError, OSError) as error:
        _remove_half_made(bag, existed)
        raise BagError(f'Bag {bag} cannot be written: {error}', 'Choose a new folder with room for it.') from error
    except BaseException:
        _remove_half_made(bag, existed)
        raise


def _number(writer: Writer) -> None:
    """Name the storage file NAME_0.mcap: `ros2 bag reindex` of rosbag2 finds no others."""
    storage = writer.storage
    assert storage is not None
    storage.path = storage.path.rename(storage.path.with_stem(f'{storage.path.stem}_0'))


def _remove_half_made(bag: Path, existed: bool) -> None:
    """A bag that is not whole would only stand in the way of the next attempt."""
    if not existed:
        shutil.rmtree(bag, ignore_errors=True)


def _connect(writer: Writer, topic: str, kind: str, latched: bool = False) -> Any:
    unset = QosTime(2147483647, 4294967295)
    durability = QosDurability.TRANSIENT_LOCAL if latched else QosDurability.VOLATILE
    qos = Qos(
        QosHistory.KEEP_LAST,
        1 if latched else _DEPTH,
        QosReliability.RELIABLE,
        durability,
        unset,
        unset,
        QosLiveliness.AUTOMATIC,
        unset,
        False,
    )
    return writer.add_connection(
        topic if topic.startswith('/') else f'/{topic}', kind, typestore=_TYPES, offered_qos_profiles=[qos]
    )


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
        'sensor_msgs/msg/Image',
        header=_header(stamp_ns, frame),
        height=height,
        width=width,
        encoding=encoding_of(pixels),
        is_bigendian=0,
        step=pixels.nbytes // height,
        data=np.ascontiguousarray(pixels).reshape(-1),
    )


def _camera_info_message(stamp_ns: int, frame: str, camera: CameraModel, pixels: ImageArray) -> Any:
    height, width = pixels.shape[:2]
    known = (width, height) == camera.size_px
    K = np.asarray(camera.matrix, dtype=float) if known else np.zeros((3, 3))
    P = np.hstack([K, np.zeros((3, 1))])
    roi = _message('sensor_msgs/msg/RegionOfInterest', x_offset=0, y_offset=0, height=0, width=0, do_rectify=False)
    return _message(
        'sensor_msgs/msg/CameraInfo',
        header=_header(stamp_ns, frame),
        height=height,
        width=width,
        distortion_model='plumb_bob',
        d=np.asarray(camera.distortion, dtype=float) if known else np.zeros(5),
        k=K.reshape(-1),
        r=(np.eye(3) if known else np.zeros((3, 3))).reshape(-1),
        p=P.reshape(-1),
        binning_x=0,
        binning_y=0,
        roi=roi,
    )


def _tf_message(stamp_ns: int, frames: Sequence[FrameSample]) -> Any:
    return _message('tf2_msgs/msg/TFMessage', transforms=[_stamped_transform(stamp_ns, *sample) for sample in frames])


def _stamped_transform(stamp_ns: int, parent: str, child: str, T_parent_child: FloatArray) -> Any:
    x, y, z = (float(v) for v in T_parent_child[:3, 3])
    qx, qy, qz, qw = (float(v) for v in quaternion_xyzw(T_parent_child))
    transform = _message(
        'geometry_msgs/msg/Transform',
        translation=_message('geometry_msgs/msg/Vector3', x=x, y=y, z=z),
        rotation=_message('geometry_msgs/msg/Quaternion', x=qx, y=qy, z=qz, w=qw),
    )
    return _message(
        'geometry_msgs/msg/TransformStamped',
        header=_header(stamp_ns, parent),
        child_frame_id=child,
        transform=transform,
    )
