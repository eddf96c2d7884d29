"""`ros2 param list | get | set | delete | describe | dump | load`."""

import argparse
import re
import sys

from rcl_interfaces.msg import Parameter, ParameterDescriptor, ParameterType, ParameterValue
from rcl_interfaces.srv import DescribeParameters, GetParameters, ListParameters, SetParameters
from rclpy.node import Node
from rclpy.parameter import get_parameter_value, parameter_value_to_python

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import add_graph_options, add_node_finding, call, discover, find_node, node_names
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
            'delete': Verb('Delete a parameter', _delete_arguments, _delete),
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
    parser.add_argument('--include-hidden-nodes', action='store_true', help='consider hidden nodes too')
    parser.add_argument('--filter', type=_pattern, metavar='REGEX', help='only names that begin so')
    parser.add_argument('--param-prefixes', nargs='+', default=[], metavar='PREFIX', help='only in these groups')
    parser.add_argument('--param-type', action='store_true', help='show the types too')
    add_graph_options(parser)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f'{text!r} is no regular expression: {error}') from error


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        if args.node_name:
            names = [find_node(node, args.node_name, args.spin_time, args.include_hidden_nodes)]
        else:
            discover(node, args.spin_time)
            names = sorted(set(node_names(node, args.include_hidden_nodes)))
        for name in names:
            try:
                lines = _listed(node, name, args)
            except Ros2Error as error:  # one node that hangs, or has none, does not hide the others
                print(f'{name}: {error}', file=sys.stderr)
                continue
            if lines and not args.node_name:
                print(f'{name}:')
            for line in lines:
                print(f'  {line}')
    return 0


def _listed(node: Node, name: str, args: argparse.Namespace) -> list[str]:
    request = ListParameters.Request(prefixes=args.param_prefixes)
    names = sorted(call(node, ListParameters, f'{name}/list_parameters', request).result.names)
    if args.filter:
        names = [parameter for parameter in names if args.filter.match(parameter)]
    if not args.param_type:
        return names
    described = call(node, DescribeParameters, f'{name}/describe_parameters', DescribeParameters.Request(names=names))
    return [f'{each.name} (type: {_TYPES[each.type]})' for each in described.descriptors]


def _get_arguments(parser: argparse.ArgumentParser) -> None:
    add_node_finding(parser)
    parser.add_argument('parameter_name', help='parameter')
    parser.add_argument('--hide-type', action='store_true', help='print the value only')


def _get(args: argparse.Namespace) -> int:
    with command_node() as node:
        name = find_node(node, args.node_name, args.timeout, args.include_hidden_nodes)
        request = GetParameters.Request(names=[args.parameter_name])
        values = call(node, GetParameters, f'{name}/get_parameters', request).values
    if not values or values[0].type == ParameterType.PARAMETER_NOT_SET:
        raise Ros2Error('Parameter not set')
    value = to_plain(parameter_value_to_python(values[0]))
    print(value) if args.hide_type else print(_LABELS[values[0].type], value)
    return 0


def _set_arguments(parser: argparse.ArgumentParser) -> None:
    add_node_finding(parser)
    parser.add_argument('parameter_name', help='parameter')
    parser.add_argument('value', help='value in YAML')


def _set(args: argparse.Namespace) -> int:
    return _change(args, get_parameter_value(args.value), 'Set parameter successful', 'Setting parameter failed')


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    add_node_finding(parser)
    parser.add_argument('parameter_name', help='parameter')


def _delete(args: argparse.Namespace) -> int:
    nothing = ParameterValue(type=ParameterType.PARAMETER_NOT_SET)
    return _change(args, nothing, 'Deleted parameter successfully', 'Deleting parameter failed')


def _change(args: argparse.Namespace, value: ParameterValue, done: str, failed: str) -> int:
    """Give a parameter a value and print how it went; 0 either way, as in ROS 2."""
    parameter = Parameter(name=args.parameter_name, value=value)
    with command_node() as node:
        name = find_node(node, args.node_name, args.timeout, args.include_hidden_nodes)
        request = SetParameters.Request(parameters=[parameter])
        result = call(node, SetParameters, f'{name}/set_parameters', request).results[0]
    reason = f': {result.reason}' if result.reason else ''
    if not result.successful and args.parameter_name not in reason:
        reason = f" of '{args.parameter_name}'{reason}"
    if result.successful:
        print(f'{done}{reason}')
    else:
        print(f'{failed}{reason}', file=sys.stderr)
    return 0


def _describe_arguments(parser: argparse.ArgumentParser) -> None:
    add_node_finding(parser)
    parser.add_argument('parameter_names', nargs='+', help='parameters')


def _describe(args: argparse.Namespace) -> int:
    with command_node() as node:
        name = find_node(node, args.node_name, args.timeout, args.include_hidden_nodes)
        told = [_descriptors(node, name, [each]) for each in args.parameter_names]
    for descriptor in (descriptor for each in told for descriptor in each):
        print('\n'.join(_description(descriptor)))
    unknown = [each for each, found in zip(args.parameter_names, told, strict=True) if not found]
    if unknown:
        raise Ros2Error(f'Not declared by {name}: {", ".join(unknown)}')
    return 0


def _descriptors(node: Node, name: str, parameters: list[str]) -> list[ParameterDescriptor]:
    """Of declared parameters. Asked for several, of which one is not declared, a node of rclpy describes none."""
    request = DescribeParameters.Request(names=parameters)
    told = call(node, DescribeParameters, f'{name}/describe_parameters', request).descriptors
    return [each for each in told if each.name]


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
