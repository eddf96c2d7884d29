"""Yaskawa INFORM read: a job (.JBI) with its positions and instructions."""

import re
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.programs.readers.taught_moves import TaughtMoves
from weld_cell.programs.readers.text import NUMBER, broken, numbers, pose_fixed_xyz
from weld_cell.records import (
    FloatArray,
    MoveKind,
    ProgramLanguage,
    TaughtMove,
    TaughtProgram,
    TaughtTarget,
    UnreadLine,
)

_POSITION = re.compile(r'((?:C|P|BC|BP|EC|EX)\d+)\s*=\s*(.*)')
_MOVE = re.compile(r'(S?MOV[JLCS])\b\s*(.*)')
_WORD = re.compile(rf'\b(VJ|V|PL|CR)=({NUMBER})')
_NAMED = re.compile(r'\b([CP])(\d+)\b')
_HEADS = ('/JOB', '//POS', '//INST', 'NOP', 'END')
BASE = 'BASE'
"""Of positions whose coordinates are the robot's (POSTYPE ROBOT or BASE)."""
_SAME_M, _SAME_RAD = 1e-6, 1e-6
_KINDS = {'J': MoveKind.JOINT, 'L': MoveKind.LINEAR, 'C': MoveKind.CIRCULAR}


@dataclass
class _Reading:
    """What has been read so far.

    Attributes:
        circle: Places of the MOVC that stand one after the other, with their lines and words.
    """

    source: str
    speed_unit_m_s: float
    name: str = ''
    tool: str = ''
    user: str = ''
    in_pulses: bool = True
    rconf: tuple[int, ...] = ()
    in_user: bool = True
    positions: dict[str, TaughtTarget] = field(default_factory=dict)
    works: dict[str, str] = field(default_factory=dict)
    circle: list[TaughtTarget] = field(default_factory=list)
    last: TaughtTarget | None = None
    moves: TaughtMoves = field(default_factory=TaughtMoves)
    unread: list[UnreadLine] = field(default_factory=list)
    weld: dict[str, float] = field(default_factory=dict)


def read_inform(text: str, source: str, speed_unit: str = 'mm_s') -> TaughtProgram:
    """Read a job.

    A step to the place where the robot stands is no move. Of MOVC that follow each other the first is reached in a
    line; each three share a circle.

    Args:
        text: Of the file.
        source: Its name, for messages.
        speed_unit: Of V=: mm_s or cm_min, as the controller's parameter has it.

    Raises:
        ProgramSyntaxError: a part of the job is missing, or a position is malformed.
    """
    reading = _Reading(source, 1e-3 if speed_unit == 'mm_s' else 0.01 / 60.0)
    lines = [(number, raw.strip()) for number, raw in enumerate(text.splitlines(), start=1)]
    heads = {
        word: next((n for n, raw in lines if raw == word), 0) for word in ('/JOB', '//POS', '//INST', 'NOP', 'END')
    }
    for word, line in heads.items():
        if not line:
            raise broken(source, len(lines) or 1, f'no {word}')
    for line, raw in lines:
        if line < heads['//INST']:
            _read_heading(reading, line, raw)
        elif heads['NOP'] < line < heads['END']:
            _read_step(reading, line, raw)
    return TaughtProgram(
        ProgramLanguage.INFORM,
        reading.name,
        reading.tool,
        reading.user,
        None,
        None,
        tuple(reading.moves.moves),
        tuple(reading.unread),
        reading.weld,
        {BASE: np.eye(4)},
    )


def _read_heading(reading: _Reading, line: int, raw: str) -> None:
    word, _, rest = raw.partition(' ')
    if word == '//NAME':
        reading.name = rest.strip()
    elif word == '///TOOL':
        reading.tool = rest.split(',')[0].strip()
    elif word == '///USER':
        reading.user = rest.strip()
    elif word in ('///PULSE', '///RECTAN'):
        reading.in_pulses = word == '///PULSE'
    elif word == '///POSTYPE':
        reading.in_user = rest.strip() == 'USER'
    elif word == '///RCONF':
        reading.rconf = tuple(int(value) for value in numbers(rest, reading.source, line))[:6]
    elif not raw.startswith('/'):
        _read_position(reading, line, raw)


def _read_position(reading: _Reading, line: int, raw: str) -> None:
    found = _POSITION.fullmatch(raw)
    if not found:
        if raw and not raw.startswith("'"):
            raise broken(reading.source, line, f'expected a position such as C00000=..., got "{raw[:30]}"')
        return
    if not re.match(r'[CP]\d', found[1]):
        return  # of a base or a station axis
    values = numbers(found[2], reading.source, line)
    if len(values) < 6:
        raise broken(reading.source, line, f'{found[1]} has {len(values)} values, 6 or more were expected')
    if reading.in_pulses:
        target = TaughtTarget(None, np.array(values[:6]), in_pulses=True)
    else:
        target = TaughtTarget(pose_fixed_xyz(values[:3], values[3:6]), configuration=reading.rconf)
    reading.positions[_key(found[1][0], found[1][1:])] = target
    reading.works[_key(found[1][0], found[1][1:])] = reading.user if reading.in_user else BASE


