"""`ros2 run`: find the executable of a package and become it."""

import argparse
import os
import shlex
import sys

from pip_ros import packages

EXAMPLES = """examples:
  ros2 run weld_cell joint_type
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
    path = packages.executable(args.package_name, args.executable_name)
    command = [*shlex.split(args.prefix or ''), str(path), *args.argv]
    sys.stdout.flush()
    # Not a child of ours: signals and the exit code are the executable's own, and no process can be left behind.
    os.execvp(command[0], command)
