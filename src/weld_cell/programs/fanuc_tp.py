"""FANUC TP: an .ls listing, which the controller (option ASCII Upload) or MakeTP converts to a .tp."""

from weld_cell.programs.configuration import tp_configuration
from weld_cell.programs.controller_axes import controller_degrees
from weld_cell.programs.names import check_name
from weld_cell.programs.orientation import roll_pitch_yaw_deg
from weld_cell.programs.settings import TpSettings
from weld_cell.programs.writing import ProgramFile, ascii_file, check_work_frame, fixed, pattern_code
from weld_cell.records import ArcEvent, MoveKind, ProgramMove, ProgramTarget, RobotProgram, WeavePattern, WeldValues
from weld_cell.trajectory.robot_model import RobotModel

_PATTERNS = {WeavePattern.SINE: 'Sine', WeavePattern.CIRCLE: 'Circle'}
_LONGEST_COMMENT = 16
_LONGEST_REMARK = 32


def tp_files(program: RobotProgram, robot: RobotModel, settings: TpSettings, armed: bool) -> list[ProgramFile]:
    """The listing of a program.

    Args:
        program: The moves.
        robot: Whose joints they name.
        settings: Of the controller.
        armed: With the arc; else the same path without.

    Raises:
        RobotProgramError: a name, a number or the weave is none that the controller takes.
    """
    name = check_name(program.name, settings.name_length, 'TP').upper()
    check_work_frame(program, settings.frame_number, 'tp.frame_number')
    statements = _heading(program, settings, armed)
    positions: list[str] = []
    number = 0
    for move in program.moves:
        targets = [move.target] if move.via is None else [move.via, move.target]
        first = number + 1
        for target in targets:
            number += 1
            positions += _position(number, target, move.kind is MoveKind.JOINT, robot, settings)
        statements.append(_motion(first, number, move, program))
        if armed:
            statements += _arc(move, program.weld, settings)
    lines = [
        *_attributes(name, program, len(statements), armed),
        '/MN',
        *(_numbered(line, text) for line, text in enumerate(statements, start=1)),
        '/POS',
        *positions,
        '/END',
    ]
    return [ascii_file(f'{name.lower()}.ls', [part for line in lines for part in line.split('\n')], '\r\n')]


def _attributes(name: str, program: RobotProgram, lines: int, armed: bool) -> list[str]:
    made = program.made.strftime('DATE %y-%m-%d  TIME %H:%M:%S')
    comment = f'{program.weld.procedure} {"armed" if armed else "dry run"}'[:_LONGEST_COMMENT]
    return [
        f'/PROG  {name}',
        '/ATTR',
        'OWNER\t\t= MNEDITOR;',
        f'COMMENT\t\t= "{comment}";',
        f'CREATE\t\t= {made};',
        f'MODIFIED\t= {made};',
        f'LINE_COUNT\t= {lines};',
        'PROTECT\t\t= READ_WRITE;',
        'DEFAULT_GROUP\t= 1,*,*,*,*;',
        'CONTROL_CODE\t= 00000000 00000000;',
        *(['/APPL', '  ARC Welding Equipment : 1,*,*,*,*;'] if armed else []),
    ]


def _heading(program: RobotProgram, settings: TpSettings, armed: bool) -> list[str]:
    weld = program.weld
    remarks = [
        f'{weld.procedure}, {"armed" if armed else "dry run, arc off"}',
        f'{weld.wire_feed_m_min:g}m/min {weld.current_a:g}A {weld.voltage_v:g}V',
    ]
    return [
        *(f'  !{remark[:_LONGEST_REMARK]} ' for remark in remarks),
        f'  UFRAME_NUM={settings.frame_number} ',
        f'  UTOOL_NUM={settings.tool_number} ',
    ]


def _numbered(line: int, text: str) -> str:
    return f'{line:4d}:{text};'


def _motion(first: int, last: int, move: ProgramMove, program: RobotProgram) -> str:
    if move.kind is MoveKind.JOINT:
        return f'J P[{last}] {fixed(program.joint_speed_pct, 0)}% FINE    '
    pace = f'{_speed(move.speed_m_s)}mm/sec {"CNT100" if move.zone_mm > 0.0 else "FINE"}    '
    if move.via is None:
        return f'L P[{last}] {pace}'
    return f'C P[{first}]    \n    :  P[{last}] {pace}'


def _speed(speed_m_s: float) -> str:
    return fixed(1e3 * speed_m_s, 1).removesuffix('.0')


def _arc(move: ProgramMove, weld: WeldValues, settings: TpSettings) -> list[str]:
    """Statements behind a move where the arc is struck or put out."""
    numbers = str(settings.weld_schedule)
    if settings.arc_form == 'weld':
        numbers = f'{settings.weld_procedure},{settings.weld_schedule}'
    word = settings.arc_form.capitalize()
    weaves = weld.weave.pattern is not WeavePattern.NONE
    if move.arc is ArcEvent.START:
        return [f'  {word} Start[{numbers}] ', *([f'  {_weave(weld)} '] if weaves else [])]
    if move.arc is ArcEvent.END:
        return [f'  {word} End[{numbers}] ', *(['  Weave End '] if weaves else [])]
    return []


def _weave(weld: WeldValues) -> str:
    """Frequency from travel and period; the amplitude is that to one side."""
    weave = weld.weave
    frequency, dwell = 1e3 * weld.travel_speed_m_s / weave.length_mm, fixed(weave.dwell_s, 3)
    pattern = pattern_code(weave, _PATTERNS, 'TP')
    return f'Weave {pattern}[{fixed(frequency, 1)}Hz,{fixed(0.5 * weave.width_mm, 1)}mm,{dwell}s,{dwell}s]'


def _position(
    number: int, target: ProgramTarget, in_joints: bool, robot: RobotModel, settings: TpSettings
) -> list[str]:
    frames = f'\tUF : {settings.frame_number}, UT : {settings.tool_number},'
    if in_joints:
        shown = controller_degrees(target.joints_rad, robot, settings)
        axes = [f'J{n + 1}= {fixed(angle, 3):>9} deg' for n, angle in enumerate(shown)]
        body = [f'{frames}\t', '\t' + ',\t'.join(axes[:3]) + ',', '\t' + ',\t'.join(axes[3:])]
    else:
        flip, up, front, *turns = tp_configuration(target.joints_rad, robot, settings)
        letters = f'{"NF"[flip]} {"DU"[up]} {"BT"[front]}'
        config = f"CONFIG : '{letters}, {', '.join(str(turn) for turn in turns)}',"
        places = [
            f'{key} = {fixed(value, 3):>9}  mm' for key, value in zip('XYZ', 1e3 * target.pose[:3, 3], strict=True)
        ]
        turned = [
            f'{key} = {fixed(value, 4):>9} deg'
            for key, value in zip('WPR', roll_pitch_yaw_deg(target.pose), strict=True)
        ]
        body = [f'{frames}\t\t{config}', '\t' + ',\t'.join(places) + ',', '\t' + ',\t'.join(turned)]
    return [f'P[{number}]{{', '   GP1:', *body, '};']
