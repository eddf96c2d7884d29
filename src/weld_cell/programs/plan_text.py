"""Text of a planned weld for topic weld/program: readable, or in a controller's language."""

from datetime import datetime
from enum import Enum

from weld_cell.programs.build import build_program, weld_values
from weld_cell.programs.languages import program_files
from weld_cell.programs.names import suitable_name
from weld_cell.programs.settings import load_program_settings
from weld_cell.records import FloatArray, ProgramLanguage
from weld_cell.trajectory.program import robot_program
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.seam_paths import WeldPlan

LONGEST_NAME = 8
"""Every controller takes it."""


class ProgramForm(str, Enum):
    """What the text of a program is written in."""

    PLAIN = 'plain'
    RAPID = 'rapid'
    KRL = 'krl'
    INFORM = 'inform'
    TP = 'tp'
    URSCRIPT = 'urscript'

    def __str__(self) -> str:
        return self.value


def plan_text(
    plan: WeldPlan,
    form: ProgramForm,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    settings_file: str,
    armed: bool,
    made: datetime,
) -> str:
    """A plan as a program's text; files that belong together follow each other.

    Args:
        plan: The plan.
        form: The language.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        settings_file: Of the controllers; not read for the plain form.
        armed: With the arc.
        made: When.

    Raises:
        ConfigurationError: the settings cannot be read.
        RobotProgramError: the plan cannot be written in this language.
    """
    if form is ProgramForm.PLAIN:
        mode = 'armed' if armed else 'dry run'
        return f'; {mode}\n' + robot_program(plan.trajectory, plan.procedure, plan.name)
    name, settings = str(plan.name), load_program_settings(settings_file)
    values = weld_values({plan.name: plan.procedure}, name, settings.moves)
    short = suitable_name(name, LONGEST_NAME)
    program = build_program(plan.trajectory, values, robot, T_tool0_tool, short, settings.moves, made)
    files = program_files(program, robot, ProgramLanguage(form.value), settings, armed)
    return ''.join(file.content.decode('ascii') for file in files)
