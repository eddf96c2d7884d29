"""Finding nodes and services, and calling them, within a time limit; there is no daemon to ask."""

import argparse
import time
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.node import Node

from pip_ros.errors import Ros2Error

# Participants that miss each other's first announcements meet at the next one, 3 s later (Fast DDS).
DEFAULT_SPIN_TIME_S = 3.5
FIND_S = 6.0
CALL_S = 10.0
MUTUAL_S = 0.2  # a server that is found may not have found the client yet: its answer would be lost


def add_spin_time(parser: argparse.ArgumentParser) -> None:
    """Declare ``--spin-time``."""
    parser.add_argument(
        '--spin-time', type=float, default=DEFAULT_SPIN_TIME_S, metavar='S', help='seconds to wait for discovery'
    )


def spin_until(node: Node, condition: Callable[[], Any], timeout_s: float) -> bool:
    """Spin until the condition holds, at most so long; whether it holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
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


def node_names(node: Node) -> list[str]:
    """Full names of all nodes that are known and not hidden, sorted."""
    names = (f'{namespace.rstrip("/")}/{name}' for name, namespace in node.get_node_names_and_namespaces())
    return sorted(name for name in names if not is_hidden(name))


def find_node(node: Node, name: str) -> str:
    """The full name of a node, as soon as it is known.

    Raises:
        Ros2Error: it does not come up in time.
    """
    full_name = absolute(name)
    if not spin_until(node, lambda: full_name in node_names(node), FIND_S):
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
