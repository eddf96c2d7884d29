"""KUKA KRL with ArcTech Basic: a .src with the moves and a .dat with their positions and weld data."""

from weld_cell.programs.configuration import krl_configuration
from weld_cell.programs.controller_axes import controller_degrees
from weld_cell.programs.names import check_name
from weld_cell.programs.orientation import roll_pitch_yaw_deg
from weld_cell.programs.settings import KrlSettings
from weld_cell.programs.writing import ProgramFile, ascii_file, fixed, pattern_code
from weld_cell.records import (
    ArcEvent,
    FloatArray,
    MoveKind,
    ProgramMove,
    ProgramTarget,
    RobotProgram,
    WeavePattern,
    WeldValues,
)
from weld_cell.trajectory.robot_model import RobotModel

LONGEST_NAME = 24
_HEAD = ['&ACCESS RVP', '&REL 1']
_PATTERNS = {WeavePattern.NONE: '#None', WeavePattern.ZIGZAG: '#Triangle'}
_FORMS = {ArcEvent.START: 'ARCON', ArcEvent.WELD: 'ARCSWI', ArcEvent.END: 'ARCOFF'}
_STEPS = {ArcEvent.START: 'ArcOn', ArcEvent.WELD: 'ArcSwi', ArcEvent.END: 'ArcOff'}
_NO_EXTERNAL_AXES = 'E1 0.0,E2 0.0,E3 0.0,E4 0.0,E5 0.0,E6 0.0'


def krl_files(program: RobotProgram, robot: RobotModel, settings: KrlSettings, armed: bool) -> list[ProgramFile]:
    """The .src and the .dat of a program.

    Args:
        program: The moves.
        robot: Whose joints they name.
        settings: Of the controller.
        armed: With the arc by ArcTech's inline forms; else the same path with LIN and CIRC.

    Raises:
        RobotProgramError: a name, a number or the weave is none that the controller takes.
    """
    name = check_name(program.name, LONGEST_NAME, 'KRL')
    source = [*_HEAD, f'DEF {name}( )', *_heading(program, settings, armed)]
    data = [*_HEAD, f'DEFDAT {name}']
    for number, move in enumerate(program.moves):
        arc = armed and move.arc is not ArcEvent.OFF
        source += _arc_form(number, move, settings) if arc else _plain_move(number, move)
        data += _positions(number, move, robot, settings)
        if arc:
            data += _arc_data(number, move, program.weld, settings)
    return [
        ascii_file(f'{name}.src', [*source, 'END'], '\r\n'),
        ascii_file(f'{name}.dat', [*data, 'ENDDAT'], '\r\n'),
    ]


def _heading(program: RobotProgram, settings: KrlSettings, armed: bool) -> list[str]:
    weld = program.weld
    return [
        f';Weld by the procedure {weld.procedure}, {"armed" if armed else "dry run: the arc stays off"}.',
        f';Wire feed {weld.wire_feed_m_min:g} m/min, {weld.current_a:g} A, {weld.voltage_v:g} V, '
        f'{1e3 * weld.travel_speed_m_s:g} mm/s.',
        f';Tool {settings.tool_number} in the flange: {_frame(program.T_tool0_tool)}',
        f';Base {settings.base_number} in $ROBROOT: {_frame(program.T_base_work)}',
        'BAS(#INITMOV,0)',
        f'BAS(#TOOL,{settings.tool_number})',
        f'BAS(#BASE,{settings.base_number})',
        f'BAS(#VEL_PTP,{fixed(program.joint_speed_pct, 0)})',
    ]


def _frame(transform: FloatArray) -> str:
    """X, Y, Z in mm; A, B, C: turns about z, y, x in degrees."""
    x, y, z = 1e3 * transform[:3, 3]
    c, b, a = roll_pitch_yaw_deg(transform)
    parts = [('X', x, 3), ('Y', y, 3), ('Z', z, 3), ('A', a, 4), ('B', b, 4), ('C', c, 4)]
    return ','.join(f'{key} {fixed(value, digits)}' for key, value, digits in parts)


def _plain_move(number: int, move: ProgramMove) -> list[str]:
    if move.kind is MoveKind.JOINT:
        return [f'PTP XP{number}']
    lines = [f'$VEL.CP={fixed(move.speed_m_s, 5)}']
    if move.zone_mm > 0.0:
        lines.append(f'$APO.CDIS={fixed(move.zone_mm, 1)}')
    return [*lines, _motion(number, move)]


def _motion(number: int, move: ProgramMove) -> str:
    blend = ' C_DIS' if move.zone_mm > 0.0 else ''
    places = f'LIN XP{number}' if move.via is None else f'CIRC XP{number}V,XP{number}'
    return places + blend


def _arc_form(number: int, move: ProgramMove, settings: KrlSettings) -> list[str]:
    """The fold of ArcTech's inline form; the weld's own speed comes from its WDAT."""
    form, step = _FORMS[move.arc], _STEPS[move.arc]
    shape = 'LIN' if move.via is None else 'CIRC'
    places = f'P{number}' if move.via is None else f'P{number}V P{number}'
    started = move.arc is ArcEvent.START
    speed = fixed(move.speed_m_s, 5) if started else 'gArcBasVelDefinition'
    told = f' Vel={fixed(move.speed_m_s, 5)} m/s' if started else ''
    return [
        f';FOLD {form} WDAT{number} {shape} {places}{told} CPDAT{number} Tool[{settings.tool_number}] '
        f'Base[{settings.base_number}];%{{PE}}',
        '$BWDSTART=FALSE',
        f'LDAT_ACT=LCPDAT{number}',
        f'FDAT_ACT=FP{number}',
        f'BAS(#CP_PARAMS,{speed})',
        *_triggers(number, move.arc),
        f'ArcMainNG(#{step}BeforeMoveStd,WDAT{number},WP{number})',
        _motion(number, move),
        f'ArcMainNG(#{step}AfterMoveStd,WDAT{number},WP{number})',
        ';ENDFOLD',
    ]


