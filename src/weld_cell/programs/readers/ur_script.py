"""Universal Robots URScript read: moves, outputs, the tool; assignments before a move are followed line by line."""

import re
from dataclasses import dataclass, field

import numpy as np

from weld_cell.programs.readers.taught_moves import TaughtMoves
from weld_cell.programs.readers.text import broken, without_comment
from weld_cell.programs.readers.ur_expressions import UrPose, UrVariables
from weld_cell.records import (
    FloatArray,
    MoveKind,
    ProgramLanguage,
    TaughtMove,
    TaughtProgram,
    TaughtTarget,
    UnreadLine,
)

_CALL = re.compile(r'([A-Za-z_]\w*)\s*\((.*)\)\s*', re.S)
_ASSIGNED = re.compile(r'(?:global\s+|local\s+)?([A-Za-z_]\w*)\s*=(?!=)\s*(.*)', re.S)
_OPENS = re.compile(r'(?:def|sec|thread|if|while)\b.*:\s*')
_OUTPUTS = {'set_standard_digital_out', 'set_digital_out', 'set_configurable_digital_out', 'set_tool_digital_out'}
_MOVES = {
    'movej': MoveKind.JOINT,
    'movel': MoveKind.LINEAR,
    'movep': MoveKind.LINEAR,
    'movec': MoveKind.CIRCULAR,
}


@dataclass
class _Reading:
    """What has been read so far."""

    source: str
    name: str = ''
    variables: UrVariables = field(default_factory=UrVariables)
    tool: FloatArray | None = None
    open_lines: list[int] = field(default_factory=list)
    moves: TaughtMoves = field(default_factory=TaughtMoves)
    unread: list[UnreadLine] = field(default_factory=list)


def read_urscript(text: str, source: str) -> TaughtProgram:
    """Read a script. Targets are poses in the base; every digital output counts as the arc's.

    Raises:
        ProgramSyntaxError: brackets or blocks do not match, or there is no function.
    """
    reading = _Reading(source)
    for line, statement in _statements(text, source):
        _read_statement(reading, line, statement)
    if reading.open_lines:
        raise broken(source, reading.open_lines[-1], 'a block without its "end"')
    if not reading.name:
        raise broken(source, 1, 'no function "def name():"')
    return TaughtProgram(
        ProgramLanguage.URSCRIPT,
        reading.name,
        '',
        '',
        reading.tool,
        np.eye(4),
        tuple(reading.moves.moves),
        tuple(reading.unread),
        {},
        {'': np.eye(4)},
    )


def _statements(text: str, source: str) -> list[tuple[int, str]]:
    """Statements with their lines; one whose brackets are open goes on in the next line."""
    statements, pending, begun = [], '', 0
    for line, raw in enumerate(text.splitlines(), start=1):
        rest = without_comment(raw, '#').strip()
        if not rest or rest.startswith('$'):  # a label of the program tree, as PolyScope writes them
            continue
        if not pending:
            begun = line
        pending = f'{pending} {rest}'.strip()
        depth = _depth(pending)
        if depth < 0:
            raise broken(source, line, 'a bracket closes nothing that is open')
        if depth == 0:
            statements.append((begun, pending))
            pending = ''
    if pending:
        raise broken(source, begun, 'a bracket is not closed')
    return statements


def _depth(text: str) -> int:
    plain = re.sub('"[^"]*"', '', text)
    return sum(plain.count(sign) for sign in '([') - sum(plain.count(sign) for sign in ')]')


def _read_statement(reading: _Reading, line: int, statement: str) -> None:
    if _OPENS.fullmatch(statement):
        reading.open_lines.append(line)
        if statement.startswith('def') and not reading.name:
            reading.name = re.split(r'[\s(]+', statement)[1]
        elif not statement.startswith('def'):
            reading.unread.append(UnreadLine(line, statement))
    elif statement == 'end':
        if not reading.open_lines:
            raise broken(reading.source, line, '"end" closes nothing that is open')
        reading.open_lines.pop()
    else:
        try:
            _read_plain(reading, line, statement)
        except ValueError as error:
            is_move = statement.partition('(')[0].strip() in _MOVES
            reading.unread.append(UnreadLine(line, f'{statement} ({error})', is_move))


def _read_plain(reading: _Reading, line: int, statement: str) -> None:
    assigned, call = _ASSIGNED.fullmatch(statement), _CALL.fullmatch(statement)
    if assigned:
        reading.variables.values.pop(assigned[1], None)
        reading.variables.values[assigned[1]] = reading.variables.evaluate(assigned[2])
    elif call and call[1] in _MOVES:
        reading.moves.add(_move(reading, line, call[1], call[2]))
    elif call and call[1] in _OUTPUTS:
        places, _ = reading.variables.arguments(call[2])
        if len(places) != 2 or not isinstance(places[1], bool):
            raise ValueError('an output and True or False were expected')
        reading.moves.switch_arc(places[1])
    elif call and call[1] == 'set_tcp':
        places, _ = reading.variables.arguments(call[2])
        if not places or not isinstance(places[0], UrPose):
            raise ValueError('a pose was expected')
        reading.tool = places[0].matrix
    elif not call or call[1] not in ('sleep', 'sync', 'textmsg'):
        reading.unread.append(UnreadLine(line, statement))


def _move(reading: _Reading, line: int, word: str, text: str) -> TaughtMove:
    places, names = reading.variables.arguments(text)
    kind, count = _MOVES[word], 2 if word == 'movec' else 1
    if len(places) < count:
        raise ValueError(f'{word} has {len(places)} arguments')
    *via, target = (_target(place) for place in places[:count])
    order = ('a', 'v', 'r', 'mode') if word in ('movec', 'movep') else ('a', 'v', 't', 'r')
    given = {**dict(zip(order, places[count:], strict=False)), **names}
    speed, zone = given.get('v'), given.get('r', 0.0)
    return TaughtMove(
        line,
        kind,
        target,
        via[0] if via else None,
        speed if isinstance(speed, float) and kind is not MoveKind.JOINT else None,
        zone_mm=1e3 * zone if isinstance(zone, float) else None,
    )


def _target(value: object) -> TaughtTarget:
    """A pose, or six robot joints in radians."""
    if isinstance(value, UrPose):
        return TaughtTarget(value.matrix)
    if isinstance(value, list) and len(value) == 6 and all(isinstance(item, float) for item in value):
        return TaughtTarget(None, np.rad2deg(np.array(value, dtype=float)))
    raise ValueError('a pose or 6 robot joints were expected')
