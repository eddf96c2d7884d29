"""Camera intrinsics from views of a flat board, after Zhang 2000, with OpenCV's plumb_bob model.

What the views do not bear is not estimated: k3 stays 0 where its own standard deviation is of its size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import BoardView
from weld_cell.calibration.views import require_one_size
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import DISTORTION_LENGTH, CameraModel
from weld_cell.records import FloatArray

LEAST_VIEWS = 3
LEAST_POINTS = 6
LEAST_TILT_DEG = 10.0
"""Between the two views that differ most; below it focal length and distance cannot be told apart."""
MOST_FOCAL_DEVIATION = 0.02
OUTLIER = 3.0
"""A view is left out whose error is so many times the median of all."""
SIGNIFICANT = 3.0
PARAMETERS = ('fx', 'fy', 'cx', 'cy', 'k1', 'k2', 'p1', 'p2', 'k3')
_STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 200, 1e-10)
_MORE_VIEWS = 'Take 15 to 25 images; tilt the board by 30 degrees to each side, turn it, and let it fill the corners.'


@dataclass(frozen=True, eq=False)
class ViewError:
    """How well one view fits.

    Attributes:
        name: Of the image.
        rms_px: Of its points.
        used: Whether it took part; else it is an outlier.
    """

    name: str
    rms_px: float
    used: bool


@dataclass(frozen=True, eq=False)
class Intrinsics:
    """The result of a calibration.

    Attributes:
        camera: The camera.
        rms_px: Of all points of the views that were used.
        deviations: (9,) standard deviations of `PARAMETERS`; 0 of a k3 that was not estimated.
        views: Every view.
        tilts_deg: (n, 2) of the used views: how far the board leans about the image's x and y axis.
    """

    camera: CameraModel
    rms_px: float
    deviations: FloatArray
    views: tuple[ViewError, ...]
    tilts_deg: FloatArray

    @property
    def used(self) -> int:
        """Number of views that took part."""
        return sum(view.used for view in self.views)

    @property
    def outliers(self) -> tuple[ViewError, ...]:
        """Views that were left out."""
        return tuple(view for view in self.views if not view.used)


def calibrate_intrinsics(views: Sequence[BoardView]) -> Intrinsics:
    """Calibrate a camera.

    Args:
        views: Of one flat board, from one camera.

    Raises:
        CalibrationError: too few views, images of two sizes, views that are all alike, or a result that its own
            standard deviations do not bear; says what to add.
    """
    usable = [view for view in views if len(view.pixels) >= LEAST_POINTS]
    require_one_size(usable)
    _require_views(len(usable))
    kept = list(usable)
    while True:
        solved = _solve(kept)
        limit = OUTLIER * float(np.median(solved.errors_px))
        worst = int(np.argmax(solved.errors_px))
        if solved.errors_px[worst] <= limit or len(kept) <= LEAST_VIEWS:
            break
        del kept[worst]
    _require_tilts(solved)
    _require_focal(solved)
    errors = dict(zip([view.name for view in kept], solved.errors_px, strict=True))
    told = tuple(
        ViewError(view.name, float(errors.get(view.name, _error_px(view, solved.camera))), view.name in errors)
        for view in usable
    )
    return Intrinsics(solved.camera, solved.rms_px, solved.deviations, told, solved.tilts_deg())


@dataclass(frozen=True, eq=False)
class _Solved:
    """cv2.calibrateCameraExtended's answer."""

    camera: CameraModel
    rms_px: float
    deviations: FloatArray
    rotations: FloatArray
    errors_px: FloatArray

    def tilts_deg(self) -> FloatArray:
        normals = self.rotations[:, :, 2]
        tilts: FloatArray = np.degrees(np.arctan2(normals[:, [1, 0]], normals[:, [2]]))
        return tilts


def _solve(views: Sequence[BoardView]) -> _Solved:
    without_k3 = _calibrated(views, cv2.CALIB_FIX_K3)
    with_k3 = _calibrated(views, 0)
    k3, deviation = with_k3.camera.distortion[4], with_k3.deviations[8]
    return with_k3 if abs(k3) > SIGNIFICANT * deviation else without_k3


def _calibrated(views: Sequence[BoardView], flags: int) -> _Solved:
    points = [view.points.astype(np.float32) for view in views]
    pixels = [view.pixels.astype(np.float32).reshape(-1, 1, 2) for view in views]
    unknown: Any = None
    try:
        rms, matrix, lens, turns, _, deviations, _, errors = cv2.calibrateCameraExtended(
            points, pixels, views[0].size_px, unknown, unknown, flags=flags, criteria=_STOP
        )
        camera = CameraModel(
            np.asarray(matrix, float), np.asarray(lens, float).ravel()[:DISTORTION_LENGTH], views[0].size_px
        )
    except (cv2.error, CalibrationError) as error:
        raise CalibrationError(
            'No camera model fits the views: they contradict each other or are alike.', _MORE_VIEWS
        ) from error
    rotations = Rotation.from_rotvec([np.asarray(turn, float).ravel() for turn in turns]).as_matrix()
    return _Solved(
        camera,
        float(rms),
        np.asarray(deviations, float).ravel()[: len(PARAMETERS)],
        rotations,
        np.asarray(errors, float).ravel(),
    )


def _error_px(view: BoardView, camera: CameraModel) -> float:
    """RMS of a view that took no part."""
    pixels = view.pixels.reshape(-1, 1, 2)
    _, turn, shift = cv2.solvePnP(view.points, pixels, camera.matrix, camera.distortion)
    seen, _ = cv2.projectPoints(view.points, turn, shift, camera.matrix, camera.distortion)
    return float(np.sqrt(np.mean(np.sum((np.asarray(seen).reshape(-1, 2) - view.pixels) ** 2, axis=1))))


def _require_views(count: int) -> None:
    if count < LEAST_VIEWS:
        raise CalibrationError(
            f'{count} view{"s" if count != 1 else ""} of the board cannot calibrate a camera; at least {LEAST_VIEWS} '
            'are needed.',
            _MORE_VIEWS,
        )


def _require_tilts(solved: _Solved) -> None:
    normals = solved.rotations[:, :, 2]
    widest = float(np.degrees(np.arccos(np.clip(normals @ normals.T, -1, 1).min())))
    if widest < LEAST_TILT_DEG:
        raise CalibrationError(
            f'All {len(normals)} views are alike: the board is tilted by {widest:.1f} degrees at most between them, '
            f'{LEAST_TILT_DEG:g} are needed to separate the focal length from the distance.',
            _MORE_VIEWS,
        )


def _require_focal(solved: _Solved) -> None:
    focal = solved.camera.matrix[[0, 1], [0, 1]]
    share = float((solved.deviations[:2] / focal).max())
    if not share < MOST_FOCAL_DEVIATION:
        raise CalibrationError(
            f'The views do not determine the focal length: {focal[0]:.0f} px with a standard deviation of '
            f'{100 * share:.1f} %.',
            _MORE_VIEWS
            + ' Check that columns and rows are those of the whole board: a part of it is found at another '
            'place in each image.',
        )
