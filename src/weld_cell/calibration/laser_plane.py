"""The laser plane of a line-laser sensor from images of its stripe on a board in several poses.

The board's points give its plane in the optical frame, the stripe's viewing rays meet it in points of the laser
plane. The error of a board's pose moves all points of its view together: so views are weighed as a whole, and the
deviations come from leaving out one view after the other (jackknife), not from the number of points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.calibration.boards import BoardView
from weld_cell.errors import CalibrationError, StripeAbsentError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.undistortion import exact_rays
from weld_cell.records import BoolArray, FloatArray, IntArray
from weld_cell.wording import counted

LEAST_VIEWS = 3
LEAST_POINTS = 20
LEAST_SPREAD = 0.01
"""Of the stripes across themselves, as a part of their distance: below it the plane turns freely about them."""
MOST_SCATTER = 0.005
"""Of the stripes about their plane, as a part of their distance."""
MOST_BOARD_PX = 2.0
"""RMS of a board's points in its image, with the intrinsics that are given."""
_MARGIN = 0.6  # of the pitch: so far beyond its outermost points a board is surely flat
_ROUNDS = 20
_OUTLIER = 4.0  # times the median of the views' distances from the plane
_POINT_OUTLIER = 3.5
_LEAST_SCATTER_M = 1e-6
_MORE_VIEWS = 'Take 6 or more images with the board nearer and further and tilted, the stripe across all of it.'


@dataclass(frozen=True, eq=False)
class StripeOnBoard:
    """The stripe over a board in one image.

    Attributes:
        board: The board, in the same image or in one from the same place.
        stripe_px: (n, 2) u, v of the stripe; what lies beside the board is left out here.
    """

    board: BoardView
    stripe_px: FloatArray


@dataclass(frozen=True, eq=False)
class LitView:
    """What one view says.

    Attributes:
        name: Of the image.
        points_m: (n, 3) of the stripe on the board, optical frame.
        stripe_px: (n, 2) the same in the image.
        distances_mm: (n,) from the laser plane.
        used: Whether it took part; else it is an outlier.
        board_rms_px: Of the board's points.
    """

    name: str
    points_m: FloatArray
    stripe_px: FloatArray
    distances_mm: FloatArray
    used: bool
    board_rms_px: float

    @property
    def rms_mm(self) -> float:
        """Distance of its points from the laser plane."""
        return float(np.sqrt(np.mean(self.distances_mm**2)))


@dataclass(frozen=True, eq=False)
class LaserPlane:
    """The result.

    Attributes:
        coefficients: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame.
        covariance: (3, 3) of them.
        scatter_mm: RMS distance of the points of the views that were used.
        views: Every view whose stripe lies on the board.
        missed: Why others do not count.
    """

    coefficients: FloatArray
    covariance: FloatArray
    scatter_mm: float
    views: tuple[LitView, ...]
    missed: tuple[str, ...] = ()

    @property
    def used(self) -> int:
        """Number of views that took part."""
        return sum(view.used for view in self.views)

    @property
    def outliers(self) -> tuple[LitView, ...]:
        """Views that were left out."""
        return tuple(view for view in self.views if not view.used)


def calibrate_laser_plane(views: Sequence[StripeOnBoard], camera: CameraModel) -> LaserPlane:
    """Find the laser plane.

    Args:
        views: Of one camera, at least `LEAST_VIEWS`.
        camera: Intrinsics.

    Raises:
        CalibrationError: too few views, intrinsics that do not fit the boards, views that are all alike, or a plane
            that does not cross the optical axis in front of the camera.
    """
    lit, missed = _all_lit(views, camera)
    _require_views(len(lit))
    clouds = [points for _, points, _, _ in lit]
    used = _agreeing(clouds)
    _require_spread([cloud for cloud, uses in zip(clouds, used, strict=True) if uses])
    plane = _plane([cloud for cloud, uses in zip(clouds, used, strict=True) if uses])
    _require_flat([cloud for cloud, uses in zip(clouds, used, strict=True) if uses], plane)
    if plane[2] <= 0.0:
        raise CalibrationError(
            f'The laser plane does not cross the optical axis in front of the camera (C = {plane[2]:.3f} 1/m).',
            'Check that the stripe that was found is the laser, and that camera and laser look the same way.',
        )
    told = tuple(
        LitView(name, points, pixels, _distances_mm(points, plane), bool(uses), rms_px)
        for (name, points, pixels, rms_px), uses in zip(lit, used, strict=True)
    )
    scatter = np.concatenate([view.distances_mm for view in told if view.used])
    return LaserPlane(plane, _jackknife(clouds, used), float(np.sqrt(np.mean(scatter**2))), told, missed)


