"""Closed-form solutions of AX = XB from motions of robot and board.

A and B are the motions of hand and board between two views, X is what is sought. Park and Martin, Robot sensor
calibration: solving AX = XB on the Euclidean group, 1994; Daniilidis, Hand-eye calibration using dual quaternions,
1999.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.geometry.transforms import invert, make_transform
from weld_cell.records import FloatArray, IntArray

LEAST_ANGLE_RAD = np.radians(1.0)
"""A smaller turn between two views says nothing of the axis."""


def motions(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A and B (m, 4, 4) between all pairs of views.

    Args:
        first: (n, 4, 4) poses of the hand in the base.
        second: (n, 4, 4) poses of the board in the camera.
    """
    i, j = pairs(len(first))
    return invert(first[j]) @ first[i], second[j] @ invert(second[i])


def pairs(count: int) -> tuple[IntArray, IntArray]:
    """All pairs of views: (m,) of the first, (m,) of the second."""
    return np.triu_indices(count, 1)


def angles_rad(transforms: FloatArray) -> FloatArray:
    """(m,) how far transforms (m, 4, 4) turn; the same for A and B, whatever X is."""
    angles: FloatArray = np.linalg.norm(Rotation.from_matrix(transforms[:, :3, :3]).as_rotvec(), axis=1)
    return angles


def park(A: FloatArray, B: FloatArray) -> FloatArray:
    """(4, 4) X after Park and Martin: the turn that takes the axes of B to those of A, then the shift.

    Raises:
        numpy.linalg.LinAlgError: the motions do not fix X.
    """
    alpha = Rotation.from_matrix(A[:, :3, :3]).as_rotvec()
    beta = Rotation.from_matrix(B[:, :3, :3]).as_rotvec()
    u, _, vt = np.linalg.svd(alpha.T @ beta)
    rotation = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
    return make_transform(shift_of(A, B, rotation), Rotation.from_matrix(rotation))


def shift_of(A: FloatArray, B: FloatArray, rotation: FloatArray) -> FloatArray:
    """(3,) shift of X whose turn (3, 3) is known: (R_A - 1) t = R_X t_B - t_A in least squares."""
    left = (A[:, :3, :3] - np.eye(3)).reshape(-1, 3)
    right = (B[:, :3, 3] @ rotation.T - A[:, :3, 3]).ravel()
    return np.asarray(np.linalg.lstsq(left, right, rcond=None)[0], float)


def daniilidis(A: FloatArray, B: FloatArray) -> FloatArray:
    """(4, 4) X after Daniilidis: turn and shift at once, as a unit dual quaternion.

    Raises:
        numpy.linalg.LinAlgError: the motions do not fix X.
    """
    turning = (angles_rad(A) > LEAST_ANGLE_RAD) & (angles_rad(B) > LEAST_ANGLE_RAD)
    (a, a_dual), (b, b_dual) = _dual_quaternion(A[turning]), _dual_quaternion(B[turning])
    rows = _rows(a, a_dual, b, b_dual)
    _, _, vt = np.linalg.svd(rows.T @ rows)
    (u1, v1), (u2, v2) = vt[-2].reshape(2, 4), vt[-1].reshape(2, 4)
    quadratic = [u1 @ v1, u1 @ v2 + u2 @ v1, u2 @ v2]
    if abs(quadratic[0]) < 1e-15:
        raise np.linalg.LinAlgError('the motions do not fix X')
    ratios = np.roots(quadratic).real
    lengths = ratios**2 * (u1 @ u1) + 2 * ratios * (u1 @ u2) + u2 @ u2
    best = int(np.argmax(lengths))
    second = 1.0 / np.sqrt(lengths[best])
    first = ratios[best] * second
    turn, dual = first * u1 + second * u2, first * v1 + second * v2
    shift = 2.0 * _product(dual[None], turn[None] * [1.0, -1.0, -1.0, -1.0])[0, 1:]
    return make_transform(shift, Rotation.from_quat(turn[[1, 2, 3, 0]]))


def _dual_quaternion(transforms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Real and dual part (m, 4), scalar first, with the scalar not negative."""
    real = Rotation.from_matrix(transforms[:, :3, :3]).as_quat(canonical=True)[:, [3, 0, 1, 2]]
    shift = np.column_stack([np.zeros(len(real)), transforms[:, :3, 3]])
    return real, 0.5 * _product(shift, real)


def _product(p: FloatArray, q: FloatArray) -> FloatArray:
    """Hamilton's product of quaternions (m, 4), scalar first."""
    scalar = p[:, 0] * q[:, 0] - np.sum(p[:, 1:] * q[:, 1:], axis=1)
    vector = p[:, :1] * q[:, 1:] + q[:, :1] * p[:, 1:] + np.cross(p[:, 1:], q[:, 1:])
    return np.column_stack([scalar, vector])


def _rows(a: FloatArray, a_dual: FloatArray, b: FloatArray, b_dual: FloatArray) -> FloatArray:
    """(6 m, 8) Daniilidis' matrix T, equation 31: its null space holds X."""
    rows = np.zeros((len(a), 6, 8))
    rows[:, :3, 0], rows[:, :3, 1:4] = a[:, 1:] - b[:, 1:], _skew(a[:, 1:] + b[:, 1:])
    rows[:, 3:, 0], rows[:, 3:, 1:4] = a_dual[:, 1:] - b_dual[:, 1:], _skew(a_dual[:, 1:] + b_dual[:, 1:])
    rows[:, 3:, 4], rows[:, 3:, 5:] = rows[:, :3, 0], rows[:, :3, 1:4]
    return rows.reshape(-1, 8)


def _skew(vectors: FloatArray) -> FloatArray:
    """(m, 3, 3) of vectors (m, 3): the matrix of their cross product."""
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(-1, 3, 3)
