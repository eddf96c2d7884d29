"""Rigid transforms as plain tuples: a translation (x, y, z) and a unit quaternion (x, y, z, w).

SciPy's Rotation does the same and costs tens of microseconds for each single transform; a chain of eight links
at the image rate would spend more on it than on the image. The tests check these few lines against SciPy.
"""

from math import acos, sin, sqrt
from typing import NamedTuple

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

# Above this cosine of the half angle the arc is straight to machine precision and sin(angle) too small.
_NEARLY_PARALLEL = 1.0 - 1e-9


class Rigid(NamedTuple):
    """Takes coordinates of a child frame into its parent: rotate, then translate (metres)."""

    translation: Vector
    rotation: Quaternion


IDENTITY = Rigid((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """Hamilton product: the rotation b, then a."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def rotate(q: Quaternion, v: Vector) -> Vector:
    """The vector turned by the unit quaternion: v + w t + u x t with t = 2 u x v."""
    qx, qy, qz, qw = q
    vx, vy, vz = v
    tx, ty, tz = 2 * (qy * vz - qz * vy), 2 * (qz * vx - qx * vz), 2 * (qx * vy - qy * vx)
    return (
        vx + qw * tx + qy * tz - qz * ty,
        vy + qw * ty + qz * tx - qx * tz,
        vz + qw * tz + qx * ty - qy * tx,
    )


def compose(outer: Rigid, inner: Rigid) -> Rigid:
    """T_a_c from T_a_b and T_b_c."""
    x, y, z = rotate(outer.rotation, inner.translation)
    ox, oy, oz = outer.translation
    return Rigid((x + ox, y + oy, z + oz), multiply(outer.rotation, inner.rotation))


def invert(transform: Rigid) -> Rigid:
    """T_b_a from T_a_b."""
    x, y, z, w = transform.rotation
    conjugate = (-x, -y, -z, w)
    tx, ty, tz = rotate(conjugate, transform.translation)
    return Rigid((-tx, -ty, -tz), conjugate)


def normalised(q: Quaternion) -> Quaternion:
    """The quaternion at length 1."""
    x, y, z, w = q
    length = sqrt(x * x + y * y + z * z + w * w)
    return (x / length, y / length, z / length, w / length)


def slerp(a: Quaternion, b: Quaternion, fraction: float) -> Quaternion:
    """Along the shorter arc from a (fraction 0) to b (fraction 1)."""
    cosine = sum(p * q for p, q in zip(a, b, strict=True))
    sign = 1.0 if cosine >= 0 else -1.0  # b and -b are the same rotation; one of them is nearer
    cosine = abs(cosine)
    if cosine > _NEARLY_PARALLEL:
        weight_a, weight_b = 1.0 - fraction, sign * fraction
    else:
        angle = acos(cosine)
        weight_a = sin((1.0 - fraction) * angle) / sin(angle)
        weight_b = sign * sin(fraction * angle) / sin(angle)
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return normalised(
        (
            weight_a * ax + weight_b * bx,
            weight_a * ay + weight_b * by,
            weight_a * az + weight_b * bz,
            weight_a * aw + weight_b * bw,
        )
    )


def interpolate(first: Rigid, second: Rigid, fraction: float) -> Rigid:
    """Linear in translation, spherical in rotation; fraction 0 gives the first."""
    ax, ay, az = first.translation
    bx, by, bz = second.translation
    translation = (ax + fraction * (bx - ax), ay + fraction * (by - ay), az + fraction * (bz - az))
    return Rigid(translation, slerp(first.rotation, second.rotation, fraction))
