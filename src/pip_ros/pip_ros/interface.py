"""`ros2 interface list | package | packages | proto | show`: the definitions that packages install."""

import argparse
import re
import sys
from pathlib import Path

from pip_ros import packages
from pip_ros.errors import PackageNotFoundError, Ros2Error
from pip_ros.graph.plain import to_yaml
from pip_ros.messages import interface_class
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 interface list --only-msgs
  ros2 interface package std_srvs
  ros2 interface proto std_msgs/msg/String
  ros2 interface show geometry_msgs/msg/PoseStamped
  ros2 topic type /seam/path | ros2 interface show -
"""
_KINDS = {'msg': 'Messages', 'srv': 'Services', 'action': 'Actions'}
_INDEX = Path('share', 'ament_index', 'resource_index', 'rosidl_interfaces')
_FIELD = re.compile(r'\s*(?:([a-z]\w*)/(?:msg/)?)?([A-Z]\w*)(?:\[[^]]*\])?\s+[a-z]')
"""A field whose type is a message; built-in types begin with a small letter."""
_TRAILING_COMMENT = re.compile(r"""^((?:"[^"]*"|'[^']*'|[^#"'])*?)\s*\#.*$""")
"""Behind a field or constant; a # in a quoted value begins none."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 interface`."""
    add_verbs(
        parser,
        {
            'list': Verb('List all interface types available', _kind_arguments, _list),
            'package': Verb('Output the interface types of one package', _package_arguments, _package),
            'packages': Verb('Output the packages that have interfaces', _kind_arguments, _packages),
            'proto': Verb('Output an interface prototype', _proto_arguments, _proto),
            'show': Verb('Output the interface definition', _show_arguments, _show),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 interface`; returns the exit code."""
    return int(args.verb_main(args))


def _kind_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-m', '--only-msgs', action='append_const', dest='kinds', const='msg', help='only messages')
    parser.add_argument('-s', '--only-srvs', action='append_const', dest='kinds', const='srv', help='only services')
    parser.add_argument(
        '-a', '--only-actions', action='append_const', dest='kinds', const='action', help='only actions'
    )


def _list(args: argparse.Namespace) -> int:
    names = _interfaces()
    for kind, title in _KINDS.items():
        if not args.kinds or kind in args.kinds:
            print(f'{title}:')
            print(''.join(f'    {name}\n' for name in names if name.split('/')[1] == kind), end='')
    return 0


def _package_arguments(parser: argparse.ArgumentParser) -> None:
    _kind_arguments(parser)
    parser.add_argument('package_name', help='package')


def _package(args: argparse.Namespace) -> int:
    names = [name for name in _interfaces() if name.split('/')[0] == args.package_name]
    if not names:
        raise Ros2Error(f"Unknown package '{args.package_name}'")
    for name in names:
        if not args.kinds or name.split('/')[1] in args.kinds:
            print(name)
    return 0


def _packages(args: argparse.Namespace) -> int:
    parts = (name.split('/') for name in _interfaces())
    for package in sorted({package for package, kind, _ in parts if not args.kinds or kind in args.kinds}):
        print(package)
    return 0


def _proto_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('type', type=_type, help="interface, or '-' for the one on standard input")
    parser.add_argument('--no-quotes', action='store_true', help='no quotes around it')


def _proto(args: argparse.Namespace) -> int:
    kind = args.type.split('/')[1] if args.type.count('/') == 2 else 'msg'
    interface = interface_class(args.type, kind if kind in _KINDS else 'msg')
    part = {'srv': 'Request', 'action': 'Goal'}.get(kind)
    text = to_yaml(getattr(interface, part)() if part else interface())
    print(text if args.no_quotes else f'"{text}"')
    return 0


def _type(text: str) -> str:
    """An interface, by `-` the one on standard input."""
    if text == '-':
        if sys.stdin.isatty():
            raise argparse.ArgumentTypeError('expected stdin pipe')
        text = sys.stdin.readline().strip()
    if not text:
        raise argparse.ArgumentTypeError('the passed value is empty')
    return text


def _interfaces() -> list[str]:
    """All interfaces as package/kind/Name, sorted."""
    indices = [path for prefix in packages.prefixes() for path in (prefix / _INDEX).glob('*')]
    return sorted(
        {
            f'{index.name}/{Path(line).with_suffix("")}'
            for index in indices
            for line in index.read_text().splitlines()
            if Path(line).suffix.removeprefix('.') in _KINDS
        }
    )


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'type', type=_type, help="interface, for instance std_msgs/msg/String, or '-' for the one on standard input"
    )
    comments = parser.add_mutually_exclusive_group()
    comments.add_argument('--all-comments', action='store_true', help='comments of nested definitions too')
    comments.add_argument('--no-comments', action='store_true', help='no comments and no empty lines')


def _show(args: argparse.Namespace) -> int:
    print('\n'.join(_lines(args.type, not args.no_comments, args.all_comments, '')))
    return 0


def _lines(name: str, with_comments: bool, with_nested_comments: bool, indent: str) -> list[str]:
    """A definition, with those of the messages in it below their fields, a tab further in."""
    lines = []
    for line in _definition(name):
        shown = line.rstrip() if with_comments else _TRAILING_COMMENT.sub(r'\1', line).strip()
        if shown or with_comments:
            lines.append(f'{indent}{shown}' if shown else '')
        if field := _FIELD.match(line):
            nested = f'{field[1] or name.split("/")[0]}/msg/{field[2]}'
            lines += _lines(nested, with_nested_comments, with_nested_comments, indent + '\t')
    return lines


def _definition(name: str) -> list[str]:
    package, *middle = name.split('/')
    if len(middle) != 2:
        raise Ros2Error(f"Invalid name '{name}'. Expected three parts separated by '/'")
    try:
        path = packages.package_share(package).joinpath(*middle).with_suffix(f'.{middle[0]}')
    except PackageNotFoundError as error:
        raise Ros2Error(f"Unknown package '{package}'") from error
    if not path.is_file():
        raise Ros2Error(f"Could not find the interface '{path.with_suffix('.idl')}'")
    return path.read_text().splitlines()
