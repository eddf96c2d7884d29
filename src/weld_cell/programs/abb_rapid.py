"""ABB RAPID: one module with its data and one routine, for the option Arc."""

from weld_cell.programs.configuration import rapid_configuration
from weld_cell.programs.controller_axes import controller_degrees
from weld_cell.programs.names import check_name
from weld_cell.programs.orientation import quaternion_wxyz
from weld_cell.programs.settings import RapidSettings
from weld_cell.programs.writing import ProgramFile, ascii_file, fixed, pattern_code, row
from weld_cell.records import (
    ArcEvent,
    FloatArray,
    MoveKind,
    ProgramMove,
    ProgramTarget,
    RobotProgram,
    Weave,
    WeavePattern,
)
from weld_cell.trajectory.robot_model import RobotModel

LONGEST_NAME = 31
"""An identifier has 32 characters at most, and the routine's name is the module's with a letter before it."""

NO_EXTERNAL_AXES = '[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]'
_NO_ARC_VALUES = '[0,0,0,0,0,0,0,0,0]'
_SHAPES = {WeavePattern.ZIGZAG: '1'}


def rapid_files(program: RobotProgram, robot: RobotModel, settings: RapidSettings, armed: bool) -> list[ProgramFile]:
    """The module of a program.

    Args:
        program: The moves.
        robot: Whose joints they name.
        settings: Of the controller.
        armed: With the arc; else the same path with MoveL and MoveC.

    Raises:
        RobotProgramError: a name, a number or the weave is none that the controller takes.
    """
    name = check_name(program.name, LONGEST_NAME, 'RAPID')
    lines = [f'MODULE {name}', *_heading(program, armed), *_frames(program, settings)]
    if armed:
        lines += _weld_data(program, settings)
    lines += _paces(program)
    for number, move in enumerate(program.moves):
        lines += _declared(number, move, robot, settings)
    lines += ['', f'  PROC r{name}()']
    lines += [
        f'    {_instruction(number, move, program, settings, armed)};' for number, move in enumerate(program.moves)
    ]
    lines += ['  ENDPROC', 'ENDMODULE']
    return [ascii_file(f'{name}.mod', lines, '\r\n')]


def _heading(program: RobotProgram, armed: bool) -> list[str]:
    weld = program.weld
    return [
        f'  ! Weld by the procedure {weld.procedure}, {"armed" if armed else "dry run: the arc stays off"}.',
        f'  ! Wire feed {weld.wire_feed_m_min:g} m/min, {weld.current_a:g} A, {weld.voltage_v:g} V, '
        f'{1e3 * weld.travel_speed_m_s:g} mm/s.',
    ]


def _frames(program: RobotProgram, settings: RapidSettings) -> list[str]:
    tool, work = _pose(program.T_tool0_tool), _pose(program.T_base_work)
    middle = row(500.0 * program.T_tool0_tool[:3, 3], 1)
    load = f'[{settings.tool_mass_kg:g},[{middle}],[1,0,0,0],0,0,0]'
    return [
        f'  PERS tooldata {settings.tool_name}:=[TRUE,{tool},{load}];',
        f'  PERS wobjdata {settings.work_object}:=[FALSE,TRUE,"",{work},[[0,0,0],[1,0,0,0]]];',
    ]


def _pose(transform: FloatArray) -> str:
    return f'[[{row(1e3 * transform[:3, 3], 3)}],[{row(quaternion_wxyz(transform), 7)}]]'


def _weld_data(program: RobotProgram, settings: RapidSettings) -> list[str]:
    weld = program.weld
    feed = weld.wire_feed_m_min * (1e3 / 60.0 if settings.wire_feed_unit == 'mm_s' else 1.0)
    arc = f'[0,0,{fixed(weld.voltage_v, 1)},{fixed(feed, 2)},0,{fixed(weld.current_a, 0)},0,0,0]'
    seam = [
        '0',
        fixed(settings.gas_preflow_s, 1),
        *(_NO_ARC_VALUES, '0', '0', '0', '0', '0'),
        *(_NO_ARC_VALUES, '0', '0'),
        *(_NO_ARC_VALUES, '0', '0'),
        *(_NO_ARC_VALUES, fixed(settings.gas_postflow_s, 1)),
    ]
    data = [
        f'  LOCAL PERS seamdata smWeld:=[{",".join(seam)}];',
        f'  LOCAL PERS welddata wdWeld:=[{fixed(1e3 * weld.travel_speed_m_s, 2)},0,{arc},{_NO_ARC_VALUES}];',
    ]
    if weld.weave.pattern is not WeavePattern.NONE:
        data.append(f'  LOCAL PERS weavedata wvWeld:={_weavedata(weld.weave)};')
    return data


