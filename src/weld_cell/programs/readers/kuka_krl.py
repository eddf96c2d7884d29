"""KUKA KRL read: the .src with its moves, and the .dat of the same name with positions and weld data."""

import re
from dataclasses import dataclass, field, replace

import numpy as np

from weld_cell.programs.readers.text import NUMBER, broken, number, pose_fixed_xyz, split_top
from weld_cell.records import (
    ArcEvent,
    FloatArray,
    MoveKind,
    ProgramLanguage,
    TaughtMove,
    TaughtProgram,
    TaughtTarget,
    UnreadLine,
)
from weld_cell.wording import counted

_DECLARED = re.compile(
    r'(?:DECL\s+)?(?:GLOBAL\s+)?(?:CONST\s+)?(?:DECL\s+)?(\w+)\s+([$\w\[\]]+)\s*=\s*(\{.*\})\s*', re.I
)
_DEF = re.compile(r'(?:GLOBAL\s+)?(DEF|DEFFCT)\b\s*(?:\w+\s+)??(\w+)\s*\(.*', re.I)
_MOVE = re.compile(r'(S?PTP|S?LIN|S?CIRC)(?:\s+|(?={))(.*)', re.I)
_POINT_DATA = re.compile(r'FDAT_ACT\s*=\s*(\w+)', re.I)
_NUMBERED_BASE = re.compile(r'BASE_DATA\s*\[\s*(\d+)\s*\]', re.I)
_BLEND = re.compile(r'\s+(C_(?:DIS|VEL|ORI|PTP|SPL))\b', re.I)
_ASSIGNED = re.compile(r'(\$[\w.]+(?:\[\d+\])?)\s*=\s*(.*)', re.I)
_BAS = re.compile(r'BAS\s*\(\s*#(\w+)\s*,\s*([^)]*)\)', re.I)
_FOLD = re.compile(r';\s*FOLD\s+(ARCON|ARCSWI|ARCOFF)\s+(\w+)', re.I)
_MAIN = re.compile(r'ArcMainNG\s*\(\s*#Arc(On|Swi|Off)Before\w*\s*,\s*(\w+)', re.I)
_FIELD = re.compile(rf'\b(X|Y|Z|A|B|C|S|T|A[1-6])\s+({NUMBER}|\'?B[01]+\'?)', re.I)
NOT_DECLARED = 'is not declared here'
"""Said of a position that neither the .src nor the .dat declares."""

_KINDS = {'PTP': MoveKind.JOINT, 'LIN': MoveKind.LINEAR, 'CIRC': MoveKind.CIRCULAR}
_EVENTS = {'ON': ArcEvent.START, 'SWI': ArcEvent.WELD, 'OFF': ArcEvent.END}
_QUIET_VARIABLES = ('$BWDSTART', '$H_POS', '$ADVANCE', '$ORI_TYPE', '$CIRC_TYPE', '$ACC', '$APO', '$VEL')
_QUIET = re.compile(
    r'(;.*|&.*|END|ENDDAT|DEFDAT\b.*|EXT\b.*|INT\b.*|REAL\b.*|DECL\b.*|GLOBAL\b.*|INTERRUPT\b.*|TRIGGER\b.*|LDAT_ACT.*|'
    r'PDAT_ACT.*|FDAT_ACT.*|SET_CD_PARAMS.*|ArcMainNG.*|BAS\s*\(\s*#(INITMOV|ACC_\w+|OVL_\w+).*)?',
    re.I,
)


@dataclass
class _Reading:
    """What has been read so far."""

    source: str
    data: dict[str, str] = field(default_factory=dict)
    name: str = ''
    open_line: int = 0
    tool: str = ''
    base: str = ''
    T_tool0_tool: FloatArray | None = None
    T_base_work: FloatArray | None = None
    speed_m_s: float | None = None
    weld_speed_m_s: float | None = None
    joint_speed_pct: float | None = None
    zone_mm: float | None = None
    pending: ArcEvent = ArcEvent.OFF
    work: str = ''
    works: dict[str, FloatArray] = field(default_factory=dict)
    moves: list[TaughtMove] = field(default_factory=list)
    unread: list[UnreadLine] = field(default_factory=list)
    weld: dict[str, float] = field(default_factory=dict)


