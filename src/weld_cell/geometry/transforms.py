"""Rigid transforms as 4x4 float64 matrices. ``T_a_b`` takes coordinates in frame b into frame a.

SciPy's Rotation is not imported here: its package takes a quarter of a second, and nodes that only look up a pose, or
render, need no more of it than these few functions.
"""

from typing import TYPE_CHECKING

import numpy as np

from weld_cell.records import FloatArray

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation


def make_transform(
    translation: FloatArray | tuple[float, float, float], rotation: 'Rotation | FloatArray | None' = None
) -> FloatArray:
    """(4, 4) transform from a translation (3,) in metres and a rotation or its matrix (3, 3); None: none."""
    transform = np.eye(4)
    if rotation is not None:
        transform[:3, :3] = rotation if isinstance(rotation, np.ndarray) else rotation.as_matrix()
    transform[:3, 3] = translation
    return transform


def rotation_matrix(rotation_vector: FloatArray) -> FloatArray:
    """(3, 3) rotation about a vector (3,) by its length in radians."""
    x, y, z = rotation_vector.tolist()
    half = 0.5 * np.sqrt(x * x + y * y + z * z)
    scale = 0.5 * np.sinc(half / np.pi)
    quaternion = np.array([scale * x, scale * y, scale * z, np.cos(half)])
    rotation: FloatArray = transform_from_xyz_quaternion(np.zeros(3), quaternion)[:3, :3]
    return rotation


def rotation_vector(rotation: FloatArray) -> FloatArray:
    """(3,) axis of a rotation matrix (3, 3) times its angle in radians, which is pi at most."""
    quaternion = quaternion_xyzw(rotation)
    sine = float(np.linalg.norm(quaternion[:3]))
    vector: FloatArray = quaternion[:3] * (2.0 * np.arctan2(sine, quaternion[3]) / sine if sine > 0.0 else 2.0)
    return vector


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
    roll, pitch, yaw = np.radians(np.asarray(rpy_deg, dtype=float))
    x, y, z = np.eye(3)
    turn = rotation_matrix(yaw * z) @ rotation_matrix(pitch * y) @ rotation_matrix(roll * x)
    return make_transform(np.asarray(xyz, dtype=float), turn)


def quaternion_xyzw(transform: FloatArray) -> FloatArray:
    """(4,) unit quaternion x, y, z, w of a transform (4, 4) or rotation (3, 3), with w >= 0; (n, 4) of a stack.

    Source: S. W. Shepperd, Quaternion from rotation matrix, Journal of Guidance and Control 1 (1978). Each row of the
    symmetric matrix below is the quaternion times four of its components; the row of the largest is exact.
    """
    m = transform
    products = np.empty((*m.shape[:-2], 4, 4))
    trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        products[..., i, i] = 1.0 + 2.0 * m[..., i, i] - trace
        products[..., i, j] = products[..., j, i] = m[..., i, j] + m[..., j, i]
        products[..., i, 3] = products[..., 3, i] = m[..., k, j] - m[..., j, k]
    products[..., 3, 3] = 1.0 + trace
    largest = np.argmax(np.diagonal(products, axis1=-2, axis2=-1), axis=-1)[..., None, None]
    rows = np.take_along_axis(products, largest, axis=-2)[..., 0, :]
    quaternions: FloatArray = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.where(quaternions[..., 3:] < 0.0, -quaternions, quaternions)


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
    between = rotation_vector(first[:3, :3].T @ second[:3, :3])
    translation = (1.0 - fraction) * first[:3, 3] + fraction * second[:3, 3]
    return make_transform(translation, first[:3, :3] @ rotation_matrix(fraction * between))


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
