"""`weld_cell program`: write a planned weld as a robot program in the controller's language."""

import argparse
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from weld_cell.calibration.rig import load_rig
from weld_cell.commands.program_output import check_replaced, lying_there
from weld_cell.commands.program_source import planned_weld
from weld_cell.errors import RobotProgramError
from weld_cell.evaluation.program_path import Followed, follow
from weld_cell.models.files import write_atomically
from weld_cell.option_types import above_zero, folder_to_write
from weld_cell.paths import config_file
from weld_cell.programs.build import build_program, weld_values
from weld_cell.programs.languages import program_files, read_text
from weld_cell.programs.names import suitable_name
from weld_cell.programs.settings import ProgramSettings, load_program_settings
from weld_cell.records import ProgramLanguage, RobotProgram, RobotTrajectory, Weave
from weld_cell.report.program_picture import draw_program
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import RobotModel, load_robot
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell program --language rapid out/run -o out/dry_run
  weld_cell program --language krl out/run --name RIB_2 -o out/armed --armed
  weld_cell program --language tp seam.csv --procedure fillet --tolerance-mm 0.1 -o out/seam
  weld_cell program read taught.mod

RUN is the folder of `weld_cell run` or of a launch with record:=FOLDER; PATH a CSV file of the seam with the columns
x_m,y_m,z_m,nx,ny,nz in base_link, along which the weld is planned here. The program is read again and held against
the plan before it is written; program.png shows both. Without --armed the arc stays off: the same path with plain
moves. An armed program and its dry run have the same file names: neither replaces the other without --force.
Bring the files onto the controller with its own tools. docs/robot_programs.md explains each language."""
_SHORTEST_NAME = 8
PICTURE = 'program.png'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('source', type=Path, metavar='RUN_OR_PATH', help='folder of a run, or file of a seam path')
    parser.add_argument('--language', required=True, choices=[str(language) for language in ProgramLanguage])
    parser.add_argument(
        '-o', '--out', type=folder_to_write, default=Path('out/program'), help='folder (default: %(default)s)'
    )
    parser.add_argument('--name', help='name of the program (default: made from the procedure)')
    parser.add_argument('--armed', action='store_true', help='write the program with the arc (default: a dry run)')
    parser.add_argument(
        '--force', action='store_true', help='replace a dry run by an armed program, or the other way round'
    )
    parser.add_argument(
        '--procedure', default='', help='weld procedure of a seam path; a weld that a run has planned keeps its own'
    )
    parser.add_argument(
        '--tolerance-mm', type=above_zero('mm'), help='of planned positions from the moves (default: settings)'
    )
    parser.add_argument(
        '--tolerance-deg', type=above_zero('degrees'), help='of planned orientations (default: settings)'
    )
    parser.add_argument(
        '--settings', type=Path, metavar='FILE', help='the controller (default: the installed robot_programs.yaml)'
    )


def run(arguments: argparse.Namespace) -> int:
    """Build, write, read again, compare, and say what was done."""
    settings = _settings(arguments)
    robot = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
    T_tool0_tool = load_rig(str(config_file('rig.yaml'))).T_tool0_tool
    procedures = load_procedures(str(config_file('weld_procedures.yaml')))
    weld = planned_weld(arguments.source, arguments.procedure, robot, T_tool0_tool, procedures)
    values = weld_values(procedures, weld.procedure, settings.moves)
    name = arguments.name if arguments.name is not None else suitable_name(weld.procedure, _SHORTEST_NAME)
    program = build_program(
        weld.trajectory, values, robot, T_tool0_tool, name, settings.moves, datetime.now().replace(microsecond=0)
    )
    language = ProgramLanguage(arguments.language)
    files = program_files(program, robot, language, settings, arguments.armed)
    before = lying_there(arguments.out, files, language, settings)
    if not arguments.force:
        check_replaced(before, arguments.armed, arguments.out / files[0].name)
    followed = _checked(language, weld.trajectory, program, robot, settings, arguments.armed)
    for file in files:
        write_atomically(arguments.out / file.name, lambda stream, file=file: stream.write(file.content))  # type: ignore[misc]
    draw_program(followed, program, language, arguments.armed, settings.moves, arguments.out / PICTURE)
    print(_told(program, followed, arguments.armed))
    if before:
        print(f'Replaced the {before} that lay there.')
    print(f'Look at {", ".join(str(arguments.out / name) for name in (*(file.name for file in files), PICTURE))}')
    return 0


def _settings(arguments: argparse.Namespace) -> ProgramSettings:
    settings = load_program_settings(str(arguments.settings or config_file('robot_programs.yaml')))
    given = {'tolerance_mm': arguments.tolerance_mm, 'tolerance_deg': arguments.tolerance_deg}
    moves = replace(settings.moves, **{key: value for key, value in given.items() if value is not None})
    return replace(settings, moves=moves)


def _checked(
    language: ProgramLanguage,
    trajectory: RobotTrajectory,
    program: RobotProgram,
    robot: RobotModel,
    settings: ProgramSettings,
    armed: bool,
) -> Followed:
    """What the reader makes of the program, held against the plan; a weave that is part of the path is left out.

    Raises:
        RobotProgramError: the path that was read leaves the tolerance.
    """
    if language is ProgramLanguage.URSCRIPT:
        program = replace(program, weld=replace(program.weld, weave=Weave()))
    files = program_files(program, robot, language, settings, armed)
    taught = read_text(language, {file.name: file.content.decode('ascii') for file in files}, settings)
    followed = follow(trajectory, program, taught, robot, settings)
    away_mm, turned_deg = _worst(followed)
    if away_mm > settings.moves.tolerance_mm or turned_deg > settings.moves.tolerance_deg:
        raise RobotProgramError(
            f'The program as read back deviates from the plan by {away_mm:.3f} mm and {turned_deg:.3f} deg.',
            'Report this with the run folder; nothing was written.',
        )
    return followed


def _worst(followed: Followed) -> tuple[float, float]:
    """Millimetres and degrees."""
    return 1e3 * float(followed.away_m.max()), float(np.rad2deg(followed.turned_rad.max()))


def _told(program: RobotProgram, followed: Followed, armed: bool) -> str:
    kinds = Counter(str(move.kind) for move in program.moves)
    away_mm, turned_deg = _worst(followed)
    return (
        f'{counted(len(program.moves), "move")} ({", ".join(f"{count} {kind}" for kind, count in kinds.items())}) '
        f'for the procedure {program.weld.procedure}, at most {away_mm:.3f} mm and {turned_deg:.3f} deg '
        f'from the plan; {"ARMED: the arc is struck" if armed else "dry run: the arc stays off"}.'
    )
