"""Interpolation between two poses."""

import math

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.records import FloatArray

Pose = tuple[float, float, float, float, float, float, float]
"""x, y, z in metres and a unit quaternion x, y, z, w, as in geometry_msgs/Transform."""
_ALMOST_EQUAL_RAD = 1e-6


@compiled('float64[:, ::1](UniTuple(float64, 7), UniTuple(float64, 7), float64)')
def pose_between(first: Pose, second: Pose, fraction: float) -> FloatArray:
    """(4, 4) transform between two poses, as `transforms.interpolate_transform`; fraction 0 gives the first.

    Compiled, as a replay asks for some hundred of them a second for each frame and a Rotation costs a tenth of a
    millisecond to make. Slerp after Shoemake 1985.
    """
    ax, ay, az, aw = first[3:]
    bx, by, bz, bw = second[3:]
    cosine = ax * bx + ay * by + az * bz + aw * bw
    keep, take = 1.0 - fraction, math.copysign(fraction, cosine)
    angle = math.acos(min(abs(cosine), 1.0))
    if angle > _ALMOST_EQUAL_RAD:  # else the straight line is as good, and the quotient is not
        keep, take = math.sin(keep * angle), math.copysign(math.sin(fraction * angle), cosine)
    x, y, z, w = keep * ax + take * bx, keep * ay + take * by, keep * az + take * bz, keep * aw + take * bw
    s = 2.0 / (x * x + y * y + z * z + w * w)
    between = np.zeros((4, 4))
    between[0, 0], between[0, 1], between[0, 2] = 1.0 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y)
    between[1, 0], between[1, 1], between[1, 2] = s * (x * y + w * z), 1.0 - s * (x * x + z * z), s * (y * z - w * x)
    between[2, 0], between[2, 1], between[2, 2] = s * (x * z - w * y), s * (y * z + w * x), 1.0 - s * (x * x + y * y)
    for k in range(3):
        between[k, 3] = first[k] + fraction * (second[k] - first[k])
    between[3, 3] = 1.0
    return between
