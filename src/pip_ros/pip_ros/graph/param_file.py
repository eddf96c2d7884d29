"""`ros2 param dump | load`: all parameters of a node as a YAML file, and back."""

import argparse
import sys
from typing import Any

import yaml
from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import GetParameters, ListParameters, SetParameters
from rclpy.parameter import parameter_dict_from_yaml_file, parameter_value_to_python

from pip_ros.distribution import ros_distribution
from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import add_node_finding, call, find_node
from pip_ros.graph.plain import to_plain
from pip_ros.node import command_node


def dump_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 param dump`."""
    add_node_finding(parser)


def dump(args: argparse.Namespace) -> int:
    """Print the parameters of a node as a file that `load` and ``--params-file`` take."""
    with command_node() as node:
        name = find_node(node, args.node_name, args.timeout, args.include_hidden_nodes)
        listed = call(node, ListParameters, f'{name}/list_parameters', ListParameters.Request())
        names = sorted(listed.result.names)
        values = call(node, GetParameters, f'{name}/get_parameters', GetParameters.Request(names=names)).values
    parameters: dict[str, Any] = {}
    for parameter, value in zip(names, values, strict=True):
        _insert(parameters, parameter, to_plain(parameter_value_to_python(value)))
    print(yaml.safe_dump({name: {'ros__parameters': parameters}}, default_flow_style=False))
    return 0


def _insert(parameters: dict[str, Any], name: str, value: Any) -> None:
    """Dots in names are levels of the file."""
    *groups, last = name.split('.')
    for group in groups:
        parameters = parameters.setdefault(group, {})
    parameters[last] = value


def load_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 param load`."""
    add_node_finding(parser)
    parser.add_argument('parameter_file', help='YAML file')
    parser.add_argument('--no-use-wildcard', action='store_true', help="leave out what the file has under '/**'")


def _read(file: str, use_wildcard: bool, node_name: str) -> list[Parameter]:
    nodes = None if ros_distribution() == 'jazzy' else [node_name]
    try:
        return list(parameter_dict_from_yaml_file(file, use_wildcard, nodes).values())
    except (OSError, RuntimeError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise Ros2Error(f'{file}: {error}') from error


def load(args: argparse.Namespace) -> int:
    """Set the parameters of a file one by one; on Jazzy of all nodes in it, as the real command does there."""
    with command_node() as node:
        name = find_node(node, args.node_name, args.timeout, args.include_hidden_nodes)
        parameters = _read(args.parameter_file, not args.no_use_wildcard, name)
        request = SetParameters.Request(parameters=parameters)
        results = call(node, SetParameters, f'{name}/set_parameters', request).results
    for parameter, result in zip(parameters, results, strict=True):
        reason = f': {result.reason}' if result.reason else ''
        outcome = 'successful' if result.successful else 'failed'
        print(
            f'Set parameter {parameter.name} {outcome}{reason}', file=sys.stdout if result.successful else sys.stderr
        )
    return 0
