"""`weld_cell predict`: run the laser pipeline on single photographs of a stripe."""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.camera_files import load_intrinsics
from weld_cell.calibration.rig import LaserSensorCalibration, load_rig
from weld_cell.commands.replay_options import EXIT_CODES
from weld_cell.errors import CalibrationError, ImageError, WeldCellError
from weld_cell.geometry.camera import CameraModel
from weld_cell.images import listed_images, picture_names, read_image, write_image
from weld_cell.option_types import folder_to_write
from weld_cell.paths import config_file
from weld_cell.pipeline import LaserPipeline, failures, told_type
from weld_cell.records import CameraImage, JointTypeDecision
from weld_cell.replays.request import Verdict
from weld_cell.report.replay_page import draw_result
from weld_cell.settings import load_settings
from weld_cell.stations.scanned_image import ScannedImage
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell predict photos/
  weld_cell predict one.png two.jpg more_photos/
  weld_cell predict photos/ --out out/predict --overlays
  weld_cell predict photos/ --camera-info my_sensor.yaml

Writes predictions.csv: for each image the joint type by this image alone, how clear that is (0 is a close call), the
seam point in pixels, the gap, and why a stage gave up. The seam is looked for as the type for which all images vote.
An image of another size than the calibrated camera's has a joint type, but no seam.

Exit code 0 if there is a seam point in at least one image; 3 if the joint type cannot be classified, 4 if there is no
seam point in any image, with the reasons; 1 if a file could not be read: the others are looked at all the same."""
COLUMNS = ('image', 'joint_type', 'margin', 'seam_u_px', 'seam_v_px', 'gap_mm', 'error')
STEP_NS = 25_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        'images', type=Path, nargs='+', metavar='IMAGE', help='images of the laser stripe, or folders of them'
    )
    parser.add_argument(
        '--out', type=folder_to_write, default=Path('out/predict'), help='result folder (default: %(default)s)'
    )
    parser.add_argument('--rig', type=Path, help='rig file (default: the installed config/rig.yaml)')
    parser.add_argument(
        '--camera-info',
        type=Path,
        help='intrinsics, in any common form (default: of the rig)',
    )
    parser.add_argument('--settings', type=Path, help='parameter file (default: the installed config/cell.yaml)')
    parser.add_argument('--overlays', action='store_true', help='draw what was seen')


def run(arguments: argparse.Namespace) -> int:
    """Look at every image, and write what it says."""
    sensor = load_rig(str(arguments.rig or config_file('rig.yaml'))).laser_sensor
    camera = sensor.camera
    if arguments.camera_info:
        camera = load_intrinsics(arguments.camera_info, sensor.camera.size_px)
    settings = load_settings(arguments.settings or config_file('cell.yaml'))
    files = listed_images(arguments.images)
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
    print(f'{counted(len(named), "image")}; joint type: {told_type(result.decision)}; seam point in {seams}')
    for name, failed in failures([image for _, image in named]).items():
        if str(failed[0].error) != str(result.decision):
            print(f'{name}: {counted(len(failed), "image")}, the first: {failed[0].error}')
    print(f'results in {arguments.out}')
    return EXIT_CODES[_verdict(unread, result.decision, seams)]


def _verdict(unread: Sequence[Path], decision: JointTypeDecision | WeldCellError, seams: int) -> Verdict:
    """How it ended; the weightiest counts."""
    if unread:
        return Verdict.FAILED
    if isinstance(decision, WeldCellError):
        return Verdict.NO_TYPE
    return Verdict.FOUND if seams else Verdict.NO_PATH


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
        names = Counter(file.name for file, _ in named)
        writer.writerows(_row(file.name if names[file.name] == 1 else str(file), image) for file, image in named)


def _row(name: str, image: ScannedImage) -> list[str]:
    told, seen, error = image.estimate, image.observation, image.error
    said = ['', ''] if told is None else [str(told.joint_type), f'{told.margin:.4f}']
    seam = [''] * 3 if seen is None else [f'{value:.3f}' for value in (*seen.seam_px, seen.gap_mm)]
    return [name, *said, *seam, f'{type(error).__name__}: {error.message}' if error is not None else '']


def _draw(folder: Path, named: Sequence[tuple[Path, ScannedImage]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = picture_names([file for file, _ in named])
    for name, (file, image) in zip(names, named, strict=True):
        write_image(folder / f'{name}.png', draw_result(read_image(file), image))
