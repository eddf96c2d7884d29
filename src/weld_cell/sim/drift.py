"""A workpiece that moves while it is welded: thermal drift, a clamp that slips, a bend or a root gap that opens.

All in the frame workpiece. A place of the seam is moved by a shift across the seam and up; neighbours of the place
go with it as a rigid body, which is exact for the first two and, over the few millimetres that a sensor sees, for a
bend as well.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.random import Generator, SeedSequence

from weld_cell.geometry.transforms import make_transform, rotation_matrix
from weld_cell.records import FloatArray
from weld_cell.sim.dials import Dials, dial

FULL_SHIFT_M = 3.0e-3
"""Of a dial at 1."""
FASTEST_M_S = 1.0e-3
_SMOOTH_PEAK = 1.5  # of the speed of 3 u^2 - 2 u^3, in parts of the mean
_OPEN_BY = 0.3  # of the time of the weld: by then a gap has opened, ahead of the tool


@dataclass(frozen=True)
class DriftDials(Dials):
    """One dial for each way in which a workpiece moves; at 1 it comes to 3 mm, at up to 1 mm/s."""

    thermal: float = dial('Heat: the part creeps away, fast at first, a little more at one end.')
    slip: float = dial('A clamp slips: at some moment the part gives way, most at that clamp.')
    bend: float = dial('A bend opens: the seam straightens away from the end where it is held.')


@dataclass(frozen=True, eq=False)
class _Shift:
    """One motion: how far (2,) across and up at most, its share of it by time and by place along the seam."""

    most_m: FloatArray
    starts_s: float
    lasts_s: float
    creeps: bool
    shape: tuple[float, float, float]  # of the place from 0 to 1: constant, linear, square

    def at(self, time_s: float, place: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shifts (n, 2) at places (n,) from 0 to 1, and their change with the place."""
        share, (a, b, c) = self._share(time_s), self.shape
        moved = share * np.outer(a + b * place + c * place**2, self.most_m)
        return moved, share * np.outer(b + 2.0 * c * place, self.most_m)

    def _share(self, time_s: float) -> float:
        u = max(0.0, (time_s - self.starts_s) / self.lasts_s)
        if self.creeps:
            return float(1.0 - np.exp(-u))
        return float(3.0 * min(u, 1.0) ** 2 - 2.0 * min(u, 1.0) ** 3)


KINDS = tuple(field.name for field in fields(DriftDials))
_SPLIT = 3  # of the seed of a simulated cell


def drift_of_cell(
    kind: str, most_mm: float, seed: int, length_m: float, weld_s: float, opens_mm: float = 0.0
) -> 'WorkpieceDrift':
    """How the workpiece of a simulated cell moves: the same for the node that renders it and for who knows its truth.

    Args:
        kind: One of `KINDS`; anything else: it does not move.
        most_mm: How far, up to 3 mm.
        seed: Of the cell.
        length_m: Of the seam.
        weld_s: About how long its weld takes.
        opens_mm: By how much the root gap becomes wider at the end of the seam.
    """
    dials = DriftDials(**{kind: 1e-3 * most_mm / FULL_SHIFT_M}) if kind in KINDS else DriftDials()
    rng = np.random.default_rng(SeedSequence(seed, spawn_key=(_SPLIT,)))
    return WorkpieceDrift(dials, rng, length_m, weld_s, 1e-3 * opens_mm)


class WorkpieceDrift:
    """Where the workpiece has moved to.

    Args:
        dials: How far.
        rng: Draws directions, moments, speeds and the end that is held.
        length_m: Of the seam.
        weld_s: About how long its weld takes: a clamp slips within that.
        opens_m: By how much the root gap becomes wider at the end of the seam, as the plates give way to the heat; in
            proportion before it. The seam lies in the middle of the gap all the while.
    """

    def __init__(
        self, dials: DriftDials, rng: Generator, length_m: float, weld_s: float, opens_m: float = 0.0
    ) -> None:
        self._length_m, self._opens_m, self._opened_by_s = length_m, opens_m, _OPEN_BY * weld_s
        thermal, slip, bend = (FULL_SHIFT_M * share for share in (dials.thermal, dials.slip, dials.bend))
        tilt, held = rng.uniform(-0.2, 0.2), bool(rng.random() < 0.5)
        shifts = [
            _Shift(_across(rng, thermal), 0.0, _creep_s(rng, thermal), True, (1.0 - abs(tilt), tilt, 0.0)),
            _Shift(
                _across(rng, slip),
                rng.uniform(0.15, 0.7) * weld_s,
                _SMOOTH_PEAK * _creep_s(rng, slip, 1.5),
                False,
                (0.5, 0.5, 0.0) if held else (1.0, -0.5, 0.0),
            ),
            _Shift(
                _across(rng, bend),
                0.0,
                _creep_s(rng, bend),
                True,
                (0.0, 0.0, 1.0) if held else (1.0, -2.0, 1.0),
            ),
        ]
        self._shifts = [shift for shift in shifts if shift.most_m.any()]

    def shifts(self, time_s: float, s_m: FloatArray) -> FloatArray:
        """(n, 3) by how much places of the seam, by arc length (n,), have moved at a time since the weld began."""
        moved, place = np.zeros((len(s_m), 3)), self._place(s_m)
        for shift in self._shifts:
            moved[:, 1:] += shift.at(time_s, place)[0]
        return moved

    def moved(self, time_s: float, s_m: float, pivot_m: FloatArray) -> FloatArray:
        """(4, 4) from where the neighbourhood of a place lay to where it lies, both in frame workpiece.

        Args:
            time_s: Since the weld began.
            s_m: Arc length of the place.
            pivot_m: (3,) the place itself.
        """
        place = self._place(np.array([s_m]))
        rows = [shift.at(time_s, place) for shift in self._shifts]
        across, up = sum((moved[0] for moved, _ in rows), np.zeros(2))
        yaw, climb = sum((slope[0] for _, slope in rows), np.zeros(2)) / self._length_m
        turn = rotation_matrix(np.array([0.0, -climb, yaw]))
        return make_transform(pivot_m + np.array([0.0, across, up]) - turn @ pivot_m, turn)

    def opened_m(self, time_s: float, s_m: float) -> float:
        """By how much the root gap is wider at a place, by arc length, at a time since the weld began."""
        u = float(np.clip(time_s / self._opened_by_s, 0.0, 1.0))
        return self._opens_m * (3.0 * u**2 - 2.0 * u**3) * float(self._place(np.array([s_m]))[0])

    def _place(self, s_m: FloatArray) -> FloatArray:
        return np.clip(s_m / self._length_m, 0.0, 1.0)


def _across(rng: Generator, most_m: float) -> FloatArray:
    """(2,) across and up: mostly across, as plates lie on something."""
    angle = rng.uniform(-0.7, 0.7) + (np.pi if rng.random() < 0.5 else 0.0)
    return most_m * np.array([np.cos(angle), np.sin(angle)])


def _creep_s(rng: Generator, most_m: float, slowest: float = 3.0) -> float:
    """Seconds that a shift takes so that it is nowhere faster than allowed."""
    return max(most_m, 1e-6) / FASTEST_M_S * float(rng.uniform(1.0, slowest))