def _require_views(count: int) -> None:
    if count < LEAST_VIEWS:
        raise CalibrationError(
            f'{count} view{"s" if count != 1 else ""} of the stripe on the board cannot give a laser plane; at least '
            f'{LEAST_VIEWS} are needed.',
            'Was the laser off? ' + _MORE_VIEWS,
        )


_Lit = tuple[str, FloatArray, FloatArray, float]
"""Name, points (n, 3) of the stripe on the board, their pixels (n, 2), and the RMS of the board in px."""


def _all_lit(views: Sequence[StripeOnBoard], camera: CameraModel) -> tuple[list[_Lit], tuple[str, ...]]:
    """What shows the stripe on the board, and why the others do not."""
    lit, missed = [], []
    for view in views:
        try:
            lit.append(_lit(view, camera))
        except StripeAbsentError as error:
            missed.append(error.message)
    return lit, tuple(missed)


def _lit(view: StripeOnBoard, camera: CameraModel) -> _Lit:
    board = view.board
    if board.size_px != camera.size_px:
        raise CalibrationError(
            f'{board.name} has {board.size_px[0]} x {board.size_px[1]} px, the intrinsics are for '
            f'{camera.size_px[0]} x {camera.size_px[1]}.',
            'Give the intrinsics of this camera at the size that it sends.',
        )
    turn, shift, rms_px = _board_pose(board, camera)
    rotation = cv2.Rodrigues(turn)[0]
    rays = exact_rays(camera, view.stripe_px)
    depths = (rotation[:, 2] @ shift) / (rays @ rotation[:, 2])
    points = rays * depths[:, None]
    on_board = (points - shift) @ rotation
    corners, margin = board.board.points[:, :2], _MARGIN * board.board.pitch_m
    inside = (on_board[:, :2] > corners.min(axis=0) - margin) & (on_board[:, :2] < corners.max(axis=0) + margin)
    kept = np.flatnonzero(inside.all(axis=1) & (depths > 0.0))
    if len(kept) >= LEAST_POINTS:
        kept = kept[_on_a_line(on_board[kept, :2])]
    if len(kept) < LEAST_POINTS:
        raise StripeAbsentError(
            f'{board.name}: only {counted(len(kept), "point")} of the stripe lie on the board.',
            'Leave this view out, or let the stripe cross the board.',
        )
    return board.name, points[kept], view.stripe_px[kept], rms_px


def _board_pose(board: BoardView, camera: CameraModel) -> tuple[FloatArray, FloatArray, float]:
    """Rotation vector (3,), shift (3,) of the board in the optical frame, and the RMS of its points in px."""
    lens = (camera.matrix, camera.distortion)
    _, turns, shifts, _ = cv2.solvePnPGeneric(board.points, board.pixels, *lens, flags=cv2.SOLVEPNP_IPPE)
    refined = [
        [
            np.asarray(moved, float).ravel()
            for moved in cv2.solvePnPRefineLM(
                board.points, board.pixels, *lens, np.array(t, float), np.array(s, float)
            )
        ]
        for t, s in zip(turns, shifts, strict=True)
    ]
    errors = [_rms_px(board, camera, turn, shift) for turn, shift in refined]
    best = int(np.argmin(errors))
    if errors[best] > MOST_BOARD_PX:
        raise CalibrationError(
            f'{board.name}: the intrinsics miss the points of the board by {errors[best]:.1f} px (RMS), expected at '
            f'most {MOST_BOARD_PX:g}.',
            'Check that the intrinsics are those of this camera, and the kind and size of the board.',
        )
    return refined[best][0], refined[best][1], errors[best]


def _rms_px(board: BoardView, camera: CameraModel, turn: FloatArray, shift: FloatArray) -> float:
    seen, _ = cv2.projectPoints(board.points, turn, shift, camera.matrix, camera.distortion)
    return float(np.sqrt(np.mean(np.sum((np.asarray(seen).reshape(-1, 2) - board.pixels) ** 2, axis=1))))


def _on_a_line(flat: FloatArray) -> IntArray:
    """Numbers of the points (n, 2) that lie on one line: a laser draws no other curve on a flat board."""
    vx, vy, x0, y0 = np.asarray(cv2.fitLine(flat.astype(np.float32), cv2.DIST_HUBER, 0, 1e-4, 1e-4), float).ravel()
    kept = np.arange(len(flat))
    normal, through = np.array([-vy, vx]), np.array([x0, y0])
    for _ in range(_ROUNDS):
        off = (flat - through) @ normal
        spread = max(1.4826 * float(np.median(np.abs(off - np.median(off[kept])))), _LEAST_SCATTER_M)
        now = np.flatnonzero(np.abs(off - np.median(off[kept])) < _POINT_OUTLIER * spread)
        if len(now) < LEAST_POINTS or np.array_equal(now, kept):
            break
        kept = now
        through = flat[kept].mean(axis=0)
        normal = np.linalg.svd(flat[kept] - through, full_matrices=False)[2][1]
    return kept


