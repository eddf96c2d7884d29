"""Orientation formats of the controllers: quaternion, three angles about fixed axes, rotation vector."""

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.records import FloatArray

_GIMBAL = 1e-9  # of cos(pitch): below it only the difference of roll and yaw is fixed
_ROUNDING_DEG = 1e-6


def quaternion_wxyz(pose: FloatArray) -> FloatArray:
    """(4,) unit quaternion, scalar first and not negative, of a pose (4, 4)."""
    quaternion: FloatArray = Rotation.from_matrix(pose[:3, :3]).as_quat(canonical=True)[[3, 0, 1, 2]]
    return quaternion


def roll_pitch_yaw_deg(pose: FloatArray) -> FloatArray:
    """(3,) turns about the fixed x, y, z in degrees, so that the matrix is Rz(yaw) Ry(pitch) Rx(roll).

    At pitch = +-90 degrees roll is 0: only its difference from yaw matters there. Half a turn is 180, never -180.
    """
    m = pose[:3, :3]
    cosine = float(np.hypot(m[0, 0], m[1, 0]))
    pitch = np.arctan2(-m[2, 0], cosine)
    if cosine < _GIMBAL:
        angles = np.rad2deg([0.0, pitch, np.arctan2(-m[0, 1], m[1, 1])])
    else:
        angles = np.rad2deg([np.arctan2(m[2, 1], m[2, 2]), pitch, np.arctan2(m[1, 0], m[0, 0])])
    angles[angles < _ROUNDING_DEG - 180.0] += 360.0
    return angles


def rotation_vector(pose: FloatArray) -> FloatArray:
    """(3,) axis times angle in radians."""
    vector: FloatArray = Rotation.from_matrix(pose[:3, :3]).as_rotvec()
    return vector
