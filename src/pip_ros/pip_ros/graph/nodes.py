"""`ros2 node list`."""

import argparse
import sys

from pip_ros.graph.discovery import add_spin_time, discover, node_names
from pip_ros.node import command_node
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 node list
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 node`."""
    add_verbs(parser, {'list': Verb('Output a list of available nodes', _list_arguments, _list)}, EXAMPLES)


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 node`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-c', '--count-nodes', action='store_true', help='only print how many nodes there are')
    add_spin_time(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        names = node_names(node)
    if args.count_nodes:
        print(len(names))
        return 0
    if len(set(names)) < len(names):
        print(
            'WARNING: Be aware that there are nodes in the graph that share an exact name, which can have '
            'unintended side effects.',
            file=sys.stderr,
        )
    for name in names:
        print(name)
    return 0
