"""`weld_cell calibrate laser-plane`: laser plane of a line-laser sensor, from its stripe on a board."""

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from weld_cell.board_stripe import stripe_on_board
from weld_cell.calibration.boards import BoardView
from weld_cell.calibration.camera_files import load_intrinsics
from weld_cell.calibration.laser_plane import LaserPlane, StripeOnBoard, calibrate_laser_plane
from weld_cell.calibration.record import CalibrationRecord, sha256_of_files
from weld_cell.calibration.rig import load_rig
from weld_cell.calibration.rig_file import plane_change
from weld_cell.calibration.views import find_views, folder_images
from weld_cell.commands.board_options import BOARD_EXAMPLES, add_board_arguments, chosen_board
from weld_cell.commands.calibrate_options import (
    add_result_arguments,
    named_rig,
    require_intrinsics_of_rig,
    today,
    write_result,
)
from weld_cell.errors import CalibrationError, ImageError, StripeError
from weld_cell.geometry.camera import CameraModel
from weld_cell.images import image_files, read_image
from weld_cell.models.files import write_atomically
from weld_cell.option_types import file_to_write
from weld_cell.paths import config_file
from weld_cell.records import ImageArray
from weld_cell.report.laser_picture import laser_plane_picture
from weld_cell.stripe import StripeSettings
from weld_cell.wording import counted

EXAMPLES = f"""Examples:
  weld_cell calibrate laser-plane photos/ --kind charuco --size 11x8 --pitch-mm 20 --marker-mm 15 \\
      --rig ~/cell/rig.yaml
  weld_cell calibrate laser-plane laser_on/ --boards laser_off/ --kind circles --size 7x7 --pitch-mm 37.5 \\
      --camera-info camera.yaml --json plane.json --picture laser.png

Boards:
{BOARD_EXAMPLES}

6 or more images: the board nearer and further and tilted, the stripe across all of it. Where the laser hides points
of the board, or blinds the camera, take each place twice and name the images without the laser by --boards: the
first of one folder belongs to the first of the other, in natural order. The stripe may run in any direction."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('folder', type=Path, help='images of the stripe over the board, all of one size')
    parser.add_argument('--boards', type=Path, metavar='FOLDER', help='images of the same places, the laser off')
    add_board_arguments(parser)
    parser.add_argument(
        '--camera-info',
        type=Path,
        metavar='FILE',
        help="intrinsics: ROS's or OpenCV's YAML or XML, JSON (default: the rig's laser sensor)",
    )
    parser.add_argument(
        '--laser-colour', default='red', choices=('red', 'green', 'blue'), help='in colour images (default: red)'
    )
    parser.add_argument(
        '--picture', type=file_to_write, metavar='FILE', help='PNG: how far each stripe is from the plane'
    )
    add_result_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, print, and write what was asked for.

    Raises:
        WeldCellError: the images give no laser plane, or something cannot be written.
    """
    named_rig(arguments)
    camera = _camera(arguments)
    stripes, missed = _stripes(arguments)
    if not stripes:
        raise CalibrationError(
            f'No view shows both the board and the stripe; of the first: {missed[0]}',
            'Switch the laser on; let the stripe cross the board; lower the exposure.',
        )
    result = calibrate_laser_plane(stripes, camera)
    missed += result.missed
    print(_text(result, missed), end='')
    if arguments.picture:
        _, png = cv2.imencode('.png', laser_plane_picture(result))
        write_atomically(arguments.picture, lambda stream: stream.write(png.tobytes()))
        print(f'written: {arguments.picture}')
    record = CalibrationRecord.of_covariance(
        result.covariance,
        date=today(),
        method=f'stripe over {chosen_board(arguments).describe()}',
        residual=result.scatter_mm,
        residual_unit='mm',
        views=result.used,
        input_sha256=sha256_of_files(image_files(arguments.folder)),
    )
    change = plane_change(result.coefficients, round(result.scatter_mm, 4), record)
    write_result(arguments, _content(result, missed), {'laser_sensor.laser_plane': change})
    return 0


def _camera(arguments: argparse.Namespace) -> CameraModel:
    if arguments.camera_info:
        height, width = read_image(image_files(arguments.folder)[0]).shape[:2]
        camera = load_intrinsics(arguments.camera_info, (width, height))
        require_intrinsics_of_rig(arguments, 'laser_sensor', camera)
        return camera
    return load_rig(str(arguments.rig or config_file('rig.yaml'))).laser_sensor.camera


def _stripes(arguments: argparse.Namespace) -> tuple[list[StripeOnBoard], list[str]]:
    """What shows board and stripe, and why the others do not."""
    lit = folder_images(arguments.folder)
    unlit = folder_images(arguments.boards) if arguments.boards else lit
    if len(lit) != len(unlit):
        raise CalibrationError(
            f'{arguments.folder} has {counted(len(lit), "image")}, {arguments.boards} has {len(unlit)}.',
            'Each image of the stripe needs the one of its board; leave out what has no partner.',
        )
    light = {name: image for (name, _), (_, image) in zip(unlit, lit, strict=True)}
    settings, stripes = StripeSettings(laser_colour=arguments.laser_colour), []
    with tqdm(total=len(unlit), unit='image') as bar:
        views = find_views(chosen_board(arguments), unlit, bar.update)
    missed = [why for _, why in views.missed]
    for board in views.found:
        try:
            stripes.append(_stripe(board, light[board.name], settings))
        except (StripeError, ImageError) as error:
            missed.append(error.message)
    return stripes, missed


def _stripe(board: BoardView, image: ImageArray | ImageError, settings: StripeSettings) -> StripeOnBoard:
    if isinstance(image, ImageError):
        raise image
    return stripe_on_board(board, image, settings)


def _content(result: LaserPlane, missed: list[str]) -> dict[str, Any]:
    return {
        'coefficients': result.coefficients.tolist(),
        'standard_deviations': np.sqrt(np.diag(result.covariance)).tolist(),
        'scatter_mm': result.scatter_mm,
        'views': [
            {'name': v.name, 'rms_mm': v.rms_mm, 'points': len(v.points_m), 'used': v.used} for v in result.views
        ],
        'missed': missed,
    }


def _text(result: LaserPlane, missed: list[str]) -> str:
    lines = [f'left out: {why}' for why in missed]
    lines += [f'outlier, left out: {view.name} ({view.rms_mm:.3f} mm)' for view in result.outliers]
    deviations = np.sqrt(np.diag(result.covariance))
    lines += [
        f'{name}  {value:11.5f} +- {deviation:.5f} 1/m'
        for name, value, deviation in zip('ABC', result.coefficients, deviations, strict=True)
    ]
    worst = max((view for view in result.views if view.used), key=lambda view: view.rms_mm)
    lines.append(
        f'scatter {result.scatter_mm:.3f} mm (RMS) over {counted(result.used, "view")}; the worst: {worst.name}, '
        f'{worst.rms_mm:.3f} mm'
    )
    return '\n'.join(lines) + '\n'