def read_krl(text: str, source: str, data: str = '', data_source: str = '') -> TaughtProgram:
    """Read a program.

    Args:
        text: Of the .src.
        source: Its name, for messages.
        data: Text of the .dat.
        data_source: Its name.

    Raises:
        ProgramSyntaxError: braces or DEF and END do not match, or there is no DEF.
    """
    reading = _Reading(source)
    for line, raw in enumerate(data.splitlines(), start=1):
        _keep_data(reading, raw, data_source, line)
    for line, raw in enumerate(text.splitlines(), start=1):
        _keep_data(reading, raw, source, line)
    for line, raw in enumerate(text.splitlines(), start=1):
        _read_line(reading, line, raw.strip())
    if not reading.name:
        raise broken(source, 1, 'no DEF name( )')
    if reading.open_line:
        raise broken(source, reading.open_line, 'DEF without its END')
    return TaughtProgram(
        ProgramLanguage.KRL,
        reading.name,
        reading.tool,
        reading.base,
        reading.T_tool0_tool,
        reading.T_base_work,
        tuple(reading.moves),
        tuple(reading.unread),
        reading.weld,
        {'0': np.eye(4), **reading.works},
    )


def _keep_data(reading: _Reading, raw: str, source: str, line: int) -> None:
    """Keep a structure that is declared; braces are checked."""
    statement = raw.partition(';')[0].strip()
    if statement.count('{') != statement.count('}'):
        raise broken(source, line, '"{" and "}" do not match')
    found = _DECLARED.fullmatch(statement)
    if found and not statement.startswith('$'):
        reading.data[found[2].upper()] = found[3]


def _read_line(reading: _Reading, line: int, text: str) -> None:
    fold = _FOLD.match(text)
    if fold:
        _note_arc(reading, fold[1][3:], fold[2])
        return
    statement = text.partition(';')[0].strip() if not text.startswith(';') else ''
    main = _MAIN.match(statement)
    if main:
        _note_arc(reading, main[1], main[2])
        return
    if not statement or _read_block(reading, line, statement) or _read_setting(reading, line, statement):
        return
    moved = _MOVE.fullmatch(statement)
    try:
        if moved:
            reading.moves.append(_move(reading, line, moved[1].upper().lstrip('S'), moved[2]))
            reading.pending = ArcEvent.OFF
        elif not _QUIET.fullmatch(statement):
            reading.unread.append(UnreadLine(line, statement))
    except ValueError as error:
        reading.pending = ArcEvent.OFF
        reading.unread.append(UnreadLine(line, f'{statement} ({error})', is_move=True))


def _read_block(reading: _Reading, line: int, statement: str) -> bool:
    found = _DEF.fullmatch(statement)
    if found:
        if reading.open_line:
            raise broken(reading.source, reading.open_line, 'DEF without its END')
        reading.open_line = line
        reading.name = reading.name or found[2]
        return True
    if re.fullmatch('END(FCT)?', statement, re.I):
        if not reading.open_line:
            raise broken(reading.source, line, 'END closes nothing that is open')
        reading.open_line = 0
        return True
    return False


def _read_setting(reading: _Reading, line: int, statement: str) -> bool:
    """Speeds, zones and frames, by assignment or by BAS."""
    bas, assigned = _BAS.fullmatch(statement), _ASSIGNED.fullmatch(statement)
    if point := _POINT_DATA.fullmatch(statement):
        return _note_point_data(reading, point[1])
    if bas:
        return _read_bas(reading, line, bas[1].upper(), bas[2].strip())
    if not assigned:
        return False
    variable, value = assigned[1].upper(), assigned[2].strip()
    if variable == '$VEL.CP':
        reading.speed_m_s = _plain(value)
    elif variable == '$APO.CDIS':
        reading.zone_mm = _plain(value)
    elif variable in ('$TOOL', '$BASE') and value.startswith('{'):
        fields = _fields(value, reading.source, line)
        if variable == '$TOOL':
            reading.T_tool0_tool = _pose(fields)
        else:
            reading.T_base_work = _pose(fields)
            reading.work = f'line {line}'
            reading.works[reading.work] = reading.T_base_work
    elif variable == '$BASE':
        numbered = _NUMBERED_BASE.fullmatch(value)
        reading.work = numbered[1] if numbered else '0' if value.upper() == '$NULLFRAME' else value
    else:
        return variable.startswith(
            ('$BWDSTART', '$H_POS', '$ADVANCE', '$ORI_TYPE', '$CIRC_TYPE', '$ACC', '$APO', '$VEL')
        )
    return True


def _read_bas(reading: _Reading, line: int, word: str, value: str) -> bool:
    if word in ('TOOL', 'BASE'):
        setattr(reading, word.lower(), value)
        reading.work = value if word == 'BASE' else reading.work
    elif word in ('VEL_CP', 'CP_PARAMS'):
        weld = value.lower() == 'garcbasveldefinition'
        reading.speed_m_s = reading.weld_speed_m_s if weld else _plain(value)
    elif word in ('VEL_PTP', 'PTP_PARAMS'):
        reading.joint_speed_pct = _plain(value)
    else:
        return _QUIET.fullmatch(f'BAS(#{word},{value})') is not None
    return True


