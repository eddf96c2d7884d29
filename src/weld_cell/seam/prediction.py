"""Extrapolation of the seam beyond the latest points, to steer the scan."""

from collections.abc import Sequence

import numpy as np
from numpy.polynomial import polynomial

from weld_cell.errors import SeamPathError
from weld_cell.geometry.transforms import unit
from weld_cell.records import FloatArray, SeamPoint
from weld_cell.seam.settings import PathSettings

_CURVED_FROM_M = 0.020  # on a shorter stretch the noise would pass for curvature
_ITERATIONS = 6


def predict_ahead(
    points: Sequence[SeamPoint],
    distances_m: FloatArray,
    settings: PathSettings,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Where the seam will be at distances beyond the last point.

    A robust straight line through the last stretch, or a parabola once the stretch is long enough to tell.

    Args:
        points: Collected so far, in the order of scanning.
        distances_m: (n,) how far beyond the last point.
        settings: predict_from_mm, min_points, noise_floor_mm and outlier_sigma take part.

    Returns:
        positions (n, 3), tangents (n, 3) in the direction of scanning, normals (n, 3), in base_link.

    Raises:
        SeamPathError: too few points, or they do not advance.
    """
    positions, normals = _last_stretch(points, settings)
    origin = np.median(positions, axis=0)
    direction = _direction(positions)
    along = (positions - origin) @ direction
    reach = float(np.quantile(along, 0.98))
    degree = 2 if np.ptp(along) > _CURVED_FROM_M else 1
    curve = _robust_polynomial(along, positions, degree, settings)
    targets = reach + distances_m
    tangents = unit(_values(np.asarray(polynomial.polyder(curve)), targets))
    mean = np.mean(normals, axis=0)
    return _values(curve, targets), tangents, unit(mean - (tangents @ mean)[:, None] * tangents)


def _last_stretch(points: Sequence[SeamPoint], settings: PathSettings) -> tuple[FloatArray, FloatArray]:
    """Positions and normals (n, 3) of the points within the last stretch of the scan."""
    if len(points) < settings.min_points:
        raise SeamPathError(
            f'{len(points)} seam points were collected; {settings.min_points} are needed to look ahead.',
            'Go on along the nominal path.',
        )
    positions = np.array([point.position_m for point in points])
    tail = np.median(positions[-5:], axis=0)
    near = np.linalg.norm(positions - tail, axis=1) < settings.predict_from_mm * 1e-3
    return positions[near], np.array([point.normal for point, keep in zip(points, near, strict=True) if keep])


def _direction(positions: FloatArray) -> FloatArray:
    """(3,) direction of scanning, from the medians of the first and the last third."""
    third = max(len(positions) // 3, 1)
    advance = np.median(positions[-third:], axis=0) - np.median(positions[:third], axis=0)
    if np.linalg.norm(advance) < 1e-3:
        raise SeamPathError('The last seam points do not advance along the seam.', 'Go on along the nominal path.')
    return unit(advance)


def _robust_polynomial(along: FloatArray, positions: FloatArray, degree: int, settings: PathSettings) -> FloatArray:
    """(degree + 1, 3) coefficients, constant first, by iteratively reweighted least squares (Huber)."""
    floor = settings.noise_floor_mm * 1e-3
    weights = np.ones(len(along))
    curve: FloatArray = np.zeros((degree + 1, 3))
    for _ in range(_ITERATIONS):
        curve = np.asarray(polynomial.polyfit(along, positions, degree, w=np.sqrt(weights)))
        distances = np.linalg.norm(positions - polynomial.polyval(along, curve).T, axis=1)
        sigma = max(float(np.median(distances)) / 1.1774, floor)
        weights = 1.0 / np.maximum(distances / sigma, 1.0)
        weights[distances > settings.outlier_sigma * sigma] *= 0.01
    return curve


def _values(curve: FloatArray, at: FloatArray) -> FloatArray:
    """(n, 3) of a curve at (n,) places."""
    return np.asarray(polynomial.polyval(at, curve), dtype=float).T
