"""Division of a recording into sweeps of the sensor over the workpiece, by the poses of its images.

A recording from launch on holds more than the scan: the way to the workpiece, the search, the way back, the weld.
Each of them is a sweep: the sensor goes on in about one direction, whether or not it rests meanwhile.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from weld_cell.geometry.transforms import unit
from weld_cell.records import FloatArray

REST_M = 2e-4
"""A sensor that is no further from where it was rests."""
TURN_M = 5e-3
"""So far beside or behind the foremost place a sensor has turned."""
DIRECTION_M = 10e-3
"""Of the way behind the sensor whose direction counts."""
RISE_M, LEVEL_IMAGES, RISEN_IMAGES = 8e-3, 9, 3
"""Plates stand so far above the table, at least; by that many images the table is known, and the plates are."""
MOST_OPEN = 100
"""Items that are kept back at most: a sensor that rests a little beside its way goes on with it."""
AHEAD_COS = float(np.cos(np.radians(45.0)))

T = TypeVar('T')


@dataclass
class SweepDivider(Generic[T]):
    """Divides items that come in order, each with the place of the sensor's focus.

    Whether the sensor has turned shows only after some millimetres; until then items are kept back, so that the first
    ones of a sweep are counted to it.

    Attributes:
        number: Of the sweep under way, from 0.
    """

    number: int = 0
    _way: deque[FloatArray] = field(default_factory=deque)
    _open: list[tuple[T, FloatArray]] = field(default_factory=list)

    def put(self, item: T, focus_m: FloatArray, paused: bool = False) -> list[tuple[int, T]]:
        """The next item; those of which the sweep is known by now, in order, each with its number.

        Args:
            item: Anything.
            focus_m: (3,) where the sensor looks, in base_link.
            paused: No images came for a while before it; a sensor that is elsewhere by then begins a new sweep.
        """
        if paused and self._way and not self._lies_ahead(focus_m):
            before = self._close()
            self.number += 1
            self._way.clear()
            return before + self.put(item, focus_m)
        self._open.append((item, focus_m))
        if not self._way:
            self._way.append(focus_m)
            return self._close()
        step = focus_m - self._way[-1]
        distance_m = float(np.linalg.norm(step))
        if distance_m <= REST_M:
            return self._close() if len(self._open) == 1 else []
        if self._goes_on(step, distance_m):
            self._advance(focus_m)
            return self._close()
        if distance_m > TURN_M:
            return self._turn()
        return self._close() if len(self._open) > MOST_OPEN else []

    def flush(self) -> list[tuple[int, T]]:
        """At the end: the items that were kept back."""
        return self._close()

    def _lies_ahead(self, focus_m: FloatArray) -> bool:
        """Whether a sensor that went on as before may have come there."""
        step, behind = focus_m - self._way[-1], self._way[-1] - self._way[0]
        if np.linalg.norm(behind) <= TURN_M:
            return float(np.linalg.norm(step)) <= TURN_M
        direction = unit(behind)
        along_m = float(step @ direction)
        return along_m >= -TURN_M and float(np.linalg.norm(step - along_m * direction)) <= TURN_M

    def _goes_on(self, step: FloatArray, distance_m: float) -> bool:
        behind = self._way[-1] - self._way[0]
        if np.linalg.norm(behind) <= TURN_M:
            return True  # no direction yet
        return float(step @ unit(behind)) > AHEAD_COS * distance_m

    def _advance(self, focus_m: FloatArray) -> None:
        self._way.append(focus_m)
        while len(self._way) > 2 and np.linalg.norm(focus_m - self._way[1]) > DIRECTION_M:
            self._way.popleft()

    def _turn(self) -> list[tuple[int, T]]:
        """The kept ones begin a new sweep, from where the sensor turned."""
        self.number += 1
        corner = self._way[-1]
        self._way = deque([corner])
        self._advance(self._open[-1][1])
        return self._close()

    def _close(self) -> list[tuple[int, T]]:
        closed = [(self.number, item) for item, _ in self._open]
        self._open.clear()
        return closed


@dataclass
class RiseWatch:
    """Detects when a sweep comes from the table onto the plates: what the sensor sees comes nearer at once.

    Attributes:
        level_m: Depths of the last images of which it did not.
        risen: Images in a row of which it did.
    """

    level_m: deque[float] = field(default_factory=lambda: deque(maxlen=LEVEL_IMAGES))
    risen: int = 0

    def update(self, depth_m: float) -> bool:
        """Whether the plates have come into view with an image.

        Args:
            depth_m: Of the middle of its profile in the optical frame.
        """
        rises = len(self.level_m) == LEVEL_IMAGES and depth_m < float(np.median(self.level_m)) - RISE_M
        self.risen = self.risen + 1 if rises else 0
        if not rises:
            self.level_m.append(depth_m)
        return self.risen >= RISEN_IMAGES
