"""`weld_cell check`: what the cell is set up with, looked at before anything moves."""

import argparse
from pathlib import Path

from weld_cell.cell_check import CellFiles, check_cell
from weld_cell.paths import config_file

EXAMPLES = """Examples:
  weld_cell check
  weld_cell check --rig my_rig.yaml --procedures my_procedures.yaml --settings my_cell.yaml

Looks at the rig (are lengths in metres?), the robot, the weld procedures, the parameters, the reach along the nominal
seam, the part library and the shipped models. Exit code 1 if something is wrong; each fault is named with file, line
and key. The supervisor looks at what concerns it at each cell/start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    for option, name, what in (
        ('--rig', 'rig.yaml', 'calibrated rig'),
        ('--procedures', 'weld_procedures.yaml', 'weld procedures'),
        ('--urdf', 'robot/arc_robot.urdf', 'robot description'),
        ('--limits', 'robot/limits.yaml', 'its acceleration limits and home'),
        ('--settings', 'cell.yaml', 'parameter file'),
        ('--parts', 'parts', 'part library'),
    ):
        parser.add_argument(
            option, type=Path, default=config_file(name), help=f'{what} (default: the installed config/{name})'
        )


def run(arguments: argparse.Namespace) -> int:
    """Look at everything."""
    files = CellFiles(
        arguments.rig, arguments.procedures, arguments.urdf, arguments.limits, arguments.settings, arguments.parts
    )
    wrong = 0
    for name, error in check_cell(files):
        wrong += error is not None
        print(f'{name}: {error or "ok"}')
    return 1 if wrong else 0
