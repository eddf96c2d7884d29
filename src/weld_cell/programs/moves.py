"""A planned tool path as the fewest linear and circular moves within a tolerance.

Moves end at planned poses. From each end the longest move that keeps every planned pose within the tolerance is
taken, a line or an arc of a circle; a bisection finds its length.

Controllers turn the tool along an arc in two ways: from start to end about one fixed axis, or in step with the
direction of travel. An arc is taken only where both keep the tolerance, so a program means one path on all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.records import FloatArray, MoveKind

LEAST_SWEEP_RAD, LARGEST_SWEEP_RAD = np.deg2rad(4.0), np.deg2rad(150.0)
"""Controllers refuse circles whose points nearly coincide; half a turn and more has no shortest way."""

LARGEST_RADIUS_M = 20.0
GROWTH = 1.5
"""From one end that is tried to the next."""

_LEAST_LENGTH_M = 1e-6
_LEAST_POSES = 5
"""Fewer planned poses do not tell an arc."""


@dataclass(frozen=True)
class FittedMove:
    """A move through planned poses.

    Attributes:
        kind: Linear or circular.
        start: Index of the planned pose where it begins.
        end: Index of that where it ends.
        via: Index of that in the middle of a circular move; of a linear one the end.
    """

    kind: MoveKind
    start: int
    end: int
    via: int


@dataclass(frozen=True)
class Tolerance:
    """Largest deviation of a planned pose: metres and radians."""

    position_m: float
    angle_rad: float


@dataclass(frozen=True, eq=False)
class _Path:
    """Planned positions (n, 3) and orientations (n)."""

    points: FloatArray
    rotations: Rotation

    @classmethod
    def of(cls, poses: FloatArray) -> '_Path':
        return cls(poses[:, :3, 3], Rotation.from_matrix(poses[:, :3, :3]))


def fit_moves(poses: FloatArray, tolerance: Tolerance) -> list[FittedMove]:
    """Moves along planned poses, from the first to the last.

    Args:
        poses: (n, 4, 4) dense along a smooth path, n >= 2.
        tolerance: What every planned pose keeps.

    Raises:
        ValueError: fewer than 2 poses, or they do not move.
    """
    if len(poses) < 2 or np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1).sum() < _LEAST_LENGTH_M:
        raise ValueError(f'expected at least 2 tool poses that lead on, got {len(poses)}')
    path, moves, start = _Path.of(poses), [], 0
    while start < len(poses) - 1:
        moves.append(_longest(path, start, tolerance))
        start = moves[-1].end
    return moves


def deviations(poses: FloatArray, moves: list[FittedMove]) -> tuple[FloatArray, FloatArray]:
    """How far each planned pose (n, 4, 4) lies from its move: metres (n,) and radians (n,)."""
    path = _Path.of(poses)
    away, turned = np.zeros(len(poses)), np.zeros(len(poses))
    for move in moves:
        part, found = slice(move.start, move.end + 1), _beside(path, move)
        if found is None:
            raise ValueError(f'no controller moves through the poses {move.start}, {move.via}, {move.end}')
        away[part] = np.maximum(away[part], found.away_m)
        turned[part] = np.maximum(turned[part], _turned(path, move, found))
    return away, turned


def _longest(path: _Path, start: int, tolerance: Tolerance) -> FittedMove:
    line = _reach(path, start, tolerance, lambda end: FittedMove(MoveKind.LINEAR, start, end, end))
    arc = _reach(
        path, start, tolerance, lambda end: FittedMove(MoveKind.CIRCULAR, start, end, _middle(path, start, end))
    )
    if arc is not None and (line is None or arc.end > line.end):
        return arc
    return line or FittedMove(MoveKind.LINEAR, start, start + 1, start + 1)


def _reach(path: _Path, start: int, tolerance: Tolerance, make: Callable[[int], FittedMove]) -> FittedMove | None:
    """The longest move of a kind from a start that keeps the tolerance; None without.

    Ends further and further away are tried; short arcs are none, so a failure before the first success ends nothing.
    Between the last success and the failure after it the end is found by bisection.
    """
    last, count = len(path.points) - 1, 1
    good, bad = None, last + 1
    while True:
        end = min(start + count, last)
        move = make(end)
        if _keeps(path, move, tolerance):
            good = move
        elif good is not None:
            bad = end
        if end in (last, bad):
            break
        count = int(np.ceil(GROWTH * count))
    if good is None:
        return None
    while bad - good.end > 1:
        middle = (good.end + bad) // 2
        move = make(middle)
        if _keeps(path, move, tolerance):
            good = move
        else:
            bad = middle
    return good


def _keeps(path: _Path, move: FittedMove, tolerance: Tolerance) -> bool:
    found = _beside(path, move)
    if found is None or found.away_m.max() > tolerance.position_m:
        return False
    return bool(_turned(path, move, found).max() <= tolerance.angle_rad)


def _middle(path: _Path, start: int, end: int) -> int:
    """The planned pose nearest to half of the way between two."""
    steps = np.linalg.norm(np.diff(path.points[start : end + 1], axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    return start + int(np.abs(along - 0.5 * along[-1]).argmin())


@dataclass(frozen=True, eq=False)
class _Beside:
    """Planned poses along a move: metres from it (n,), share of its way (n,), and the circle of an arc."""

    away_m: FloatArray
    share: FloatArray
    circle: 'Circle | None' = None


def _beside(path: _Path, move: FittedMove) -> _Beside | None:
    """Where the planned poses lie along a move; None where there is no such move."""
    points = path.points[move.start : move.end + 1]
    found = _beside_line(points) if move.kind is MoveKind.LINEAR else _beside_arc(points, path.points[move.via])
    return None if found is None or np.diff(found.share).min() < 0.0 else found  # the path turns back


def _beside_line(points: FloatArray) -> _Beside | None:
    chord = points[-1] - points[0]
    length = float(np.linalg.norm(chord))
    if length < _LEAST_LENGTH_M:
        return None
    share = np.clip((points - points[0]) @ chord / length**2, 0.0, 1.0)
    return _Beside(np.linalg.norm(points - points[0] - share[:, None] * chord, axis=1), share)


def _beside_arc(points: FloatArray, via: FloatArray) -> _Beside | None:
    circle = circle_through(points[0], via, points[-1]) if len(points) >= _LEAST_POSES else None
    if circle is None:
        return None
    offsets = points - circle.centre
    angles = np.unwrap(np.arctan2(offsets @ circle.y, offsets @ circle.x))
    share = (angles - angles[0]) / circle.sweep_rad
    if not np.isclose(share[-1], 1.0, atol=1e-6):
        return None
    return _Beside(np.linalg.norm(points - circle.at(share), axis=1), share, circle)


def _turned(path: _Path, move: FittedMove, found: _Beside) -> FloatArray:
    """Radians (n,) of the planned orientations from those of the move; of an arc the worse of both ways."""
    shortest = _turned_from_shortest(path, move, found.share)
    if found.circle is None:
        return shortest
    return np.maximum(shortest, _turned_from_travel(path, move, found.share, found.circle))


def _turned_from_shortest(path: _Path, move: FittedMove, share: FloatArray) -> FloatArray:
    """Radians between the planned orientations and the turn about one axis from start to end."""
    planned = path.rotations[move.start : move.end + 1]
    whole = (planned[0].inv() * planned[-1]).as_rotvec()
    return _angles((planned[0] * Rotation.from_rotvec(share[:, None] * whole)).inv() * planned)


def _turned_from_travel(path: _Path, move: FittedMove, share: FloatArray, circle: 'Circle') -> FloatArray:
    """The same, where the turn is told in the frame that goes along the circle."""
    planned = path.rotations[move.start : move.end + 1]
    along = Rotation.from_rotvec(circle.sweep_rad * share[:, None] * circle.axis)
    inside = along.inv() * planned
    whole = (inside[0].inv() * inside[-1]).as_rotvec()
    return _angles((inside[0] * Rotation.from_rotvec(share[:, None] * whole)).inv() * inside)


def _angles(rotations: Rotation) -> FloatArray:
    return np.atleast_1d(rotations.magnitude())


@dataclass(frozen=True, eq=False)
class Circle:
    """An arc of a circle.

    Attributes:
        centre: (3,) metres.
        x: (3,) unit vector from the centre to the start.
        y: (3,) unit vector of the travel at the start.
        radius_m: Its radius.
        sweep_rad: Angle from start to end, positive.
    """

    centre: FloatArray
    x: FloatArray
    y: FloatArray
    radius_m: float
    sweep_rad: float

    @property
    def axis(self) -> FloatArray:
        """(3,) unit vector about which the travel turns."""
        return np.cross(self.x, self.y)

    def at(self, share: FloatArray) -> FloatArray:
        """(n, 3) places at shares (n,) of the way."""
        angle = self.sweep_rad * share[:, None]
        places: FloatArray = self.centre + self.radius_m * (np.cos(angle) * self.x + np.sin(angle) * self.y)
        return places


def circle_through(start: FloatArray, via: FloatArray, end: FloatArray) -> Circle | None:
    """The arc from a start (3,) through a second to an end, or None where controllers take none."""
    a, b = via - start, end - start
    normal = np.cross(a, b)
    square = float(normal @ normal)
    if square < 1e-24:
        return None
    centre = start + np.cross((a @ a) * b - (b @ b) * a, normal) / (2.0 * square)
    radius = float(np.linalg.norm(start - centre))
    if radius > LARGEST_RADIUS_M:
        return None
    x = (start - centre) / radius
    y = np.cross(normal / np.sqrt(square), x)
    out = end - centre
    sweep = float(np.arctan2(out @ y, out @ x)) % (2.0 * np.pi)
    return Circle(centre, x, y, radius, sweep) if LEAST_SWEEP_RAD <= sweep <= LARGEST_SWEEP_RAD else None
