"""Yaskawa INFORM: a job (.JBI); positions in space (RECTAN), joint moves in pulses where their size is known."""

import numpy as np

from weld_cell.programs.configuration import inform_configuration
from weld_cell.programs.controller_axes import controller_degrees
from weld_cell.programs.names import check_name
from weld_cell.programs.orientation import roll_pitch_yaw_deg
from weld_cell.programs.settings import InformSettings
from weld_cell.programs.writing import ProgramFile, ascii_file, check_work_frame, fixed, pattern_code, row
from weld_cell.records import ArcEvent, MoveKind, ProgramMove, ProgramTarget, RobotProgram, WeavePattern, WeldValues
from weld_cell.trajectory.robot_model import RobotModel

_PATTERNS = {WeavePattern.SINE: ''}
_ARC_TIME_S = 0.3


class _Positions:
    """The job's positions C00000, C00001, ...; each is used by one move, else the controller reports it."""

    def __init__(self, robot: RobotModel, settings: InformSettings) -> None:
        self._robot, self._settings = robot, settings
        self._block = ''
        self._rconf: tuple[int, ...] = ()
        self.lines: list[str] = []
        self.count = 0

    def pulses(self, target: ProgramTarget) -> str:
        """One more position in pulses; its name."""
        if self._block != 'PULSE':
            self.lines += ['///POSTYPE PULSE', '///PULSE']
            self._block = 'PULSE'
        degrees = controller_degrees(target.joints_rad, self._robot, self._settings)
        counts = np.round(degrees * np.array(self._settings.pulses_per_degree)).astype(int)
        return self._named(','.join(str(count) for count in counts))

    def rectan(self, target: ProgramTarget) -> str:
        """One more position in space, with the arm's configuration where it changes; its name."""
        if self._block != 'RECTAN':
            self.lines += [*self._frame(), '///RECTAN']
            self._block, self._rconf = 'RECTAN', ()
        rconf = inform_configuration(target.joints_rad, self._robot, self._settings)
        if rconf != self._rconf:
            unused = int(self._settings.rconf_fields) - len(rconf)
            self.lines.append(f'///RCONF {",".join(str(part) for part in (*rconf, *(0,) * unused))}')
            self._rconf = rconf
        place = row(1e3 * target.pose[:3, 3], 3)
        return self._named(f'{place},{row(roll_pitch_yaw_deg(target.pose), 4)}')

    def _frame(self) -> list[str]:
        if self._settings.user_frame:
            return [f'///USER {self._settings.user_frame}', '///POSTYPE USER']
        return ['///POSTYPE ROBOT']

    def _named(self, values: str) -> str:
        name = f'C{self.count:05d}'
        self.lines.append(f'{name}={values}')
        self.count += 1
        return name


def inform_files(
    program: RobotProgram, robot: RobotModel, settings: InformSettings, armed: bool
) -> list[ProgramFile]:
    """The job of a program.

    Args:
        program: The moves.
        robot: Whose joints they name.
        settings: Of the controller.
        armed: With the arc; else the same path without.

    Raises:
        RobotProgramError: a name, a number or the weave is none that the controller takes.
    """
    name = check_name(program.name, settings.name_length, 'INFORM').upper()
    check_work_frame(program, settings.user_frame, 'inform.user_frame')
    positions = _Positions(robot, settings)
    weld = program.weld
    steps = [
        f"'{weld.procedure}, {'armed' if armed else 'dry run'}",
        f"'{weld.wire_feed_m_min:g}m/min {weld.current_a:g}A {weld.voltage_v:g}V",
    ]
    before: ProgramMove | None = None
    for move in program.moves:
        steps += _steps(move, before, program, positions, settings)
        if armed:
            steps += _arc(move, weld)
        before = move
    lines = [
        '/JOB',
        f'//NAME {name}',
        '//POS',
        f'///NPOS {positions.count},0,0,0,0,0',
        f'///TOOL {settings.tool_number}',
        *positions.lines,
        '//INST',
        f'///DATE {program.made.strftime("%Y/%m/%d %H:%M")}',
        '///ATTR SC,RW',
        '///GROUP1 RB1',
        'NOP',
        *steps,
        'END',
    ]
    return [ascii_file(f'{name}.JBI', lines, '\r\n')]


def _steps(
    move: ProgramMove,
    before: ProgramMove | None,
    program: RobotProgram,
    positions: _Positions,
    settings: InformSettings,
) -> list[str]:
    """Instructions of one move. An arc is three MOVC, the first where the move before ended.

    Between two arcs a MOVL to the same place keeps the controller from joining their points to other circles.
    """
    if move.kind is MoveKind.JOINT:
        known = all(ratio > 0.0 for ratio in settings.pulses_per_degree)
        name = positions.pulses(move.target) if known else positions.rectan(move.target)
        return [f'MOVJ {name} VJ={fixed(program.joint_speed_pct, 2)} PL=0']
    pace = _pace(move, settings)
    if move.via is None or before is None:
        return [f'MOVL {positions.rectan(move.target)} {pace}']
    steps = []
    if before.kind is MoveKind.CIRCULAR:
        steps.append(f'MOVL {positions.rectan(before.target)} {_speed(move, settings)}')
    steps.append(f'MOVC {positions.rectan(before.target)} {_speed(move, settings)}')
    steps.append(f'MOVC {positions.rectan(move.via)} {_speed(move, settings)}')
    return [*steps, f'MOVC {positions.rectan(move.target)} {pace}']


def _speed(move: ProgramMove, settings: InformSettings) -> str:
    factor = 1e3 if settings.speed_unit == 'mm_s' else 6e3
    return f'V={fixed(factor * move.speed_m_s, 1)}'


def _pace(move: ProgramMove, settings: InformSettings) -> str:
    return _speed(move, settings) + ('' if move.zone_mm > 0.0 else ' PL=0')


def _arc(move: ProgramMove, weld: WeldValues) -> list[str]:
    """Instructions behind a move where the arc is struck or put out."""
    weaves = weld.weave.pattern is not WeavePattern.NONE
    values = f'AC={fixed(weld.current_a, 0)} AV={fixed(weld.voltage_v, 1)} T={fixed(_ARC_TIME_S, 2)}'
    if move.arc is ArcEvent.START:
        return [f'ARCON {values}', *([_weave(weld)] if weaves else [])]
    if move.arc is ArcEvent.END:
        return [*(['WVOF'] if weaves else []), f'ARCOF {values}']
    return []


def _weave(weld: WeldValues) -> str:
    """Amplitude to one side; frequency from travel and period."""
    weave = weld.weave
    pattern_code(weave, _PATTERNS, 'INFORM')
    frequency = 1e3 * weld.travel_speed_m_s / weave.length_mm
    return f'WVON AMP={fixed(0.5 * weave.width_mm, 1)} FREQ={fixed(frequency, 1)} ANGL=90.0'
