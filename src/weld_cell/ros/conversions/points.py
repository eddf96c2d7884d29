"""Points, one by one and in clouds."""

import array

import numpy as np
from geometry_msgs.msg import PointStamped
from sensor_msgs.msg import PointCloud2, PointField

from weld_cell.errors import MessageError
from weld_cell.records import FloatArray
from weld_cell.ros.conversions.frames import row_of
from weld_cell.ros.conversions.stamps import make_header

_XYZ = [(name, 4 * index, PointField.FLOAT32) for index, name in enumerate('xyz')]
_XYZ_BYTES = 12


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
            f'{len(message.data)} bytes received) does not consist of float32 x, y, z.',
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
    position = row_of(message.point, 'xyz')
    if not np.isfinite(position).all():
        raise MessageError(f'A point at {position.tolist()} m.', 'Who else publishes seam/point?')
    return position
