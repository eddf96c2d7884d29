"""Pose of a camera on the hand (eye in hand) or in the cell (eye to hand), from views of a board.

A first answer in closed form that wrong poses do not spoil (`hand_eye_start`), then the best one together with the
board's place on the reprojection error (`hand_eye_fit`). What cannot be right is refused with what to do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board, BoardView
from weld_cell.calibration.hand_eye_closed import angles_rad, motions
from weld_cell.calibration.hand_eye_fit import Fit, fit_hand_eye
from weld_cell.calibration.hand_eye_start import find_start
from weld_cell.calibration.hand_eye_views import HandEyeViews
from weld_cell.calibration.mount import Mount
from weld_cell.calibration.pose_mistakes import require_scale, require_that_poses_turn_as_images
from weld_cell.calibration.poses import RobotPoses
from weld_cell.calibration.views import require_one_size
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert
from weld_cell.records import FloatArray

LEAST_VIEWS = 4
LEAST_TURN_DEG = 5.0
"""RMS turn of the hand about the second of its three axes of turning; below it a part of the shift stays unknown."""
MOST_LEFT_OUT = 0.4
MOST_ROBOT_M, MOST_ROBOT_DEG = 0.03, 4.0
MOST_SHIFT_DEVIATION_M, MOST_TURN_DEVIATION_DEG = 0.02, 1.0
DOUBTFUL_MM, DOUBTFUL_DEG = 1.0, 0.1
"""A result that scatters more, or whose standard deviations are larger, is written with a warning."""
_MORE_VIEWS = 'Take 15 to 25 views; turn the hand by 20 degrees or more about two axes between them, best three.'
_UNRELATED = (
    'Check that each pose is that of its image, taken when the robot stood still, that the board did not move on '
    'what carries it, and that the camera is the one whose intrinsics are used.'
)


@dataclass(frozen=True, eq=False)
class PoseError:
    """How far one view is from what all others say.

    Attributes:
        name: Of the image.
        rms_px: Of its points, as the robot's pose puts them.
        off_mm, off_deg: Between where the board is by the image and by the robot, at the board's middle.
        used: Whether it took part; else its pose is a bad one.
    """

    name: str
    rms_px: float
    off_mm: float
    off_deg: float
    used: bool


@dataclass(frozen=True, eq=False)
class HandEye:
    """The result.

    Attributes:
        mount: What the camera sits on.
        T_parent_camera: (4, 4) camera in the hand, or in the base.
        T_other_board: (4, 4) board in the base, or in the hand.
        covariance: (6, 6) of T_parent_camera: shift (m), then turn (rad), along and about the parent's axes.
        method: Of the closed form that the refinement began with.
        rms_px: Of all points of the views that took part.
        scatter_mm: Standard deviation about each axis of the board's middle in what it stands on, by each image.
        noise_px: Standard deviation of a pixel coordinate.
        robot_mm, robot_deg: Standard deviation of the robot's poses about each axis, estimated from the views.
        views: Every view.
    """

    mount: Mount
    T_parent_camera: FloatArray
    T_other_board: FloatArray
    covariance: FloatArray
    method: str
    rms_px: float
    scatter_mm: float
    noise_px: float
    robot_mm: float
    robot_deg: float
    views: tuple[PoseError, ...]

    @property
    def deviations(self) -> FloatArray:
        """(6,) standard deviations of T_parent_camera, see `covariance`."""
        deviations: FloatArray = np.sqrt(np.diag(self.covariance))
        return deviations

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is worse than a weld wants, in words; none of a good result."""
        shift_mm = float(1000 * self.deviations[:3].max())
        turn_deg = float(np.degrees(self.deviations[3:].max()))
        told = (
            (shift_mm, DOUBTFUL_MM, 'mm', 'the standard deviation of its place is'),
            (turn_deg, DOUBTFUL_DEG, 'degrees', 'that of its turn is'),
            (self.scatter_mm, DOUBTFUL_MM, 'mm', 'the board scatters by'),
        )
        return tuple(
            f'{words} {value:.2g} {unit}, expected at most {most:g}'
            for value, most, unit, words in told
            if value > most
        )

    @property
    def used(self) -> int:
        """Number of views that took part."""
        return sum(view.used for view in self.views)

    @property
    def bad(self) -> tuple[PoseError, ...]:
        """Views that were left out."""
        return tuple(view for view in self.views if not view.used)


def calibrate_hand_eye(
    views: Sequence[BoardView],
    poses: RobotPoses,
    camera: CameraModel,
    mount: Mount,
    rng: np.random.Generator,
    resolve_turns: bool = False,
) -> HandEye:
    """Find where a camera sits.

    Args:
        views: Of one board, from one camera.
        poses: The robot's hand in its base, in the same order.
        camera: How the camera sees.
        mount: What it sits on.
        rng: Draws the samples of the first answer.
        resolve_turns: Take a board that looks the same when it is turned, and let the robot's motion say how it is
            turned in each view.

    Raises:
        ValueError: not one pose for each view.
        CalibrationError: the set cannot calibrate; says why, and what to add or to correct.
    """
    if len(views) != len(poses):
        raise ValueError(f'poses: expected one for each of {len(views)} views, got {len(poses)}')
    _require_set(views, camera, resolve_turns)
    given = HandEyeViews.of(views, poses.transforms, camera, mount)
    require_that_poses_turn_as_images(given, poses, ambiguous=resolve_turns)
    _require_turning(poses.transforms)
    start = find_start(given, rng, resolve_turns)
    taken = given.turned(start.turns) if resolve_turns else given
    near = np.isin(np.arange(len(views)), start.near)
    require_scale(taken.some(start.near))
    fit = fit_hand_eye(taken, start.X, start.Z, near)
    _require_agreement(fit)
    _require_certain(fit)
    return _result(taken, fit, start.method)


