"""`ros2 action list | info | type | send_goal`."""

import argparse
import math
import sys
from collections.abc import Callable
from typing import Any

import yaml
from action_msgs.msg import GoalStatus
from rclpy.action import (
    ActionClient,
    get_action_client_names_and_types_by_node,
    get_action_names_and_types,
    get_action_server_names_and_types_by_node,
)
from rclpy.node import Node

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import CALL_S, absolute, add_find_options, add_graph_options, discover, spin_until
from pip_ros.graph.plain import fill, to_yaml
from pip_ros.messages import interface_class
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 action list -t
  ros2 action info /arm_controller/follow_joint_trajectory
  ros2 action send_goal -f /fibonacci test_msgs/action/Fibonacci "{order: 5}"
"""
_STATUS = {
    getattr(GoalStatus, f'STATUS_{name}'): name
    for name in ('ACCEPTED', 'EXECUTING', 'CANCELING', 'SUCCEEDED', 'CANCELED', 'ABORTED')
}
_TypesOf = Callable[[Node, str, str], list[tuple[str, list[str]]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 action`."""
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of action names', _list_arguments, _list),
            'info': Verb('Print information about an action', _info_arguments, _info),
            'type': Verb("Print an action's type", _type_arguments, _type),
            'send_goal': Verb('Send an action goal', _send_goal_arguments, _send_goal),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 action`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-t', '--show-types', action='store_true', help='show the action types too')
    parser.add_argument('-c', '--count-actions', action='store_true', help='only print how many actions there are')
    add_graph_options(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        actions = sorted(get_action_names_and_types(node))
    if args.count_actions:
        print(len(actions))
        return 0
    for name, types in actions:
        print(f'{name} [{", ".join(types)}]' if args.show_types else name)
    return 0


def _info_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('action_name', help='action')
    parser.add_argument('-t', '--show-types', action='store_true', help='show the action types too')
    parser.add_argument('-c', '--count', action='store_true', help='only print how many ends there are')
    add_graph_options(parser)


def _info(args: argparse.Namespace) -> int:
    action = absolute(args.action_name)
    with command_node() as node:
        discover(node, args.spin_time)
        clients = _nodes_with(node, action, get_action_client_names_and_types_by_node)
        servers = _nodes_with(node, action, get_action_server_names_and_types_by_node)
    print(f'Action: {args.action_name}')
    for title, ends in (('clients', clients), ('servers', servers)):
        print(f'Action {title}: {len(ends)}')
        for name, types in ends if not args.count else ():
            print(f'    {name} [{", ".join(types)}]' if args.show_types else f'    {name}')
    return 0


def _nodes_with(node: Node, action: str, types_of: _TypesOf) -> list[tuple[str, list[str]]]:
    """Full names of the nodes with that end of the action, and its types there."""
    found = []
    for name, namespace in node.get_node_names_and_namespaces():
        types = dict(types_of(node, name, namespace)).get(action)
        if types:
            found.append((f'{namespace.rstrip("/")}/{name}', types))
    return found


def _type_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('action_name', help='action')
    add_find_options(parser)


def _type(args: argparse.Namespace) -> int:
    action = absolute(args.action_name)
    with command_node() as node:
        spin_until(node, lambda: action in dict(get_action_names_and_types(node)), args.spin_time)
        types = dict(get_action_names_and_types(node)).get(action, [])
    for name in types:
        print(name)
    return 0 if types else 1


def _send_goal_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('action_name', help='action')
    parser.add_argument('action_type', help='its type, for instance test_msgs/action/Fibonacci')
    parser.add_argument('goal', nargs='?', default='{}', help='the goal in YAML')
    parser.add_argument('--stdin', action='store_true', help='read the goal from standard input')
    parser.add_argument('-f', '--feedback', action='store_true', help='print feedback')


def _send_goal(args: argparse.Namespace) -> int:
    action_type, stop = interface_class(args.action_type, 'action'), stopped_by_signals()
    goal = action_type.Goal()
    try:
        fill(goal, yaml.safe_load(sys.stdin.read() if args.stdin else args.goal) or {})
    except yaml.YAMLError as error:
        raise Ros2Error(f'the goal is not YAML: {error}') from error
    with command_node() as node:
        client = ActionClient(node, action_type, args.action_name)
        try:
            return _follow(node, client, goal, args.feedback, stop.is_set)
        finally:
            client.destroy()


def _follow(node: Node, client: Any, goal: Any, with_feedback: bool, stopped: Callable[[], bool]) -> int:
    """Send the goal and print what becomes of it; Ctrl-C cancels it."""
    print('Waiting for an action server to become available...', flush=True)
    spin_until(node, lambda: stopped() or client.server_is_ready(), math.inf)
    if stopped():
        return 1
    print(f'Sending goal:\n     {to_yaml(goal)}', flush=True)
    sent = client.send_goal_async(goal, _print_feedback if with_feedback else None)
    spin_until(node, lambda: stopped() or sent.done(), math.inf)
    if not sent.done():
        return 1
    handle = sent.result()
    if not handle.accepted:
        print('Goal was rejected.')
        return 0
    print(f'Goal accepted with ID: {bytes(handle.goal_id.uuid).hex()}\n', flush=True)
    ended = handle.get_result_async()
    spin_until(node, lambda: stopped() or ended.done(), math.inf)
    if not ended.done():
        return _cancel(node, handle)
    print(f'Result:\n    {to_yaml(ended.result().result)}')
    print(f'Goal finished with status: {_STATUS.get(ended.result().status, "UNKNOWN")}')
    return 0


def _print_feedback(feedback: Any) -> None:
    print(f'Feedback:\n    {to_yaml(feedback.feedback)}', flush=True)


def _cancel(node: Node, handle: Any) -> int:
    print('Canceling goal...', flush=True)
    canceled = handle.cancel_goal_async()
    if not spin_until(node, canceled.done, CALL_S) or not canceled.result().goals_canceling:
        raise Ros2Error('Failed to cancel goal')
    print('Goal canceled.')
    return 1
