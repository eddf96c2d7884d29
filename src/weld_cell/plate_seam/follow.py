"""Line following in the evidence, from its maxima in both directions, across short interruptions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.plate_seam.evidence import TURNS, Evidence
from weld_cell.records import BoolArray, FloatArray, ImageArray

Float32Array = NDArray[np.float32]
_STEP_PX = 2.0
_SEED, _FLOOR = 0.25, 0.1  # evidence at which a line is begun, and followed
_BACK = 20  # steps over which a line's direction is taken
_MOST_TRIES = 80
_TAKEN_PX = 4
_REACH_PX, _SPREAD = 1.6, 0.09  # how far beside the way it is looked for, and how that grows with each hidden pixel
_MOST_TURN_RAD = 0.32
_MOVE_COST = 0.02


@dataclass(frozen=True, eq=False)
class Line:
    """A line that was followed, in pixels of the region.

    Attributes:
        points: (n, 2) u, v in order where there is evidence.
        support: Sum of the evidence along it, per pixel of the region.
    """

    points: FloatArray
    support: float


def follow_lines(evidence: Evidence, seeds: BoolArray, most: int, hidden_px: float, least_px: float) -> list[Line]:
    """The lines with the most support, best first.

    Args:
        evidence: At one size of the region.
        seeds: (h, w) where a line may begin.
        most: Lines.
        hidden_px: Longest stretch without evidence, in pixels of the region.
        least_px: Shortest line, likewise.
    """
    open_places = np.where(seeds, evidence.strength, np.float32(0.0))
    lines: list[Line] = []
    for _ in range(_MOST_TRIES):
        v, u = np.unravel_index(int(open_places.argmax()), open_places.shape)
        if open_places[v, u] < _SEED or len(lines) >= 3 * most:
            break
        points = _both_ways(evidence, float(u), float(v), hidden_px / evidence.factor)
        _take(open_places, points)
        open_places[v, u] = 0.0
        if len(points) >= 3 and np.linalg.norm(np.ptp(points[:, :2], axis=0)) * evidence.factor >= least_px:
            support = _STEP_PX * evidence.factor * float(points[:, 2].sum())
            lines.append(Line(evidence.to_region(points[:, :2]), support))
    return sorted(lines, key=lambda line: -line.support)[:most]


def _both_ways(evidence: Evidence, u: float, v: float, hidden_px: float) -> FloatArray:
    """(n, 3) u, v and evidence of a line through a pixel."""
    heading = np.pi * float(evidence.turn[int(v), int(u)]) / TURNS
    ways = []
    for turn in (heading, heading + np.pi):
        points = np.empty((int(np.hypot(*evidence.strength.shape) * 2.0) + 8, 3))
        points[0] = u, v, evidence.strength[int(v), int(u)]
        count = _walk(evidence.strength, evidence.turn, turn, hidden_px, points)
        ways.append(points[:count])
    both = np.concatenate([ways[1][:0:-1], ways[0]])
    return both[both[:, 2] > 0.0]


@compiled('void(float32[:, ::1], float64[:, ::1])')
def _take(open_places: Float32Array, points: FloatArray) -> None:
    """No other line begins on this one."""
    height, width = open_places.shape
    for i in range(len(points)):
        u, v = int(np.round(points[i, 0])), int(np.round(points[i, 1]))
        for row in range(max(v - _TAKEN_PX, 0), min(v + _TAKEN_PX + 1, height)):
            for column in range(max(u - _TAKEN_PX, 0), min(u + _TAKEN_PX + 1, width)):
                open_places[row, column] = 0.0


@compiled('float64(float64[:, ::1], int64, float64)')
def _heading(points: FloatArray, count: int, before: float) -> float:
    """Direction of the last steps; that of before, as long as there are few."""
    back = max(count - 1 - _BACK, 0)
    du, dv = points[count - 1, 0] - points[back, 0], points[count - 1, 1] - points[back, 1]
    return np.arctan2(dv, du) if np.hypot(du, dv) >= 0.25 * _BACK * _STEP_PX else before


@compiled('float64(float32[:, ::1], uint8[:, ::1], float64, float64[::1], float64)')
def _beside(strength: Float32Array, turns: ImageArray, heading: float, place: FloatArray, hidden: float) -> float:
    """Move a place (2,) across the way to where the evidence is greatest that runs along it; that evidence or 0."""
    height, width = strength.shape
    along_u, along_v, u0, v0 = np.cos(heading), np.sin(heading), place[0], place[1]
    best, found = 0.0, 0.0
    reach = int(np.ceil(_REACH_PX + _SPREAD * hidden))
    for k in range(-reach, reach + 1):
        u, v = u0 - k * along_v, v0 + k * along_u
        column, row = int(np.round(u)), int(np.round(v))
        if row < 0 or row >= height or column < 0 or column >= width:
            continue
        away = np.abs(np.pi * turns[row, column] / TURNS - heading) % np.pi
        value = strength[row, column] - _MOVE_COST * abs(k)
        if min(away, np.pi - away) <= _MOST_TURN_RAD and strength[row, column] >= _FLOOR and value > best:
            best, found = value, strength[row, column]
            place[0], place[1] = u, v
    return found


@compiled('int64(float32[:, ::1], uint8[:, ::1], float64, float64, float64[:, ::1])')
def _walk(strength: Float32Array, turns: ImageArray, heading: float, hidden_px: float, points: FloatArray) -> int:
    """Fill in points from the first one on, evidence 0 where there is none; says how many count."""
    height, width = strength.shape
    count, last, hidden, place = 1, 1, 0.0, np.empty(2)
    while count < len(points) and hidden <= hidden_px:
        heading = _heading(points, count, heading)
        place[0] = points[count - 1, 0] + _STEP_PX * np.cos(heading)
        place[1] = points[count - 1, 1] + _STEP_PX * np.sin(heading)
        if not (0.0 <= place[0] <= width - 1.0 and 0.0 <= place[1] <= height - 1.0):
            break
        found = _beside(strength, turns, heading, place, hidden)
        points[count, 0], points[count, 1], points[count, 2] = place[0], place[1], found
        count += 1
        hidden = 0.0 if found > 0.0 else hidden + _STEP_PX
        if found > 0.0:
            last = count
    return last
