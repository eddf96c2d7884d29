"""Options, execution and output that the hand-eye and eye-to-hand calibrations share."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from weld_cell.calibration.camera_files import load_intrinsics
from weld_cell.calibration.hand_eye import HandEye, calibrate_hand_eye, require_orientation
from weld_cell.calibration.mount import Mount
from weld_cell.calibration.outcomes import hand_eye_change
from weld_cell.calibration.rig import CameraCalibration, load_rig
from weld_cell.calibration.views import BoardViews, find_views
from weld_cell.commands.board_options import add_board_arguments, chosen_board
from weld_cell.commands.calibrate_options import (
    add_camera_argument,
    add_result_arguments,
    require_intrinsics_of_rig,
    today,
    write_result,
)
from weld_cell.commands.recorded_views import PosedImages, add_source_arguments, read_posed_images
from weld_cell.errors import ConfigurationError, ImageError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import quaternion_xyzw
from weld_cell.paths import config_file
from weld_cell.wording import counted

PARENTS = {Mount.HAND: 'tool0', Mount.BASE: 'base_link'}
_SEED = 0
"""Of the samples of the first answer: the same set gives the same result."""


def add_mounted_camera_arguments(parser: argparse.ArgumentParser, camera: str) -> None:
    """All of the options; camera: the default of --camera."""
    add_source_arguments(parser)
    add_board_arguments(parser)
    add_camera_argument(parser, camera)
    parser.add_argument(
        '--camera-info', type=Path, metavar='FILE', help="intrinsics: ROS's YAML, OpenCV's YAML or XML, JSON"
    )
    parser.add_argument(
        '--resolve-turns',
        action='store_true',
        help='take a board that looks the same when turned; the robot says how it is turned in each image',
    )
    add_result_arguments(parser)


def calibrate_mounted_camera(arguments: argparse.Namespace, mount: Mount) -> int:
    """Calibrate, print, and write what was asked for.

    Raises:
        WeldCellError: images and poses do not say where the camera sits, or something cannot be written.
    """
    board, sensor = chosen_board(arguments), _sensor(arguments, mount)
    require_orientation(board, arguments.resolve_turns)
    source = read_posed_images(arguments)
    camera = _camera(arguments, sensor, source)
    with tqdm(total=len(source.images), unit='image') as bar:
        views = find_views(board, source.images, bar.update)
    order = [source.poses.names.index(view.name) for view in views.found]
    result = calibrate_hand_eye(
        views.found,
        source.poses.some(np.array(order)),
        camera,
        mount,
        np.random.default_rng(_SEED),
        arguments.resolve_turns,
    )
    print(_text(result, views, source), end='')
    change = hand_eye_change(result, board, source.sha256, today())
    write_result(arguments, _content(result, views, source), {arguments.camera: change})
    return 0


def _sensor(arguments: argparse.Namespace, mount: Mount) -> CameraCalibration:
    """The camera of the rig.

    Raises:
        ConfigurationError: the rig has it on something else.
    """
    rig = load_rig(str(arguments.rig or config_file('rig.yaml')))
    sensor: CameraCalibration = getattr(rig, arguments.camera)
    if arguments.rig and sensor.parent != PARENTS[mount]:
        raise ConfigurationError(
            f'{arguments.rig}: "{arguments.camera}.parent" is {sensor.parent}, this calibration is for a camera in '
            f'{PARENTS[mount]}.',
            'Correct the parent, name the other camera with --camera, or use the other calibration.',
        )
    if not arguments.camera_info and f'{arguments.camera}.camera' in rig.nominal():
        print(f'The intrinsics of {arguments.camera} are nominal; calibrate them first (calibrate intrinsics).')
    return sensor


def _camera(arguments: argparse.Namespace, sensor: CameraCalibration, source: PosedImages) -> CameraModel:
    """The intrinsics that are named, or the rig's.

    Raises:
        ConfigurationError, CalibrationError: they cannot be read, or are others than those of the rig file that is
            to be written.
    """
    info: Path | None = arguments.camera_info
    if info is None:
        return sensor.camera
    shapes = (image.shape for _, image in source.images if not isinstance(image, ImageError))
    height, width = next(shapes, sensor.camera.size_px[::-1])[:2]
    camera = load_intrinsics(info, (width, height))
    require_intrinsics_of_rig(arguments, arguments.camera, camera)
    return camera


def _content(result: HandEye, views: BoardViews, source: PosedImages) -> dict[str, Any]:
    return {
        'mount': str(result.mount),
        'xyz_m': result.T_parent_camera[:3, 3].tolist(),
        'quaternion_xyzw': quaternion_xyzw(result.T_parent_camera).tolist(),
        'matrix': result.T_parent_camera.tolist(),
        'board_matrix': result.T_other_board.tolist(),
        'standard_deviations': result.deviations.tolist(),
        'covariance': result.covariance.tolist(),
        'method': result.method,
        'rms_px': result.rms_px,
        'scatter_mm': result.scatter_mm,
        'noise_px': result.noise_px,
        'robot_mm': result.robot_mm,
        'robot_deg': result.robot_deg,
        'views': [asdict(view) for view in result.views],
        'without_board': dict(views.missed),
        'without_pose': list(source.without_pose),
        'input_sha256': source.sha256,
    }


def _text(result: HandEye, views: BoardViews, source: PosedImages) -> str:
    lines = [f'no pose: {name}' for name in source.without_pose]
    lines += [f'no board: {name}: {why}' for name, why in views.missed]
    lines += [
        f'bad pose, left out: {view.name} ({view.off_mm:.1f} mm, {view.off_deg:.2f} degrees off)'
        for view in result.bad
    ]
    shift_mm, turn_deg = 1000 * result.deviations[:3], np.degrees(result.deviations[3:])
    parent = PARENTS[result.mount]
    for axis, value, deviation in zip('xyz', result.T_parent_camera[:3, 3], shift_mm, strict=True):
        lines.append(f'{axis} in {parent}  {1000 * value:10.3f} +- {deviation:.3f} mm')
    quaternion = ', '.join(f'{value:.6f}' for value in quaternion_xyzw(result.T_parent_camera))
    lines.append(f'turn (x, y, z, w)  {quaternion}; +- {", ".join(f"{value:.4f}" for value in turn_deg)} degrees')
    lines.append(
        f'{counted(result.used, "view")}; the board scatters by {result.scatter_mm:.3f} mm about each axis, '
        f'reprojection {result.rms_px:.3f} px'
    )
    lines.append(
        f'noise: images {result.noise_px:.3f} px, robot {result.robot_mm:.3f} mm and {result.robot_deg:.4f} degrees'
    )
    lines += [
        f'POOR RESULT: {doubt}. Add views, turned more; check board, poses and intrinsics.' for doubt in result.doubts
    ]
    return '\n'.join(lines) + '\n'
