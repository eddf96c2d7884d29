"""Calibration sets whose truth is known: a board before a camera that a robot carries, or the other way round.

The pixels are projected by cv2.projectPoints, which none of the code under test uses.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board, BoardView
from weld_cell.calibration.mount import Mount
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert, make_transform, transform_from_xyz_rpy_deg
from weld_cell.records import FloatArray

BOARD = Board('charuco', 11, 8, 0.008, 0.006, '5X5_100')
CAMERA = CameraModel(
    np.array([[2000.0, 0.0, 320.0], [0.0, 2000.0, 240.0], [0.0, 0.0, 1.0]]),
    np.array([-0.08, 0.05, 0.0, 0.0, 0.0]),
    (640, 480),
)
"""The line-laser sensor's, as config/rig.yaml has it."""
MOUNTINGS = {
    Mount.HAND: (np.array([0.350, 0.0, 0.080]), np.array([0.0, -30.0, 0.0])),
    Mount.BASE: (np.array([1.0, 0.0, 1.5]), np.array([180.0, 0.0, 90.0])),
}
MOST_MOUNTING_DEG = 3.0
LEAST_POINTS = 20


@dataclass(frozen=True)
class SetErrors:
    """What is drawn for a set, and how it is seen.

    Attributes:
        views: Number of views.
        noise_px: Standard deviation of a pixel coordinate.
        robot_mm, robot_deg: Standard deviations of the hand's pose along and about each of its axes.
        tilt_deg, roll_deg: Greatest tilt of the board about the image's axes, and turn about the line of sight.
        distance_m: Nearest and furthest.
    """

    views: int = 20
    noise_px: float = 0.1
    robot_mm: float = 0.1
    robot_deg: float = 0.02
    tilt_deg: float = 35.0
    roll_deg: float = 180.0
    distance_m: tuple[float, float] = (0.30, 0.42)


@dataclass(frozen=True, eq=False)
class SimulatedSet:
    """A set and its truth.

    Attributes:
        views: Of the board.
        T_base_hand: (n, 4, 4) as the robot tells it.
        X: (4, 4) the true camera in its parent.
        Z: (4, 4) the true board in what it stands on.
    """

    views: tuple[BoardView, ...]
    T_base_hand: FloatArray
    X: FloatArray
    Z: FloatArray


def simulated_set(
    rng: np.random.Generator, mount: Mount = Mount.HAND, errors: SetErrors | None = None, board: Board = BOARD
) -> SimulatedSet:
    """Draw a set."""
    errors = errors or SetErrors()
    shift, rpy_deg = MOUNTINGS[mount]
    X = transform_from_xyz_rpy_deg(shift, rpy_deg + rng.uniform(-MOST_MOUNTING_DEG, MOST_MOUNTING_DEG, 3))
    places = {Mount.HAND: ((1.0, 0.1, 0.2), (180.0, 0.0, 30.0)), Mount.BASE: ((0.02, 0.01, 0.05), (5.0, -8.0, 20.0))}
    Z = transform_from_xyz_rpy_deg(*map(np.array, places[mount]))
    views: list[BoardView] = []
    told = []
    while len(views) < errors.views:
        T_camera_board = _board_before_camera(rng, errors, board)
        view = _seen(rng, errors, board, T_camera_board, f'{len(views):02}.png')
        if len(view.pixels) < LEAST_POINTS:
            continue
        first = Z @ invert(T_camera_board) @ invert(X)
        views.append(view)
        told.append((first if mount is Mount.HAND else invert(first)) @ _robot_error(rng, errors))
    return SimulatedSet(tuple(views), np.stack(told), X, Z)


def error_of(X: FloatArray, true_X: FloatArray) -> tuple[float, float]:
    """How far a result is off, in mm and degrees."""
    off = invert(true_X) @ X
    turn = Rotation.from_matrix(off[:3, :3]).as_rotvec()
    return float(1000 * np.linalg.norm(off[:3, 3])), float(np.degrees(np.linalg.norm(turn)))


def six_of(X: FloatArray, true_X: FloatArray) -> FloatArray:
    """(6,) how far a result is off along and about the parent's axes, as the covariance of a result has it."""
    turn = Rotation.from_matrix(X[:3, :3] @ true_X[:3, :3].T).as_rotvec()
    return np.concatenate([X[:3, 3] - true_X[:3, 3], turn])


def _board_before_camera(rng: np.random.Generator, errors: SetErrors, board: Board) -> FloatArray:
    turn = [*rng.uniform(-errors.tilt_deg, errors.tilt_deg, 2), rng.uniform(-errors.roll_deg, errors.roll_deg)]
    rotation = Rotation.from_euler('xyz', turn, degrees=True)
    middle = np.array([*rng.uniform(-0.01, 0.01, 2), rng.uniform(*errors.distance_m)])
    return make_transform(middle - rotation.apply(board.middle), rotation)


def _seen(rng: np.random.Generator, errors: SetErrors, board: Board, T: FloatArray, name: str) -> BoardView:
    turn = Rotation.from_matrix(T[:3, :3]).as_rotvec()
    projected, _ = cv2.projectPoints(board.points, turn, T[:3, 3], CAMERA.matrix, CAMERA.distortion)
    pixels = np.asarray(projected, float).reshape(-1, 2) + rng.normal(0.0, errors.noise_px, (len(board.points), 2))
    within = ((pixels > 0) & (pixels < CAMERA.size_px)).all(axis=1)
    return BoardView(name, CAMERA.size_px, pixels[within], np.flatnonzero(within), board)


def _robot_error(rng: np.random.Generator, errors: SetErrors) -> FloatArray:
    turn = Rotation.from_rotvec(rng.normal(0.0, errors.robot_deg, 3), degrees=True)
    return make_transform(rng.normal(0.0, errors.robot_mm / 1000, 3), turn)
