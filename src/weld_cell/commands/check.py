"""`weld_cell check`: validate the cell's configuration before anything moves."""

import argparse
import sys
from pathlib import Path

import numpy as np

from weld_cell.calibration.record import CalibrationRecord
from weld_cell.calibration.rig import load_rig
from weld_cell.cell_check import CellFiles, check_cell
from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell check
  weld_cell check --rig my_rig.yaml --procedures my_procedures.yaml --settings my_cell.yaml

Looks at the rig (are lengths in metres?), the robot, the weld procedures, the parameters, the settings of robot
programs, the reach along the nominal seam, the part library and the shipped models. Exit code 1 if something is
wrong; each fault is named with file, line and key. Then it says which numbers of the rig are calibrated, and which
are nominal. The supervisor looks at what concerns it at each cell/start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    for option, name, what in (
        ('--rig', 'rig.yaml', 'calibrated rig'),
        ('--procedures', 'weld_procedures.yaml', 'weld procedures'),
        ('--urdf', 'robot/arc_robot.urdf', 'robot description'),
        ('--limits', 'robot/limits.yaml', 'its acceleration limits and home'),
        ('--settings', 'cell.yaml', 'parameter file'),
        ('--programs', 'robot_programs.yaml', 'robot controllers, for programs'),
        ('--parts', 'parts', 'part library'),
    ):
        parser.add_argument(
            option, type=Path, default=config_file(name), help=f'{what} (default: the installed config/{name})'
        )


def run(arguments: argparse.Namespace) -> int:
    """Look at everything."""
    files = CellFiles(
        arguments.rig,
        arguments.procedures,
        arguments.urdf,
        arguments.limits,
        arguments.settings,
        arguments.programs,
        arguments.parts,
    )
    wrong = 0
    for name, error in check_cell(files):
        wrong += error is not None
        print(f'{name}: {error or "ok"}')
    print(calibrated_text(str(files.rig)), end='')
    if wrong:
        print(f'weld_cell: {counted(wrong, "fault")}; see above.', file=sys.stderr)
    return 1 if wrong else 0


def calibrated_text(rig_file: str) -> str:
    """Which numbers of the rig are measured, by what and how well, and which are nominal; nothing of a faulty rig."""
    try:
        rig = load_rig(rig_file)
    except WeldCellError:
        return ''
    lines = [
        f'calibrated {name}: {record.date}, {record.method}, residual {record.residual:g} {record.residual_unit}, '
        f'{counted(record.views, "view")}, standard deviation {_deviation_text(name, record)}'
        for name, record in rig.records.items()
    ]
    lines += [f'nominal, not calibrated: {", ".join(rig.nominal())}'] if rig.nominal() else []
    return ''.join(f'{line}\n' for line in lines)


def _deviation_text(name: str, record: CalibrationRecord) -> str:
    """The largest of each kind of number that a section has."""
    deviations = record.standard_deviations
    if name.endswith('.camera'):
        return f'of the focal length {max(deviations[:2]):.2g} px'
    if name.endswith('.laser_plane'):
        return f'{max(deviations):.2g} 1/m'
    turn = f' and {np.degrees(max(deviations[3:])):.2g} degrees' if len(deviations) > 3 else ''
    return f'{1000 * max(deviations[:3]):.2g} mm{turn}'
