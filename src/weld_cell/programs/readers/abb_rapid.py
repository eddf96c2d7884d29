"""ABB RAPID read: modules with data, moves and the arc instructions of Arc, new and old."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from weld_cell.programs.readers.rapid_data import RapidData
from weld_cell.programs.readers.text import broken, split_top, without_comment
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

_DATA = re.compile(
    r'(?:(?:LOCAL|TASK)\s+)*(?:CONST|PERS|VAR|ALIAS)\s+(\w+)\s+(\w+)\s*(?:\{[^}]*\})?\s*(?::=\s*(.*))?', re.I | re.S
)
_BLOCK_WORDS = 'MODULE|ENDMODULE|PROC|ENDPROC|FUNC|ENDFUNC|TRAP|ENDTRAP|RECORD|ENDRECORD|ERROR|UNDO|BACKWARD'
_BLOCKS = re.compile(rf'(?:LOCAL\s+)?(?:{_BLOCK_WORDS})\b', re.I)
_FLOW = re.compile(
    r'IF\b.*\bTHEN|ELSEIF\b.*\bTHEN|ELSE|ENDIF|FOR\b.*\bDO|ENDFOR|WHILE\b.*\bDO|ENDWHILE|TEST\b.*|CASE\b.*:'
    r'|DEFAULT\s*:|ENDTEST',
    re.I,
)
_ARC = re.compile(r'ARC([LC])[12]?(START|END)?', re.I)
_PLAIN = {'movel': MoveKind.LINEAR, 'movec': MoveKind.CIRCULAR, 'movej': MoveKind.JOINT, 'moveabsj': MoveKind.JOINT}
BASE = 'wobj0'
_OPENED = ('MODULE', 'PROC', 'FUNC', 'TRAP', 'RECORD')


@dataclass
class _Reading:
    """What has been read so far."""

    source: str
    data: RapidData = field(default_factory=RapidData)
    name: str = ''
    tool: str = ''
    work: str = ''
    open_blocks: list[tuple[str, int]] = field(default_factory=list)
    moves: list[TaughtMove] = field(default_factory=list)
    unread: list[UnreadLine] = field(default_factory=list)
    weld: dict[str, float] = field(default_factory=dict)


def read_rapid(text: str, source: str) -> TaughtProgram:
    """Read a module.

    Args:
        text: Of the file.
        source: Its name, for messages.

    Raises:
        ProgramSyntaxError: brackets or blocks do not match, a statement does not end, or there is no module.
    """
    statements = list(_statements(text, source))
    reading = _Reading(source)
    for line, statement in statements:  # data may stand behind the routine that uses it
        _read_data(reading, line, statement)
    for line, statement in statements:
        _read_statement(reading, line, statement)
    if reading.open_blocks:
        word, line = reading.open_blocks[-1]
        raise broken(source, line, f'{word} without its END{word}')
    if not reading.name:
        raise broken(source, 1, 'no MODULE')
    return TaughtProgram(
        ProgramLanguage.RAPID,
        reading.name,
        reading.tool,
        reading.work,
        _frame(reading, 'tooldata', reading.tool),
        _frame(reading, 'wobjdata', reading.work),
        tuple(reading.moves),
        tuple(reading.unread),
        reading.weld,
        _works(reading),
    )


def _works(reading: _Reading) -> dict[str, FloatArray]:
    """Frames of the wobjdata that moves name and that are declared here; a move without one is in wobj0, the base."""
    names = {move.work for move in reading.moves} - {'', BASE}
    frames = {name: _frame(reading, 'wobjdata', name) for name in names}
    return {'': np.eye(4), BASE: np.eye(4)} | {name: frame for name, frame in frames.items() if frame is not None}


def _frame(reading: _Reading, kind: str, name: str) -> FloatArray | None:
    try:
        return reading.data.pose_of(kind, name)
    except ValueError as error:
        raise broken(reading.source, reading.data.lines[name.lower()], f'{kind} {name}: {error}') from error


def _statements(text: str, source: str) -> Iterator[tuple[int, str]]:
    """Statements with their lines: up to a semicolon, or a line that opens or closes a block."""
    pending, begun = '', 0
    for line, rest in _lines(text):
        if not pending and (not rest or rest.startswith('%%') or _is_header(rest)):
            continue
        while rest:
            if not pending:
                begun = line
                if _BLOCKS.match(rest) or _FLOW.fullmatch(rest):
                    yield line, rest.rstrip(';')
                    break
            first, *others = split_top(rest, ';')
            pending = f'{pending} {first}'.strip()
            if not others:
                break
            if pending:
                yield begun, _matched(pending, source, begun)
            pending, rest = '', ';'.join(others).strip()
        if len(pending) > 20_000:
            raise broken(source, begun, 'a statement without a semicolon')
    if pending:
        raise broken(source, begun, 'a statement without a semicolon')


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments; the heading of a block with all its parameters is one."""
    heading, begun = '', 0
    for line, raw in enumerate(text.splitlines(), start=1):
        rest = without_comment(raw, '!').strip()
        if not heading and not (_BLOCKS.match(rest) and rest.count('(') > rest.count(')')):
            yield line, rest
            continue
        begun = begun if heading else line
        heading = f'{heading} {rest}'.strip()
        if heading.count('(') <= heading.count(')'):
            yield begun, heading
            heading = ''
    if heading:
        yield begun, heading


def _matched(statement: str, source: str, line: int) -> str:
    """The statement, if its brackets match."""
    plain = re.sub('"[^"]*"', '', statement)
    for opening, closing in ('[]', '()', '{}'):
        if plain.count(opening) != plain.count(closing):
            raise broken(source, line, f'"{opening}" and "{closing}" do not match')
    return statement


