"""The command `ros2`: which command does what, and who to ask for the rest."""

import argparse
import signal
import sys

from pip_ros_guard import real_ros_homes

from pip_ros import run
from pip_ros.errors import REAL_TOOL, Ros2Error
from pip_ros.launch import command as launch

COMMANDS = {
    'launch': (launch, 'run a launch file (XML)'),
    'run': (run, 'run an executable of a package'),
}

EXAMPLES = """examples:
  ros2 launch weld_cell cell.launch.xml source:=sim
  ros2 run weld_cell joint_type
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog='ros2', description='The part of the ROS 2 command line that pip_ros has.',
        epilog=f'{EXAMPLES}\nFor everything else use {REAL_TOOL}.',
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for name, (module, summary) in COMMANDS.items():
        sub = commands.add_parser(
            name, help=summary, description=module.__doc__, epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add_arguments(sub)
        sub.set_defaults(main=module.main)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    for home in real_ros_homes('ros2cli'):
        print(f'A real ROS 2 is in {home}; use its `ros2`, or a shell in which it is not sourced.', file=sys.stderr)
        return 1
    args = build_parser().parse_args(argv)
    try:
        return args.main(args)  # type: ignore[no-any-return]
    except Ros2Error as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return int(signal.SIGINT)
