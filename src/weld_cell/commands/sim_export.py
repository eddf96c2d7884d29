"""`weld_cell sim export`: write simulated images with their ground truth."""

import argparse
from pathlib import Path

import numpy as np
from tqdm import tqdm

from weld_cell.calibration.rig import load_rig
from weld_cell.commands.seed import add_seed_argument
from weld_cell.option_types import above_zero, folder_to_write, number, whole_number
from weld_cell.paths import config_file
from weld_cell.records import JointType
from weld_cell.sim.export import (
    LABELS,
    Exported,
    export_plates,
    export_spot_welds,
    export_stripes,
    whole_or_nothing,
    write_labels,
)
from weld_cell.sim.scan_rehearsal import POSES, SCANNED, RobotErrors, write_scans
from weld_cell.sim.sensor import LaserSensor
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell sim export stripes out/stripes --images 50            50 of each joint type
  weld_cell sim export plates out/plates --images 200 --seed 3
  weld_cell sim export spot-welds out/welds --images 20 --split test
  weld_cell sim export scans out/scans --images 24 --target step --height-mm 10
  weld_cell sim export scans out/scans --images 30 --target sphere --radius-mm 25
  weld_cell sim export scans out/scans --target plate --images 60 --robot-mm 0.05 --robot-deg 0.01
  weld_cell calibrate scans out/scans --target step --height-mm 10     what is exported calibrates the sensor
  weld_cell train plate-seam --photos out/plates                  what is exported can be learned from

labels.jsonl has a line of JSON for each image. stripes: joint type, the stripe's middle by row, corners and seam
point; plates: a box about each seam, also as YOLO text; spot-welds: circle and defect of each weld, and a mask. scans
show a plain plate, a step or a sphere, and have poses.csv instead: to rehearse a calibration without a board.
What Ctrl-C interrupts leaves no files."""
KINDS = ('stripes', 'plates', 'spot-welds', 'scans')
SPLITS = ('train', 'test')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('kind', choices=KINDS, help='what the images show')
    parser.add_argument('folder', type=folder_to_write, help='folder to write to; it must not have labels yet')
    parser.add_argument(
        '--images',
        type=whole_number(1),
        default=100,
        metavar='N',
        help='of stripes: of each joint type (default: %(default)d)',
    )
    parser.add_argument('--split', choices=SPLITS, default='train', help='no scene is in both (default: %(default)s)')
    parser.add_argument('--target', choices=SCANNED, default='step', help='of scans (default: %(default)s)')
    parser.add_argument('--height-mm', type=above_zero('mm'), default=10.0, help='of the step (default: %(default)g)')
    parser.add_argument(
        '--radius-mm', type=above_zero('mm'), default=25.0, help='of the sphere (default: %(default)g)'
    )
    parser.add_argument('--rig', type=Path, help='rig file (default: the installed config/rig.yaml)')
    for what, unit in (('positions', 'mm'), ('turns', 'deg')):
        parser.add_argument(
            f'--robot-{unit}',
            type=number(0.0),
            default=0.0,
            metavar=unit.upper(),
            help=f"of scans: standard deviation of the robot's {what} in poses.csv (default: %(default)g)",
        )
    add_seed_argument(parser, 1, 'everything is drawn from it')


def run(arguments: argparse.Namespace) -> int:
    """Write images and labels."""
    if arguments.kind == 'scans':
        return _scans(arguments)
    if (arguments.folder / LABELS).exists():
        raise ValueError(f'{arguments.folder} has {LABELS} already: name another folder')
    total = arguments.images * (len(JointType) if arguments.kind == 'stripes' else 1)
    with whole_or_nothing(arguments.folder), tqdm(total=total, unit='image') as bar:
        count = write_labels(arguments.folder, _labels(arguments), bar.update)
    print(f'{counted(count, "image")} with {LABELS} in {arguments.folder}')
    return 0


def _scans(arguments: argparse.Namespace) -> int:
    if (arguments.folder / POSES).exists():
        raise ValueError(f'{arguments.folder} has {POSES} already: name another folder')
    sensor = LaserSensor.from_rig(load_rig(str(arguments.rig or config_file('rig.yaml'))))
    rng = np.random.default_rng(arguments.seed)
    size_m = 1e-3 * (arguments.radius_mm if arguments.target == 'sphere' else arguments.height_mm)
    errors = RobotErrors(1e-3 * arguments.robot_mm, arguments.robot_deg)
    written = write_scans(arguments.folder, arguments.target, size_m, arguments.images, rng, sensor, errors)
    with whole_or_nothing(arguments.folder):
        count = sum(1 for _ in tqdm(written, total=arguments.images, unit='image'))
    print(f'{counted(count, "image")} with {POSES} in {arguments.folder}')
    return 0


def _labels(arguments: argparse.Namespace) -> Exported:
    words = (arguments.folder, arguments.images, arguments.seed, arguments.split)
    if arguments.kind == 'stripes':
        return export_stripes(*words)
    rig = load_rig(str(arguments.rig or config_file('rig.yaml')))
    return (export_plates if arguments.kind == 'plates' else export_spot_welds)(*words, rig)
