"""`ros2 lifecycle nodes | get | set | list`."""

import argparse
import sys
from typing import Any

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetAvailableTransitions, GetState
from rclpy.node import Node

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import (
    absolute,
    add_find_options,
    add_graph_options,
    call,
    discover,
    is_hidden,
    spin_until,
)
from pip_ros.node import command_node
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 lifecycle nodes
  ros2 lifecycle get /laser_sensor
  ros2 lifecycle set /laser_sensor configure
  ros2 lifecycle set /laser_sensor activate
  ros2 lifecycle list /laser_sensor
"""
_GET_STATE = 'lifecycle_msgs/srv/GetState'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 lifecycle`."""
    add_verbs(
        parser,
        {
            'nodes': Verb('Output a list of nodes with lifecycle', _nodes_arguments, _nodes),
            'get': Verb('Get lifecycle state for one or more nodes', _get_arguments, _get),
            'set': Verb('Trigger lifecycle state transition', _set_arguments, _set),
            'list': Verb('Output a list of available transitions', _transitions_arguments, _transitions),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 lifecycle`; returns the exit code."""
    return int(args.verb_main(args))


def lifecycle_nodes(node: Node, with_hidden: bool = False) -> list[str]:
    """Full names of the nodes with a lifecycle that are known, sorted."""
    names = (
        name.removesuffix('/get_state')
        for name, types in node.get_service_names_and_types()
        if _GET_STATE in types and name.endswith('/get_state')
    )
    return sorted(name for name in names if with_hidden or not is_hidden(name))


def _find(node: Node, args: argparse.Namespace) -> str:
    full_name = absolute(args.node_name)
    if not spin_until(node, lambda: full_name in lifecycle_nodes(node, args.include_hidden_nodes), args.spin_time):
        raise Ros2Error('Node not found')
    return full_name


def _hidden_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--include-hidden-nodes', action='store_true', help='consider hidden nodes too')


def _nodes_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-a', '--all', action='store_true', help='hidden nodes too')
    parser.add_argument('-c', '--count-nodes', action='store_true', help='only print how many nodes there are')
    add_graph_options(parser)


def _nodes(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        names = lifecycle_nodes(node, args.all)
    print(len(names)) if args.count_nodes else print(''.join(f'{name}\n' for name in names), end='')
    return 0


def _get_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', nargs='?', help='node; all nodes without it')
    _hidden_argument(parser)
    add_graph_options(parser)


def _get(args: argparse.Namespace) -> int:
    with command_node() as node:
        if args.node_name:
            names = [_find(node, args)]
        else:
            discover(node, args.spin_time)
            names = lifecycle_nodes(node, args.include_hidden_nodes)
        for name in names:
            state = call(node, GetState, f'{name}/get_state', GetState.Request()).current_state
            print(f'{"" if args.node_name else name + ": "}{state.label} [{state.id}]')
    return 0


def _set_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', help='node')
    _hidden_argument(parser)
    add_find_options(parser)
    parser.add_argument('transition', help='label or number of the transition')


def _set(args: argparse.Namespace) -> int:
    with command_node() as node:
        name = _find(node, args)
        transition = _pick(_available(node, f'{name}/get_available_transitions'), args.transition)
        request = ChangeState.Request(transition=transition)
        successful = call(node, ChangeState, f'{name}/change_state', request).success
    print(
        'Transitioning successful' if successful else 'Transitioning failed',
        file=sys.stdout if successful else sys.stderr,
    )
    return 0


def _available(node: Node, service: str) -> list[Any]:
    response = call(node, GetAvailableTransitions, service, GetAvailableTransitions.Request())
    return list(response.available_transitions)


def _transitions_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', help='node')
    _hidden_argument(parser)
    add_find_options(parser)
    parser.add_argument('-a', '--all', action='store_true', help='also those that the present state does not allow')


def _transitions(args: argparse.Namespace) -> int:
    service = 'get_transition_graph' if args.all else 'get_available_transitions'
    with command_node() as node:
        descriptions = _available(node, f'{_find(node, args)}/{service}')
    for each in descriptions:
        print(f'- {each.transition.label} [{each.transition.id}]')
        print(f'\tStart: {each.start_state.label}\n\tGoal: {each.goal_state.label}')
    return 0


def _pick(available: list[Any], wanted: str) -> Transition:
    transitions = [description.transition for description in available]
    known = {str(t.id): t for t in transitions} | {t.label: t for t in reversed(transitions)}
    if wanted in known:
        return known[wanted]
    listed = ''.join(f'\n- {t.label} [{t.id}]' for t in transitions)
    raise Ros2Error(f'Unknown transition requested, available ones are:{listed}')
