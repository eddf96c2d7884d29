"""`weld_cell replay`: the pipeline offline over a recorded bag, in order and as fast as it goes."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tqdm import tqdm

from weld_cell.bags.reading import BagReader, open_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.commands.recorded_poses import recorded_poses
from weld_cell.commands.replay_plates import TOPIC as PLATES_TOPIC
from weld_cell.commands.replay_plates import run_plates
from weld_cell.commands.replay_spot_welds import run_spot_welds
from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.pipeline import LaserPipeline, ReplayResult, failures, open_ends, told_type, with_broken
from weld_cell.records import VOTED, JointType
from weld_cell.report.replay_page import write_replay_page
from weld_cell.report.replay_results import write_results
from weld_cell.settings import load_settings
from weld_cell.stations.recorded_scan import RecordingSettings

EXAMPLES = """Examples:
  weld_cell replay my_bag
  weld_cell replay my_bag --out out/replay --overlays
  weld_cell replay plates_bag --plate
  weld_cell replay panels_bag --spot-weld --bank my_plant.npz --part 4711 --overlays

The recording may begin at the launch of the cell: the scan is found in it, in the sweep of the sensor that saw the
most of the seam. Writes joint_type.json, seam_points.csv and seam_path.csv; the same bag gives the same bytes. With
--plate, or where the bag has images of the area camera only, the seam between plates is looked for in each of them:
plate_seams.csv and plate_paths.csv. With --spot-weld every spot weld in them is judged: welds.csv and welds.json.
With --overlays also an image of what each stage saw, and index.html to look at them.

Exit code 0 only if there is a seam path (--plate: a seam, --spot-weld: judged welds, in one image at least); 3 if the
joint type cannot be told, 4 if there is no path, for the reason that is said; 1 if the bag, the rig or the settings
cannot be read."""
NO_TYPE, NO_PATH = 3, 4
LASER_TOPIC = 'laser_sensor/image_raw'

AreaLook = Callable[[BagReader, str, argparse.Namespace], tuple[str, bool]]
Way = Callable[[BagReader, str, argparse.Namespace], tuple[str, int]]
"""What is looked for on a topic: some lines about it, and the exit code."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('bag', type=Path, help='rosbag2 bag (folder), MCAP or sqlite3')
    parser.add_argument('--out', type=Path, default=Path('out/replay'), help='result folder (default: %(default)s)')
    parser.add_argument(
        '--topic', help=f'image topic (default: {LASER_TOPIC}, or with --plate or --spot-weld {PLATES_TOPIC})'
    )
    parser.add_argument('--plate', action='store_true', help='look for the seam between plates')
    parser.add_argument('--spot-weld', action='store_true', help='judge spot welds')
    parser.add_argument('--bank', default='', help='spot welds: bank of good ones (default: that of the settings)')
    parser.add_argument('--part', default='', help='spot welds: serial number or code of the part, for the files')
    parser.add_argument('--rig', type=Path, help='rig file (default: the installed config/rig.yaml)')
    parser.add_argument('--settings', type=Path, help='parameter file (default: the installed config/cell.yaml)')
    parser.add_argument('--start', type=float, default=0.0, metavar='S', help='leave out the first seconds of images')
    parser.add_argument(
        '--end', type=float, default=0.0, metavar='S', help='leave out what comes later after the first'
    )
    types = [VOTED, *map(str, JointType)]
    parser.add_argument(
        '--joint-type', default=VOTED, choices=types, help='instead of the vote (default: %(default)s)'
    )
    parser.add_argument('--overlays', action='store_true', help='draw what was seen, and a page of it')


def run(arguments: argparse.Namespace) -> int:
    """Replay the bag."""
    arguments.out.mkdir(parents=True, exist_ok=True)  # before the work, not after it
    with open_bag(arguments.bag) as bag:
        way = _way(bag, arguments)
        topic = arguments.topic or _raw_or_compressed(bag, LASER_TOPIC if way is _run_laser else PLATES_TOPIC)
        said, code = way(bag, topic, arguments)
    for problem in bag.problems:
        print(f'warning: {arguments.bag}: {problem}', file=sys.stderr)
    print(said)
    return code


