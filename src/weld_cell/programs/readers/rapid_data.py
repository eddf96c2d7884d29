"""RAPID's data declarations and expressions, as far as targets need them: records in brackets, names, Offs."""

import math
from dataclasses import dataclass, field

import numpy as np

from weld_cell.programs.readers.text import is_number, pose_wxyz, split_top
from weld_cell.records import FloatArray, TaughtTarget

_SHIFTING = ('offs', 'reltool')
ZONES_MM = {
    'fine': 0.0,
    'z0': 0.3,
    **{f'z{n}': float(n) for n in (1, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200)},
}


@dataclass
class RapidData:
    """Declared data: type -> name in lower case -> value, nested lists of numbers and names.

    Attributes:
        values: As declared.
        lines: Of each name, where it is declared.
    """

    values: dict[str, dict[str, object]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def declare(self, kind: str, name: str, text: str, line: int) -> None:
        """Keep a datum.

        Raises:
            ValueError: the text's brackets do not match.
        """
        self.values.setdefault(kind.lower(), {})[name.lower()] = parse_value(text)
        self.lines[name.lower()] = line

    def look_up(self, kind: str, text: str) -> object:
        """The value of an expression of a type: a record in brackets, or a declared name.

        Raises:
            ValueError: neither.
        """
        if text.startswith('['):
            return parse_value(text)
        known = self.values.get(kind, {})
        if text.lower() not in known:
            raise ValueError(f'{kind} "{text}" is not declared here')
        return known[text.lower()]

    def robtarget(self, text: str) -> TaughtTarget:
        """A target in space; Offs(target, x, y, z) and RelTool(target, x, y, z) are followed.

        Raises:
            ValueError: not declared, computed, or not a robtarget.
        """
        call, _, rest = text.partition('(')
        if rest and call.strip().lower() in _SHIFTING:
            inner = split_top(rest.rstrip().removesuffix(')'))
            if len(inner) != 4 or not all(is_number(part) for part in inner[1:]):
                raise ValueError(f'"{text}" is computed')
            base = self.robtarget(inner[0])
            return _shifted(base, [float(part) for part in inner[1:]], call.strip().lower() == 'reltool')
        if rest and not text.startswith('['):
            raise ValueError(f'"{text}" is computed')
        place, turn, configuration = _rows(self.look_up('robtarget', text), (3, 4, 4))
        return TaughtTarget(pose_wxyz(place, turn), configuration=tuple(int(part) for part in configuration))

    def jointtarget(self, text: str) -> TaughtTarget:
        """A target in robot joints.

        Raises:
            ValueError: not declared, or not a jointtarget.
        """
        (joints,) = _rows(self.look_up('jointtarget', text), (6,))
        return TaughtTarget(None, np.array(joints))

    def speed_m_s(self, text: str) -> float:
        """Tool speed of a speeddata: declared, in brackets, or v with a number.

        Raises:
            ValueError: none of these.
        """
        word = text.lower()
        if word not in self.values.get('speeddata', {}) and word[:1] == 'v' and is_number(word[1:]):
            return 1e-3 * float(word[1:])
        value = self.look_up('speeddata', text)
        return 1e-3 * float(_numbers(value)[0])

    def zone_mm(self, text: str) -> float:
        """Path zone of a zonedata: declared, in brackets, fine, or z with a number.

        Raises:
            ValueError: none of these.
        """
        if text.lower() not in self.values.get('zonedata', {}) and text.lower() in ZONES_MM:
            return ZONES_MM[text.lower()]
        value = self.look_up('zonedata', text)
        if not isinstance(value, list) or len(value) < 2:
            raise ValueError(f'"{text}" is no zonedata')
        return 0.0 if str(value[0]).upper() == 'TRUE' else float(value[1])

    def pose_of(self, kind: str, name: str) -> FloatArray | None:
        """(4, 4) frame of a declared tooldata or wobjdata; None where it is declared elsewhere.

        Raises:
            ValueError: what is declared has another form.
        """
        value = self.values.get(kind, {}).get(name.lower())
        if not isinstance(value, list):
            return None
        if kind == 'tooldata':
            return pose_wxyz(*_rows(value[1] if len(value) > 1 else None, (3, 4)))
        user, object_ = (pose_wxyz(*_rows(part, (3, 4))) for part in value[3:5])
        return user @ object_


def _shifted(target: TaughtTarget, by_mm: list[float], in_tool: bool) -> TaughtTarget:
    assert target.pose is not None  # of a robtarget
    pose = target.pose.copy()
    by_m = 1e-3 * np.array(by_mm)
    pose[:3, 3] += pose[:3, :3] @ by_m if in_tool else by_m
    return TaughtTarget(pose, configuration=target.configuration)


def parse_value(text: str) -> object:
    """A number, a name, or a list of them in brackets.

    Raises:
        ValueError: the brackets do not match.
    """
    text = text.strip()
    if text.startswith('['):
        if not text.endswith(']') or text.count('[') != text.count(']'):
            raise ValueError(f'brackets do not match in "{text[:40]}"')
        return [parse_value(part) for part in split_top(text[1:-1])]
    return float(text) if is_number(text) else text


def _rows(value: object, lengths: tuple[int, ...]) -> tuple[list[float], ...]:
    """The first rows of a record, each of so many numbers.

    Raises:
        ValueError: the record has another form.
    """
    if not isinstance(value, list) or len(value) < len(lengths):
        raise ValueError(f'a record of {len(lengths)} rows was expected')
    rows = tuple(_numbers(part) for part in value[: len(lengths)])
    if [len(row) for row in rows] != list(lengths):
        raise ValueError(f'rows of {lengths} numbers were expected')
    return rows


def _numbers(value: object) -> list[float]:
    if not isinstance(value, list) or not all(isinstance(part, float) and math.isfinite(part) for part in value):
        raise ValueError('a row of numbers was expected')
    return [float(part) for part in value]
