"""Replay of an area-camera bag: the seam between plates in each image."""

import json
from collections import Counter

import numpy as np
from tqdm import tqdm

from weld_cell.bags.reading import BagReader
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import WeldCellError
from weld_cell.plate_replay import replay_plates
from weld_cell.records import PlateSeam
from weld_cell.replays.recorded_poses import recorded_poses
from weld_cell.replays.request import Figure, Replayed, ReplayRequest, Verdict
from weld_cell.replays.told_failures import told_failures
from weld_cell.report.plate_replay_files import write_plate_files
from weld_cell.settings import load_plate_settings
from weld_cell.wording import counted

TOPIC = 'mako/image_raw'


def replay_plate_bag(bag: BagReader, topic: str, request: ReplayRequest) -> Replayed:
    """Look at each image of a topic and write what it shows; found, where one of them shows a seam."""
    mako = load_rig(str(request.rig)).mako
    settings = load_plate_settings(request.settings)
    pose_at = recorded_poses(bag, mako, topic)
    found: list[PlateSeam | WeldCellError] = []
    stamps: list[int] = []
    with tqdm(total=bag.count(topic), unit='image', disable=request.quiet) as bar:
        looked = replay_plates(bag.images(topic), lambda image: pose_at(image.stamp_ns), settings)
        for image in write_plate_files(looked, request.out, request.overlays, _every(bag.count(topic), request)):
            found.append(image.outcome)
            stamps.append(image.stamp_ns)
            bar.update()
    said = '\n'.join([counted(len(found), 'image'), *_summary(found, stamps), f'results in {request.out}'])
    seams = any(isinstance(each, PlateSeam) for each in found)
    return Replayed(said, Verdict.FOUND if seams else Verdict.NO_PATH, _figures(found, stamps))


def _every(images: int, request: ReplayRequest) -> int:
    """Every how many images one is drawn."""
    return 1 if request.most_overlays == 0 else max(1, -(-images // request.most_overlays))


def _figures(found: list[PlateSeam | WeldCellError], stamps: list[int]) -> dict[str, Figure]:
    """By the columns of a farm's table."""
    seams = [each for each in found if isinstance(each, PlateSeam)]
    errors = [each for each in found if isinstance(each, WeldCellError)]
    figures: dict[str, Figure] = {
        'recorded_ns': stamps[0] if stamps else None,
        'images': len(found),
        'seam_points': len(seams),
        'image_errors': json.dumps(dict(sorted(Counter(type(each).__name__ for each in errors).items()))),
    }
    if seams:
        return figures | {
            'path_length_mm': round(float(np.median([seam.length_mm for seam in seams])), 4),
            'gap_median_mm': round(float(np.median([np.median(seam.gap_mm) for seam in seams])), 4),
            'gap_max_mm': round(float(max(seam.gap_mm.max() for seam in seams)), 4),
        }
    first = errors[0] if errors else WeldCellError('No image.', 'Name the topic with --topic.')
    return figures | {'refusal': type(first).__name__, 'reason': first.message, 'remedy': first.remedy}


def _summary(found: list[PlateSeam | WeldCellError], stamps: list[int]) -> list[str]:
    """For people: in how many images there is a seam, how long and wide, and what went wrong how often and first."""
    seams = [each for each in found if isinstance(each, PlateSeam)]
    lines = [f'seam to weld: {counted(len(seams), "image")}']
    if seams:
        length_mm = np.median([seam.length_mm for seam in seams])
        gap_mm = np.median([np.median(seam.gap_mm) for seam in seams])
        lines[0] += f', in the median {length_mm:.1f} mm long, gap {gap_mm:.2f} mm'
    failed = [(stamp, each) for stamp, each in zip(stamps, found, strict=True) if isinstance(each, WeldCellError)]
    return lines + told_failures((f'at {stamp / 1e9:.3f} s', error) for stamp, error in failed)
