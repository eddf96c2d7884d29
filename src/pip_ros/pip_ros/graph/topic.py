"""`ros2 topic list | echo | hz | info | pub`."""

import argparse
import math
import time
from collections import deque

import rclpy
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.serialization import deserialize_message
from tf2_ros.messages import decode, message_from_link

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import FIND_S, absolute, add_spin_time, discover, is_hidden, spin_until
from pip_ros.graph.plain import DEFAULT_TRUNCATE_LENGTH, to_plain, to_yaml
from pip_ros.graph.publish import DURABILITY, RELIABILITY, pub, pub_arguments
from pip_ros.messages import TF_MESSAGE, RawSubscription, interface_class
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 topic list -t
  ros2 topic echo /seam/point --field point
  ros2 topic echo /joint_type --once --qos-durability transient_local --qos-reliability reliable
  ros2 topic hz /laser_sensor/image_raw
  ros2 topic info /seam/path
  ros2 topic pub --once /chatter std_msgs/msg/String "{data: hello}"
"""

_REPORT_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 topic`."""
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of available topics', _list_arguments, _list),
            'echo': Verb('Output messages from a topic', _echo_arguments, _echo),
            'hz': Verb('Print the average publishing rate to screen', _hz_arguments, _hz),
            'info': Verb('Print information about a topic', _info_arguments, _info),
            'pub': Verb('Publish a message to a topic', pub_arguments, pub),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 topic`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-t', '--show-types', action='store_true', help='show the topic types too')
    parser.add_argument('-c', '--count-topics', action='store_true', help='only print how many topics there are')
    parser.add_argument('--include-hidden-topics', action='store_true', help='consider hidden topics too')
    add_spin_time(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        topics = [
            (name, types)
            for name, types in node.get_topic_names_and_types()
            if args.include_hidden_topics or not is_hidden(name)
        ]
    if args.count_topics:
        print(len(topics))
        return 0
    for name, types in sorted(topics):
        print(f'{name} [{", ".join(types)}]' if args.show_types else name)
    return 0


def _info_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('topic_name', help='topic')
    parser.add_argument('-v', '--verbose', action='store_true', help='node names and QoS of every end too')
    add_spin_time(parser)


def _info(args: argparse.Namespace) -> int:
    topic = absolute(args.topic_name)
    end = '\n\n' if args.verbose else '\n'
    with command_node() as node:
        type_name = find_type(node, topic, FIND_S)
        discover(node, args.spin_time)
        print(f'Type: {type_name}', end=end)
        print(f'Publisher count: {node.count_publishers(topic)}', end=end)
        for end_point in node.get_publishers_info_by_topic(topic) if args.verbose else ():
            print(end_point, end=end)
        print(f'Subscription count: {node.count_subscribers(topic)}', end=end)
        for end_point in node.get_subscriptions_info_by_topic(topic) if args.verbose else ():
            print(end_point, end=end)
    return 0


def find_type(node: Node, topic: str, timeout_s: float) -> str:
    """The message type of a topic, as soon as the topic is known.

    Raises:
        Ros2Error: it does not come up in time.
    """

    def known() -> list[str]:
        return dict(node.get_topic_names_and_types()).get(topic, [])

    if not spin_until(node, known, timeout_s):
        raise Ros2Error(f"Unknown topic '{topic}': could not determine its type")
    return str(known()[0])


def _echo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('topic_name', help='topic')
    parser.add_argument('message_type', nargs='?', help='its type, if nobody publishes it yet')
    parser.add_argument('--once', action='store_true', help='print the first message and end')
    parser.add_argument('--timeout', type=float, metavar='S', help='end after so many seconds')
    parser.add_argument('--field', help='print only this field; dots select sub-fields')
    parser.add_argument('-f', '--full-length', action='store_true', help='do not cut long arrays and texts')
    parser.add_argument(
        '-l', '--truncate-length', type=int, default=DEFAULT_TRUNCATE_LENGTH, help='length to cut them to'
    )
    parser.add_argument('--qos-reliability', choices=RELIABILITY, help='default: what all publishers offer')
    parser.add_argument('--qos-durability', choices=DURABILITY, help='default: what all publishers offer')
    parser.add_argument('--qos-depth', type=int, default=10, help='queue size')


def _echo(args: argparse.Namespace) -> int:
    topic, stop = absolute(args.topic_name), stopped_by_signals()
    length = None if args.full_length else args.truncate_length
    with command_node() as node:
        type_name = args.message_type or find_type(node, topic, FIND_S)

        def show(data: bytes) -> None:
            if not stop.is_set():
                print(to_yaml(_field(decoded(data, type_name), args.field), length), end='---\n', flush=True)
            if args.once:
                stop.set()

        subscription = RawSubscription(node, topic, type_name, _echo_qos(node, topic, args), show)
        ended = spin_until(node, stop.is_set, math.inf if args.timeout is None else args.timeout)
        del subscription
    return 0 if ended or not args.once else 1


def decoded(data: bytes, type_name: str) -> object:
    """A message from its bytes; /tf messages as a dictionary, for there is no class for them."""
    if type_name == TF_MESSAGE:
        return {'transforms': [to_plain(message_from_link(link), None) for link in decode(data)]}
    return deserialize_message(data, interface_class(type_name, 'msg'))


def _field(message: object, path: str | None) -> object:
    for name in filter(None, (path or '').split('.')):
        if isinstance(message, dict) and name in message:
            message = message[name]
        elif hasattr(message, name):
            message = getattr(message, name)
        else:
            raise Ros2Error(f"Invalid field '{path}'")
    return message


def _echo_qos(node: Node, topic: str, args: argparse.Namespace) -> QoSProfile:
    offers = [info.qos_profile for info in node.get_publishers_info_by_topic(topic)]
    reliable = bool(offers) and all(o.reliability == ReliabilityPolicy.RELIABLE for o in offers)
    latched = bool(offers) and all(o.durability == DurabilityPolicy.TRANSIENT_LOCAL for o in offers)
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=args.qos_depth,
        reliability=RELIABILITY[args.qos_reliability or ('reliable' if reliable else 'best_effort')],
        durability=DURABILITY[args.qos_durability or ('transient_local' if latched else 'volatile')],
    )


def _hz_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('topic_name', help='topic')
    parser.add_argument('-w', '--window', type=int, default=10000, metavar='N', help='messages to average over')


def _hz(args: argparse.Namespace) -> int:
    topic, stop = absolute(args.topic_name), stopped_by_signals()
    with command_node() as node:
        if not dict(node.get_topic_names_and_types()).get(topic) and not spin_until(
            node, lambda: topic in dict(node.get_topic_names_and_types()), 1.0
        ):
            print(f'WARNING: topic [{topic}] does not appear to be published yet', flush=True)
        spin_until(node, lambda: stop.is_set() or topic in dict(node.get_topic_names_and_types()), math.inf)
        if stop.is_set():
            return 0
        rate = Rate(args.window)
        subscription = RawSubscription(
            node,
            topic,
            find_type(node, topic, FIND_S),
            qos_profile_sensor_data,
            lambda _data: rate.arrived(time.monotonic()),
        )
        due = time.monotonic() + _REPORT_S
        while not stop.is_set():
            rclpy.spin_once(node, timeout_sec=0.1)
            if time.monotonic() >= due:
                rate.report()
                due += _REPORT_S
        del subscription
    return 0


class Rate:
    """Statistics of the time between messages.

    Args:
        window: How many times to keep.
    """

    def __init__(self, window: int) -> None:
        self._periods_s: deque[float] = deque(maxlen=window)
        self._last_s: float | None = None
        self._is_new = False

    def arrived(self, now_s: float) -> None:
        """Count a message."""
        if self._last_s is not None:
            self._periods_s.append(now_s - self._last_s)
            self._is_new = True
        self._last_s = now_s

    def report(self) -> None:
        """Print the statistics, unless nothing came since the last time."""
        if not self._is_new:
            return
        self._is_new = False
        periods = self._periods_s
        mean = sum(periods) / len(periods)
        deviation = math.sqrt(sum((period - mean) ** 2 for period in periods) / len(periods))
        rate = 1.0 / mean if mean > 0.0 else 0.0
        print(
            f'average rate: {rate:.3f}\n\tmin: {min(periods):.3f}s max: {max(periods):.3f}s '
            f'std dev: {deviation:.5f}s window: {len(periods)}',
            flush=True,
        )
