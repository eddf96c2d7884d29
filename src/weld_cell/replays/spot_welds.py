"""Replay of an area-camera bag: every spot weld, judged in each image."""

import json
from collections import Counter
from dataclasses import replace

from tqdm import tqdm

from weld_cell import __version__
from weld_cell.bags.reading import BagReader
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import SpotWeldAbsentError, WeldCellError
from weld_cell.replays.recorded_poses import recorded_poses
from weld_cell.replays.request import Figure, Replayed, ReplayRequest, Verdict
from weld_cell.replays.told_failures import told_failures
from weld_cell.report.spot_weld_files import Traced, write_weld_files
from weld_cell.settings import load_spot_weld_settings
from weld_cell.spot_weld.opening import bank_file, open_bank
from weld_cell.spot_weld_replay import replay_spot_welds
from weld_cell.wording import counted

_COUNTED = ('images', 'welds')


def replay_spot_weld_bag(bag: BagReader, topic: str, request: ReplayRequest) -> Replayed:
    """Look at each image of a topic and write what is said of its welds; found, where any is judged."""
    mako = load_rig(str(request.rig)).mako
    settings = load_spot_weld_settings(request.settings)
    if request.bank:
        settings = replace(settings, spot_weld=replace(settings.spot_weld, bank=request.bank))
    open_bank(settings.spot_weld.bank)  # what cannot be used is refused before anything is written
    pose_at = recorded_poses(bag, mako, topic)
    said, judged = Counter[str](), 0
    failed: list[tuple[str, WeldCellError]] = []
    with tqdm(total=bag.count(topic), unit='image', disable=request.quiet) as bar:
        looked = replay_spot_welds(bag.images(topic), lambda image: pose_at(image.stamp_ns), settings)
        traced = Traced.of(request.part, bank_file(settings.spot_weld.bank), __version__)
        for image in write_weld_files(looked, request.out, traced, request.overlays):
            said['images'] += 1
            if isinstance(image.outcome, WeldCellError):
                said[type(image.outcome).__name__] += 1
                failed.append((image.name, image.outcome))
            else:
                said.update(f'{weld.verdict} welds' for weld in image.outcome.welds)
                judged += len(image.outcome.welds)
            bar.update()
    counts = [counted(count, what.removesuffix('s')) for what, count in said.items() if what.endswith(_COUNTED)]
    lines = [*counts, *told_failures(failed), f'results in {request.out}']
    figures: dict[str, Figure] = {
        'images': said['images'],
        'seam_points': judged,
        'image_errors': json.dumps(dict(sorted(said.items()))),
    }
    if judged:
        return Replayed('\n'.join(lines), Verdict.FOUND, figures)
    unseen = SpotWeldAbsentError('No spot weld is judged in any image.', 'Name the topic with --topic.')
    reason = failed[0][1] if failed else unseen
    refusal: dict[str, Figure] = {'refusal': type(reason).__name__, 'reason': reason.message, 'remedy': reason.remedy}
    return Replayed('\n'.join(lines), Verdict.NO_PATH, figures | refusal)
