"""`ros2 daemon status | stop | start`: there is none; each command looks at the graph by itself."""

import argparse

from pip_ros.errors import Ros2Error
from pip_ros.verbs import Verb, add_verbs, no_arguments

EXAMPLES = """examples:
  ros2 daemon status
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 daemon`."""
    add_verbs(
        parser,
        {
            'status': Verb('Output the status of the daemon', no_arguments, _tell),
            'stop': Verb('Stop the daemon if it is running', no_arguments, _tell),
            'start': Verb('Start the daemon: not here', no_arguments, _start),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 daemon`; returns the exit code."""
    return int(args.verb_main(args))


def _tell(_args: argparse.Namespace) -> int:
    print('The daemon is not running')
    return 0


def _start(_args: argparse.Namespace) -> int:
    raise Ros2Error('pip_ros has no daemon: each command looks at the graph by itself, --spin-time seconds long')
