"""`ros2 topic hz | bw | delay`: once a second, how a topic's messages come."""

import argparse
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from rclpy.time import Time

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import add_find_options, spin_until
from pip_ros.graph.echo import decoded
from pip_ros.graph.expression import compiled
from pip_ros.graph.topic_type import find_type
from pip_ros.messages import RawSubscription
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.values import positive_int

_REPORT_S = 1.0
_NS = 1e-9
Report = str
"""What is printed; empty while there is nothing to say."""


class _Statistics(Protocol):
    """What is known of a topic's messages."""

    def arrived(self, data: bytes, now_ns: int) -> None:
        """Count a message."""

    def report(self, now_ns: int) -> Report:
        """The figures."""


def hz_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 topic hz`."""
    _arguments(parser, window=10000)
    parser.add_argument('--filter', metavar='EXPRESSION', help='count only where it is true; m is the message')
    parser.add_argument('--wall-time', action='store_true', help='time of this machine, not that of /clock')


def bw_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 topic bw`."""
    _arguments(parser, window=100)


def delay_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 topic delay`."""
    _arguments(parser, window=10000)


def _arguments(parser: argparse.ArgumentParser, window: int) -> None:
    parser.add_argument('topic_name', help='topic')
    parser.add_argument(
        '-w', '--window', type=positive_int, default=window, metavar='N', help='messages to average over'
    )
    add_find_options(parser)


def hz(args: argparse.Namespace) -> int:
    """Print the rate of a topic until Ctrl-C."""
    accepts = compiled(args.filter)
    needs_message = args.filter is not None

    def make(type_name: str) -> _Statistics:
        return Rate(args.window, lambda data: not needs_message or accepts(decoded(data, type_name)))

    return _watch(args, make)


def bw(args: argparse.Namespace) -> int:
    """Print how many bytes a second a topic has until Ctrl-C."""
    return _watch(args, lambda _type_name: Bandwidth(args.window), greeting='Subscribed to [{topic}]')


def delay(args: argparse.Namespace) -> int:
    """Print how old the stamps of a topic's messages are until Ctrl-C."""
    return _watch(args, lambda type_name: Delay(args.window, type_name))


def _watch(args: argparse.Namespace, make: Callable[[str], _Statistics], greeting: str = '') -> int:
    stop = stopped_by_signals()
    with command_node(use_sim_time=args.use_sim_time) as node:
        topic = node.resolve_topic_name(args.topic_name)
        if not _wait_for_topic(node, topic, stop.is_set):
            return 0
        type_name = find_type(node, topic, args.spin_time, stop)
        statistics = make(type_name)
        clock = Clock(clock_type=ClockType.SYSTEM_TIME) if getattr(args, 'wall_time', False) else node.get_clock()
        with RawSubscription(
            node,
            topic,
            type_name,
            qos_profile_sensor_data,
            lambda data: statistics.arrived(data, clock.now().nanoseconds),
        ):
            if greeting:
                print(greeting.format(topic=args.topic_name), flush=True)
            due = time.monotonic() + _REPORT_S
            while not stop.is_set():
                rclpy.spin_once(node, timeout_sec=0.1)
                if time.monotonic() >= due:
                    due += _REPORT_S
                    if report := statistics.report(clock.now().nanoseconds):
                        print(report, flush=True)
    return 0


def _wait_for_topic(node: Node, topic: str, stopped: Callable[[], bool]) -> bool:
    """Wait until the topic is there, and say so; False if stopped meanwhile."""

    def there() -> bool:
        return topic in dict(node.get_topic_names_and_types())

    if not spin_until(node, lambda: stopped() or there(), _REPORT_S):
        print(f'WARNING: topic [{topic}] does not appear to be published yet', flush=True)
    spin_until(node, lambda: stopped() or there(), math.inf)
    return not stopped()


