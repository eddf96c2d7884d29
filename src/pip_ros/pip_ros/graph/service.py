"""`ros2 service list | call`."""

import argparse

import yaml

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import add_spin_time, discover, is_hidden, spin_until
from pip_ros.graph.plain import fill
from pip_ros.messages import interface_class
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 service list -t
  ros2 service call /cell/start std_srvs/srv/Trigger
  ros2 service call /laser_sensor/set_laser std_srvs/srv/SetBool "{data: true}"
"""
_WAIT_S = 0.5
_FOREVER = float('inf')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 service`."""
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of available services', _list_arguments, _list),
            'call': Verb('Call a service', _call_arguments, _call),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 service`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-t', '--show-types', action='store_true', help='show the service types too')
    parser.add_argument('-c', '--count-services', action='store_true', help='only print how many services there are')
    parser.add_argument('--include-hidden-services', action='store_true', help='consider hidden services too')
    add_spin_time(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        services = [
            (name, types)
            for name, types in node.get_service_names_and_types()
            if args.include_hidden_services or not is_hidden(name)
        ]
    if args.count_services:
        print(len(services))
        return 0
    for name, types in sorted(services):
        print(f'{name} [{", ".join(types)}]' if args.show_types else name)
    return 0


def _call_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('service_name', help='service')
    parser.add_argument('service_type', help='its type, for instance std_srvs/srv/Trigger')
    parser.add_argument('values', nargs='?', default='{}', help='the request in YAML')


def _call(args: argparse.Namespace) -> int:
    service_type, stop = interface_class(args.service_type, 'srv'), stopped_by_signals()
    request = service_type.Request()
    try:
        fill(request, yaml.safe_load(args.values) or {})
    except yaml.YAMLError as error:
        raise Ros2Error(f'the request is not YAML: {error}') from error
    with command_node() as node:
        client = node.create_client(service_type, args.service_name)
        if not spin_until(node, client.service_is_ready, _WAIT_S):
            print('waiting for service to become available...', flush=True)
        spin_until(node, lambda: stop.is_set() or client.service_is_ready(), _FOREVER)
        if stop.is_set():
            return 1
        print(f'requester: making request: {request!r}\n', flush=True)
        future = client.call_async(request)
        spin_until(node, lambda: stop.is_set() or future.done(), _FOREVER)
        if not future.done():
            return 1
        print(f'response:\n{future.result()!r}\n')
    return 0
