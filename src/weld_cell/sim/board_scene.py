"""A calibration board in the simulated cell: printed as `weld_cell calibrate board` prints it, seen by a camera.

A camera on the hand looks at a board on the table, a fixed one at a board that the hand carries. Where the camera
truly sits, and how it truly sees, differs from the rig's nominal numbers as a real bracket and lens do: that is what
a calibration has to find. The image is made by following each pixel's ray, by OpenCV, to the board's plane.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board
from weld_cell.calibration.rig import CameraCalibration
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert, make_transform
from weld_cell.records import FloatArray, ImageArray
from weld_cell.report.board_sheet import MM_PER_INCH, board_figure, board_origin_mm, page_mm
from weld_cell.sim.area_view import AreaView, Picture
from weld_cell.sim.sheet import Float32Array

ON_THE_TABLE = make_transform((1.0, 0.0, 0.2), Rotation.from_euler('xyz', [180.0, 0.0, 90.0], degrees=True))
"""T_base_board of the board's middle, where the nominal scan of config/cell.yaml has its seam; it faces up."""
ON_THE_HAND = make_transform((0.25, 0.0, 0.10))
"""T_tool0_board of its middle: on a bracket beside the tool, facing the camera above."""
_SHIFT_M, _TURN_DEG = 0.005, 1.5
_FOCAL_SHARE, _CENTRE_PX, _RADIAL = 0.01, 6.0, 0.02
_BOARD_SHIFT_M, _BOARD_TURN_DEG = 0.01, 5.0
_TEXELS_PER_PX, _MOST_TEXELS = 2.5, 5000
_LENS_SIGMA_PX, _NOISE_GREY = 0.7, 1.5
_WHITE, _BLACK, _TABLE = 205.0, 25.0, 90.0


def as_built(nominal: CameraCalibration, seed: int) -> tuple[CameraModel, FloatArray]:
    """How a simulated camera truly sees, and where it truly sits.

    Args:
        nominal: The rig's numbers.
        seed: What differs from them is drawn from it.

    Returns:
        Intrinsics, and T_parent_camera (4, 4).
    """
    rng, camera = np.random.default_rng([seed, 18]), nominal.camera
    turn = Rotation.from_euler('xyz', rng.uniform(-_TURN_DEG, _TURN_DEG, 3), degrees=True)
    off = make_transform(rng.uniform(-_SHIFT_M, _SHIFT_M, 3), turn)
    matrix, distortion = camera.matrix.copy(), camera.distortion.copy()
    matrix[[0, 1], [0, 1]] *= 1.0 + rng.uniform(-_FOCAL_SHARE, _FOCAL_SHARE)
    matrix[:2, 2] += rng.uniform(-_CENTRE_PX, _CENTRE_PX, 2)
    distortion[0] += rng.uniform(-_RADIAL, _RADIAL)
    return replace(camera, matrix=matrix, distortion=distortion), nominal.T_parent_sensor @ off


@dataclass(frozen=True, eq=False)
class BoardScene:
    """A board, and the camera that is to be calibrated.

    Attributes:
        board: What is printed.
        camera: True intrinsics.
        T_parent_camera: (4, 4) where the camera truly sits.
        T_holder_board: (4, 4) the board's frame in what it stands on.
        camera_on_hand: Whether tool0 carries the camera; else it carries the board.
        picture: The printed page in its plane.
    """

    board: Board
    camera: CameraModel
    T_parent_camera: FloatArray
    T_holder_board: FloatArray
    camera_on_hand: bool
    picture: Picture

    @classmethod
    def of(cls, board: Board, nominal: CameraCalibration, seed: int) -> 'BoardScene':
        """The scene of a seed: camera as built, board laid down by hand."""
        camera, T_parent_camera = as_built(nominal, seed)
        on_hand, rng = nominal.parent == 'tool0', np.random.default_rng([seed, 19])
        turn = Rotation.from_euler('xyz', rng.uniform(-_BOARD_TURN_DEG, _BOARD_TURN_DEG, 3), degrees=True)
        laid = (ON_THE_TABLE if on_hand else ON_THE_HAND) @ make_transform(
            rng.uniform(-_BOARD_SHIFT_M, _BOARD_SHIFT_M, 3), turn
        )
        T_holder_board = laid @ make_transform(-board.middle)
        texels_per_mm = _texels_per_mm(board, camera, nominal)
        return cls(board, camera, T_parent_camera, T_holder_board, on_hand, printed(board, texels_per_mm))

    def T_camera_board(self, T_base_tool0: FloatArray) -> FloatArray:
        """(4, 4) where the board truly is before the camera."""
        hand = T_base_tool0 if self.camera_on_hand else invert(T_base_tool0)
        seen: FloatArray = invert(hand @ self.T_parent_camera) @ self.T_holder_board
        return seen

    def image(self, T_base_tool0: FloatArray, rng: Generator) -> ImageArray:
        """(height, width) uint8 of the board, for a hand at T_base_tool0 (4, 4)."""
        return render(self.camera, self.T_camera_board(T_base_tool0), self.picture, rng)


def render(camera: CameraModel, T_camera_board: FloatArray, picture: Picture, rng: Generator) -> ImageArray:
    """(height, width) uint8 of a printed page somewhere before a camera; the table where it is not seen."""
    width, height = camera.size_px
    light = np.full((height, width), _TABLE, np.float32)
    facing = float(-T_camera_board[:3, 2] @ np.array([0.0, 0.0, -1.0]))
    if facing > 0.05 and T_camera_board[2, 3] > 0.0:  # seen from its front
        view = AreaView(camera, np.eye(4))
        placed = replace(picture, T_base_plane=T_camera_board @ picture.T_base_plane)
        window = view.window(placed)
        if light[window].size:
            values, cover = cv2.split(view.seen(placed, window))
            light[window] += facing**0.3 * values - cover * light[window]
    blurred = cv2.GaussianBlur(light, (0, 0), _LENS_SIGMA_PX)
    noise = rng.standard_normal(blurred.shape, dtype=np.float32)
    return np.asarray(cv2.convertScaleAbs(blurred + _NOISE_GREY * noise))


def printed(board: Board, texels_per_mm: int) -> Picture:
    """A board's page as a picture of grey values and cover, in the board's own frame."""
    width_mm, height_mm = map(math.ceil, page_mm(board))  # whole texels: else the page is shifted within them
    figure = board_figure(board, (width_mm, height_mm))
    figure.set_dpi(texels_per_mm * MM_PER_INCH)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    paper = cv2.cvtColor(np.asarray(canvas.buffer_rgba()), cv2.COLOR_RGBA2GRAY).astype(np.float32)
    grey = _BLACK + (_WHITE - _BLACK) / 255.0 * paper
    values: Float32Array = np.dstack([grey, np.ones_like(grey)])
    first = np.array(board_origin_mm(board, (width_mm, height_mm))) * texels_per_mm - 0.5
    flipped = make_transform(np.zeros(3), Rotation.from_euler('x', 180.0, degrees=True))
    return Picture(values, flipped, first, texels_per_mm)


def _texels_per_mm(board: Board, camera: CameraModel, nominal: CameraCalibration) -> int:
    """So many that a pixel near by sees two of them, within what a picture may hold."""
    plane = getattr(nominal, 'laser_plane', None)
    near_m = 0.8 * (1.0 / plane[2] if plane is not None else nominal.T_parent_sensor[2, 3] - ON_THE_TABLE[2, 3])
    wanted = _TEXELS_PER_PX * camera.matrix[0, 0] / (1e3 * near_m)
    return max(1, math.ceil(float(min(wanted, _MOST_TEXELS / max(page_mm(board))))))
