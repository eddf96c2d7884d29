"""Stretches of the stripe that something in the cell (a clamp, a cable, dirt on the window) hides from the laser."""

import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray

_FIELD_HALF_M = 0.033
_DRIFT_M = 0.006
_LEAST_HALF_WIDTH_M = 0.5e-3
_GREATEST_GROWTH_M = 3.0e-3  # of the half width, at full dial


class Shadows:
    """Up to four shadows that drift slowly to and fro across the stripe.

    Their edges are soft, as the laser's outlet has a width: what hides it stands far above the plates.

    Args:
        dial: How many and how wide, 0 to 1.
        rng: Where they are drawn from.
    """

    def __init__(self, dial: float, rng: Generator) -> None:
        count = int(np.ceil(4 * dial))
        self._centres_m = rng.uniform(-_FIELD_HALF_M, _FIELD_HALF_M, count)
        self._half_widths_m = _LEAST_HALF_WIDTH_M + dial * rng.uniform(0.0, _GREATEST_GROWTH_M, count)
        self._edges_m = rng.uniform(0.3e-3, 1.0e-3, count)
        self._phases = rng.uniform(0, 2 * np.pi, count)
        self._periods_s = rng.uniform(2.0, 8.0, count)

    def transmission(self, across_m: FloatArray, time_s: float) -> FloatArray:
        """Part of the light (n,), 0 to 1, that reaches places across the stripe."""
        centres = self._centres_m + _DRIFT_M * np.sin(2 * np.pi * time_s / self._periods_s + self._phases)
        from_edge = np.abs(across_m[:, None] - centres) - self._half_widths_m
        passed: FloatArray = np.clip(from_edge / self._edges_m + 0.5, 0.0, 1.0).min(axis=1, initial=1.0)
        return passed
