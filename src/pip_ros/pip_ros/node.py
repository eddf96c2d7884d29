"""A short-lived node for a command, and signals that stop it in order."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from threading import Event

import rclpy
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from pip_ros.errors import Ros2Error
from pip_ros.fast_dds import tell_types_by_name


@contextlib.contextmanager
def command_node(name: str | None = None, use_sim_time: bool = False, remaps: Sequence[str] = ()) -> Iterator[Node]:
    """A node that takes no ROS arguments and leaves signals to the command.

    Args:
        name: Its name; a hidden one if None, so that commands do not list themselves.
        use_sim_time: Its clock goes by /clock.
        remaps: Rules as ``--ros-args --remap`` takes them.

    Raises:
        Ros2Error: a rule is malformed.
    """
    tell_types_by_name()
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = _create(
            name or f'_ros2cli_{os.getpid()}',
            [word for rule in remaps for word in ('--remap', rule)],
            use_sim_time,
        )
        try:
            yield node
        finally:
            node.destroy_node()
    finally:
        rclpy.shutdown()


@contextlib.contextmanager
def executable_node(name: str) -> Iterator[Node]:
    """A node that takes the process's ROS arguments and leaves signals to the executable.

    Destroyed behind, with its DDS participant: one left to the end of Python has threads that run while the process's
    libraries are taken down.
    """
    rclpy.init(args=sys.argv, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = rclpy.create_node(name)
        try:
            yield node
        finally:
            node.destroy_node()
    finally:
        rclpy.try_shutdown()


def _create(name: str, arguments: list[str], use_sim_time: bool) -> Node:
    try:
        return rclpy.create_node(
            name,
            cli_args=['--ros-args', *arguments] if arguments else None,
            enable_rosout=False,
            start_parameter_services=False,
            parameter_overrides=[
                Parameter('use_sim_time', value=use_sim_time),
                Parameter('start_type_description_service', value=False),
            ],
        )
    except rclpy_implementation.RCLInvalidROSArgsError as error:
        raise Ros2Error(f'malformed remapping: {error}') from error


def stopped_by_signals() -> Event:
    """An event that Ctrl-C and SIGTERM set; they interrupt nothing, so no message is half written.

    It also listens where a script has the job in the background, which ignores SIGINT from birth.
    """
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
