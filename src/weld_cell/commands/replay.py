"""`weld_cell replay`: the pipeline offline over a recorded bag, in order and as fast as it goes."""

import argparse
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tqdm import tqdm

from weld_cell.bags.reading import BagReader, open_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.commands.replay_plates import TOPIC as PLATES_TOPIC
from weld_cell.commands.replay_plates import run_plates
from weld_cell.commands.replay_spot_welds import run_spot_welds
from weld_cell.errors import WeldCellError
from weld_cell.geometry.frame_tree import FrameTree
from weld_cell.paths import config_file
from weld_cell.pipeline import LaserPipeline, ReplayResult
from weld_cell.report.replay_page import write_replay_page
from weld_cell.report.replay_results import write_results
from weld_cell.settings import load_settings

EXAMPLES = """Examples:
  weld_cell replay my_bag
  weld_cell replay my_bag --out out/replay --overlays
  weld_cell replay plates_bag --plate
  weld_cell replay panels_bag --spot-weld --bank my_plant.npz --part 4711 --overlays

Writes joint_type.json, seam_points.csv and seam_path.csv; the same bag gives the same bytes. With --plate, or where
the bag has images of the area camera only, the seam between plates is looked for in each of them: plate_seams.csv and
plate_paths.csv. With --spot-weld every spot weld in them is judged: welds.csv and welds.json. With --overlays also an
image of what each stage saw, and index.html to look at them."""
LASER_TOPIC = 'laser_sensor/image_raw'


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
    parser.add_argument('--overlays', action='store_true', help='draw what was seen, and a page of it')


def run(arguments: argparse.Namespace) -> int:
    """Replay the bag."""
    with open_bag(arguments.bag) as bag:
        way = _way(bag, arguments)
        topic = arguments.topic or (LASER_TOPIC if way is _run_laser else PLATES_TOPIC)
        said = way(bag, topic, arguments)
    for problem in bag.problems:
        print(f'warning: {arguments.bag}: {problem}', file=sys.stderr)
    print(said)
    return 0


def _way(bag: BagReader, arguments: argparse.Namespace) -> Callable[[BagReader, str, argparse.Namespace], str]:
    """What is looked for."""
    if arguments.spot_weld:
        if arguments.plate:
            raise ValueError('--plate and --spot-weld: expected one of them')
        return run_spot_welds
    return run_plates if arguments.plate or _has_plates_only(bag, arguments.topic) else _run_laser


def _has_plates_only(bag: BagReader, topic: str | None) -> bool:
    """Whether images of the area camera are asked for, or are all that there is."""
    topics = {name.strip('/') for name in (bag.topics() if topic is None else [topic])}
    return PLATES_TOPIC in topics and LASER_TOPIC not in topics


def _run_laser(bag: BagReader, topic: str, arguments: argparse.Namespace) -> str:
    """The laser chain over a topic; some lines about it."""
    sensor = load_rig(str(arguments.rig or config_file('rig.yaml'))).laser_sensor
    pipeline = LaserPipeline(sensor, load_settings(arguments.settings or config_file('cell.yaml')))

    @cache
    def frames() -> FrameTree:
        """Asked for when all images have been read: then they have come along with them."""
        tree = bag.frame_tree()
        tree.add_fixed(sensor.parent, sensor.frame, sensor.T_parent_sensor)  # the rig in force, as in the graph
        return tree

    with tqdm(total=bag.count(topic), unit='image') as bar:
        result = pipeline.replay(
            bag.images(topic), lambda stamp_ns: frames().lookup('base_link', sensor.frame, stamp_ns), bar.update
        )
    write_results(result, arguments.out)
    if arguments.overlays:
        write_replay_page(result, bag.images(topic), arguments.out)
    return _summary(result, arguments.out)


def _summary(result: ReplayResult, out: Path) -> str:
    """A few lines for people: the type, the points, what went wrong how often."""
    lines = [f'{len(result.images)} images']
    decision, path = result.decision, result.path
    lines.append(
        f'joint type: {decision}'
        if isinstance(decision, WeldCellError)
        else f'joint type: {decision.joint_type} ({decision.share:.0%} of {decision.images} images)'
    )
    points = sum(image.point is not None for image in result.images)
    lines.append(f'seam points: {points}')
    lines.append(
        f'seam path: {path}'
        if isinstance(path, WeldCellError)
        else f'seam path: {1000 * path.length_m:.1f} mm, {len(path.positions_m)} points'
    )
    errors: dict[str, int] = {}
    for image in result.images:
        if image.error is not None:
            errors[type(image.error).__name__] = errors.get(type(image.error).__name__, 0) + 1
    lines += [f'{name}: {count} images' for name, count in sorted(errors.items())]
    return '\n'.join([*lines, f'results in {out}'])
