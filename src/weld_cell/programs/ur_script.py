"""Universal Robots URScript: one function; the arc is switched by a digital output."""

import numpy as np

from weld_cell.programs.names import check_name
from weld_cell.programs.orientation import rotation_vector
from weld_cell.programs.path_weave import woven
from weld_cell.programs.settings import UrScriptSettings
from weld_cell.programs.writing import ProgramFile, ascii_file, fixed, pattern_code, row
from weld_cell.records import ArcEvent, FloatArray, MoveKind, ProgramMove, RobotProgram, WeavePattern
from weld_cell.trajectory.robot_model import RobotModel

LONGEST_NAME = 64
_PATTERNS = {WeavePattern.NONE: '', WeavePattern.ZIGZAG: ''}


def urscript_files(
    program: RobotProgram, _robot: RobotModel, settings: UrScriptSettings, armed: bool
) -> list[ProgramFile]:
    """The script of a program; targets are in the work frame, which it defines, as it does the tool's.

    Args:
        program: The moves; joint targets are the robot joints of the URDF.
        settings: Of the controller.
        armed: With the arc's output; else the same path without. A weave is part of the path.

    Raises:
        RobotProgramError: a name, a number or the weave is none that the controller takes.
    """
    name = check_name(program.name, LONGEST_NAME, 'URScript')
    weld = program.weld
    pattern_code(weld.weave, _PATTERNS, 'URScript')
    lines = [
        f'def {name}():',
        f'  # Weld by the procedure {weld.procedure}, {"armed" if armed else "dry run: the arc stays off"}.',
        f'  # Wire feed {weld.wire_feed_m_min:g} m/min, {weld.current_a:g} A, {weld.voltage_v:g} V.',
        f'  set_tcp({_pose(program.T_tool0_tool)})',
        f'  work = {_pose(program.T_base_work)}',
    ]
    weaves = weld.weave.pattern is not WeavePattern.NONE
    for move in woven(program.moves, weld.weave) if weaves else program.moves:
        lines.append(f'  {_instruction(move, program, settings)}')
        if armed and move.arc is ArcEvent.START:
            lines.append(f'  set_standard_digital_out({settings.arc_output}, True)')
            lines.append(f'  sleep({settings.gas_preflow_s:g})')
        if armed and move.arc is ArcEvent.END:
            lines.append(f'  set_standard_digital_out({settings.arc_output}, False)')
    return [ascii_file(f'{name}.script', [*lines, 'end'], '\n')]


def _instruction(move: ProgramMove, program: RobotProgram, settings: UrScriptSettings) -> str:
    if move.kind is MoveKind.JOINT:
        speed = 0.01 * program.joint_speed_pct * settings.joint_speed_rad_s
        acceleration = fixed(settings.joint_acceleration_rad_s2, 3)
        return f'movej([{row(move.target.joints_rad, 7)}], a={acceleration}, v={fixed(speed, 4)})'
    pace = (
        f'a={fixed(settings.acceleration_m_s2, 3)}, v={fixed(move.speed_m_s, 5)}, r={fixed(1e-3 * move.zone_mm, 5)}'
    )
    target = f'pose_trans(work, {_pose(move.target.pose)})'
    if move.via is None:
        return f'movel({target}, {pace})'
    return f'movec(pose_trans(work, {_pose(move.via.pose)}), {target}, {pace}, mode=0)'


def _pose(pose: FloatArray) -> str:
    """Metres and rotation vector in radians."""
    return f'p[{row(np.concatenate([pose[:3, 3], rotation_vector(pose)]), 7)}]'
