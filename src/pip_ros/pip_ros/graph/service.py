"""`ros2 service list | type | find | info | call | echo`."""

import argparse
import math
import sys
import time
from threading import Event
from typing import Any

import yaml
from rclpy.node import Node

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import MUTUAL_S, absolute, add_find_options, discover, spin_until
from pip_ros.graph.listing import Listed
from pip_ros.graph.plain import fill
from pip_ros.graph.service_echo import echo, echo_arguments
from pip_ros.messages import interface_class
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.values import positive_float
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 service list -t
  ros2 service type /cell/start
  ros2 service call /cell/start std_srvs/srv/Trigger
  ros2 service call /laser_sensor/set_laser std_srvs/srv/SetBool "{data: true}"
"""
LISTED = Listed('service', 'std_srvs/srv/Trigger')
_WAIT_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 service`."""
    parser.add_argument(
        '--include-hidden-services', action='store_true', dest='include_hidden', help='consider hidden services too'
    )
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of available services', _list_arguments, _list),
            'type': Verb("Output a service's type", _name_arguments, _type),
            'find': LISTED.find_verb(),
            'info': Verb('Print information about a service', _name_arguments, _info),
            'call': Verb('Call a service', _call_arguments, _call),
            'echo': Verb('Echo the requests and responses of a service', echo_arguments, echo),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 service`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-t', '--show-types', action='store_true', help='show the service types too')
    LISTED.add_options(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        services = LISTED.names_and_types(node, args)
    if args.count:
        print(len(services))
        return 0
    for name, types in services:
        print(f'{name} [{", ".join(types)}]' if args.show_types else name)
    return 0


def _name_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('service_name', help='service')
    add_find_options(parser)


def _types(node: Node, args: argparse.Namespace) -> list[str]:
    """The types of the service that is asked for, none if it does not come up in time."""
    service = absolute(args.service_name)
    spin_until(node, lambda: service in dict(LISTED.names_and_types(node, args)), args.spin_time)
    return dict(LISTED.names_and_types(node, args)).get(service, [])


def _type(args: argparse.Namespace) -> int:
    with command_node() as node:
        types = _types(node, args)
    for name in types:
        print(name)
    return 0 if types else 1


def _info(args: argparse.Namespace) -> int:
    service = absolute(args.service_name)
    with command_node() as node:
        types = _types(node, args)
        if not types:
            raise Ros2Error(f"Unknown service '{service}'")
        discover(node, args.spin_time / 2)  # its clients
        print(f'Type: {types[0] if len(types) == 1 else types}')
        print(f'Clients count: {node.count_clients(service)}')
        print(f'Services count: {node.count_services(service)}')
    return 0


def _call_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('service_name', help='service')
    parser.add_argument('service_type', help='its type, for instance std_srvs/srv/Trigger')
    parser.add_argument('values', nargs='?', default='{}', help='the request in YAML')
    parser.add_argument('--stdin', action='store_true', help='read the request from standard input')
    parser.add_argument('-r', '--rate', metavar='HZ', type=positive_float, help='call again and again')


def _call(args: argparse.Namespace) -> int:
    service_type, stop = interface_class(args.service_type, 'srv'), stopped_by_signals()
    request = service_type.Request()
    try:
        fill(request, yaml.safe_load(sys.stdin.read() if args.stdin else args.values) or {})
    except yaml.YAMLError as error:
        raise Ros2Error(f'the request is not YAML: {error}') from error
    with command_node() as node:
        client = node.create_client(service_type, args.service_name)
        try:
            return _ask_again_and_again(node, client, request, args.rate, stop)
        finally:
            node.destroy_client(client)


def _ask_again_and_again(node: Node, client: Any, request: Any, rate_hz: float | None, stop: Event) -> int:
    """Call once, or at a rate until stopped; returns the exit code."""
    if not spin_until(node, client.service_is_ready, _WAIT_S, stop):
        print('waiting for service to become available...', flush=True)
    spin_until(node, lambda: stop.is_set() or client.service_is_ready(), math.inf)
    spin_until(node, stop.is_set, MUTUAL_S)
    while not stop.is_set():
        due_s = time.monotonic() + 1.0 / (rate_hz or math.inf)
        if not _ask(node, client, request, stop.is_set):
            break
        if rate_hz is None:
            return 0
        stop.wait(max(0.0, due_s - time.monotonic()))
    return 1 if rate_hz is None else 0


def _ask(node: Node, client: Any, request: Any, stopped: Any) -> bool:
    """Call once and print both sides; False if stopped before the answer."""
    print(f'requester: making request: {request!r}\n', flush=True)
    future = client.call_async(request)
    spin_until(node, lambda: stopped() or future.done(), math.inf)
    if future.done():
        print(f'response:\n{future.result()!r}\n', flush=True)
    return bool(future.done())