def _key(letter: str, digits: str) -> str:
    """P001 and P00001 are the same position."""
    return f'{letter}{int(digits)}'


def _read_step(reading: _Reading, line: int, raw: str) -> None:
    if not raw or raw.startswith("'"):
        return
    found = _MOVE.match(raw)
    if found and not found[1].endswith('C'):
        reading.circle = []
    if found:
        try:
            _read_move(reading, line, found[1], found[2])
        except ValueError as error:
            reading.unread.append(UnreadLine(line, f'{raw} ({error})', is_move=True))
        return
    word = raw.split()[0]
    if word in ('ARCON', 'ARCOF', 'ARCOFF'):
        reading.moves.switch_arc(word == 'ARCON')
        if word == 'ARCON':
            reading.weld.update({key: float(value) for key, value in re.findall(rf'\b([A-Z]+)=({NUMBER})', raw)})
    elif word in ('WVON', 'WVOF'):
        reading.moves.switch_weave(word == 'WVON')
    else:
        reading.unread.append(UnreadLine(line, raw))


def _read_move(reading: _Reading, line: int, word: str, text: str) -> None:
    """Add a move, or one more place of a circle.

    Raises:
        ValueError: the place is not in the job, or the kind of move is not known.
    """
    kind = _KINDS.get(word[-1])
    if kind is None:
        raise ValueError(f'{word} is not known')
    named = _NAMED.search(text)
    key = _key(named[1], named[2]) if named else ''
    target, work = reading.positions.get(key), reading.works.get(key, '')
    if target is None:
        raise ValueError('its position is not in the job')
    words = {key: float(value) for key, value in _WORD.findall(text)}
    speed = words['V'] * reading.speed_unit_m_s if 'V' in words else None
    zone = 0.0 if words.get('PL') == 0.0 else words.get('CR')
    if kind is MoveKind.JOINT:
        reading.moves.add(TaughtMove(line, kind, target, None, None, words.get('VJ'), zone, work=work))
    elif kind is MoveKind.LINEAR:
        _add_line(reading, TaughtMove(line, kind, target, None, speed, None, zone, work=work))
    else:
        _add_circle_place(reading, TaughtMove(line, kind, target, None, speed, None, zone, work=work))
    reading.last = target


def _add_line(reading: _Reading, move: TaughtMove) -> None:
    if not _same(reading.last, move.target):
        reading.moves.add(move)


def _add_circle_place(reading: _Reading, move: TaughtMove) -> None:
    places = reading.circle
    places.append(move.target)
    if len(places) == 1:
        _add_line(reading, replace(move, kind=MoveKind.LINEAR))
    elif len(places) == 3:
        reading.moves.add(replace(move, via=places[1]))
    elif len(places) > 3:
        before, start, end = (place.pose for place in places[-3:])
        if before is None or start is None or end is None:
            raise ValueError('a circle goes on through positions in pulses')
        via = start.copy()
        via[:3, 3] = _further(before[:3, 3], start[:3, 3], end[:3, 3])
        reading.moves.add(replace(move, via=TaughtTarget(via)))


def _further(before: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """A place (3,) half-way from start to end on the circle through all three."""
    normal = np.cross(start - before, end - start)
    size = float(np.linalg.norm(normal))
    if size < 1e-12:
        raise ValueError('three places of a circle are in a line')
    normal /= size
    sides = np.stack([start - before, end - start, normal])
    middles = [sides[0] @ (before + start) / 2.0, sides[1] @ (start + end) / 2.0, normal @ start]
    centre = np.linalg.solve(sides, middles)
    out, last = start - centre, end - centre
    sweep = np.arctan2(normal @ np.cross(out, last), out @ last) % (2.0 * np.pi)
    place: FloatArray = centre + Rotation.from_rotvec(0.5 * sweep * normal).apply(out)
    return place


def _same(one: TaughtTarget | None, other: TaughtTarget) -> bool:
    """Whether two targets are one place."""
    if one is None or one.pose is None or other.pose is None:
        return False
    turned = (Rotation.from_matrix(one.pose[:3, :3]).inv() * Rotation.from_matrix(other.pose[:3, :3])).magnitude()
    return bool(np.linalg.norm(one.pose[:3, 3] - other.pose[:3, 3]) < _SAME_M and turned < _SAME_RAD)
