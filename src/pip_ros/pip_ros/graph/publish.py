"""`ros2 topic pub`."""

import argparse
import math
import sys
import time
from collections.abc import Callable
from typing import Any

import yaml
from builtin_interfaces.msg import Time
from rclpy.node import Node
from rclpy.publisher import Publisher

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import add_find_options, spin_until
from pip_ros.graph.plain import SetStamp, fill
from pip_ros.graph.qos_options import add_qos_options, chosen_qos
from pip_ros.messages import interface_class
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.values import not_negative_int, positive_float

_TELL_S = 1.0


def pub_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 topic pub`."""
    parser.add_argument('topic_name', help='topic')
    parser.add_argument('message_type', help='its type, for instance std_msgs/msg/String')
    parser.add_argument(
        'values',
        nargs='?',
        default='{}',
        help="the message in YAML, {} for its defaults; 'auto' for a header and 'now' for a time: when it is sent",
    )
    parser.add_argument('--stdin', action='store_true', help='read the message from standard input')
    parser.add_argument('-r', '--rate', metavar='HZ', type=positive_float, default=1.0, help='messages a second')
    parser.add_argument('-p', '--print', metavar='N', type=int, default=1, help='print every N-th message')
    count = parser.add_mutually_exclusive_group()
    count.add_argument('-1', '--once', action='store_true', help='publish one message and end')
    count.add_argument('-t', '--times', type=not_negative_int, default=0, help='publish so many messages and end')
    parser.add_argument(
        '-w',
        '--wait-matching-subscriptions',
        type=not_negative_int,
        metavar='N',
        help='wait for so many subscriptions; without it for 1 with --once and --times, else for none',
    )
    parser.add_argument('--max-wait-time-secs', type=positive_float, help='wait at most so long')
    parser.add_argument(
        '--keep-alive', metavar='S', type=positive_float, default=0.1, help='live on so long at the end'
    )
    parser.add_argument('-n', '--node-name', help='name of the publishing node')
    add_qos_options(parser, 'default')
    add_find_options(parser)


def pub(args: argparse.Namespace) -> int:
    """Publish until all is sent, or Ctrl-C."""
    stamps: list[SetStamp] = []
    message, stop = _message(args, stamps), stopped_by_signals()
    times = 1 if args.once else args.times or math.inf
    wanted = args.wait_matching_subscriptions
    if wanted is None:
        wanted = 1 if args.once or args.times else 0
    if not wanted and args.max_wait_time_secs is not None:
        raise Ros2Error(
            '--max-wait-time-secs option is only effective with --wait-matching-subscriptions, --once or --times'
        )
    with command_node(args.node_name, args.use_sim_time) as node:
        publisher = _publisher(node, args)
        try:
            _wait_for_subscriptions(node, publisher, wanted, args.max_wait_time_secs or math.inf, stop.is_set)
            pace = _Pace(node, 1.0 / args.rate, args.use_sim_time, stop.is_set)
            _publish(publisher, message, stamps, times, args.print, pace)
            stop.wait(args.keep_alive)
        finally:
            node.destroy_publisher(publisher)
    return 0


def _publish(
    publisher: Publisher, message: Any, stamps: list[SetStamp], times: float, print_nth: int, pace: '_Pace'
) -> None:
    """Publish so often, at that pace; each time with the time in what `stamps` sets."""
    print('publisher: beginning loop', flush=True)
    count = 0
    while not pace.stopped() and count < times:
        count += 1
        for set_stamp in stamps:
            set_stamp(pace.now())
        if print_nth and count % print_nth == 0:
            print(f'publishing #{count}: {message!r}\n', flush=True)
        publisher.publish(message)
        if count < times:
            pace.wait_for(count)


class _Pace:
    """Waits for the times at which messages are due, counted from the first.

    Args:
        node: Whose clock counts, if simulated.
        period_s: Between two messages.
        simulated: Whether by the node's clock instead of this machine's.
        stopped: Ends every wait.
    """

    def __init__(self, node: Node, period_s: float, simulated: bool, stopped: Callable[[], bool]) -> None:
        self._node = node
        self._period_s = period_s
        self._simulated = simulated
        self.stopped = stopped
        self._begin_s = self._now_s()

    def _now_s(self) -> float:
        return self._node.get_clock().now().nanoseconds * 1e-9 if self._simulated else time.monotonic()

    def now(self) -> Time:
        """The time of the node's clock."""
        return self._node.get_clock().now().to_msg()

    def wait_for(self, count: int) -> None:
        """Wait until so many periods have gone by."""
        due_s = self._begin_s + count * self._period_s
        while not self.stopped() and (left_s := due_s - self._now_s()) > 0.0:
            spin_until(self._node, self.stopped, min(left_s, 0.05 if self._simulated else left_s))


def _message(args: argparse.Namespace, stamps: list[SetStamp]) -> Any:
    message = interface_class(args.message_type, 'msg')()
    try:
        values = yaml.safe_load(sys.stdin.read() if args.stdin else args.values)
    except yaml.YAMLError as error:
        raise Ros2Error(f'the message is not YAML: {error}') from error
    if not isinstance(values, dict):
        raise Ros2Error('The passed value needs to be a dictionary in YAML format')
    fill(message, values, stamps)
    return message


def _publisher(node: Node, args: argparse.Namespace) -> Publisher:
    try:
        return node.create_publisher(interface_class(args.message_type, 'msg'), args.topic_name, chosen_qos(args))
    except (NotImplementedError, ValueError) as error:  # a type that rclpy cannot carry; a name that is no topic
        raise Ros2Error(str(error)) from error


def _wait_for_subscriptions(
    node: Node, publisher: Publisher, wanted: int, limit_s: float, stopped: Callable[[], bool]
) -> None:
    deadline_s = time.monotonic() + limit_s
    while not stopped() and publisher.get_subscription_count() < wanted:
        if time.monotonic() >= deadline_s:
            raise Ros2Error(
                f'Timed out waiting for subscribers: Expected {wanted} subscribers but only got '
                f'{publisher.get_subscription_count()} subscribers'
            )
        print(f'Waiting for at least {wanted} matching subscription(s)...', flush=True)
        spin_until(
            node,
            lambda: stopped() or publisher.get_subscription_count() >= wanted,
            min(_TELL_S, deadline_s - time.monotonic()),
        )