def _plane(clouds: Sequence[FloatArray], weights: FloatArray | None = None) -> FloatArray:
    """(3,) A, B, C by total least squares; all views have the same weight, however many points they have."""
    weights = np.ones(len(clouds)) if weights is None else weights
    share = np.concatenate([np.full(len(c), w / len(c)) for c, w in zip(clouds, weights, strict=True)])
    points = np.concatenate(clouds)
    middle = share @ points / share.sum()
    normal = np.linalg.svd((points - middle) * np.sqrt(share)[:, None], full_matrices=False)[2][2]
    distance = float(normal @ middle)
    if abs(distance) < 1e-6:
        raise CalibrationError('The laser plane runs through the camera.', 'Such a sensor cannot measure depth.')
    return np.asarray(normal / distance, dtype=float)


def _distances_mm(points: FloatArray, plane: FloatArray) -> FloatArray:
    distances: FloatArray = 1e3 * (points @ plane - 1.0) / np.linalg.norm(plane)
    return distances


def _agreeing(clouds: Sequence[FloatArray]) -> BoolArray:
    """(v,) views that lie on the plane of the majority: weights after Cauchy until they stand, then a limit."""
    weights = np.ones(len(clouds))
    for _ in range(_ROUNDS):
        plane = _plane(clouds, weights)
        errors = np.array([np.sqrt(np.mean(_distances_mm(cloud, plane) ** 2)) for cloud in clouds])
        usual = max(float(np.median(errors)), 1e3 * _LEAST_SCATTER_M)
        weights = 1.0 / (1.0 + (errors / (2.0 * usual)) ** 2)
    used: BoolArray = errors <= _OUTLIER * usual
    if used.sum() < LEAST_VIEWS:
        raise CalibrationError('The views of the stripe do not agree on a plane.', _MORE_VIEWS)
    return used


def _require_spread(clouds: Sequence[FloatArray]) -> None:
    """Refuse stripes that all lie on about one line, through which many planes go."""
    points = np.concatenate(clouds)
    middle = points.mean(axis=0)
    spread = np.linalg.svd(points - middle, full_matrices=False)[1][1] / np.sqrt(len(points))
    least = LEAST_SPREAD * float(np.linalg.norm(middle))
    if spread < least:
        raise CalibrationError(
            f'All views of the stripe are alike: they lie within {1e3 * spread:.1f} mm (RMS) of one line, '
            f'{1e3 * least:.1f} mm are needed for a plane through them.',
            _MORE_VIEWS,
        )


def _require_flat(clouds: Sequence[FloatArray], plane: FloatArray) -> None:
    """Refuse what lies on no plane: it was not the laser, or the board moved between two images of one place."""
    points = np.concatenate(clouds)
    scatter_mm = float(np.sqrt(np.mean(_distances_mm(points, plane) ** 2)))
    most_mm = 1e3 * MOST_SCATTER * float(np.linalg.norm(points.mean(axis=0)))
    if scatter_mm > most_mm:
        raise CalibrationError(
            f'The stripes do not lie on a plane: they scatter by {scatter_mm:.1f} mm (RMS), expected at most '
            f'{most_mm:.1f} mm.',
            'Check that what is seen is the laser and that it was on in all images, and that the board stood still.',
        )


def _jackknife(clouds: Sequence[FloatArray], used: BoolArray) -> FloatArray:
    """(3, 3) covariance of the coefficients, from leaving out one view after the other."""
    kept = [cloud for cloud, uses in zip(clouds, used, strict=True) if uses]
    planes = np.array([_plane(kept[:left] + kept[left + 1 :]) for left in range(len(kept))])
    off = planes - planes.mean(axis=0)
    covariance: FloatArray = (len(kept) - 1) / len(kept) * off.T @ off
    return covariance


def plane_gap_mm(one: FloatArray, other: FloatArray, points_m: FloatArray) -> float:
    """RMS distance in mm of two planes (3,) where points (n, 3) are: each point's distances from both, compared."""
    gap = _distances_mm(points_m, one) - _distances_mm(points_m, other)
    return float(np.sqrt(np.mean(gap**2)))
