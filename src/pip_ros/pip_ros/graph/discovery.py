"""Finding nodes and services, and calling them, within a time limit; there is no daemon to ask."""

import argparse
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import rclpy
from rclpy.node import Node

from pip_ros.errors import Ros2Error

# Participants that miss each other's first announcements meet at the next one, 3 s later (Fast DDS).
DEFAULT_SPIN_TIME_S = 3.5
FIND_S = 6.0
CALL_S = 10.0
MUTUAL_S = 0.2  # a server that is found may not have found the client yet: its answer would be lost


def add_graph_options(parser: argparse.ArgumentParser) -> None:
    """Declare what every command has that looks at the whole graph."""
    _add_node_options(parser, DEFAULT_SPIN_TIME_S, 'seconds to wait for discovery')


def add_find_options(parser: argparse.ArgumentParser) -> None:
    """Declare what every command has that looks for one name."""
    _add_node_options(parser, FIND_S, 'seconds to wait for what is asked for')


def _add_node_options(parser: argparse.ArgumentParser, spin_time_s: float, what: str) -> None:
    parser.add_argument('--spin-time', type=float, default=spin_time_s, metavar='S', help=what)
    parser.add_argument('-s', '--use-sim-time', action='store_true', help='measure time by /clock')
    parser.add_argument('--no-daemon', action='store_true', help='for compatibility; there is no daemon')


def add_node_finding(parser: argparse.ArgumentParser) -> None:
    """Declare the node whose parameters are asked for, and how long to look for it."""
    add_graph_options(parser)
    parser.add_argument('node_name', help='node')
    parser.add_argument('--include-hidden-nodes', action='store_true', help='consider hidden nodes too')
    parser.add_argument('--timeout', type=int, default=FIND_S, metavar='S', help='seconds to wait for the node')


def spin_until(node: Node, condition: Callable[[], Any], timeout_s: float, stop: Event | None = None) -> bool:
    """Spin until the condition holds, at most so long; whether it holds.

    Raises:
        KeyboardInterrupt: ``stop`` was set meanwhile; for a command that cannot do anything yet.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if stop is not None and stop.is_set():
            raise KeyboardInterrupt
        if time.monotonic() >= deadline:
            return False
        rclpy.spin_once(node, timeout_sec=0.05)
    return True


def discover(node: Node, spin_time_s: float) -> None:
    """Spin so long that the rest of the graph becomes known."""
    spin_until(node, lambda: False, spin_time_s)


def absolute(name: str) -> str:
    """A name with its leading slash."""
    return name if name.startswith('/') else f'/{name}'


def is_hidden(name: str) -> bool:
    """Whether a part of the name begins with an underscore."""
    return any(part.startswith('_') for part in name.split('/') if part)


def node_names(node: Node, with_hidden: bool = False) -> list[str]:
    """Full names of all nodes that are known, sorted."""
    names = (f'{namespace.rstrip("/")}/{name}' for name, namespace in node.get_node_names_and_namespaces())
    return sorted(name for name in names if with_hidden or not is_hidden(name.rpartition('/')[2]))


def find_node(node: Node, name: str, timeout_s: float, with_hidden: bool = False) -> str:
    """The full name of a node, as soon as it is known.

    Raises:
        Ros2Error: it does not come up in time.
    """
    full_name = absolute(name)
    if not spin_until(node, lambda: full_name in node_names(node, with_hidden), timeout_s):
        raise Ros2Error('Node not found')
    return full_name


def call(node: Node, service_type: Any, service: str, request: Any) -> Any:
    """Call a service and return its response.

    Raises:
        Ros2Error: the service does not come up or does not answer in time.
    """
    client = node.create_client(service_type, service)
    try:
        if not spin_until(node, client.service_is_ready, FIND_S):
            raise Ros2Error(f"service '{service}' did not come up within {FIND_S:g} s")
        spin_until(node, lambda: False, MUTUAL_S)
        future = client.call_async(request)
        if not spin_until(node, future.done, CALL_S):
            raise Ros2Error(f"service '{service}' did not answer within {CALL_S:g} s")
        return future.result()
    finally:
        node.destroy_client(client)
