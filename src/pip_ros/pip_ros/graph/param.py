"""`ros2 param list | get | set | describe | dump | load`."""

import argparse
import sys

from rcl_interfaces.msg import Parameter, ParameterDescriptor, ParameterType
from rcl_interfaces.srv import DescribeParameters, GetParameters, ListParameters, SetParameters
from rclpy.parameter import get_parameter_value, parameter_value_to_python

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import add_spin_time, call, discover, find_node, node_names
from pip_ros.graph.param_file import dump, dump_arguments, load, load_arguments
from pip_ros.graph.plain import to_plain
from pip_ros.node import command_node
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 param list
  ros2 param list /joint_type
  ros2 param get /joint_type method
  ros2 param set /joint_type vote_images 40
  ros2 param describe /joint_type vote_images
  ros2 param dump /joint_type > joint_type.yaml
  ros2 param load /joint_type joint_type.yaml
"""

_LABELS = {
    ParameterType.PARAMETER_BOOL: 'Boolean value is:',
    ParameterType.PARAMETER_INTEGER: 'Integer value is:',
    ParameterType.PARAMETER_DOUBLE: 'Double value is:',
    ParameterType.PARAMETER_STRING: 'String value is:',
    ParameterType.PARAMETER_BYTE_ARRAY: 'Byte values are:',
    ParameterType.PARAMETER_BOOL_ARRAY: 'Boolean values are:',
    ParameterType.PARAMETER_INTEGER_ARRAY: 'Integer values are:',
    ParameterType.PARAMETER_DOUBLE_ARRAY: 'Double values are:',
    ParameterType.PARAMETER_STRING_ARRAY: 'String values are:',
}
_TYPES = {
    ParameterType.PARAMETER_NOT_SET: 'not set',
    ParameterType.PARAMETER_BOOL: 'boolean',
    ParameterType.PARAMETER_INTEGER: 'integer',
    ParameterType.PARAMETER_DOUBLE: 'double',
    ParameterType.PARAMETER_STRING: 'string',
    ParameterType.PARAMETER_BYTE_ARRAY: 'byte array',
    ParameterType.PARAMETER_BOOL_ARRAY: 'boolean array',
    ParameterType.PARAMETER_INTEGER_ARRAY: 'integer array',
    ParameterType.PARAMETER_DOUBLE_ARRAY: 'double array',
    ParameterType.PARAMETER_STRING_ARRAY: 'string array',
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 param`."""
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of available parameters', _list_arguments, _list),
            'get': Verb('Get a parameter', _get_arguments, _get),
            'set': Verb('Set a parameter', _set_arguments, _set),
            'describe': Verb('Show what is declared about parameters', _describe_arguments, _describe),
            'dump': Verb('Show all parameters of a node as YAML', dump_arguments, dump),
            'load': Verb('Load a parameter file into a node', load_arguments, load),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 param`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', nargs='?', help='node; all nodes without it')
    add_spin_time(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        if args.node_name:
            names = [find_node(node, args.node_name)]
        else:
            discover(node, args.spin_time)
            names = node_names(node)
        for name in names:
            try:
                response = call(node, ListParameters, f'{name}/list_parameters', ListParameters.Request())
            except Ros2Error as error:  # one node that hangs, or has none, does not hide the others
                print(f'{name}: {error}', file=sys.stderr)
                continue
            parameters = sorted(response.result.names)
            if parameters and not args.node_name:
                print(f'{name}:')
            for parameter in parameters:
                print(f'  {parameter}')
    return 0


def _get_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', help='node')
    parser.add_argument('parameter_name', help='parameter')
    parser.add_argument('--hide-type', action='store_true', help='print the value only')


def _get(args: argparse.Namespace) -> int:
    with command_node() as node:
        name = find_node(node, args.node_name)
        request = GetParameters.Request(names=[args.parameter_name])
        values = call(node, GetParameters, f'{name}/get_parameters', request).values
    if not values or values[0].type == ParameterType.PARAMETER_NOT_SET:
        raise Ros2Error('Parameter not set')
    value = to_plain(parameter_value_to_python(values[0]), None)
    print(value) if args.hide_type else print(_LABELS[values[0].type], value)
    return 0


def _set_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', help='node')
    parser.add_argument('parameter_name', help='parameter')
    parser.add_argument('value', help='value in YAML')


def _set(args: argparse.Namespace) -> int:
    parameter = Parameter(name=args.parameter_name, value=get_parameter_value(args.value))
    with command_node() as node:
        name = find_node(node, args.node_name)
        request = SetParameters.Request(parameters=[parameter])
        result = call(node, SetParameters, f'{name}/set_parameters', request).results[0]
    reason = f': {result.reason}' if result.reason else ''
    if not result.successful and args.parameter_name not in reason:
        reason = f" of '{args.parameter_name}'{reason}"
    if result.successful:
        print(f'Set parameter successful{reason}')
    else:
        print(f'Setting parameter failed{reason}', file=sys.stderr)
    return 0


def _describe_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('node_name', help='node')
    parser.add_argument('parameter_names', nargs='+', help='parameters')


def _describe(args: argparse.Namespace) -> int:
    with command_node() as node:
        name = find_node(node, args.node_name)
        request = DescribeParameters.Request(names=args.parameter_names)
        descriptors = call(node, DescribeParameters, f'{name}/describe_parameters', request).descriptors
    if len(descriptors) < len(args.parameter_names):  # a node answers so if one of them is not declared
        raise Ros2Error(f'One of the parameters is not declared by {name}: {", ".join(args.parameter_names)}')
    for descriptor in descriptors:
        print('\n'.join(_description(descriptor)))
    return 0


def _description(descriptor: ParameterDescriptor) -> list[str]:
    lines = [f'Parameter name: {descriptor.name}', f'  Type: {_TYPES[descriptor.type]}']
    if descriptor.description:
        lines.append(f'  Description: {descriptor.description}')
    lines.append('  Constraints:')
    if descriptor.read_only:
        lines.append('    Read only: true')
    for bounds in [*descriptor.floating_point_range, *descriptor.integer_range][:1]:
        lines += [f'    Min value: {bounds.from_value}', f'    Max value: {bounds.to_value}']
        if bounds.step:
            lines.append(f'    Step: {bounds.step}')
    if descriptor.additional_constraints:
        lines.append(f'    Additional constraints: {descriptor.additional_constraints}')
    return lines
