"""FANUC TP read: an .ls listing with its statements and positions."""

import re
from dataclasses import dataclass, field

import numpy as np

from weld_cell.programs.readers.taught_moves import TaughtMoves
from weld_cell.programs.readers.text import broken, number, pose_fixed_xyz
from weld_cell.records import (
    MoveKind,
    ProgramLanguage,
    TaughtMove,
    TaughtProgram,
    TaughtTarget,
    UnreadLine,
)

_PLACE = r'(PR?)\[(?:GP\d:)?\s*(\d+)(?:\s*:[^\]]*)?\]'
_MOTION = re.compile(rf'([JLCA])\s+{_PLACE}\s*(.*)', re.S)
_SECOND = re.compile(rf'{_PLACE}\s*(.*)', re.S)
_PACE = re.compile(r'([\d.]+)\s*(mm/sec|cm/min|inch/min|%|deg/sec|sec|msec)')
_ENDING = re.compile(r'\b(FINE|CNT\s*\d+|CR\s*\d+)\b')
_OFFSET = re.compile(r'\b(?:Tool_Offset|V?Offset)\b[^\s;]*', re.I)
_ARC = re.compile(r'(?:Weld|Arc)\s+(Start|End)\b[^\[\]]*\[[^\]]*\]', re.I)
_WEAVE = re.compile(r'Weave\s+(\w[\w ]*?)\s*(?:\[.*?\])?', re.I)
_FRAME = re.compile(r'(UFRAME_NUM|UTOOL_NUM)\s*=\s*(\d+)')
_OWN_FRAME = re.compile(r'\bUF\s*:\s*(\d+)')
_VALUE = re.compile(r'\b([XYZWPR]|J[1-6])\s*=\s*([-+.\deE*]+)')
_CONFIG = re.compile(r"CONFIG\s*:\s*'([NF])\s+(?:[LR]\s+)?([UD])\s+([TB])\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(-?\d+)'")
_KINDS = {'J': MoveKind.JOINT, 'L': MoveKind.LINEAR, 'C': MoveKind.CIRCULAR}
_PER_SECOND = {'mm/sec': 1e-3, 'cm/min': 0.01 / 60.0, 'inch/min': 0.0254 / 60.0}


@dataclass
class _Reading:
    """What has been read so far."""

    source: str
    name: str = ''
    tool: str = ''
    frame: str = ''
    positions: dict[int, TaughtTarget] = field(default_factory=dict)
    frames: dict[int, str] = field(default_factory=dict)
    moves: TaughtMoves = field(default_factory=TaughtMoves)
    unread: list[UnreadLine] = field(default_factory=list)


def read_tp(text: str, source: str) -> TaughtProgram:
    """Read a listing.

    Raises:
        ProgramSyntaxError: a section is missing, a statement has no semicolon, a position is not closed or malformed.
    """
    reading, lines = _Reading(source), text.splitlines()
    sections = _sections(lines, source)
    begun, _ = sections['/PROG']
    words = lines[begun - 1].split()
    reading.name = words[1] if len(words) > 1 else ''
    first, last = sections['/POS']
    for line, body in _position_blocks(lines, first, last, source):
        _read_position(reading, line, body)
    first, last = sections['/MN']
    for line, statement in _statements(lines, first, last, source):
        _read_statement(reading, line, statement)
    return TaughtProgram(
        ProgramLanguage.TP,
        reading.name,
        reading.tool,
        reading.frame,
        None,
        None,
        tuple(reading.moves.moves),
        tuple(reading.unread),
        {},
        {'0': np.eye(4)},
    )


def _sections(lines: list[str], source: str) -> dict[str, tuple[int, int]]:
    """First and last line of each section, from 1; its heading is the first."""
    marks = [(n, line.split()[0].upper()) for n, line in enumerate(lines, start=1) if line.startswith('/')]
    ends = [begun - 1 for begun, _ in marks[1:]] + [len(lines)]
    found = {word: (begun, end) for (begun, word), end in zip(marks, ends, strict=False)}
    for word in ('/PROG', '/MN', '/POS', '/END'):
        if word not in found:
            raise broken(source, len(lines) or 1, f'no section {word}')
    return found


def _statements(lines: list[str], first: int, last: int, source: str) -> list[tuple[int, str]]:
    """Statements with their lines, the numbers taken off; one goes on in lines that begin with a colon."""
    statements: list[tuple[int, str]] = []
    pending, begun = '', 0
    for at in range(first + 1, last + 1):
        raw = lines[at - 1].strip()
        if not raw:
            continue
        if not pending:
            begun = at
        _, colon, rest = raw.partition(':')
        if not colon or not re.fullmatch(r'\s*\d*\s*', raw.partition(':')[0]):
            rest = raw
        pending = f'{pending} {rest.strip()}'.strip()
        if pending.endswith(';') or not pending:
            statements.append((begun, pending.rstrip(';').strip()))
            pending = ''
        elif re.match(r'\s*\d+\s*:', lines[at] if at < len(lines) else '1:') and at < last:
            raise broken(source, begun, 'a statement without a semicolon')
    if pending:
        raise broken(source, begun, 'a statement without a semicolon')
    return statements


