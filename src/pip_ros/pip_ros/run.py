"""`ros2 run`: find the executable of a package and become it."""

import argparse
import os
import shlex
import sys

from pip_ros import packages
from pip_ros.distribution import ros_distribution
from pip_ros.errors import PackageNotFoundError

EXAMPLES = """examples:
  ros2 run weld_cell joint_type
  ros2 run tf2_ros tf2_echo base_link tool0
  ros2 run tf2_ros static_transform_publisher --z 0.1 --frame-id tool0 --child-frame-id camera
  ros2 run weld_cell laser_sensor --ros-args -r __ns:=/cell_2 -p back_end:=sim --params-file cell.yaml
  ros2 run --prefix 'gdb -ex run --args' weld_cell robot_sim
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 run`."""
    parser.add_argument('--prefix', help='command to put before the executable, quoted if it has spaces')
    parser.add_argument('package_name', help='package')
    parser.add_argument('executable_name', help='executable of the package')
    parser.add_argument('argv', nargs=argparse.REMAINDER, help='arguments to the executable')


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 run`; comes back only where the executable cannot be started."""
    command = [*shlex.split(args.prefix or ''), *_program(args.package_name, args.executable_name), *args.argv]
    sys.stdout.flush()
    # Not a child of ours: signals and the exit code are the executable's own, and no process can be left behind.
    os.execvp(command[0], command)


def _program(package: str, name: str) -> list[str]:
    try:
        return packages.program(package, name)
    except PackageNotFoundError as error:
        if package in packages.package_names():
            raise
        raise PackageNotFoundError(
            f"Package '{package}' not found: it is not in this Python environment, and pip_ros has not all packages "
            f'of ROS 2. An apt ROS 2 has its own as ros-{ros_distribution()}-{package.replace("_", "-")}.'
        ) from error