def _weavedata(weave: Weave) -> str:
    """Shape (1: zigzag) and type (0: with all axes), length, width, height, dwells left, centre, right; no bias."""
    dwell = fixed(weave.dwell_s, 2)
    size = f'{fixed(weave.length_mm, 2)},{fixed(weave.width_mm, 2)},0'
    return f'[{pattern_code(weave, _SHAPES, "RAPID")},0,{size},{dwell},0,{dwell},0,0,0,0,0,0,0]'


def _paces(program: RobotProgram) -> list[str]:
    """Speeds and zones by name: vFree for joint moves, v and z with a number for the others."""
    share = program.joint_speed_pct
    lines = [f'  LOCAL CONST speeddata vFree:=[{fixed(10.0 * share, 0)},{fixed(5.0 * share, 0)},5000,1000];']
    for speed in sorted({move.speed_m_s for move in program.moves if move.kind is not MoveKind.JOINT}):
        lines.append(f'  LOCAL CONST speeddata {_speed(speed)}:=[{fixed(1e3 * speed, 2)},500,5000,1000];')
    for zone in sorted({move.zone_mm for move in program.moves if move.zone_mm > 0.0}):
        size, about = fixed(zone, 1), fixed(1.5 * zone, 2)
        lines.append(f'  LOCAL CONST zonedata {_zone(zone)}:=[FALSE,{size},{about},{about},0.1,{about},0.1];')
    return lines


def _speed(speed_m_s: float) -> str:
    return f'vTool{round(1e5 * speed_m_s)}'


def _zone(zone_mm: float) -> str:
    return f'zWeld{round(10.0 * zone_mm)}' if zone_mm > 0.0 else 'fine'


def _declared(number: int, move: ProgramMove, robot: RobotModel, settings: RapidSettings) -> list[str]:
    if move.kind is MoveKind.JOINT:
        degrees = row(controller_degrees(move.target.joints_rad, robot, settings), 4)
        return [f'  LOCAL CONST jointtarget j{number}:=[[{degrees}],{NO_EXTERNAL_AXES}];']
    lines = [] if move.via is None else [_robtarget(f'p{number}v', move.via, robot, settings)]
    return [*lines, _robtarget(f'p{number}', move.target, robot, settings)]


def _robtarget(name: str, target: ProgramTarget, robot: RobotModel, settings: RapidSettings) -> str:
    confdata = ','.join(str(part) for part in rapid_configuration(target.joints_rad, robot, settings))
    place, turn = row(1e3 * target.pose[:3, 3], 3), row(quaternion_wxyz(target.pose), 7)
    return f'  LOCAL CONST robtarget {name}:=[[{place}],[{turn}],[{confdata}],{NO_EXTERNAL_AXES}];'


def _instruction(number: int, move: ProgramMove, program: RobotProgram, settings: RapidSettings, armed: bool) -> str:
    frames = f'{settings.tool_name}\\WObj:={settings.work_object}'
    if move.kind is MoveKind.JOINT:
        return f'MoveAbsJ j{number},vFree,fine,{frames}'
    letter = 'C' if move.kind is MoveKind.CIRCULAR else 'L'
    places = f'p{number}v,p{number}' if move.via is not None else f'p{number}'
    if not armed or move.arc is ArcEvent.OFF:
        return f'Move{letter} {places},{_speed(move.speed_m_s)},{_zone(move.zone_mm)},{frames}'
    ending = {ArcEvent.START: 'Start', ArcEvent.WELD: '', ArcEvent.END: 'End'}[move.arc]
    weave = '' if program.weld.weave.pattern is WeavePattern.NONE else '\\Weave:=wvWeld'
    weld = f'smWeld,wdWeld{weave}'
    return f'Arc{letter}{ending} {places},{_speed(move.speed_m_s)},{weld},{_zone(move.zone_mm)},{frames}'
