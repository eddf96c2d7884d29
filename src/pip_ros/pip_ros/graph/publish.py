"""`ros2 topic pub`."""

import argparse
import math
import time
from typing import Any

import yaml
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import spin_until
from pip_ros.graph.plain import fill
from pip_ros.messages import interface_class
from pip_ros.node import command_node, stopped_by_signals

RELIABILITY = {'reliable': ReliabilityPolicy.RELIABLE, 'best_effort': ReliabilityPolicy.BEST_EFFORT}
DURABILITY = {'transient_local': DurabilityPolicy.TRANSIENT_LOCAL, 'volatile': DurabilityPolicy.VOLATILE}
_TELL_S = 1.0


def _positive(text: str) -> float:
    if float(text) <= 0.0:
        raise argparse.ArgumentTypeError(f'must be greater than 0, got {text}')
    return float(text)


def _not_negative(text: str) -> int:
    if int(text) < 0:
        raise argparse.ArgumentTypeError(f'must not be negative, got {text}')
    return int(text)


def pub_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 topic pub`."""
    parser.add_argument('topic_name', help='topic')
    parser.add_argument('message_type', help='its type, for instance std_msgs/msg/String')
    parser.add_argument('values', nargs='?', default='{}', help='the message in YAML; {} for its defaults')
    parser.add_argument('-r', '--rate', metavar='HZ', type=_positive, default=1.0, help='messages a second')
    parser.add_argument('-p', '--print', metavar='N', type=int, default=1, help='print every N-th message')
    count = parser.add_mutually_exclusive_group()
    count.add_argument('-1', '--once', action='store_true', help='publish one message and end')
    count.add_argument('-t', '--times', type=_not_negative, default=0, help='publish so many messages and end')
    parser.add_argument(
        '-w',
        '--wait-matching-subscriptions',
        type=_not_negative,
        metavar='N',
        help='wait for so many subscriptions; without it for 1 with --once and --times, else for none',
    )
    parser.add_argument('--max-wait-time-secs', type=_positive, default=math.inf, help='wait at most so long')
    parser.add_argument('--keep-alive', metavar='S', type=_positive, default=0.1, help='live on so long at the end')
    parser.add_argument('-n', '--node-name', help='name of the publishing node')
    parser.add_argument('--qos-reliability', choices=RELIABILITY, default='reliable', help='reliability to offer')
    parser.add_argument('--qos-durability', choices=DURABILITY, default='volatile', help='durability to offer')
    parser.add_argument('--qos-depth', type=int, default=10, help='queue size')


def pub(args: argparse.Namespace) -> int:
    """Publish until all is sent, or Ctrl-C."""
    message, stop = _message(args), stopped_by_signals()
    times = 1 if args.once else args.times or math.inf
    with command_node(args.node_name) as node:
        publisher = _publisher(node, args)
        _wait_for_subscriptions(node, publisher, args, stop.is_set)
        print('publisher: beginning loop', flush=True)
        begin_s, count = time.monotonic(), 0
        while not stop.is_set() and count < times:
            count += 1
            if args.print and count % args.print == 0:
                print(f'publishing #{count}: {message!r}\n', flush=True)
            publisher.publish(message)
            if count < times:
                stop.wait(max(0.0, begin_s + count / args.rate - time.monotonic()))
        stop.wait(args.keep_alive)
    return 0


def _message(args: argparse.Namespace) -> Any:
    message = interface_class(args.message_type, 'msg')()
    try:
        values = yaml.safe_load(args.values)
    except yaml.YAMLError as error:
        raise Ros2Error(f'the message is not YAML: {error}') from error
    if not isinstance(values, dict):
        raise Ros2Error('The passed value needs to be a dictionary in YAML format')
    fill(message, values)
    return message


def _publisher(node: Node, args: argparse.Namespace) -> Publisher:
    qos = QoSProfile(
        depth=args.qos_depth,
        reliability=RELIABILITY[args.qos_reliability],
        durability=DURABILITY[args.qos_durability],
    )
    try:
        return node.create_publisher(interface_class(args.message_type, 'msg'), args.topic_name, qos)
    except (NotImplementedError, ValueError) as error:  # a type that rclpy cannot carry; a name that is no topic
        raise Ros2Error(str(error)) from error


def _wait_for_subscriptions(node: Node, publisher: Publisher, args: argparse.Namespace, stopped: Any) -> None:
    wanted = args.wait_matching_subscriptions
    if wanted is None:
        wanted = 1 if args.once or args.times else 0
    deadline_s = time.monotonic() + args.max_wait_time_secs
    while not stopped() and publisher.get_subscription_count() < wanted:
        if time.monotonic() >= deadline_s:
            raise Ros2Error(
                f'Timed out waiting for subscribers: Expected {wanted} subscribers but only got '
                f'{publisher.get_subscription_count()} subscribers'
            )
        print(f'Waiting for at least {wanted} matching subscription(s)...', flush=True)
        limit_s = min(_TELL_S, deadline_s - time.monotonic())
        spin_until(node, lambda: stopped() or publisher.get_subscription_count() >= wanted, limit_s)
