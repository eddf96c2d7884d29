"""`weld_cell run`: weld one simulated joint with the real node graph and write a report (`make run`)."""

import argparse
import ctypes
import fcntl
import importlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from weld_cell.commands.seed import add_seed_argument
from weld_cell.compiled import compile_missing
from weld_cell.domain import claim_domain, loopback_environment
from weld_cell.errors import ConfigurationError, DeviceNotFoundError
from weld_cell.option_types import existing_file, folder_to_write, number
from weld_cell.paths import config_file
from weld_cell.records import JointType, SeamSource
from weld_cell.report.run_record import FACTS_FILE, RECORDS, make_room
from weld_cell.sim.drift import KINDS
from weld_cell.sim.shipped_parts import shipped_codes
from weld_cell.trajectory.adaptive_fill import load_fill_tables
from weld_cell.trajectory.controller import ACTION, TOPIC

EXAMPLES = """Examples:
  weld_cell run
  weld_cell run --joint v --seed 3 --out out/v
  weld_cell run --part --seed 4
  weld_cell run --part A-R
  weld_cell run --plate --seed 6
  weld_cell run --plate laser
  weld_cell run --joint lap --controller action
  weld_cell run --joint v --track --drift thermal
  weld_cell run --joint butt --track --adaptive-fill --opens 1 --controller action

Starts `ros2 launch weld_cell cell.launch.xml source:=sim` in a ROS domain of its own on the loopback interface,
waits until the supervisor is done, and writes summary.json and index.html; the records of all cycles of a folder stay
in OUT/records (weld_cell records list). Exit code 0 only if the joint type and,
with --part, the part are right and the seam is within 0.3 mm everywhere. Ctrl-C ends every node; what was recorded
by then is reported."""
INTERRUPTED = 130
OPENING = JointType.BUTT, JointType.V
"""The simulated joints that have a root gap."""
ARC = 0.6
_PR_SET_PDEATHSIG = 1  # of linux/prctl.h


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    joints = [str(joint_type) for joint_type in JointType]
    parser.add_argument('--joint', default='fillet', choices=joints, help='joint type (default: %(default)s)')
    looks = parser.add_mutually_exclusive_group()
    looks.add_argument(
        '--part',
        nargs='?',
        const='',
        choices=['', *shipped_codes()],
        metavar='CODE',
        help=f'begin with a part somewhere on the table: {", ".join(shipped_codes())}; without a code, one of them',
    )
    looks.add_argument(
        '--plate',
        nargs='?',
        const=str(SeamSource.PLATE),
        choices=[str(source) for source in SeamSource],
        metavar='SOURCE',
        help='weld two clamped plates along the seam that the area camera sees; laser: which the laser scans before',
    )
    parser.add_argument(
        '--controller',
        default=TOPIC,
        choices=[TOPIC, ACTION],
        help='how trajectories are sent to the robot (default: %(default)s)',
    )
    parser.add_argument('--track', action='store_true', help='track the seam while it is welded')
    parser.add_argument(
        '--drift',
        default='none',
        choices=['none', *KINDS],
        help='how the workpiece moves while it is welded (default: none)',
    )
    parser.add_argument(
        '--arc',
        type=number(0.0, 1.0),
        default=ARC,
        help='with --track: spatter and light of the arc, 0 to 1 (default: %(default)s)',
    )
    parser.add_argument(
        '--adaptive-fill',
        action='store_true',
        help="with --track: speed, weave and wire feed follow the root gap, by the procedure's table",
    )
    parser.add_argument(
        '--opens',
        type=number(0.0, 2.0),
        default=0.0,
        metavar='MM',
        help='with --track: how much wider the root gap becomes towards the end of the seam during the weld, 0 to 2 '
        '(default: %(default)g)',
    )
    parser.add_argument(
        '--params', type=existing_file, help='parameter file, instead of the installed config/cell.yaml'
    )
    add_seed_argument(parser, 1, 'draws sizes, pose and noise')
    parser.add_argument(
        '--out', type=folder_to_write, default=Path('out/run'), help='result folder (default: %(default)s)'
    )
    parser.add_argument('--rviz', action='store_true', help='show it in RViz (needs an apt ROS 2)')