def _is_header(text: str) -> bool:
    return re.match(r'(VERSION|LANGUAGE)\s*:', text, re.I) is not None


def _read_data(reading: _Reading, line: int, statement: str) -> None:
    found = _DATA.fullmatch(statement)
    if not found or found[3] is None:
        return
    try:
        reading.data.declare(found[1], found[2], found[3], line)
    except ValueError as error:
        raise broken(reading.source, line, str(error)) from error


def _read_statement(reading: _Reading, line: int, statement: str) -> None:
    if _DATA.fullmatch(statement):
        return
    if _BLOCKS.match(statement):
        _read_block(reading, line, statement)
        return
    word, _, rest = statement.partition(' ')
    arc = _ARC.fullmatch(word)
    try:
        if arc:
            reading.moves.append(_arc_move(reading, line, arc, rest))
        elif word.lower() in _PLAIN:
            reading.moves.append(_plain_move(reading, line, word.lower(), rest))
        else:
            reading.unread.append(UnreadLine(line, statement))
    except ValueError as error:
        reading.unread.append(UnreadLine(line, f'{statement} ({error})', is_move=True))


def _read_block(reading: _Reading, line: int, statement: str) -> None:
    words = statement.upper().replace('(', ' ').split()
    word = words[1] if words[0] == 'LOCAL' else words[0]
    if word == 'MODULE' and not reading.name:
        reading.name = re.split(r'[\s(]+', statement)[1] if len(words) > 1 else ''
    if word in _OPENED:
        reading.open_blocks.append((word, line))
    elif word.startswith('END'):
        if not reading.open_blocks or word != f'END{reading.open_blocks[-1][0]}':
            raise broken(reading.source, line, f'{word} closes nothing that is open')
        reading.open_blocks.pop()


@dataclass(frozen=True)
class _Arguments:
    """Required arguments in their order, and optional ones by name in lower case."""

    required: list[str]
    optional: dict[str, str]


def _arguments(text: str) -> _Arguments:
    required, optional = [], {}
    for part in split_top(text):
        main, *switches = split_top(part, '\\')
        if main:
            required.append(main)
        for switch in switches:
            name, _, value = switch.partition(':=')
            optional[name.strip().lower()] = value.strip()
    return _Arguments(required, optional)


def _plain_move(reading: _Reading, line: int, word: str, text: str) -> TaughtMove:
    given, kind = _arguments(text), _PLAIN[word]
    count = 2 if kind is MoveKind.CIRCULAR else 1
    places, others = given.required[:count], given.required[count:]
    if len(others) != 3:
        raise ValueError(f'{word} has {len(given.required)} arguments')
    target, via = _targets(reading, places, word == 'moveabsj')
    speed, zone, tool = others
    _note_frames(reading, tool, given)
    return TaughtMove(
        line,
        kind,
        target,
        via,
        None if kind is MoveKind.JOINT else _or_none(reading.data.speed_m_s, speed),
        zone_mm=_or_none(reading.data.zone_mm, zone),
        work=_work(given),
    )


def _arc_move(reading: _Reading, line: int, arc: 're.Match[str]', text: str) -> TaughtMove:
    given = _arguments(text)
    count = 2 if arc[1].upper() == 'C' else 1
    places, others = given.required[:count], given.required[count:]
    if len(others) not in (5, 6):  # speed, seam, weld, [weave,] zone, tool
        raise ValueError(f'{arc[0]} has {len(given.required)} arguments')
    target, via = _targets(reading, places, False)
    speed, weld, zone, tool = others[0], others[2], others[-2], others[-1]
    _note_frames(reading, tool, given)
    event = {'START': ArcEvent.START, 'END': ArcEvent.END}.get((arc[2] or '').upper(), ArcEvent.WELD)
    said = _or_none(reading.data.speed_m_s, speed)
    travel = _note_weld(reading, weld)
    return TaughtMove(
        line,
        MoveKind.CIRCULAR if count == 2 else MoveKind.LINEAR,
        target,
        via,
        said if event is ArcEvent.START or travel is None else travel,
        zone_mm=_or_none(reading.data.zone_mm, zone),
        arc=event,
        weave=len(others) == 6 or 'weave' in given.optional,
        work=_work(given),
    )


def _targets(reading: _Reading, places: list[str], joints: bool) -> tuple[TaughtTarget, TaughtTarget | None]:
    make = reading.data.jointtarget if joints else reading.data.robtarget
    *via, target = (make(place) for place in places)
    return target, via[0] if via else None


def _note_frames(reading: _Reading, tool: str, given: _Arguments) -> None:
    reading.tool = reading.tool or tool
    reading.work = reading.work or _work(given)


def _work(given: _Arguments) -> str:
    name = given.optional.get('wobj', '')
    return BASE if name.lower() == BASE else name


def _note_weld(reading: _Reading, name: str) -> float | None:
    """Keep the numbers of a welddata; its speed in m/s, or None where it is declared elsewhere."""
    value = reading.data.values.get('welddata', {}).get(name.lower())
    if not isinstance(value, list) or len(value) < 3 or not isinstance(value[2], list) or len(value[2]) < 6:
        return None
    arc = value[2]
    numbers = {'weld_speed': value[0], 'voltage': arc[2], 'wirefeed': arc[3], 'current': arc[5]}
    reading.weld.update({key: float(number) for key, number in numbers.items() if isinstance(number, float)})
    return 1e-3 * float(value[0]) if isinstance(value[0], float) and value[0] > 0.0 else None


def _or_none(read: Callable[[str], float], text: str) -> float | None:
    """What a name means in numbers, or None where it is declared elsewhere."""
    try:
        return read(text)
    except ValueError:
        return None