def _note_point_data(reading: _Reading, name: str) -> bool:
    """Tool and base of an inline form, in the FDAT that goes with a point."""
    text = reading.data.get(name.upper(), '')
    tool, base = (re.search(rf'\b{key}_NO\s+(\d+)', text, re.I) for key in ('TOOL', 'BASE'))
    if tool:
        reading.tool = reading.tool or tool[1]
    if base:
        reading.work, reading.base = base[1], reading.base or base[1]
    return True


def _note_arc(reading: _Reading, word: str, weld: str) -> None:
    """The next move strikes the arc, welds, or ends the weld; its WDAT may have the speed of the weld."""
    reading.pending = _EVENTS[word.upper()]
    text = reading.data.get(weld.upper(), '')
    part = re.search(r'\bWeld\s*\{([^{}]*)\}', text, re.I)
    if not part:
        return
    values = {key: float(value) for key, value in re.findall(rf'\b(Velocity|Channel\d)\s+({NUMBER})', part[1])}
    reading.weld.update(values)
    if values.get('Velocity', 0.0) > 0.0:
        reading.weld_speed_m_s = values['Velocity']


def _move(reading: _Reading, line: int, word: str, text: str) -> TaughtMove:
    blend = _BLEND.search(text)
    places = split_top(_BLEND.sub('', text).split(' WITH ')[0])
    kind = _KINDS[word]
    count = 2 if kind is MoveKind.CIRCULAR else 1
    if len(places) < count:
        raise ValueError(f'{word} has {counted(len(places), "place")}')
    *via, target = (_target(reading, place, line) for place in places[:count])
    if kind is MoveKind.JOINT:
        zone = None if blend else 0.0
        return TaughtMove(line, kind, target, None, None, reading.joint_speed_pct, zone, work=reading.work)
    target, *via = (replace(place, joints=None) for place in (target, *via))
    zone = 0.0 if not blend else reading.zone_mm
    if blend and reading.pending is not ArcEvent.OFF:
        zone = _form_zone(reading, places[count - 1])
    return TaughtMove(
        line,
        kind,
        target,
        via[0] if via else None,
        reading.speed_m_s,
        zone_mm=zone,
        arc=reading.pending,
        weave=reading.pending in (ArcEvent.WELD, ArcEvent.END) and _weaves(reading),
        work=reading.work,
    )


def _form_zone(reading: _Reading, place: str) -> float | None:
    """Blending distance of an inline form, in the LDAT that goes with a point."""
    text = reading.data.get(f'LCPDAT{place.upper().removeprefix("XP")}', '')
    found = re.search(rf'\bAPO_DIST\s+({NUMBER})', text, re.I)
    return float(found[1]) if found else None


def _weaves(reading: _Reading) -> bool:
    """Whether a weave stands in the weld data."""
    return any(re.search(r'\bPattern\s+#(?!None)\w+', text, re.I) for text in reading.data.values())


def _target(reading: _Reading, place: str, line: int) -> TaughtTarget:
    text = place if place.startswith('{') else reading.data.get(place.upper(), '')
    if not text:
        raise ValueError(f'"{place}" {NOT_DECLARED}')
    fields = _fields(text, reading.source, line)
    if 'A1' in fields:
        missing = [f'A{n}' for n in range(1, 7) if f'A{n}' not in fields]
        if missing:
            raise ValueError(f'"{place}" lacks {", ".join(missing)}')
        return TaughtTarget(None, np.array([fields[f'A{n}'] for n in range(1, 7)]))
    configuration = (int(fields['S']), int(fields['T'])) if 'S' in fields and 'T' in fields else ()
    return TaughtTarget(_pose(fields), configuration=configuration)


def _fields(text: str, source: str, line: int) -> dict[str, float]:
    """Numbers of a structure by name; S and T also in binary."""
    fields = {}
    for key, value in _FIELD.findall(text):
        binary = value.strip("'").upper()
        fields[key.upper()] = float(int(binary[1:], 2)) if binary.startswith('B') else number(value, source, line)
    return fields


def _pose(fields: dict[str, float]) -> FloatArray:
    missing = [key for key in 'XYZABC' if key not in fields]
    if missing:
        raise ValueError(f'a position lacks {", ".join(missing)}')
    return pose_fixed_xyz([fields[key] for key in 'XYZ'], [fields[key] for key in 'CBA'])


def _plain(text: str) -> float | None:
    """A number, or None where it is computed."""
    return float(text) if re.fullmatch(NUMBER, text) else None