def run(arguments: argparse.Namespace) -> int:
    """Run the launch to its end and report."""
    tracked = _track_arguments(arguments)
    if told := _without_table(arguments):
        print(told, file=sys.stderr)
    if arguments.controller == ACTION and importlib.util.find_spec('control_msgs') is None:
        raise DeviceNotFoundError(
            '--controller action needs the package control_msgs, which is not installed.',
            'apt install ros-$ROS_DISTRO-control-msgs; with ROS 2 from PyPI: python -m pip_ros.interfaces.',
        )
    if shutil.which('ros2') is None:
        raise DeviceNotFoundError('The command "ros2" was not found.', 'Run "make run", or source your ROS 2.')
    folder = arguments.out.resolve()
    _alone_in(folder)
    make_room(folder)
    _compile(arguments.plate is not None)
    domain, claim = claim_domain()
    command = [
        'ros2',
        'launch',
        'weld_cell',
        'cell.launch.xml',
        'source:=sim',
        f'joint:={arguments.joint}',
        f'seed:={arguments.seed}',
        f'controller:={arguments.controller}',
        *tracked,
        *([f'params:={arguments.params.resolve()}'] if arguments.params else []),
        *_part_arguments(arguments.part),
        *_plate_arguments(arguments.plate),
        f'record:={folder}',
        f'records:={folder / RECORDS}',
        'auto_start:=true',
        f'rviz:={str(arguments.rviz).lower()}',
    ]
    print(f'{" ".join(command)}   (ROS_DOMAIN_ID={domain})', flush=True)
    # In a session of its own a Ctrl-C at the terminal reaches it once, by us.
    launch = subprocess.Popen(
        command,
        env=loopback_environment(domain),
        pass_fds=[claim],
        start_new_session=True,
        preexec_fn=_end_with_us,
    )
    interrupted = _wait(launch)
    if not (folder / FACTS_FILE).exists():
        print('weld_cell run: the launch ended without a record; its log above says why.', file=sys.stderr)
        return INTERRUPTED if interrupted else 1
    from weld_cell.commands.report_run import report  # matplotlib's: a second, which the launch does not wait for

    code = report(arguments.out)
    return INTERRUPTED if interrupted else code


def _alone_in(folder: Path) -> None:
    """Until this process ends no other run writes into the folder, where its file system can tell.

    Raises:
        ConfigurationError: another run does.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConfigurationError(
            f'{folder}: another run writes there.', 'Wait for its end, or name another --out.'
        ) from error
    except OSError:  # a folder that cannot be written, which `make_room` tells, or a file system without locks
        pass


def _compile(plates: bool) -> None:
    """Before the launch, whose supervisor does not wait for its nodes as long as a slow computer needs."""
    importlib.import_module('weld_cell.pipeline')
    if plates:
        importlib.import_module('weld_cell.stations.plate_seam')
    compile_missing(lambda text: print(text, flush=True))


def _end_with_us() -> None:
    """In the launch's process, before it is the launch: where we are killed it gets a Ctrl-C (Linux only)."""
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _track_arguments(arguments: argparse.Namespace) -> list[str]:
    """Of the launch."""
    drift = [] if arguments.drift == 'none' else [f'drift:={arguments.drift}']
    if not arguments.track:
        if arguments.adaptive_fill or arguments.opens:
            raise ValueError('--adaptive-fill and --opens need --track')
        return drift
    if arguments.plate == str(SeamSource.PLATE):
        raise ValueError('--track needs a seam that the laser has scanned: drop "--plate plate"')
    if arguments.opens and arguments.joint not in OPENING:
        raise ValueError(f'--opens: only {" and ".join(OPENING)} have a root gap, got --joint {arguments.joint}')
    fill = f'adaptive_fill:={str(arguments.adaptive_fill).lower()}'
    return [*drift, 'track:=true', f'arc:={arguments.arc}', f'gap_opens_mm:={arguments.opens}', fill]


def _without_table(arguments: argparse.Namespace) -> str:
    """That adaptive fill, which is asked for, changes nothing for want of a table; else empty."""
    procedures = config_file('weld_procedures.yaml')
    if not arguments.adaptive_fill or arguments.joint in (tables := load_fill_tables(str(procedures))):
        return ''
    return (
        f'note: --adaptive-fill changes nothing: the weld procedure {arguments.joint} has no table for it in '
        f'{procedures}; there are tables for {" and ".join(sorted(tables)) or "none"}.'
    )


def _part_arguments(code: str | None) -> list[str]:
    """Of the launch."""
    if code is None:
        return []
    return ['part:=true', f'lies:=parts_{code}' if code else 'lies:=parts']


def _plate_arguments(source: str | None) -> list[str]:
    """Of the launch."""
    return [] if source is None else ['plate:=true', f'seam_source:={source}']


def _wait(launch: 'subprocess.Popen[bytes]') -> bool:
    """Wait for the launch; each Ctrl-C or SIGTERM is passed on to it as SIGINT. True if there was one."""
    interrupted = False

    def pass_on(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        launch.send_signal(signal.SIGINT)

    previous = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        launch.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return interrupted