def _spread(values_s: deque[float]) -> tuple[float, str]:
    """Mean, and the text of minimum, maximum, deviation and number."""
    mean = sum(values_s) / len(values_s)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values_s) / len(values_s))
    return mean, (
        f'min: {min(values_s):.3f}s max: {max(values_s):.3f}s std dev: {deviation:.5f}s window: {len(values_s)}'
    )


class Rate:
    """The time between messages.

    Args:
        window: How many times to keep.
        accepts: Whether a message counts.
    """

    def __init__(self, window: int, accepts: Callable[[bytes], bool] = lambda _data: True) -> None:
        self._periods_s: deque[float] = deque(maxlen=window)
        self._accepts = accepts
        self._last_ns: int | None = None
        self._is_new = False

    def arrived(self, data: bytes, now_ns: int) -> None:
        """Count a message; simulated time that has not begun or has jumped back begins anew."""
        if now_ns == 0 or not self._accepts(data):
            return
        if self._last_ns is not None and now_ns >= self._last_ns:
            self._periods_s.append((now_ns - self._last_ns) * _NS)
            self._is_new = True
        else:
            self._periods_s.clear()
        self._last_ns = now_ns

    def report(self, _now_ns: int) -> Report:
        """The figures, unless nothing came since the last time."""
        if not (self._is_new and self._periods_s):
            return ''
        self._is_new = False
        mean_s, spread = _spread(self._periods_s)
        return f'average rate: {1.0 / mean_s if mean_s > 0.0 else 0.0:.3f}\n\t{spread}'


class Bandwidth:
    """The sizes of messages.

    Args:
        window: How many messages to keep.
    """

    def __init__(self, window: int) -> None:
        self._arrivals: deque[tuple[int, int]] = deque(maxlen=window)

    def arrived(self, data: bytes, now_ns: int) -> None:
        """Count a message."""
        self._arrivals.append((now_ns, len(data)))

    def report(self, now_ns: int) -> Report:
        """The figures, from two messages on."""
        if len(self._arrivals) < 2 or now_ns <= self._arrivals[0][0]:
            return ''
        sizes = [size for _, size in self._arrivals]
        rate = sum(sizes) / ((now_ns - self._arrivals[0][0]) * _NS)
        unit, divisor, digits = _unit(rate)
        mean, smallest, largest = (
            f'{value / divisor:.{digits}f} {unit}' for value in (sum(sizes) / len(sizes), min(sizes), max(sizes))
        )
        return (
            f'{rate / divisor:.{digits}f} {unit}/s from {len(sizes)} messages\n'
            f'\tMessage size mean: {mean} min: {smallest} max: {largest}'
        )


def _unit(rate: float) -> tuple[str, float, int]:
    """Unit, bytes in it, and digits behind the point."""
    if rate < 1e3:
        return 'B', 1.0, 0
    return ('KB', 1e3, 2) if rate < 1e6 else ('MB', 1e6, 2)


class Delay:
    """The age of messages by the stamps in their headers.

    Args:
        window: How many ages to keep.
        type_name: Of the messages.
    """

    def __init__(self, window: int, type_name: str) -> None:
        self._delays_s: deque[float] = deque(maxlen=window)
        self._type = type_name
        self._is_new = False

    def arrived(self, data: bytes, now_ns: int) -> None:
        """Count a message.

        Raises:
            Ros2Error: it has no header.
        """
        message = decoded(data, self._type)
        if not hasattr(message, 'header'):
            raise Ros2Error('msg does not have header')
        self._delays_s.append((now_ns - Time.from_msg(message.header.stamp).nanoseconds) * _NS)
        self._is_new = True

    def report(self, _now_ns: int) -> Report:
        """The figures; says where nothing came since the last time."""
        if not self._delays_s:
            return ''
        if not self._is_new:
            return 'no new messages'
        self._is_new = False
        mean_s, spread = _spread(self._delays_s)
        return f'average delay: {mean_s:.3f}\n\t{spread}'
