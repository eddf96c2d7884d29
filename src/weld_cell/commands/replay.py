"""`weld_cell replay`: run the pipeline offline over recorded bags."""

import argparse
import sys
from pathlib import Path

from weld_cell.commands.replay_options import EXIT_CODES, add_replay_options, request_of
from weld_cell.farm.sources import is_plain_path
from weld_cell.option_types import folder_to_write

EXAMPLES = """Examples:
  weld_cell replay my_bag
  weld_cell replay my_bag --out out/replay --overlays
  weld_cell replay plates_bag --plate
  weld_cell replay panels_bag --spot-weld --bank my_plant.npz --part 4711 --overlays
  weld_cell replay 'recordings/2026-11-*' --out out/november         many bags, on all cores of this machine
  weld_cell replay recordings s3://plant/line_2 --workers 8          every bag below a folder or an address
  weld_cell replay recordings --scheduler tcp://10.0.0.5:8786        on an existing Dask cluster

The recording may begin at the launch of the cell: the scan is found in it, in the sweep of the sensor that saw the
most of the seam. Writes joint_type.json, seam_points.csv and seam_path.csv; the same bag gives the same bytes. With
--plate, or where the bag has images of the area camera only, the seam between plates is looked for in each of them:
plate_seams.csv and plate_paths.csv. With --spot-weld every spot weld in them is judged: welds.csv and welds.json.
With --overlays also what was seen, drawn over images of the scan (--most-overlays), and index.html to look at it.

Several bags run on Dask (extra "farm"): bags/NAME below the result folder has the files of each, results.parquet a
row a bag, images.parquet a row an image, index.html the report. The same command resumes one that was interrupted;
a bag that was changed, or failed, is processed again. See docs/farm.md.

Exit code 0 only if there is a seam path (--plate: a seam, --spot-weld: judged welds, in one image at least), of many
bags in each; 3 if the joint type cannot be classified, 4 if there is no path, with the reason; 1 if a bag, the
rig or the settings cannot be read; 130 after Ctrl-C."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        'bag', nargs='+', help='rosbag2 bag (folder), MCAP or sqlite3; a folder of bags, a pattern or a URL'
    )
    parser.add_argument(
        '--out', type=folder_to_write, default=Path('out/replay'), help='result folder (default: %(default)s)'
    )
    add_replay_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replay the bag, or the bags."""
    asks_farm = arguments.scheduler is not None or arguments.workers is not None or arguments.again
    if asks_farm or len(arguments.bag) > 1 or not is_plain_path(arguments.bag[0]):
        from weld_cell.commands.replay_farm import run_many

        return run_many(arguments)
    return _run_one(Path(arguments.bag[0]), arguments)


def _run_one(path: Path, arguments: argparse.Namespace) -> int:
    from weld_cell.replays.bag import replay_bag

    replayed = replay_bag(path, request_of(arguments))
    for problem in replayed.problems:
        print(f'warning: {path}: {problem}', file=sys.stderr)
    print(replayed.said)
    return EXIT_CODES[replayed.verdict]
