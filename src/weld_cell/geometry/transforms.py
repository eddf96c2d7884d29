"""Rigid transforms as 4x4 float64 matrices. ``T_a_b`` takes coordinates in frame b into frame a."""

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from weld_cell.records import FloatArray


def make_transform(translation: FloatArray | tuple[float, float, float], rotation: Rotation) -> FloatArray:
    """(4, 4) transform from a translation (3,) in metres and a rotation."""
    transform = np.eye(4)
    transform[:3, :3] = rotation.as_matrix()
    transform[:3, 3] = translation
    return transform


def transform_from_xyz_quaternion(xyz: FloatArray, quaternion_xyzw: FloatArray) -> FloatArray:
    """(4, 4) transform from a translation (3,) and a quaternion (4,) in ROS's order x, y, z, w, of any length.

    Written out: each image waits for it, and scipy's Rotation takes five times as long for a single one.

    Raises:
        ValueError: the quaternion is zero, or not finite.
    """
    x, y, z, w = map(float, quaternion_xyzw)
    length = x * x + y * y + z * z + w * w
    if not 0.0 < length < np.inf:
        raise ValueError(f'the quaternion {x}, {y}, {z}, {w} is no rotation')
    s = 2.0 / length
    return np.array(
        [
            [1.0 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y), xyz[0]],
            [s * (x * y + w * z), 1.0 - s * (x * x + z * z), s * (y * z - w * x), xyz[1]],
            [s * (x * z - w * y), s * (y * z + w * x), 1.0 - s * (x * x + y * y), xyz[2]],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def transform_from_xyz_rpy_deg(xyz: FloatArray, rpy_deg: FloatArray) -> FloatArray:
    """(4, 4) transform from a translation (3,) and fixed-axis roll, pitch, yaw in degrees (URDF's order)."""
    return make_transform(np.asarray(xyz, dtype=float), Rotation.from_euler('xyz', rpy_deg, degrees=True))


def quaternion_xyzw(transform: FloatArray) -> FloatArray:
    """(4,) unit quaternion x, y, z, w of a transform, with w >= 0."""
    quaternion: FloatArray = Rotation.from_matrix(transform[:3, :3]).as_quat(canonical=True)
    return quaternion


def invert(transform: FloatArray) -> FloatArray:
    """Inverse of a rigid transform (4, 4), or of a stack (n, 4, 4)."""
    rotation_t = np.swapaxes(transform[..., :3, :3], -1, -2)
    inverse = np.zeros_like(transform)
    inverse[..., :3, :3] = rotation_t
    inverse[..., :3, 3] = -(rotation_t @ transform[..., :3, 3, None])[..., 0]
    inverse[..., 3, 3] = 1.0
    return inverse


def transform_points(transform: FloatArray, points: FloatArray) -> FloatArray:
    """Points (n, 3) or (3,) in frame b into frame a by T_a_b."""
    moved: FloatArray = points @ transform[:3, :3].T + transform[:3, 3]
    return moved


def rotate_vectors(transform: FloatArray, vectors: FloatArray) -> FloatArray:
    """Directions (n, 3) or (3,) in frame b into frame a by T_a_b; the translation does not act."""
    turned: FloatArray = vectors @ transform[:3, :3].T
    return turned


def interpolate_transform(first: FloatArray, second: FloatArray, fraction: float) -> FloatArray:
    """Between two transforms: linear in translation, spherical in rotation; fraction 0 gives the first."""
    slerp = Slerp([0.0, 1.0], Rotation.from_matrix(np.stack([first[:3, :3], second[:3, :3]])))
    translation = (1.0 - fraction) * first[:3, 3] + fraction * second[:3, 3]
    return make_transform(translation, slerp([fraction])[0])


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors (..., k) scaled to length 1.

    Raises:
        ValueError: a vector has no length.
    """
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if np.any(lengths < 1e-12):
        raise ValueError('a direction of length zero has no unit vector')
    scaled: FloatArray = vectors / lengths
    return scaled


def frame_from_z_and_x(origin: FloatArray, z_axis: FloatArray, x_hint: FloatArray) -> FloatArray:
    """(4, 4) frame at an origin (3,) whose z is given and whose x lies in the plane of z and the hint; or (n, 4, 4).

    Raises:
        ValueError: z and the hint are parallel.
    """
    z, hint = unit(np.asarray(z_axis, dtype=float)), np.asarray(x_hint, dtype=float)
    x = unit(hint - np.sum(hint * z, axis=-1, keepdims=True) * z)
    frame = np.zeros((*np.broadcast_shapes(np.shape(origin), x.shape)[:-1], 4, 4))
    frame[..., :3, 0], frame[..., :3, 1], frame[..., :3, 2], frame[..., :3, 3] = x, np.cross(z, x), z, origin
    frame[..., 3, 3] = 1.0
    return frame
