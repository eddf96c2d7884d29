"""A short-lived node for a command, and signals that stop it in order."""

import contextlib
import os
import signal
from collections.abc import Iterator
from threading import Event

import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from pip_ros.fast_dds import tell_types_by_name


@contextlib.contextmanager
def command_node(name: str | None = None, use_sim_time: bool = False) -> Iterator[Node]:
    """A node that takes no ROS arguments and leaves signals to the command.

    Args:
        name: Its name; a hidden one if None, so that commands do not list themselves.
        use_sim_time: Its clock goes by /clock.
    """
    tell_types_by_name()
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = rclpy.create_node(
            name or f'_ros2cli_{os.getpid()}',
            enable_rosout=False,
            start_parameter_services=False,
            parameter_overrides=[Parameter('use_sim_time', value=use_sim_time)],
        )
        try:
            yield node
        finally:
            node.destroy_node()
    finally:
        rclpy.shutdown()


def stopped_by_signals() -> Event:
    """An event that Ctrl-C and SIGTERM set; they interrupt nothing, so no message is half written.

    It also listens where a script has the job in the background, which ignores SIGINT from birth.
    """
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
