"""`ros2 topic echo`."""

import argparse
import math
from typing import Any

import yaml
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message
from tf2_msgs.msg import TFMessage
from tf2_ros.messages import decode, message_from_link

from pip_ros.errors import Ros2Error, UnsupportedError
from pip_ros.graph.discovery import add_find_options, spin_until
from pip_ros.graph.expression import Filter, compiled
from pip_ros.graph.plain import to_csv, to_yaml
from pip_ros.graph.qos_options import add_qos_options, chosen_qos, fitting_qos, is_qos_chosen
from pip_ros.graph.style_options import add_style_options, chosen_style
from pip_ros.graph.topic_type import find_type
from pip_ros.messages import TF_MESSAGE, RawSubscription, interface_class
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.values import positive_float


def echo_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 topic echo`."""
    parser.add_argument('topic_name', help='topic')
    parser.add_argument('message_type', nargs='?', help='its type, if nobody publishes it yet')
    parser.add_argument('--once', action='store_true', help='print the first message and end')
    parser.add_argument('--timeout', type=positive_float, metavar='S', help='end after so many seconds')
    parser.add_argument('--field', help='print only this field; dots select sub-fields')
    parser.add_argument('--filter', metavar='EXPRESSION', help='print only where it is true; m is what is printed')
    add_style_options(parser)
    parser.add_argument('--raw', action='store_true', help='the serialized bytes')
    parser.add_argument('-i', '--include-message-info', action='store_true', help='when it was sent and received')
    parser.add_argument('--no-lost-messages', action='store_true', help='do not report lost messages')
    add_qos_options(parser, 'sensor_data')
    add_find_options(parser)


def echo(args: argparse.Namespace) -> int:
    """Print messages until Ctrl-C, the first one with ``--once``, or the time-out."""
    path, stop = _path(args.field), stopped_by_signals()
    accepts = compiled(args.filter)
    if args.message_type:
        interface_class(args.message_type, 'msg')
    with command_node(use_sim_time=args.use_sim_time) as node:
        topic = node.resolve_topic_name(args.topic_name)
        type_name = args.message_type or find_type(node, topic, args.spin_time, stop)
        if not args.message_type:  # the type may have been told by a subscriber; how it is sent, a publisher tells
            spin_until(node, lambda: node.count_publishers(topic), args.spin_time, stop)
        printer = _Printer(args, type_name, path, accepts)

        def show(data: bytes, info: Any = None) -> None:
            if not stop.is_set() and printer.show(data, info) and args.once:
                stop.set()

        with _subscribe(node, topic, type_name, args, show):
            spin_until(node, stop.is_set, math.inf if args.timeout is None else args.timeout)
    return 0


def _path(field: str | None) -> list[str]:
    path = [name for name in (field or '').split('.') if name]
    if field is not None and not path:
        raise Ros2Error(f"Invalid field value '{field}'")
    return path


def _subscribe(node: Node, topic: str, type_name: str, args: argparse.Namespace, show: Any) -> RawSubscription:
    if args.include_message_info and type_name == TF_MESSAGE:
        raise UnsupportedError(f'--include-message-info of {topic}')
    offers = node.get_publishers_info_by_topic(topic)
    qos: QoSProfile = chosen_qos(args) if is_qos_chosen(args) else fitting_qos(args, offers)
    events = None if args.no_lost_messages else SubscriptionEventCallbacks(message_lost=_report_lost)
    # rclpy asks a callback's signature whether it takes the information.
    callback = (lambda data, info: show(data, info)) if args.include_message_info else (lambda data: show(data))
    return RawSubscription(node, topic, type_name, qos, callback, events)


class _Printer:
    """Prints messages as the options say.

    Args:
        args: The options.
        type_name: Of the messages.
        path: Names of the fields that lead to what is printed.
        accepts: Whether it is printed.
    """

    def __init__(self, args: argparse.Namespace, type_name: str, path: list[str], accepts: Filter) -> None:
        self._args = args
        self._type = type_name
        self._path = path
        self._accepts = accepts
        self._style = chosen_style(args)

    def show(self, data: bytes, info: Any) -> bool:
        """Print a message, unless the filter leaves it out; whether it was printed."""
        value = data if self._args.raw else decoded(data, self._type)
        if not self._args.raw:
            value = _field(value, self._path)
        if not self._accepts(value):
            return False
        print(self._text(value, info), flush=True)
        return True

    def _text(self, value: Any, info: Any) -> str:
        if self._args.raw:
            return f'{_about(info)}{value!r}\n---'
        if self._args.csv and hasattr(value, 'get_fields_and_field_types'):
            before = ''.join(f'{item},' for item in (info or {}).values())
            return before + to_csv(value, self._style)
        return f'{_about(info)}{to_yaml(value, self._style)}---'


def _about(info: Any) -> str:
    return '' if info is None else f'{yaml.safe_dump(dict(info))}---\n'


def decoded(data: bytes, type_name: str) -> Any:
    """A message from its bytes."""
    if type_name == TF_MESSAGE:
        return TFMessage(transforms=[message_from_link(link) for link in decode(data)])
    return deserialize_message(data, interface_class(type_name, 'msg'))


def _field(message: Any, path: list[str]) -> Any:
    for name in path:
        try:
            message = getattr(message, name)
        except AttributeError as error:
            raise Ros2Error(f"Invalid field '{'.'.join(path)}': {error}") from error
    return message


def _report_lost(status: Any) -> None:
    print(
        f'A message was lost!!!\n\ttotal count change:{status.total_count_change}\n'
        f'\ttotal count: {status.total_count}\n---',
        flush=True,
    )
