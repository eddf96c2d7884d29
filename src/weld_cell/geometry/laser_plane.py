"""The laser plane A x + B y + C z = 1 in the camera's optical frame, and triangulation on it.

Source: Zeng et al. 2020, section 2.1, equation 1 (with k_x = f/s_x, k_y = f/s_y the focal lengths in pixels
it is the intersection of the viewing ray with the plane, which is how it is written here).
"""

import numpy as np

from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.projection import normalised_rays
from weld_cell.records import FloatArray


def triangulate(camera: CameraModel, plane: FloatArray, pixels: FloatArray) -> FloatArray:
    """Points on the laser plane seen at pixels.

    Args:
        camera: Intrinsics.
        plane: (3,) A, B, C of A x + B y + C z = 1, in 1/m, optical frame.
        pixels: (n, 2) u, v of the stripe.

    Returns:
        (n, 3) in metres, optical frame.

    Raises:
        CalibrationError: a viewing ray does not meet the plane in front of the camera.
    """
    rays = normalised_rays(camera, pixels)
    closeness = rays @ plane  # 1 / depth
    if len(closeness) and closeness.min() <= 0:
        raise CalibrationError(
            'A viewing ray does not meet the laser plane in front of the camera.',
            'Calibrate the laser plane again and check the sign of its coefficients in rig.yaml.',
        )
    points: FloatArray = rays / closeness[:, None]
    return points


def line_direction(plane: FloatArray) -> tuple[float, float]:
    """(dx, dy) in which the laser line runs in the image over a surface that faces the camera; y grows, or else x."""
    direction = np.array([-plane[1], plane[0]]) / max(float(np.hypot(plane[0], plane[1])), 1e-12)
    lies = abs(direction[0]) > abs(direction[1])
    direction = direction if direction[0 if lies else 1] > 0.0 else -direction
    return float(direction[0]), float(direction[1])


def plane_basis(
    plane: FloatArray, along: tuple[float, float] = (0.0, 1.0)
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """An orthonormal basis in which a cross-section is drawn.

    Args:
        plane: (3,) A, B, C.
        along: Direction in the image in which the stripe runs; by default the image's y.

    Returns:
        origin (3,), the point of the plane on the optical axis (or nearest to the camera where the axis does
        not meet it); across (3,), the direction in the plane nearest to `along`; up (3,), perpendicular
        to it in the plane, towards the camera.
    """
    normal = plane / np.linalg.norm(plane)
    origin = np.array([0.0, 0.0, 1.0 / plane[2]]) if plane[2] > 1e-9 else plane / np.dot(plane, plane)
    y_axis = np.array([*along, 0.0])
    across = y_axis - np.dot(y_axis, normal) * normal
    across /= np.linalg.norm(across)
    up = np.cross(normal, across)
    return origin, across, -up if up[2] > 0 else up
