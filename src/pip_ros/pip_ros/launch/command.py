"""`ros2 launch`: the options, the file to launch, its arguments."""

import argparse
import asyncio
import os
import shlex
import sys
import tempfile
from pathlib import Path

from pip_ros import packages
from pip_ros.distribution import ros_distribution
from pip_ros.errors import LaunchError, PackageNotFoundError, Ros2Error
from pip_ros.fast_dds import without_our_profile
from pip_ros.launch.files import declared_arguments, evaluate, load
from pip_ros.launch.log import LaunchLog, log_folder
from pip_ros.launch.runner import Launcher
from pip_ros.launch.scope import ProcessPlan
from pip_ros.launch.substitutions import describe

EXAMPLES = """examples:
  ros2 launch weld_cell cell.launch.xml source:=sim
  ros2 launch ./my.launch.xml --show-args
  ros2 launch weld_cell replay.launch.xml bag:=/data/seam.mcap --debug
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 launch`."""
    parser.add_argument('-n', '--noninteractive', action='store_true', help='for compatibility; changes nothing')
    parser.add_argument('-d', '--debug', action='store_true', help='more verbose output')
    only = parser.add_mutually_exclusive_group()
    only.add_argument(
        '-p', '--print', '--print-description', action='store_true', help='print the resolved commands only'
    )
    only.add_argument(
        '-s', '--show-args', '--show-arguments', action='store_true', help='show the arguments of the launch file'
    )
    parser.add_argument(
        '-a', '--show-all-subprocesses-output', action='store_true', help='output="both" for every process'
    )
    parser.add_argument('--launch-prefix', help='command to put before all executables')
    parser.add_argument('package_name', help='package, or path of a launch file')
    parser.add_argument('launch_file_name', nargs='?', help='file in the package')
    parser.add_argument('launch_arguments', nargs='*', help="arguments to the launch file; '<name>:=<value>'")


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 launch`; returns the exit code."""
    path, texts = _launch_file(args)
    if args.show_args:
        show_arguments(path)
        return 0
    arguments = parse_arguments(texts)
    if args.launch_prefix:
        arguments['launch-prefix'] = args.launch_prefix
    environment = process_environment()
    if args.show_all_subprocesses_output:
        environment['OVERRIDE_LAUNCH_PROCESS_OUTPUT'] = 'both'
    with tempfile.TemporaryDirectory(prefix='ros2_launch_') as scratch:
        if args.print:
            print_plan(path, arguments, environment, Path(scratch))
            return 0
        return launch(path, arguments, environment, Path(scratch), args.debug)


def process_environment() -> dict[str, str]:
    """What launch files and their processes see: this one's, and ROS_DISTRO as a real ROS 2 has it."""
    return {'ROS_DISTRO': ros_distribution(), **without_our_profile(dict(os.environ))}


def launch(path: Path, arguments: dict[str, str], environment: dict[str, str], scratch: Path, debug: bool) -> int:
    """Launch a file and stay until all its processes have ended; returns the exit code."""
    folder = log_folder()
    log = LaunchLog(folder, debug=debug)
    log.info('launch', f'All log files can be found below {folder}')
    log.info('launch', f'Default logging verbosity is set to {"DEBUG" if debug else "INFO"}')
    try:
        scope = evaluate(path, arguments, environment, scratch)
    except Ros2Error as error:
        log.error('launch', f'Caught exception in launch: {error}')
        return 1
    for warning in scope.warnings:
        log.warning('launch', warning)
    try:
        return asyncio.run(_run(scope.processes, log))
    finally:
        log.close()


async def _run(plans: list[ProcessPlan], log: LaunchLog) -> int:
    return await Launcher(plans, log).run()


def _launch_file(args: argparse.Namespace) -> tuple[Path, list[str]]:
    """The launch file, and the texts that are arguments to it."""
    if Path(args.package_name).is_file():
        first = [args.launch_file_name] if args.launch_file_name else []
        return Path(args.package_name).absolute(), [*first, *args.launch_arguments]
    if not args.launch_file_name or '/' in args.package_name:
        raise LaunchError(f"'{args.package_name}' is no launch file; give a package and a file in it, or a path")
    return find_launch_file(args.package_name, args.launch_file_name), args.launch_arguments


def find_launch_file(package: str, name: str) -> Path:
    """The file of that name in the package's launch folder; without such a folder, anywhere in its share folder.

    Raises:
        PackageNotFoundError: no such package or file, or the file is there more than once.
    """
    share = packages.package_share(package)
    folder = share / 'launch' if (share / 'launch').is_dir() else share
    found = sorted(path for path in folder.rglob(name) if path.is_file())
    if not found:
        raise PackageNotFoundError(
            f"file '{name}' was not found in the share directory of package '{package}' which is at '{share}'"
        )
    if len(found) > 1:
        raise PackageNotFoundError(f"file '{name}' was found more than once: {', '.join(map(str, found))}")
    return found[0]


def parse_arguments(texts: list[str]) -> dict[str, str]:
    """Arguments ``name:=value``; of duplicates the last one wins.

    Raises:
        LaunchError: one of them is malformed.
    """
    arguments = {}
    for text in texts:
        name, sign, value = text.partition(':=')
        if not name or not sign or not value:
            raise LaunchError(f"malformed launch argument '{text}', expected format '<name>:=<value>'")
        arguments[name] = value
    return arguments


def show_arguments(path: Path) -> None:
    """Print the arguments of a launch file, with what it includes."""
    print("Arguments (pass arguments as '<name>:=<value>'):")
    arguments = list(declared_arguments(load(path).actions))
    for argument, conditional, _ in arguments:
        print(f"\n    '{argument.name}':{'*' if conditional else ''}\n        {argument.description}")
        if argument.default is not None:
            print(f'        (default: {describe(argument.default)})')
    if any(conditional for _, conditional, _ in arguments):
        print('\n* argument(s) which are only used if specific conditions occur')
    if not arguments:
        print('\n  No arguments.')


def print_plan(path: Path, arguments: dict[str, str], environment: dict[str, str], scratch: Path) -> None:
    """Print every command that the launch would start."""
    scope = evaluate(path, arguments, environment, scratch)
    for warning in scope.warnings:
        print(warning, file=sys.stderr)
    for plan in scope.processes:
        print(f'[{plan.label}] {shlex.join(plan.command)}')
