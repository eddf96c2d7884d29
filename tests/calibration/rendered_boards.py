"""Images of a printed chessboard before a camera on a robot's hand, rendered by its homography."""

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert, make_transform, transform_from_xyz_rpy_deg
from weld_cell.report.board_sheet import MM_PER_INCH, RULE_ROOM_MM, board_figure

BOARD = Board('chessboard', 9, 6, 0.015)
CAMERA = CameraModel(np.array([[900.0, 0, 319.5], [0, 900.0, 239.5], [0, 0, 1.0]]), np.zeros(5), (640, 480))
X = transform_from_xyz_rpy_deg(np.array([0.06, -0.02, 0.09]), np.array([3.0, -12.0, 91.0]))
Z = transform_from_xyz_rpy_deg(np.array([0.6, 0.1, 0.02]), np.array([180.0, 0.0, 20.0]))
PAGE_MM = (190.0, 150.0)


def rendered_views():
    """Eight images of a printed chessboard, and T_base_hand of each."""
    figure = board_figure(BOARD, PAGE_MM)
    figure.set_dpi(10 * MM_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = cv2.GaussianBlur(cv2.cvtColor(np.asarray(canvas.buffer_rgba()), cv2.COLOR_RGBA2GRAY), (0, 0), 3.0)
    first_mm = [(PAGE_MM[0] - 150) / 2 + 15, (PAGE_MM[1] - RULE_ROOM_MM - 105) / 2 + 15]
    page_of_board = np.array([[1e4, 0, 10 * first_mm[0] - 0.5], [0, 1e4, 10 * first_mm[1] - 0.5], [0, 0, 1]])
    rng = np.random.default_rng(8)
    images, poses = [], []
    for number in range(8):
        rotation = Rotation.from_euler('xyz', [*rng.uniform(-30, 30, 2), 40 * number - 140], degrees=True)
        T = make_transform(np.array([0, 0, 0.4]) - rotation.apply(BOARD.middle), rotation)
        image_of_board = CAMERA.matrix @ np.column_stack([T[:3, :2], T[:3, 3]])
        homography = image_of_board @ np.linalg.inv(page_of_board)
        images.append(cv2.warpPerspective(page, homography, CAMERA.size_px, borderValue=230))
        poses.append(Z @ invert(T) @ invert(X))
    return images, np.stack(poses)
