"""Stretches of the stripe that something in the cell (a clamp, a cable, dirt on the window) hides from the laser."""

import numpy as np
from numpy.random import Generator

from weld_cell.records import BoolArray, FloatArray

_FIELD_HALF_M = 0.033
_DRIFT_M = 0.006


class Shadows:
    """Up to four shadows that drift slowly to and fro across the stripe.

    Args:
        dial: How many and how wide, 0 to 1.
        rng: Where they are drawn from.
    """

    def __init__(self, dial: float, rng: Generator) -> None:
        count = int(np.ceil(4 * dial))
        self._centres_m = rng.uniform(-_FIELD_HALF_M, _FIELD_HALF_M, count)
        self._half_widths_m = rng.uniform(0.2e-3, 0.4e-3 + 2.0e-3 * dial, count)
        self._phases = rng.uniform(0, 2 * np.pi, count)
        self._periods_s = rng.uniform(2.0, 8.0, count)

    def falls_on(self, across_m: FloatArray, time_s: float) -> BoolArray:
        """Which places (n,) across the stripe are in the shadow."""
        centres = self._centres_m + _DRIFT_M * np.sin(2 * np.pi * time_s / self._periods_s + self._phases)
        inside = np.abs(across_m[:, None] - centres) < self._half_widths_m
        return np.asarray(inside.any(axis=1))
