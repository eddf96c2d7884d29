"""URScript's expressions, as far as targets need them: numbers, lists, poses, variables, a few functions."""

import math
import re
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray

_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|(?P<pose>p\s*\[)|(?P<name>[A-Za-z_]\w*)'
    r'|(?P<text>"[^"]*"|\'[^\']*\')|(?P<sign>[-+*/()\[\],=]))'
)
_WORDS: dict[str, object] = {'True': True, 'False': False, 'pi': math.pi}


@dataclass(frozen=True, eq=False)
class UrPose:
    """A value p[x, y, z, rx, ry, rz]; (4, 4)."""

    matrix: FloatArray


@dataclass
class UrVariables:
    """What the script has assigned so far; a name that was assigned something unknown is not among them."""

    values: dict[str, object] = field(default_factory=dict)

    def evaluate(self, text: str) -> object:
        """Value of an expression.

        Raises:
            ValueError: it is computed from what is not known, or it is no expression.
        """
        parser = _Parser(text, self.values)
        value = parser.sum()
        parser.expect_end()
        return value

    def arguments(self, text: str) -> tuple[list[object], dict[str, object]]:
        """Values of a call's arguments, by place and by name.

        Raises:
            ValueError: as `evaluate`.
        """
        parser = _Parser(text, self.values)
        places, names = parser.call_arguments('')
        parser.expect_end()
        return places, names


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str, values: dict[str, object]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._values = values

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ''

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise ValueError(f'"{token}" was expected')

    def expect_end(self) -> None:
        if self._peek():
            raise ValueError(f'"{self._peek()}" was not expected')

    def sum(self) -> object:
        value = self._product()
        while self._peek() in ('+', '-'):
            sign = 1.0 if self._take() == '+' else -1.0
            value = _number(value) + sign * _number(self._product())
        return value

    def _product(self) -> object:
        value = self._factor()
        while self._peek() in ('*', '/'):
            if self._take() == '*':
                value = _number(value) * _number(self._factor())
            else:
                by = _number(self._factor())
                if by == 0.0:
                    raise ValueError('a division by 0')
                value = _number(value) / by
        return value

    def _factor(self) -> object:
        token = self._take()
        if token in ('-', '+'):
            value = _number(self._factor())
            return -value if token == '-' else value
        if token == '(':
            inner = self.sum()
            self._expect(')')
            return inner
        if token in ('[', 'p['):
            items = self._items(']')
            return items if token == '[' else _pose(items)
        return self._word(token)

    def _word(self, token: str) -> object:
        if token[:1] in ('"', "'"):
            return token[1:-1]
        if token[:1].isdigit() or token[:1] == '.':
            return float(token)
        if self._peek() == '(':
            self._take()
            places, _ = self.call_arguments(')')
            return _call(token, places)
        if token in _WORDS:
            return _WORDS[token]
        if token in self._values:
            return self._values[token]
        raise ValueError(f'"{token}" is not known')

    def _items(self, closing: str) -> list[object]:
        items: list[object] = []
        while self._peek() != closing:
            items.append(self.sum())
            if self._peek() != closing:
                self._expect(',')
        self._take()
        return items

    def call_arguments(self, closing: str) -> tuple[list[object], dict[str, object]]:
        """Arguments up to a closing token, which is taken; '' is the end of the text."""
        places: list[object] = []
        names: dict[str, object] = {}
        while self._peek() != closing:
            if self._at + 1 < len(self._tokens) and self._tokens[self._at + 1] == '=':
                name = self._take()
                self._take()
                names[name] = self.sum()
            else:
                places.append(self.sum())
            if self._peek() != closing:
                self._expect(',')
        if closing:
            self._take()
        return places, names


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f'"{text[at:].strip()[:20]}" is computed')
        tokens.append('p[' if found['pose'] else found[0].strip())
        at = found.end()
    return tokens


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, float) or not math.isfinite(value):
        raise ValueError(f'a number was expected, got {value!r}')
    return value


def _pose(items: list[object]) -> UrPose:
    if len(items) != 6:
        raise ValueError(f'a pose has 6 numbers, got {len(items)}')
    values = np.array([_number(item) for item in items])
    return UrPose(make_transform(values[:3], Rotation.from_rotvec(values[3:])))


def _call(name: str, places: list[object]) -> object:
    """The functions of which targets are made.

    Raises:
        ValueError: another function, or arguments that it does not take.
    """
    if name in ('d2r', 'r2d') and len(places) == 1:
        factor = math.pi / 180.0 if name == 'd2r' else 180.0 / math.pi
        return factor * _number(places[0])
    if name == 'get_inverse_kin' and places and isinstance(places[0], UrPose):
        return places[0]  # a joint move to the robot joints of a pose ends at the pose
    poses = [place.matrix for place in places if isinstance(place, UrPose)]
    if name == 'pose_trans' and len(poses) == len(places) == 2:
        return UrPose(poses[0] @ poses[1])
    if name == 'pose_add' and len(poses) == len(places) == 2:
        turn = Rotation.from_matrix(poses[0][:3, :3]) * Rotation.from_matrix(poses[1][:3, :3])
        return UrPose(make_transform(poses[0][:3, 3] + poses[1][:3, 3], turn))
    raise ValueError(f'{name}(...) is computed')
