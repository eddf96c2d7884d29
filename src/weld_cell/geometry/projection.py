"""Projection with lens distortion: viewing rays of pixels, and pixels of points."""

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.geometry.camera import CameraModel
from weld_cell.records import FloatArray

Intrinsics = tuple[float, float, float, float, float, float, float, float, float]
"""fx, fy, cx, cy, k1, k2, p1, p2, k3."""
_ROUNDS = 5  # of undistortion; OpenCV's number
_LEAST_RADIAL = 1e-9  # the polynomial describes no pixel at which it turns the image inside out


def normalised_rays(camera: CameraModel, pixels: FloatArray) -> FloatArray:
    """Viewing rays of pixels, undistorted.

    Args:
        camera: Intrinsics.
        pixels: (n, 2) u, v.

    Returns:
        (n, 3) directions in the optical frame with z = 1.
    """
    rays = np.empty((len(pixels), 3))
    _undistort(np.ascontiguousarray(pixels, dtype=float), _intrinsics(camera), rays)
    return rays


def project(camera: CameraModel, points: FloatArray) -> FloatArray:
    """Pixels (n, 2) of points (n, 3) in the optical frame, distorted."""
    pixels = np.empty((len(points), 2))
    _distort(np.ascontiguousarray(points, dtype=float), _intrinsics(camera), pixels)
    return pixels


def _intrinsics(camera: CameraModel) -> Intrinsics:
    """The camera's numbers for the loops below."""
    matrix = camera.matrix
    k1, k2, p1, p2, k3 = camera.distortion.tolist()
    return (float(matrix[0, 0]), float(matrix[1, 1]), float(matrix[0, 2]), float(matrix[1, 2]), k1, k2, p1, p2, k3)


@compiled('void(float64[:, ::1], UniTuple(float64, 9), float64[:, ::1])')
def _undistort(pixels: FloatArray, intrinsics: Intrinsics, rays: FloatArray) -> None:
    """Fill in rays (n, 3) of pixels (n, 2), by fixed-point iteration as cv2.undistortPoints does it."""
    fx, fy, cx, cy, k1, k2, p1, p2, k3 = intrinsics
    x0, y0 = (pixels[:, 0] - cx) / fx, (pixels[:, 1] - cy) / fy
    x, y, beyond = x0.copy(), y0.copy(), np.zeros(len(x0), np.bool_)
    for _ in range(_ROUNDS):
        for i in range(len(x)):  # all pixels in each round, without branches, so that several go at once
            r2 = x[i] * x[i] + y[i] * y[i]
            radial = 1.0 + ((k3 * r2 + k2) * r2 + k1) * r2
            dx = 2.0 * p1 * x[i] * y[i] + p2 * (r2 + 2.0 * x[i] * x[i])
            dy = p1 * (r2 + 2.0 * y[i] * y[i]) + 2.0 * p2 * x[i] * y[i]
            beyond[i] |= radial <= _LEAST_RADIAL
            shrink = 1.0 / (1.0 if beyond[i] else radial)
            x[i] = x0[i] if beyond[i] else (x0[i] - dx) * shrink
            y[i] = y0[i] if beyond[i] else (y0[i] - dy) * shrink
    for i in range(len(x)):
        rays[i, 0], rays[i, 1], rays[i, 2] = x[i], y[i], 1.0


@compiled('void(float64[:, ::1], UniTuple(float64, 9), float64[:, ::1])')
def _distort(points: FloatArray, intrinsics: Intrinsics, pixels: FloatArray) -> None:
    """Fill in pixels (n, 2) of points (n, 3), as cv2.projectPoints does, which also takes derivatives."""
    fx, fy, cx, cy, k1, k2, p1, p2, k3 = intrinsics
    for i in range(len(points)):
        depth = points[i, 2] if points[i, 2] != 0.0 else 1.0
        x, y = points[i, 0] / depth, points[i, 1] / depth
        r2 = x * x + y * y
        radial = 1.0 + ((k3 * r2 + k2) * r2 + k1) * r2
        dx = 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x)
        dy = p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y
        pixels[i, 0], pixels[i, 1] = fx * (x * radial + dx) + cx, fy * (y * radial + dy) + cy