def _require_set(views: Sequence[BoardView], camera: CameraModel, resolve_turns: bool) -> None:
    if len(views) < LEAST_VIEWS:
        raise CalibrationError(
            f'{len(views)} view{"s" if len(views) != 1 else ""} with a board and a pose cannot say where the camera '
            f'sits; at least {LEAST_VIEWS} are needed.',
            _MORE_VIEWS,
        )
    require_one_size(views)
    if views[0].size_px != camera.size_px:
        raise CalibrationError(
            f'The images have {views[0].size_px[0]} x {views[0].size_px[1]} px, the camera was calibrated with '
            f'{camera.size_px[0]} x {camera.size_px[1]}.',
            'Name the intrinsics of this camera and region.',
        )
    require_orientation(views[0].board, resolve_turns)


def require_orientation(board: Board, resolve_turns: bool) -> None:
    """Refuse a board that looks the same when it is turned, unless the robot's motion shall say how it is turned.

    Raises:
        CalibrationError: it does.
    """
    if board.symmetry > 1 and not resolve_turns:
        raise CalibrationError(
            f'A {board.describe()} looks the same when it is turned by {360 // board.symmetry} degrees: the images '
            'do not say how it lies.',
            'Use a board that does not (a chessboard of an odd by an even number of corners, ChArUco, AprilTags), or '
            "let the robot's motion decide with --resolve-turns.",
        )


def _require_turning(T_base_hand: FloatArray) -> None:
    """Refuse a hand that turned too little, or about one axis only.

    Raises:
        CalibrationError: says about which axis of the hand to turn.
    """
    A, _ = motions(T_base_hand, T_base_hand)
    turns = np.degrees(Rotation.from_matrix(A[:, :3, :3]).as_rotvec())
    _, sizes, axes = np.linalg.svd(turns, full_matrices=False)
    spread_deg = sizes / np.sqrt(len(turns))
    if spread_deg[1] < LEAST_TURN_DEG:
        missing = axes[1:] if spread_deg[0] >= LEAST_TURN_DEG else axes
        told = ' or '.join(f'({axis[0]:.1f}, {axis[1]:.1f}, {axis[2]:.1f})' for axis in missing)
        raise CalibrationError(
            f'The hand turned too little: {spread_deg[0]:.1f} degrees (RMS between views) about its axis '
            f'({axes[0][0]:.1f}, {axes[0][1]:.1f}, {axes[0][2]:.1f}), {spread_deg[1]:.1f} about the next; '
            f'{LEAST_TURN_DEG:g} about two are needed.',
            f'Add views with the hand turned by 20 degrees or more about its axis {told}.',
        )


def _require_agreement(fit: Fit) -> None:
    """Refuse an answer that too few views agree with, or that makes the robot worse than any is.

    Raises:
        CalibrationError: poses and images do not belong together.
    """
    robot_deg, left_out = np.degrees(fit.robot_rad), int((~fit.used).sum())
    if left_out <= MOST_LEFT_OUT * len(fit.used) and fit.robot_m < MOST_ROBOT_M and robot_deg < MOST_ROBOT_DEG:
        return
    raise CalibrationError(
        f'Poses and images do not belong together: the best answer leaves the robot {1000 * fit.robot_m:.0f} mm and '
        f'{robot_deg:.1f} degrees off, and {left_out} of {len(fit.used)} views out.',
        _UNRELATED,
    )


def _require_certain(fit: Fit) -> None:
    deviations = np.sqrt(np.diag(fit.covariance)[:6])
    shift_m, turn_deg = deviations[:3].max(), np.degrees(deviations[3:].max())
    if shift_m > MOST_SHIFT_DEVIATION_M or turn_deg > MOST_TURN_DEVIATION_DEG:
        raise CalibrationError(
            f'The views do not determine the pose of the camera: standard deviations of {1000 * shift_m:.0f} mm and '
            f'{turn_deg:.1f} degrees.',
            _MORE_VIEWS,
        )


def _result(views: HandEyeViews, fit: Fit, method: str) -> HandEye:
    predicted = views.predicted_poses(fit.X, fit.Z)
    errors = views.errors_px(predicted)
    counts = np.diff(views.starts)
    middle = np.append(views.views[0].board.middle, 1.0)
    by_image = (views.first @ fit.X @ views.board_poses @ middle)[:, :3]
    off = by_image - (fit.Z @ middle)[:3]
    turned = angles_rad(invert(predicted) @ views.board_poses)
    used = by_image[fit.used]
    told = tuple(
        PoseError(name, float(px), float(1000 * np.linalg.norm(mm)), float(np.degrees(rad)), bool(taken))
        for name, px, mm, rad, taken in zip(views.names, errors, off, turned, fit.used, strict=True)
    )
    into_parent = np.zeros((6, 6))
    into_parent[:3, :3] = into_parent[3:, 3:] = fit.X[:3, :3]
    return HandEye(
        mount=views.mount,
        T_parent_camera=fit.X,
        T_other_board=fit.Z,
        covariance=into_parent @ fit.covariance[:6, :6] @ into_parent.T,
        method=method,
        rms_px=float(np.sqrt(np.average(errors[fit.used] ** 2, weights=counts[fit.used]))),
        scatter_mm=float(1000 * np.sqrt(np.mean((used - used.mean(axis=0)) ** 2))),
        noise_px=fit.noise_px,
        robot_mm=1000 * fit.robot_m,
        robot_deg=float(np.degrees(fit.robot_rad)),
        views=told,
    )
