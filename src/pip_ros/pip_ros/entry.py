"""Where the command `ros2` begins: before anything heavy is imported."""

import importlib

from pip_ros.ctrl_c import leaving_at_once


def main() -> int:
    """Import the command line and run it; returns the exit code."""
    with leaving_at_once():
        from pip_ros.cli import main as command_line
    return command_line()


def run(module: str) -> int:
    """Import a program that `ros2 run` starts, and run it; returns the exit code."""
    with leaving_at_once():
        program = importlib.import_module(module)
    return int(program.main())
