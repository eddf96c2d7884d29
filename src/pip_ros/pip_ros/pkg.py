"""`ros2 pkg list | prefix | executables | xml`."""

import argparse
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from pip_ros import packages
from pip_ros.errors import PackageNotFoundError, Ros2Error
from pip_ros.verbs import Verb, add_verbs, no_arguments

EXAMPLES = """examples:
  ros2 pkg list
  ros2 pkg prefix --share weld_cell
  ros2 pkg executables weld_cell
  ros2 pkg xml -t version weld_cell
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 pkg`."""
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of available packages', no_arguments, _list),
            'prefix': Verb('Output the prefix path of a package', _prefix_arguments, _prefix),
            'executables': Verb('Output a list of executables', _executables_arguments, _executables),
            'xml': Verb('Output the manifest of a package, or a tag of it', _xml_arguments, _xml),
        },
        EXAMPLES,
        elsewhere=('create',),
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 pkg`; returns the exit code."""
    return int(args.verb_main(args))


def _list(_args: argparse.Namespace) -> int:
    print(*packages.package_names(), sep='\n')
    return 0


def _prefix_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('package_name', help='package')
    parser.add_argument('--share', action='store_true', help='its folder share/PACKAGE instead')


def _prefix(args: argparse.Namespace) -> int:
    print(_found((packages.package_share if args.share else packages.package_prefix), args.package_name))
    return 0


def _found(look_up: Callable[[str], Path], package: str) -> Path:
    try:
        return look_up(package)
    except PackageNotFoundError as error:
        raise Ros2Error('Package not found') from error


def _xml_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('package_name', help='package')
    parser.add_argument('-t', '--tag', help='print what this tag holds only')


def _xml(args: argparse.Namespace) -> int:
    manifest = _found(packages.package_share, args.package_name) / 'package.xml'
    if not manifest.is_file():
        raise Ros2Error('Package XML manifest not found')
    tree = ET.parse(manifest)  # noqa: S314 - an installed package's own
    if args.tag is None:
        ET.dump(tree)
        return 0
    elements = tree.getroot().findall(args.tag)
    if not elements:
        raise Ros2Error('XML tag not found')
    for element in elements:
        print(element.text)
    return 0


def _executables_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('package_name', nargs='?', help='package; all without it')
    parser.add_argument('--full-path', action='store_true', help='paths instead of names')


def _executables(args: argparse.Namespace) -> int:
    known = packages.package_names()
    if args.package_name and args.package_name not in known:
        raise Ros2Error(f"Package '{args.package_name}' not found")
    for package in [args.package_name] if args.package_name else known:
        for path in packages.executables(package):
            print(path if args.full_path else f'{package} {path.name}')
    return 0
