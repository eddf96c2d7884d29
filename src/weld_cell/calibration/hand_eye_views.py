"""Views of a board for hand-eye calibration."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import BoardView
from weld_cell.calibration.mount import Mount
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.projection import project
from weld_cell.geometry.transforms import invert, make_transform
from weld_cell.records import FloatArray, IntArray

LEAST_POINTS = 4


@dataclass(frozen=True, eq=False)
class HandEyeViews:
    """Views of a board and where the robot was.

    In every view, first[i] @ X @ T_camera_board = Z: X is the camera in its parent, Z the board in what it stands on.

    Attributes:
        views: The board in each image.
        first: (n, 4, 4) T_base_hand of a camera on the hand, T_hand_base of a fixed one.
        camera: How the camera sees.
        mount: What it sits on.
    """

    views: tuple[BoardView, ...]
    first: FloatArray
    camera: CameraModel
    mount: Mount

    @classmethod
    def of(
        cls, views: Sequence[BoardView], T_base_hand: FloatArray, camera: CameraModel, mount: Mount
    ) -> 'HandEyeViews':
        """Of the robot's poses as it tells them."""
        return cls(tuple(views), T_base_hand if mount is Mount.HAND else invert(T_base_hand), camera, mount)

    def some(self, indices: IntArray) -> 'HandEyeViews':
        """Only some of the views."""
        return HandEyeViews(tuple(self.views[k] for k in indices), self.first[indices], self.camera, self.mount)

    def turned(self, turns: IntArray) -> 'HandEyeViews':
        """The same, the board of each view taken for turned, see `Board.turned_orders`."""
        views = tuple(view.turned(int(turn)) for view, turn in zip(self.views, turns, strict=True))
        return HandEyeViews(views, self.first, self.camera, self.mount)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the images."""
        return tuple(view.name for view in self.views)

    @cached_property
    def points(self) -> FloatArray:
        """(p, 3) board points of all views, one view behind the other."""
        return np.concatenate([view.points for view in self.views])

    @cached_property
    def pixels(self) -> FloatArray:
        """(p, 2) where they are seen."""
        return np.concatenate([view.pixels for view in self.views])

    @cached_property
    def starts(self) -> IntArray:
        """(n + 1,) where each view begins in `points`."""
        return np.cumsum([0, *(len(view.pixels) for view in self.views)])

    @cached_property
    def owners(self) -> IntArray:
        """(p,) to which view each point belongs."""
        return np.repeat(np.arange(len(self.views)), np.diff(self.starts))

    @cached_property
    def board_poses(self) -> FloatArray:
        """(n, 4, 4) T_camera_board of each image by itself."""
        return np.stack([board_pose(view, self.camera) for view in self.views])

    def seen(self, T_camera_board: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Points in the camera (p, 3) and pixels (p, 2) of boards at T_camera_board (n, 4, 4)."""
        each = T_camera_board[self.owners]
        in_camera = np.einsum('pij,pj->pi', each[:, :3, :3], self.points) + each[:, :3, 3]
        return in_camera, project(self.camera, in_camera)

    def predicted_poses(self, X: FloatArray, Z: FloatArray) -> FloatArray:
        """(n, 4, 4) T_camera_board by the robot."""
        poses: FloatArray = invert(X) @ invert(self.first) @ Z
        return poses

    def errors_px(self, T_camera_board: FloatArray) -> FloatArray:
        """(n,) RMS distance of the pixels of each view; huge where the board would be behind the camera."""
        in_camera, pixels = self.seen(T_camera_board)
        squares = np.sum((pixels - self.pixels) ** 2, axis=1)
        squares = np.where((in_camera[:, 2] > 0) & np.isfinite(squares), squares, 1e8)
        errors: FloatArray = np.sqrt(np.add.reduceat(squares, self.starts[:-1]) / np.diff(self.starts))
        return errors


def board_pose(view: BoardView, camera: CameraModel) -> FloatArray:
    """(4, 4) T_camera_board of one image: IPPE (Collins and Bartoli 2014), refined on the reprojection error.

    Raises:
        CalibrationError: the points do not give a pose.
    """
    pixels = view.pixels.reshape(-1, 1, 2)
    try:
        if len(pixels) < LEAST_POINTS:
            raise cv2.error(f'{len(pixels)} points')
        _, turns, shifts, _ = cv2.solvePnPGeneric(
            view.points, pixels, camera.matrix, camera.distortion, flags=cv2.SOLVEPNP_IPPE
        )
        turn, shift = cv2.solvePnPRefineLM(view.points, pixels, camera.matrix, camera.distortion, turns[0], shifts[0])
    except cv2.error as error:
        raise CalibrationError(
            f'{view.name}: the pose of the board cannot be determined ({len(pixels)} points of it are seen).',
            'Leave the image out.',
        ) from error
    return make_transform(np.asarray(shift, float).ravel(), Rotation.from_rotvec(np.asarray(turn, float).ravel()))


def mean_transform(transforms: FloatArray) -> FloatArray:
    """(4, 4) in the middle of transforms (n, 4, 4): median shift, mean turn."""
    rotation = Rotation.from_matrix(transforms[:, :3, :3]).mean()
    return make_transform(np.median(transforms[:, :3, 3], axis=0), rotation)
