"""Options that the commands for replaying bags share."""

import argparse
from pathlib import Path

from weld_cell.option_types import number, whole_number
from weld_cell.paths import config_file
from weld_cell.records import VOTED, JointType
from weld_cell.replays.request import MOST_OVERLAYS, ReplayRequest, Verdict

EXIT_CODES = {Verdict.FAILED: 1, Verdict.NO_TYPE: 3, Verdict.NO_PATH: 4, Verdict.FOUND: 0}
"""The weightiest first."""


def add_replay_options(parser: argparse.ArgumentParser) -> None:
    """What is looked for, by which files, and where the work is done."""
    parser.add_argument(
        '--topic', help='image topic (default: laser_sensor/image_raw, or with --plate or --spot-weld mako/image_raw)'
    )
    parser.add_argument('--plate', action='store_true', help='look for the seam between plates')
    parser.add_argument('--spot-weld', action='store_true', help='judge spot welds')
    parser.add_argument('--bank', default='', help='spot welds: bank of good ones (default: that of the settings)')
    parser.add_argument('--part', default='', help='spot welds: serial number or code of the part, for the files')
    parser.add_argument('--rig', type=Path, help='rig file (default: the installed config/rig.yaml)')
    parser.add_argument('--settings', type=Path, help='parameter file (default: the installed config/cell.yaml)')
    parser.add_argument(
        '--start',
        type=number(0.0, unit='s'),
        default=0.0,
        metavar='S',
        help='leave out the images of the first S seconds (default: 0)',
    )
    parser.add_argument(
        '--end',
        type=number(0.0, unit='s'),
        default=0.0,
        metavar='S',
        help='leave out images that come later after the first one; 0: none (default: 0)',
    )
    types = [VOTED, *map(str, JointType)]
    parser.add_argument(
        '--joint-type', default=VOTED, choices=types, help='instead of the vote (default: %(default)s)'
    )
    parser.add_argument('--overlays', action='store_true', help='draw what was seen, and a page of it')
    parser.add_argument(
        '--most-overlays',
        type=whole_number(0),
        default=MOST_OVERLAYS,
        metavar='N',
        help='draw N images at most, spread evenly over the scan; 0: every image (default: %(default)d)',
    )
    add_farm_options(parser)


def add_farm_options(parser: argparse.ArgumentParser) -> None:
    """Where many bags are replayed."""
    farm = parser.add_argument_group('many bags')
    place = farm.add_mutually_exclusive_group()
    place.add_argument('--scheduler', metavar='ADDRESS', help='Dask scheduler, such as tcp://10.0.0.5:8786')
    place.add_argument(
        '--workers', type=whole_number(1), metavar='N', help="of a cluster of its own (default: this machine's cores)"
    )
    farm.add_argument('--again', action='store_true', help='do finished bags again')


def request_of(arguments: argparse.Namespace) -> ReplayRequest:
    """The values of the options of `add_replay_options`."""
    return ReplayRequest(
        out=arguments.out,
        rig=arguments.rig or config_file('rig.yaml'),
        settings=arguments.settings or config_file('cell.yaml'),
        topic=arguments.topic,
        plate=arguments.plate,
        spot_weld=arguments.spot_weld,
        bank=arguments.bank,
        part=arguments.part,
        start=arguments.start,
        end=arguments.end,
        joint_type=arguments.joint_type,
        overlays=arguments.overlays,
        most_overlays=arguments.most_overlays,
    )