def _triggers(number: int, arc: ArcEvent) -> list[str]:
    """What ArcTech prepares and switches on the way."""
    weld, point = f'WDAT{number}', f'WP{number}'
    if arc is ArcEvent.WELD:
        return [f'TRIGGER WHEN DISTANCE=1 DELAY=0 DO ArcMainNG(#ArcSwiMoveStd,{weld},{point}) PRIO=-1']
    steps = {
        ArcEvent.START: [
            ('DISTANCE=1', f'ArcGetDelay(#PreDefinition,{weld})', 'PreDefinition'),
            (f'PATH=ArcGetPath(#OnTheFlyArcOn,{weld})', f'ArcGetDelay(#GasPreflow,{weld})', 'GasPreflow'),
            (f'PATH=ArcGetPath(#OnTheFlyArcOn,{weld})', '0', 'ArcOnMoveStd'),
        ],
        ArcEvent.END: [
            (f'PATH=ArcGetPath(#ArcOffBefore,{weld})', '0', 'ArcOffBeforeOffStd'),
            (f'PATH=ArcGetPath(#OnTheFlyArcOff,{weld})', '0', 'ArcOffMoveStd'),
        ],
    }[arc]
    return [
        f'TRIGGER WHEN {where} DELAY={delay} DO ArcMainNG(#{step},{weld},{point}) PRIO=-1'
        for where, delay, step in steps
    ]


def _positions(number: int, move: ProgramMove, robot: RobotModel, settings: KrlSettings) -> list[str]:
    if move.kind is MoveKind.JOINT:
        shown = controller_degrees(move.target.joints_rad, robot, settings)
        axes = ','.join(f'A{n + 1} {fixed(angle, 4)}' for n, angle in enumerate(shown))
        return [f'DECL E6AXIS XP{number}={{{axes},{_NO_EXTERNAL_AXES}}}']
    lines = [] if move.via is None else [_position(f'XP{number}V', move.via, robot, settings)]
    return [*lines, _position(f'XP{number}', move.target, robot, settings)]


def _position(name: str, target: ProgramTarget, robot: RobotModel, settings: KrlSettings) -> str:
    status, turn = krl_configuration(target.joints_rad, robot, settings)
    return f'DECL E6POS {name}={{{_frame(target.pose)},S {status},T {turn},{_NO_EXTERNAL_AXES}}}'


def _arc_data(number: int, move: ProgramMove, weld: WeldValues, settings: KrlSettings) -> list[str]:
    """Frame, motion and weld data of one inline form."""
    blend = f'APO_DIST {fixed(move.zone_mm, 1)},APO_FAC 50.0,AXIS_VEL 100.0,AXIS_ACC 100.0'
    parts = {
        ArcEvent.START: [_strike(weld, settings), _weld(weld, settings), _weave(weld)],
        ArcEvent.WELD: [_weld(weld, settings), _weave(weld)],
        ArcEvent.END: [_crater(weld, settings)],
    }[move.arc]
    return [
        f'DECL FDAT FP{number}={{TOOL_NO {settings.tool_number},BASE_NO {settings.base_number},'
        'IPO_FRAME #BASE,POINT2[] " "}',
        f'DECL LDAT LCPDAT{number}={{VEL {fixed(move.speed_m_s, 5)},ACC 100.0,{blend},ORI_TYP #VAR,CIRC_TYP #BASE,'
        'JERK_FAC 50.0}',
        f'DECL stArcDat_T WDAT{number}={{WdatId[] "WDAT{number}",{",".join(parts)}}}',
        f'DECL stArcDat_T WP{number}={{WdatId[] "WP{number}"}}',
    ]


def _mode(settings: KrlSettings, number: int) -> str:
    return f'JobModeId[] "{settings.job_mode}",ParamSetId[] "Set{number}"'


def _channels(weld: WeldValues) -> str:
    """Values to the power source: wire feed in m/min, voltage in V, current in A."""
    values = [weld.wire_feed_m_min, weld.voltage_v, weld.current_a]
    return ','.join(f'Channel{n} {fixed(value, 2)}' for n, value in enumerate(values, start=1))


def _strike(weld: WeldValues, settings: KrlSettings) -> str:
    gas = fixed(settings.gas_preflow_s, 2)
    return f'Strike {{{_mode(settings, 1)},StartTime 0.0,PreFlowTime {gas},{_channels(weld)},PurgeTime 0.0}}'


def _weld(weld: WeldValues, settings: KrlSettings) -> str:
    return f'Weld {{{_mode(settings, 2)},Velocity {fixed(weld.travel_speed_m_s, 5)},{_channels(weld)}}}'


def _weave(weld: WeldValues) -> str:
    """Amplitude is that to one side."""
    weave, dwell = weld.weave, fixed(weld.weave.dwell_s, 2)
    return (
        f'Weave {{Pattern {pattern_code(weave, _PATTERNS, "KRL")},Length {fixed(weave.length_mm, 2)},'
        f'Amplitude {fixed(0.5 * weave.width_mm, 2)},Angle 0.0,LeftSideDelay {dwell},RightSideDelay {dwell}}}'
    )


def _crater(weld: WeldValues, settings: KrlSettings) -> str:
    gas = fixed(settings.gas_postflow_s, 2)
    return f'Crater {{{_mode(settings, 3)},CraterTime 0.0,PostflowTime {gas},{_channels(weld)},BurnBackTime 0.0}}'
