"""What `weld_cell replay` does with a bag of the area camera: the seam between plates, in each image."""

import argparse
from collections import Counter

import numpy as np
from tqdm import tqdm

from weld_cell.bags.reading import BagReader
from weld_cell.calibration.rig import load_rig
from weld_cell.commands.recorded_poses import recorded_poses
from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.plate_replay import replay_plates
from weld_cell.records import PlateSeam
from weld_cell.report.plate_replay_files import write_plate_files
from weld_cell.settings import load_plate_settings

TOPIC = 'mako/image_raw'


def run_plates(bag: BagReader, topic: str, arguments: argparse.Namespace) -> tuple[str, bool]:
    """Look at each image of a topic and write what it shows; some lines about it, and whether one shows a seam."""
    mako = load_rig(str(arguments.rig or config_file('rig.yaml'))).mako
    settings = load_plate_settings(arguments.settings or config_file('cell.yaml'))
    pose_at = recorded_poses(bag, mako)
    found: list[PlateSeam | WeldCellError] = []
    with tqdm(total=bag.count(topic), unit='image') as bar:
        looked = replay_plates(bag.images(topic), lambda image: pose_at(image.stamp_ns), settings)
        for image in write_plate_files(looked, arguments.out, arguments.overlays):
            found.append(image.outcome)
            bar.update()
    said = '\n'.join([f'{len(found)} images', *_summary(found), f'results in {arguments.out}'])
    return said, any(isinstance(each, PlateSeam) for each in found)


def _summary(found: list[PlateSeam | WeldCellError]) -> list[str]:
    """For people: in how many images there is a seam, how long and wide, and what went wrong how often."""
    seams = [each for each in found if isinstance(each, PlateSeam)]
    errors = Counter(type(each).__name__ for each in found if isinstance(each, WeldCellError))
    lines = [f'seam to weld: {len(seams)} images']
    if seams:
        length_mm = np.median([seam.length_mm for seam in seams])
        gap_mm = np.median([np.median(seam.gap_mm) for seam in seams])
        lines[0] += f', in the median {length_mm:.1f} mm long, gap {gap_mm:.2f} mm'
    return lines + [f'{name}: {count} images' for name, count in sorted(errors.items())]