def _way(bag: BagReader, arguments: argparse.Namespace) -> Way:
    """What is looked for."""
    if arguments.spot_weld:
        if arguments.plate:
            raise ValueError('--plate and --spot-weld: expected one of them')
        return partial(_run_area, run_spot_welds)
    return partial(_run_area, run_plates) if arguments.plate or _has_plates_only(bag, arguments.topic) else _run_laser


def _raw_or_compressed(bag: BagReader, topic: str) -> str:
    """A topic, or the compressed one below it where the bag has only that."""
    compressed = f'{topic}/compressed'
    return compressed if f'/{topic}' not in bag.topics() and f'/{compressed}' in bag.topics() else topic


def _has_plates_only(bag: BagReader, topic: str | None) -> bool:
    """Whether images of the area camera are asked for, or are all that there is."""
    topics = {name.strip('/').removesuffix('/compressed') for name in (bag.topics() if topic is None else [topic])}
    return PLATES_TOPIC in topics and LASER_TOPIC not in topics


def _run_laser(bag: BagReader, topic: str, arguments: argparse.Namespace) -> tuple[str, int]:
    """The laser chain over a topic; some lines about it, and the exit code."""
    sensor = load_rig(str(arguments.rig or config_file('rig.yaml'))).laser_sensor
    settings = load_settings(arguments.settings or config_file('cell.yaml'))
    recording = RecordingSettings(arguments.start, arguments.end, arguments.joint_type)
    pose_at = recorded_poses(bag, sensor)
    with tqdm(total=bag.count(topic), unit='image') as bar:
        result = LaserPipeline(sensor, settings, recording).replay(bag.images(topic), pose_at, bar.update)
    result = with_broken(result, bag.broken)
    write_results(result, arguments.out)
    if arguments.overlays:
        write_replay_page(result, bag.images(topic), arguments.out)
    if isinstance(result.decision, WeldCellError):
        return _summary(result, arguments.out), NO_TYPE
    return _summary(result, arguments.out), NO_PATH if isinstance(result.path, WeldCellError) else 0


def _run_area(look: AreaLook, bag: BagReader, topic: str, arguments: argparse.Namespace) -> tuple[str, int]:
    """A look of the area camera over a topic; some lines about it, and the exit code."""
    said, found = look(bag, topic, arguments)
    return said, 0 if found else NO_PATH


def _summary(result: ReplayResult, out: Path) -> str:
    """A few lines for people: the type, the points, what went wrong how often and first where."""
    images, decision, path, scan = result.images, result.decision, result.path, result.scan
    lines = [f'{len(images)} images']
    if len(result.sweeps) > 1 and scan.points:
        stamps = [image.stamp_ns for image in images if image.sweep == scan.number]
        begin_s, end_s = ((stamp - images[0].stamp_ns) / 1e9 for stamp in (min(stamps), max(stamps)))
        lines.append(f'scan: {begin_s:.1f} to {end_s:.1f} s, sweep {scan.number + 1} of {len(result.sweeps)}')
    lines.append(f'joint type: {told_type(decision)}')
    lines.append(f'seam points: {scan.points}')
    lines.append(
        f'seam path: {path}'
        if isinstance(path, WeldCellError)
        else f'seam path: {1000 * path.length_m:.1f} mm, {len(path.positions_m)} points, {path.rejected} rejected'
    )
    lines += open_ends(result)
    for name, failed in failures(images).items():
        first = failed[0].error
        lines.append(f'{name}: {len(failed)} images, the first at {failed[0].stamp_ns / 1e9:.3f} s: {first}')
    return '\n'.join([*lines, f'results in {out}'])
