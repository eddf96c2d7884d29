"""`ros2 node list | info`."""

import argparse
import sys

from rclpy.action import get_action_client_names_and_types_by_node, get_action_server_names_and_types_by_node
from rclpy.node import Node

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import (
    absolute,
    add_find_options,
    add_graph_options,
    discover,
    is_hidden,
    node_names,
    spin_until,
)
from pip_ros.node import command_node
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 node list
  ros2 node info /joint_type
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 node`."""
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of available nodes', _list_arguments, _list),
            'info': Verb('Output information about a node', _info_arguments, _info),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 node`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-a', '--all', action='store_true', help='hidden nodes too')
    parser.add_argument('-c', '--count-nodes', action='store_true', help='only print how many nodes there are')
    add_graph_options(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        names = node_names(node, with_hidden=args.all)
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


def _info_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', help='node')
    parser.add_argument('--include-hidden', action='store_true', help='hidden ones of everything too')
    add_find_options(parser)


def _info(args: argparse.Namespace) -> int:
    full_name = absolute(args.node_name)
    with command_node() as node:
        if not spin_until(node, lambda: full_name in node_names(node, args.include_hidden), args.spin_time):
            raise Ros2Error(f"Unable to find node '{full_name}'")
        discover(node, args.spin_time / 2)  # the rest of what it offers, and its namesakes
        count = node_names(node, args.include_hidden).count(full_name)
        if count > 1:
            print(
                f'There are {count} nodes in the graph with the exact name "{full_name}". You are seeing information '
                'about only one of them.',
                file=sys.stderr,
            )
        print(full_name)
        for title, ends in _ends(node, full_name).items():
            print(f'  {title}:')
            shown = [(name, types) for name, types in ends if args.include_hidden or not is_hidden(name)]
            print(*(f'    {name}: {", ".join(types)}' for name, types in shown), sep='\n')
    return 0


def _ends(node: Node, full_name: str) -> dict[str, list[tuple[str, list[str]]]]:
    """Names and types of a node's topics, services and actions, by what it does with them."""
    namespace, _, name = full_name.rpartition('/')
    remote = name, namespace or '/'
    return {
        'Subscribers': node.get_subscriber_names_and_types_by_node(*remote),
        'Publishers': node.get_publisher_names_and_types_by_node(*remote),
        'Service Servers': node.get_service_names_and_types_by_node(*remote),
        'Service Clients': node.get_client_names_and_types_by_node(*remote),
        'Action Servers': get_action_server_names_and_types_by_node(node, *remote),
        'Action Clients': get_action_client_names_and_types_by_node(node, *remote),
    }
