"""`weld_cell predict`: run the laser pipeline on single photographs of a stripe."""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.camera_files import load_intrinsics
from weld_cell.calibration.rig import LaserSensorCalibration, load_rig
from weld_cell.errors import CalibrationError, ImageError
from weld_cell.geometry.camera import CameraModel
from weld_cell.images import image_files, read_image, write_image
from weld_cell.paths import config_file
from weld_cell.pipeline import LaserPipeline, told_type
from weld_cell.records import CameraImage
from weld_cell.report.replay_page import draw_result
from weld_cell.settings import load_settings
from weld_cell.stations.scanned_image import ScannedImage

EXAMPLES = """Examples:
  weld_cell predict photos/
  weld_cell predict photos/ --out out/predict --overlays
  weld_cell predict photos/ --camera-info my_sensor.yaml

Writes predictions.csv: for each image the joint type by this image alone, how clear that is (0 is a close call), the
seam point in pixels, the gap, and why a stage gave up. The seam is looked for as the type for which all images vote.
An image of another size than the calibrated camera's has a joint type, but no seam. Exit code 1 if a file of the
folder could not be read; the others are looked at all the same."""
COLUMNS = ('image', 'joint_type', 'margin', 'seam_u_px', 'seam_v_px', 'gap_mm', 'error')
STEP_NS = 25_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('folder', type=Path, help='folder with images of the laser stripe')
    parser.add_argument('--out', type=Path, default=Path('out/predict'), help='result folder (default: %(default)s)')
    parser.add_argument('--rig', type=Path, help='rig file (default: the installed config/rig.yaml)')
    parser.add_argument(
        '--camera-info',
        type=Path,
        help='intrinsics, in any common form (default: of the rig)',
    )
    parser.add_argument('--settings', type=Path, help='parameter file (default: the installed config/cell.yaml)')
    parser.add_argument('--overlays', action='store_true', help='draw what was seen')


def run(arguments: argparse.Namespace) -> int:
    """Look at every image of the folder, and write what it says."""
    sensor = load_rig(str(arguments.rig or config_file('rig.yaml'))).laser_sensor
    camera = sensor.camera
    if arguments.camera_info:
        camera = load_intrinsics(arguments.camera_info, sensor.camera.size_px)
    settings = load_settings(arguments.settings or config_file('cell.yaml'))
    files = image_files(arguments.folder)
    arguments.out.mkdir(parents=True, exist_ok=True)
    unread: list[Path] = []
    # No robot took the photographs: the poses are those of a flange in the base.
    with tqdm(total=len(files), unit='image') as bar:
        result = LaserPipeline(sensor, settings).replay(
            _photographs(files, sensor, camera, unread), lambda _: sensor.T_parent_sensor, bar.update
        )
    named = [(files[image.sequence], image) for image in sorted(result.images, key=lambda seen: seen.sequence)]
    _write(arguments.out / 'predictions.csv', named)
    if arguments.overlays:
        _draw(arguments.out / 'overlays', named)
    seams = sum(image.observation is not None for _, image in named)
    print(f'{len(named)} images; joint type: {told_type(result.decision)}; seam point in {seams}')
    print(f'results in {arguments.out}')
    return 1 if unread else 0


def _photographs(
    files: Sequence[Path], sensor: LaserSensorCalibration, camera: CameraModel, unread: list[Path]
) -> Iterator[RecordedImage]:
    """The images, as if they were recorded one after the other; a file that is none is named and left out."""
    for sequence, path in enumerate(files):
        try:
            pixels = read_image(path)
        except ImageError as error:
            print(f'warning: {error}', file=sys.stderr)
            unread.append(path)
            continue
        size_px = (pixels.shape[1], pixels.shape[0])
        known: CameraModel | CalibrationError = camera
        if size_px != camera.size_px:
            known = CalibrationError(
                f'The camera is calibrated for {camera.size_px[0]} x {camera.size_px[1]} px, the image has '
                f'{size_px[0]} x {size_px[1]}.',
                'Give the calibration of the sensor that took it: --camera-info.',
            )
        yield RecordedImage(CameraImage(pixels, 1 + sequence * STEP_NS, sequence), sensor.frame, known)


def _write(path: Path, named: Sequence[tuple[Path, ScannedImage]]) -> None:
    with path.open('w', newline='', encoding='utf-8') as stream:
        writer = csv.writer(stream, lineterminator='\n')
        writer.writerow(COLUMNS)
        writer.writerows(_row(file, image) for file, image in named)


def _row(file: Path, image: ScannedImage) -> list[str]:
    told, seen, error = image.estimate, image.observation, image.error
    said = ['', ''] if told is None else [str(told.joint_type), f'{told.margin:.4f}']
    seam = [''] * 3 if seen is None else [f'{value:.3f}' for value in (*seen.seam_px, seen.gap_mm)]
    return [file.name, *said, *seam, f'{type(error).__name__}: {error.message}' if error is not None else '']


def _draw(folder: Path, named: Sequence[tuple[Path, ScannedImage]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file, image in named:
        write_image(folder / f'{file.stem}.png', draw_result(read_image(file), image))
