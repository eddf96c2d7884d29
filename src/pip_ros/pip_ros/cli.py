"""The command `ros2`: which command does what, and who to ask for the rest."""

import argparse
import signal
import sys
from importlib import import_module
from typing import NoReturn

from pip_ros_guard import real_ros_homes

from pip_ros.ctrl_c import leaving_at_once
from pip_ros.errors import REAL_TOOL, Ros2Error, UnsupportedError
from pip_ros.verbs import help_of

# What each command is for, and its module; only the one asked for is imported, because rclpy takes its time.
COMMANDS = {
    'launch': ('run a launch file (XML)', 'pip_ros.launch.command'),
    'run': ('run an executable of a package', 'pip_ros.run'),
    'bag': ('play, record and describe bags', 'pip_ros.bag.command'),
    'pkg': ('list packages, their prefixes, executables and manifests', 'pip_ros.pkg'),
    'interface': ('list and show message, service and action types', 'pip_ros.interface'),
    'topic': ('list, echo, time and publish topics', 'pip_ros.graph.topic'),
    'service': ('list, call and echo services', 'pip_ros.graph.service'),
    'action': ('list actions and send goals', 'pip_ros.graph.action'),
    'param': ('list, get, set, delete, describe, dump and load parameters', 'pip_ros.graph.param'),
    'node': ('list nodes and what they offer', 'pip_ros.graph.nodes'),
    'lifecycle': ('get and set states of lifecycle nodes', 'pip_ros.graph.lifecycle'),
    'daemon': ('say that there is no daemon', 'pip_ros.daemon'),
}
# What ROS 2 Jazzy has beside them.
ELSEWHERE = {
    *('component', 'doctor', 'extension_points', 'extensions', 'multicast'),
    *('plugin', 'security', 'test', 'trace', 'wtf'),
}
_UNKNOWN = ('unrecognized arguments', 'argument VERB: invalid choice', 'argument COMMAND: invalid choice')

EXAMPLES = """examples:
  ros2 launch weld_cell cell.launch.xml source:=sim
  ros2 run weld_cell joint_type
  ros2 bag play seam_bag --clock
  ros2 topic echo /joint_type
  ros2 topic --help
"""


class _Parser(argparse.ArgumentParser):
    """Tells where to find what it does not know."""

    def error(self, message: str) -> NoReturn:
        unknown = message.startswith(_UNKNOWN)
        super().error(f'{message}\nWhat pip_ros does not have is in {REAL_TOOL}.' if unknown else message)


def build_parser(wanted: str) -> argparse.ArgumentParser:
    """The parser of the command line.

    Args:
        wanted: The command whose options are declared; of the others only the names are.
    """
    parser = _Parser(
        prog='ros2',
        description='The part of the ROS 2 command line that pip_ros has.',
        epilog=f'{EXAMPLES}\nFor everything else use {REAL_TOOL}.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        '--use-python-default-buffering', action='store_true', help='for compatibility; changes nothing'
    )
    parser.set_defaults(main=help_of(parser))
    commands = parser.add_subparsers(dest='command', metavar='COMMAND')
    for name, (summary, module_name) in COMMANDS.items():
        if name != wanted:
            commands.add_parser(name, help=summary)
            continue
        module = import_module(module_name)
        command = commands.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(main=module.main)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run a command line; returns the exit code."""
    for home in real_ros_homes('ros2cli'):
        print(f'A real ROS 2 is in {home}; use its `ros2`, or a shell in which it is not sourced.', file=sys.stderr)
        return 1
    words = sys.argv[1:] if argv is None else argv
    command = next((word for word in words if not word.startswith('-')), '')
    try:
        if command in ELSEWHERE:
            raise UnsupportedError(f'ros2 {command}')
        with leaving_at_once():
            args = build_parser(command).parse_args(words)
        return int(args.main(args))
    except Ros2Error as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return int(signal.SIGINT)
