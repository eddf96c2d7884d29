"""`weld_cell calibrate intrinsics`: camera intrinsics from images of a board."""

import argparse
from pathlib import Path
from typing import Any

import cv2
from tqdm import tqdm

from weld_cell.calibration.boards import Board
from weld_cell.calibration.camera_files import camera_info_yaml
from weld_cell.calibration.coverage import missing_views
from weld_cell.calibration.intrinsics import PARAMETERS, Intrinsics, calibrate_intrinsics
from weld_cell.calibration.outcomes import intrinsics_change, outdated_by
from weld_cell.calibration.record import sha256_of_files
from weld_cell.calibration.rig import Rig
from weld_cell.calibration.views import BoardViews, find_views, folder_images
from weld_cell.commands.board_options import BOARD_EXAMPLES, add_board_arguments, chosen_board
from weld_cell.commands.calibrate_options import (
    add_camera_argument,
    add_result_arguments,
    named_rig,
    today,
    write_result,
)
from weld_cell.image_archives import unpacked
from weld_cell.images import image_files
from weld_cell.models.files import write_atomically
from weld_cell.option_types import file_to_write
from weld_cell.report.coverage_picture import coverage_picture
from weld_cell.wording import counted

EXAMPLES = f"""Examples:
  weld_cell calibrate intrinsics photos/ --kind chessboard --size 9x6 --pitch-mm 25
  weld_cell calibrate intrinsics /tmp/calibrationdata.tar.gz --kind chessboard --size 8x6 --pitch-mm 108 \\
      --camera-info camera_info.yaml
  weld_cell calibrate intrinsics photos/ --kind charuco --size 11x8 --pitch-mm 20 --marker-mm 15 \\
      --rig ~/cell/rig.yaml --camera mako --picture coverage.png --json intrinsics.json

Boards:
{BOARD_EXAMPLES}

15 to 25 images: the board tilted by some 30 degrees to each side, turned, near and far, in every corner of the image.
Focus and aperture must stay as they are afterwards. --picture shows where the board lay, and says what is missing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        'folder', type=Path, help='images of the board, all of one size; or an archive of them (.tar.gz, .zip)'
    )
    add_board_arguments(parser)
    add_camera_argument(parser, 'mako')
    parser.add_argument(
        '--picture', type=file_to_write, metavar='FILE', help='PNG: where the board lay, what is missing'
    )
    parser.add_argument(
        '--camera-info', type=file_to_write, metavar='FILE', help="write them as ROS's camera_info YAML too"
    )
    add_result_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, print, and write what was asked for.

    Raises:
        WeldCellError: the images do not calibrate a camera, or something cannot be written.
    """
    board, rig = chosen_board(arguments), named_rig(arguments)
    with unpacked(arguments.folder) as folder:
        return _calibrated(arguments, folder, board, rig)


def _calibrated(arguments: argparse.Namespace, folder: Path, board: Board, rig: Rig | None) -> int:
    images = folder_images(folder)
    with tqdm(total=len(images), unit='image') as bar:
        views = find_views(board, images, bar.update)
    result = calibrate_intrinsics(views.found)
    used = [view for view, error in zip(views.found, result.views, strict=True) if error.used]
    missing = missing_views(used, result.tilts_deg)
    print(_text(result, views, missing), end='')
    if arguments.picture:
        left_out = [view.name for view in result.outliers]
        _, png = cv2.imencode('.png', coverage_picture(views.found, left_out, missing))
        write_atomically(arguments.picture, lambda stream: stream.write(png.tobytes()))
        print(f'written: {arguments.picture}')
    if arguments.camera_info:
        written = camera_info_yaml(result.camera, arguments.camera).encode('utf-8')
        write_atomically(arguments.camera_info, lambda stream: stream.write(written))
        print(f'written: {arguments.camera_info}')
    change = intrinsics_change(result, board, sha256_of_files(image_files(folder)), today())
    write_result(arguments, _content(result, views, missing), {f'{arguments.camera}.camera': change})
    for words in outdated_by(rig, arguments.camera, result.camera) if rig else ():
        print(words)
    return 0


def _content(result: Intrinsics, views: BoardViews, missing: list[str]) -> dict[str, Any]:
    return {
        'size_px': list(result.camera.size_px),
        'matrix': result.camera.matrix.ravel().tolist(),
        'distortion': result.camera.distortion.tolist(),
        'rms_px': result.rms_px,
        'standard_deviations': dict(zip(PARAMETERS, result.deviations.tolist(), strict=True)),
        'views': [vars(view) for view in result.views],
        'without_board': dict(views.missed),
        'missing': missing,
    }


def _text(result: Intrinsics, views: BoardViews, missing: list[str]) -> str:
    matrix = result.camera.matrix
    values = [matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2], *result.camera.distortion]
    lines = [f'no board: {name}: {why}' for name, why in views.missed]
    lines += [f'outlier, left out: {view.name} ({view.rms_px:.3f} px)' for view in result.outliers]
    lines += [
        f'{name}  {value:11.5g} ' + (f'+- {deviation:.2g}' if deviation else 'held at 0: the views do not bear it')
        for name, value, deviation in zip(PARAMETERS, values, result.deviations, strict=True)
    ]
    worst = max((view for view in result.views if view.used), key=lambda view: view.rms_px)
    lines.append(
        f'RMS {result.rms_px:.4f} px over {counted(result.used, "view")}; the worst: {worst.name}, '
        f'{worst.rms_px:.3f} px'
    )
    lines += [f'missing: {words}' for words in missing]
    return '\n'.join(lines) + '\n'
