"""`weld_cell bag from-images`: convert photographs to a bag for `ros2 bag play` and `weld_cell replay`."""

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from weld_cell.bags.writing import images_to_bag
from weld_cell.calibration.camera_files import load_intrinsics
from weld_cell.calibration.rig import load_rig
from weld_cell.commands.calibrate_options import CAMERAS
from weld_cell.errors import ImageError
from weld_cell.images import image_files
from weld_cell.option_types import number
from weld_cell.paths import config_file
from weld_cell.replays.recorded_poses import BASE_FRAME
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell bag from-images photos/ my_bag --topic laser_sensor/image_raw --rate 40
  weld_cell bag from-images photos/ my_bag --camera-info my_camera.yaml
  weld_cell bag from-images plates/ plates_bag --topic mako/image_raw --rate 1

The images get even stamps, and the camera_info of the rig's camera that the topic names (or --camera). No robot took
those of a camera on the hand, so /tf_static holds base_link -> tool0 as identity: a seam point in base_link is then
one in tool0. An image of another size than the camera's gets an
uncalibrated (all zero) camera_info: it takes part in the joint type, not in the seam."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('folder', type=Path, help='folder with images, taken in natural order of their names')
    parser.add_argument('bag', type=Path, help='folder of the bag to make (MCAP)')
    parser.add_argument('--topic', default='laser_sensor/image_raw', help='image topic (default: %(default)s)')
    parser.add_argument(
        '--rate', type=number(0.01, 10_000.0, 'Hz'), default=40.0, help='images per second (default: %(default)g)'
    )
    parser.add_argument(
        '--camera',
        choices=CAMERAS,
        help='of the rig that took them (default: that which the topic names, else laser_sensor)',
    )
    parser.add_argument('--rig', type=Path, help='rig file (default: the installed config/rig.yaml)')
    parser.add_argument(
        '--camera-info',
        type=Path,
        help='intrinsics, in any common form (default: of the rig)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the bag."""
    rig = load_rig(str(arguments.rig or config_file('rig.yaml')))
    named = [camera for camera in CAMERAS if camera in arguments.topic.split('/')]
    sensor = rig.mako if (arguments.camera or next(iter(named), '')) == 'mako' else rig.laser_sensor
    camera = sensor.camera
    if arguments.camera_info:
        camera = load_intrinsics(arguments.camera_info, sensor.camera.size_px)
    files = image_files(arguments.folder)
    written = images_to_bag(
        files,
        arguments.bag,
        topic=arguments.topic,
        frame=sensor.frame,
        rate_hz=arguments.rate,
        camera=camera,
        still_pose=None if sensor.parent == BASE_FRAME else (BASE_FRAME, sensor.parent, np.eye(4)),
        tell=lambda problem: tqdm.write(f'warning: left out: {problem}', file=sys.stderr),
    )
    count = sum(1 for _ in tqdm(written, total=len(files), unit='image'))
    if not count:
        shutil.rmtree(arguments.bag)
        raise ImageError(f'No file in {arguments.folder} is an image.', 'The warnings say why.')
    print(f'{counted(count, "image")} at {arguments.rate:g} Hz in {arguments.bag}')
    return 0