def _position_blocks(lines: list[str], first: int, last: int, source: str) -> list[tuple[int, str]]:
    blocks: list[tuple[int, str]] = []
    body, begun = '', 0
    for at in range(first + 1, last + 1):
        raw = lines[at - 1].strip()
        if not body and not raw:
            continue
        if re.match(r'P\[', raw):
            if body:
                raise broken(source, begun, 'a position is not closed')
            begun = at
        body = f'{body} {raw}'.strip()
        if raw.endswith('};'):
            blocks.append((begun or at, body))
            body, begun = '', 0
    if body:
        raise broken(source, begun or last, 'a position is not closed')
    return blocks


def _read_position(reading: _Reading, line: int, body: str) -> None:
    heading = re.match(r'P\[\s*(\d+)[^\]]*\]\s*\{', body)
    if not heading:
        raise broken(reading.source, line, 'a position without its number')
    group = re.split(r'\bGP\d+\s*:', body)
    text = group[1] if len(group) > 1 else body
    if '*' in re.sub(r"'[^']*'", '', text):
        return  # not taught
    values = {key: number(value, reading.source, line) for key, value in _VALUE.findall(text)}
    joints = [f'J{n}' for n in range(1, 7)]
    if all(key in values for key in joints):
        target = TaughtTarget(None, np.array([values[key] for key in joints]))
    elif all(key in values for key in 'XYZWPR'):
        pose = pose_fixed_xyz([values[key] for key in 'XYZ'], [values[key] for key in 'WPR'])
        target = TaughtTarget(pose, configuration=_configuration(text))
    else:
        raise broken(reading.source, line, f'position {heading[1]} has neither X to R nor J1 to J6')
    reading.positions[int(heading[1])] = target
    if own := _OWN_FRAME.search(text):
        reading.frames[int(heading[1])] = own[1]


def _configuration(text: str) -> tuple[int, ...]:
    """Flip, up, front as 0 or 1, and three turns; empty where the position has none."""
    found = _CONFIG.search(text)
    if not found:
        return ()
    wrist, elbow, arm, *turns = found.groups()
    return int(wrist == 'F'), int(elbow == 'U'), int(arm == 'T'), *(int(turn) for turn in turns)


def _read_statement(reading: _Reading, line: int, statement: str) -> None:
    if not statement or statement.startswith(('!', '//', '--')):
        return
    frame, motion = _FRAME.fullmatch(statement), _MOTION.fullmatch(statement)
    if frame:
        if frame[1] == 'UTOOL_NUM':
            reading.tool = reading.tool or frame[2]
        else:
            reading.frame = reading.frame or frame[2]
        return
    if motion:
        try:
            rest = _read_motion(reading, line, motion)
        except ValueError as error:
            reading.unread.append(UnreadLine(line, f'{statement} ({error})', is_move=True))
            rest = statement
        _switch(reading, rest)
    elif not _switch(reading, statement):
        reading.unread.append(UnreadLine(line, statement))


def _switch(reading: _Reading, text: str) -> bool:
    """Arc and weave, by a statement of their own or behind a motion; whether there was one."""
    arc, weave = _ARC.search(text), _WEAVE.fullmatch(text)
    if arc:
        reading.moves.switch_arc(arc[1].capitalize() == 'Start')
    if weave:
        reading.moves.switch_weave(weave[1].strip().lower() != 'end')
    return bool(arc or weave)


def _read_motion(reading: _Reading, line: int, found: 're.Match[str]') -> str:
    """Add a move; what stands behind it.

    Raises:
        ValueError: a place is in a register, a step, not taught, or the kind of motion is not known.
    """
    letter, rest = found[1], found[4]
    if letter not in _KINDS:
        raise ValueError(f'motion {letter}')
    places = [(found[2], int(found[3]))]
    if letter == 'C':
        second = _SECOND.search(rest.lstrip(': '))
        if not second:
            raise ValueError('C has one place only')
        places.append((second[1], int(second[2])))
        rest = second[3]
    if re.search(r'\bINC\b', rest):
        raise ValueError('INC: its position is a step from the one before')
    *via, target = (_target(reading, register, index) for register, index in places)
    pace, ending = _PACE.search(rest), _ENDING.search(rest)
    speed = float(pace[1]) * _PER_SECOND[pace[2]] if pace and pace[2] in _PER_SECOND else None
    share = float(pace[1]) if pace and pace[2] == '%' else None
    move = TaughtMove(
        line,
        _KINDS[letter],
        target,
        via[0] if via else None,
        speed,
        share,
        _zone_mm(ending[1] if ending else ''),
        work=reading.frames.get(places[-1][1], reading.frame),
    )
    reading.moves.add(move)
    if offset := _OFFSET.search(rest):
        reading.unread.append(UnreadLine(line, f'{offset[0]} (known to the controller: taken without it)'))
    return rest


def _target(reading: _Reading, register: str, index: int) -> TaughtTarget:
    if register == 'PR':
        raise ValueError(f'PR[{index}] is a register')
    if index not in reading.positions:
        raise ValueError(f'P[{index}] is not taught')
    return reading.positions[index]


def _zone_mm(ending: str) -> float | None:
    if ending == 'FINE':
        return 0.0
    return float(ending[2:]) if ending.startswith('CR') else None
