"""What `weld_cell replay --spot-weld` does with a bag of the area camera: every spot weld, judged in each image."""

import argparse
from collections import Counter
from dataclasses import replace

from tqdm import tqdm

from weld_cell import __version__
from weld_cell.bags.reading import BagReader
from weld_cell.calibration.rig import load_rig
from weld_cell.commands.recorded_poses import recorded_poses
from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.report.spot_weld_files import Traced, write_weld_files
from weld_cell.settings import load_spot_weld_settings
from weld_cell.spot_weld.opening import bank_file, open_bank
from weld_cell.spot_weld_replay import replay_spot_welds


def run_spot_welds(bag: BagReader, topic: str, arguments: argparse.Namespace) -> tuple[str, bool]:
    """Look at each image of a topic and write what is said of its welds; some lines, and whether any is judged."""
    mako = load_rig(str(arguments.rig or config_file('rig.yaml'))).mako
    settings = load_spot_weld_settings(arguments.settings or config_file('cell.yaml'))
    if arguments.bank:
        settings = replace(settings, spot_weld=replace(settings.spot_weld, bank=arguments.bank))
    open_bank(settings.spot_weld.bank)  # what cannot be used is refused before anything is written
    pose_at = recorded_poses(bag, mako)
    said, judged = Counter[str](), 0
    with tqdm(total=bag.count(topic), unit='image') as bar:
        looked = replay_spot_welds(bag.images(topic), lambda image: pose_at(image.stamp_ns), settings)
        traced = Traced.of(arguments.part, bank_file(settings.spot_weld.bank), __version__)
        for image in write_weld_files(looked, arguments.out, traced, arguments.overlays):
            said['images'] += 1
            if isinstance(image.outcome, WeldCellError):
                said[type(image.outcome).__name__] += 1
            else:
                said.update(f'{weld.verdict} welds' for weld in image.outcome.welds)
                judged += len(image.outcome.welds)
            bar.update()
    lines = [*(f'{count} {what}' for what, count in said.items()), f'results in {arguments.out}']
    return '\n'.join(lines), judged > 0
