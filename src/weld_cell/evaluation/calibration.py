"""How good the calibrations are: real sets of other people, and simulated ones whose truth is known."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.calibration.boards import Board, BoardView
from weld_cell.calibration.camera_files import load_intrinsics
from weld_cell.calibration.hand_eye import HandEye, calibrate_hand_eye
from weld_cell.calibration.intrinsics import calibrate_intrinsics
from weld_cell.calibration.mount import Mount
from weld_cell.calibration.pose_files import poses_of_folder
from weld_cell.calibration.poses import RobotPoses
from weld_cell.calibration.views import find_views, folder_images
from weld_cell.evaluation.scan_calibration import GRID_FOLDER, PLANS, laser_plane_figures, scan_figures
from weld_cell.evaluation.simulated_calibration import CAMERA, error_of, simulated_set, six_of
from weld_cell.geometry.camera import CameraModel
from weld_cell.images import image_files

CHESSBOARD_FOLDER, CHESSBOARD = 'intrinsics_chessboard', Board('chessboard', 9, 6, 0.030)
CHESSBOARD_F_PX = 518.05
HAND_EYE_FOLDER, HAND_EYE_BOARD = 'hand_eye_chessboard', Board('chessboard', 9, 11, 0.0202)
HAND_EYE_REFERENCE_M = np.array([-0.0290, -0.0394, 0.0720])
"""Where Tsai, Park and Daniilidis agree on within 1.5 mm."""
EYE_TO_HAND_FOLDER, TAG = 'eye_to_hand_apriltag', Board('apriltag', 1, 1, 0.0552, 0.0552, 'APRILTAG_36H11', 10)
EYE_TO_HAND_REFERENCE_M = np.array([0.447, 0.008, 0.832])
"""About where robust answers put it; it moves by 20 mm with the treatment of outliers."""
WITHIN = 1.96
"""Standard deviations to either side that hold 95 %."""

Step = Callable[[], object]


@dataclass(frozen=True)
class CalibrationSize:
    """How much is evaluated.

    Attributes:
        sets: Simulated calibrations.
        seed: They come from it.
    """

    sets: int = 200
    seed: int = 18


def steps(size: CalibrationSize, data: Path) -> int:
    """How many steps an evaluation takes."""
    folders = (CHESSBOARD_FOLDER, HAND_EYE_FOLDER, EYE_TO_HAND_FOLDER, f'{GRID_FOLDER}/laser_off')
    simulated = size.sets + sum(plan.sets(size.sets) for plan in PLANS.values())
    return simulated + sum(len(image_files(data / name)) for name in folders if (data / name).is_dir())


def evaluate_calibration(size: CalibrationSize, data: Path, step: Step = lambda: None) -> dict[str, Any]:
    """All figures; those of a real set that is not in `data` are left out.

    Args:
        size: How many simulated sets.
        data: Folder of the real sets.
        step: Called `steps` times.
    """
    figures: dict[str, Any] = {'sets': size.sets, 'seed': size.seed}
    for folder, evaluate in (
        (CHESSBOARD_FOLDER, _chessboard),
        (HAND_EYE_FOLDER, _hand_eye),
        (EYE_TO_HAND_FOLDER, _eye_to_hand),
        (GRID_FOLDER, laser_plane_figures),
    ):
        if (data / folder).is_dir():
            figures |= evaluate(data / folder, step)
    return figures | _simulated(size, step) | scan_figures(size.sets, size.seed, step)


def _chessboard(folder: Path, step: Step) -> dict[str, Any]:
    result = calibrate_intrinsics(find_views(CHESSBOARD, folder_images(folder), step).found)
    focal = float(result.camera.matrix[[0, 1], [0, 1]].mean())
    return {
        'chessboard_rms_px': result.rms_px,
        'chessboard_f': focal,
        'chessboard_f_off_percent': 100 * abs(focal / CHESSBOARD_F_PX - 1),
        'chessboard_views': result.used,
    }


def _hand_eye(folder: Path, step: Step) -> dict[str, Any]:
    views = find_views(HAND_EYE_BOARD, folder_images(folder), step).found
    camera = load_intrinsics(folder / 'camera_info.yaml', views[0].size_px)
    result = _mounted(folder, views, camera, Mount.HAND)
    return {
        'hand_eye_mm': _away_mm(result, HAND_EYE_REFERENCE_M),
        'hand_eye_scatter_mm': result.scatter_mm,
        'hand_eye_bad': [view.name for view in result.bad],
    }


def _eye_to_hand(folder: Path, step: Step) -> dict[str, Any]:
    views = find_views(TAG, folder_images(folder), step).found
    camera = load_intrinsics(folder / 'camera_params.json', views[0].size_px)
    result = _mounted(folder, views, camera, Mount.BASE)
    return {
        'eye_to_hand_mm': _away_mm(result, EYE_TO_HAND_REFERENCE_M),
        'eye_to_hand_xyz_m': result.T_parent_camera[:3, 3].tolist(),
        'eye_to_hand_bad': [view.name for view in result.bad],
    }


def _mounted(folder: Path, views: tuple[BoardView, ...], camera: CameraModel, mount: Mount) -> HandEye:
    poses = poses_of_folder(image_files(folder))
    order = np.array([poses.names.index(view.name) for view in views])
    ambiguous = views[0].board.symmetry > 1
    return calibrate_hand_eye(views, poses.some(order), camera, mount, np.random.default_rng(0), ambiguous)


def _away_mm(result: HandEye, reference_m: Any) -> float:
    return float(1000 * np.linalg.norm(result.T_parent_camera[:3, 3] - reference_m))


def _simulated(size: CalibrationSize, step: Step) -> dict[str, Any]:
    """Hand-eye of simulated sets, and how often the 95 % intervals of its six numbers hold the truth."""
    errors, inside = [], []
    for number in range(size.sets):
        drawn = simulated_set(np.random.default_rng((size.seed, number)))
        poses = RobotPoses.of_transforms(drawn.T_base_hand)
        result = calibrate_hand_eye(drawn.views, poses, CAMERA, Mount.HAND, np.random.default_rng(0))
        errors.append(error_of(result.T_parent_camera, drawn.X))
        inside.append(np.abs(six_of(result.T_parent_camera, drawn.X)) <= WITHIN * result.deviations)
        step()
    median_mm, median_deg = np.median(errors, axis=0).tolist()
    each = np.mean(inside, axis=0)
    return {
        'sim_hand_eye_mm': median_mm,
        'sim_hand_eye_deg': median_deg,
        'coverage': float(each.mean()),
        'coverage_each': each.tolist(),
    }
