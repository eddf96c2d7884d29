"""`weld_cell sim export`: simulated images with their truth, as files."""

import argparse
from pathlib import Path

from tqdm import tqdm

from weld_cell.calibration.rig import load_rig
from weld_cell.commands.seed import add_seed_argument
from weld_cell.paths import config_file
from weld_cell.records import JointType
from weld_cell.sim.export import (
    LABELS,
    Exported,
    export_plates,
    export_spot_welds,
    export_stripes,
    write_labels,
)

EXAMPLES = """Examples:
  weld_cell sim export stripes out/stripes --images 50            50 of each joint type
  weld_cell sim export plates out/plates --images 200 --seed 3
  weld_cell sim export spot-welds out/welds --images 20 --split test
  weld_cell train plate-seam --photos out/plates                  what is exported can be learned from

labels.jsonl has a line of JSON for each image. stripes: joint type, the stripe's middle by row, corners and seam
point; plates: a box about each seam, also as YOLO text; spot-welds: circle and defect of each weld, and a mask."""
KINDS = ('stripes', 'plates', 'spot-welds')
SPLITS = ('train', 'test')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('kind', choices=KINDS, help='what the images show')
    parser.add_argument('folder', type=Path, help='folder to write to; it must not have labels yet')
    parser.add_argument(
        '--images', type=int, default=100, metavar='N', help='of stripes: of each joint type (default: %(default)d)'
    )
    parser.add_argument('--split', choices=SPLITS, default='train', help='no scene is in both (default: %(default)s)')
    parser.add_argument('--rig', type=Path, help='rig file (default: the installed config/rig.yaml)')
    add_seed_argument(parser, 1, 'everything is drawn from it')


def run(arguments: argparse.Namespace) -> int:
    """Write images and labels."""
    if arguments.images < 1:
        raise ValueError(f'--images: expected at least 1, got {arguments.images}')
    if (arguments.folder / LABELS).exists():
        raise ValueError(f'{arguments.folder} has {LABELS} already: name another folder')
    total = arguments.images * (len(JointType) if arguments.kind == 'stripes' else 1)
    with tqdm(total=total, unit='image') as bar:
        count = write_labels(arguments.folder, _labels(arguments), bar.update)
    print(f'{count} images with {LABELS} in {arguments.folder}')
    return 0


def _labels(arguments: argparse.Namespace) -> Exported:
    words = (arguments.folder, arguments.images, arguments.seed, arguments.split)
    if arguments.kind == 'stripes':
        return export_stripes(*words)
    rig = load_rig(str(arguments.rig or config_file('rig.yaml')))
    return (export_plates if arguments.kind == 'plates' else export_spot_welds)(*words, rig)
