"""Undistortion to numerical accuracy, for lenses with strong distortion.

`projection.normalised_rays` does five rounds of fixed point as OpenCV does by default: enough for the narrow field of
the laser sensor, not for every area camera's corners. Here Newton's method goes on until nothing moves.
"""

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.records import FloatArray

Lens = tuple[float, float, float, float, float]
"""k1, k2, p1, p2, k3."""
_MOST_STEPS = 50
_SAME = 1e-13  # of a direction: 1e-9 px at most for any lens
_MISS = 1e-11  # of a direction, where the iteration has ended


def exact_rays(camera: CameraModel, pixels: FloatArray) -> FloatArray:
    """Viewing rays of pixels, undistorted until the iteration stands still.

    Args:
        camera: Intrinsics.
        pixels: (n, 2) u, v.

    Returns:
        (n, 3) directions in the optical frame with z = 1.

    Raises:
        ValueError: the pixels are not (n, 2) finite numbers.
        CalibrationError: the lens model has no ray for a pixel; it holds only where it was calibrated.
    """
    return exact_rays_and_slopes(camera, pixels)[0]


def exact_rays_and_slopes(camera: CameraModel, pixels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`exact_rays`, and (n, 2, 2) how far the pixel moves for a change of the direction, d(u, v) / d(x, y)."""
    pixels = np.ascontiguousarray(pixels, dtype=float)
    if pixels.ndim != 2 or pixels.shape[1] != 2 or not np.isfinite(pixels).all():
        raise ValueError(f'expected (n, 2) finite pixels, got an array of shape {pixels.shape}')
    focal = camera.matrix[[0, 1], [0, 1]].astype(float)
    k1, k2, p1, p2, k3 = map(float, camera.distortion)
    rays, slopes = np.ones((len(pixels), 3)), np.empty((len(pixels), 2, 2))
    _undistort((pixels - camera.matrix[:2, 2]) / focal, (k1, k2, p1, p2, k3), rays, slopes)
    _refuse_folded(pixels, slopes)
    return rays, focal[:, None] * slopes


def _refuse_folded(pixels: FloatArray, slopes: FloatArray) -> None:
    """A polynomial that falls again with the radius shows two directions in one pixel: only the inner one is real."""
    upright = (slopes[:, 0, 0] > 0.0) & (np.linalg.det(slopes) > 0.0)
    if not upright.all():
        u, v = pixels[~upright][0]
        raise CalibrationError(
            f'The lens model has no viewing ray for {(~upright).sum()} of {len(pixels)} pixels, the first at '
            f'({u:.1f}, {v:.1f}).',
            'Calibrate the camera again with views that reach into all corners of its image.',
        )


@compiled('void(float64[:, ::1], UniTuple(float64, 5), float64[:, ::1], float64[:, :, ::1])')
def _undistort(seen: FloatArray, lens: Lens, rays: FloatArray, slopes: FloatArray) -> None:
    """Fill in rays (n, 3) and slopes (n, 2, 2) of distorted directions (n, 2); slopes of 0 where there is no ray."""
    k1, k2, p1, p2, k3 = lens
    for i in range(len(seen)):
        x, y = seen[i, 0], seen[i, 1]
        for _ in range(_MOST_STEPS):
            r2 = x * x + y * y
            radial = 1.0 + ((k3 * r2 + k2) * r2 + k1) * r2
            rise = 2.0 * ((3.0 * k3 * r2 + 2.0 * k2) * r2 + k1)
            miss_x = seen[i, 0] - x * radial - 2.0 * p1 * x * y - p2 * (r2 + 2.0 * x * x)
            miss_y = seen[i, 1] - y * radial - p1 * (r2 + 2.0 * y * y) - 2.0 * p2 * x * y
            x_x = radial + rise * x * x + 2.0 * p1 * y + 6.0 * p2 * x
            y_y = radial + rise * y * y + 6.0 * p1 * y + 2.0 * p2 * x
            x_y = rise * x * y + 2.0 * p1 * x + 2.0 * p2 * y  # and y_x: the distortion is a gradient field
            determinant = x_x * y_y - x_y * x_y
            if determinant == 0.0:
                break
            step_x = (y_y * miss_x - x_y * miss_y) / determinant
            step_y = (x_x * miss_y - x_y * miss_x) / determinant
            x, y = x + step_x, y + step_y
            if max(abs(step_x), abs(step_y)) <= _SAME * (1.0 + abs(x) + abs(y)):
                break
        found = max(abs(miss_x), abs(miss_y)) < _MISS
        rays[i, 0], rays[i, 1] = x, y
        slopes[i, 0, 0] = x_x if found else 0.0
        slopes[i, 1, 1] = y_y if found else 0.0
        slopes[i, 0, 1] = slopes[i, 1, 0] = x_y if found else 0.0
