"""The correction of the tool's path over time, continuous in position, speed and acceleration."""

from collections.abc import Callable

import numpy as np
from scipy.interpolate import BPoly

from weld_cell.geometry.hermite import hermite_curve
from weld_cell.records import FloatArray
from weld_cell.tracking.settings import TrackingSettings

_DIFFERENCE_S = 0.01

Wanted = Callable[[FloatArray], FloatArray]
"""Corrections (n, 2) to the left and out of the joint, in metres, that are wanted at times (n,) in seconds."""


class Course:
    """The correction that the robot was told, as a function of time.

    Args:
        settings: Of the stage.
    """

    def __init__(self, settings: TrackingSettings) -> None:
        self._settings = settings
        self._bridge: BPoly | None = None
        self._wanted: Wanted = lambda times_s: np.zeros((len(times_s), 2))

    def at(self, times_s: FloatArray) -> FloatArray:
        """(n, 2) correction to the left and out of the joint at times (n,), in metres."""
        if self._bridge is None:
            return self._wanted(times_s)
        start_s, join_s = self._bridge.x[[0, -1]]
        bridged = self._bridge(np.clip(times_s, start_s, join_s))
        return np.where(times_s[:, None] <= join_s, bridged, self._wanted(np.maximum(times_s, join_s)))

    def lead(self, from_s: float, wanted: Wanted) -> None:
        """From a time on, go over to what is wanted, in the takeover time or as fast as the greatest rate allows."""
        state, takeover_s = self._state(from_s), self._settings.takeover_s
        join_s, rate = from_s + takeover_s, 1e-3 * self._settings.max_rate_mm_s
        furthest = 0.5 * takeover_s * np.maximum(0.0, rate + np.array([[-1.0], [1.0]]) * state[1])
        joined = state[0] + np.clip(wanted(np.array([join_s]))[0] - state[0], -furthest[0], furthest[1])

        def bounded(times_s: FloatArray) -> FloatArray:
            reach = rate * np.maximum(0.0, times_s - join_s)[:, None]
            return np.asarray(joined + np.clip(wanted(times_s) - joined, -reach, reach))

        goal = _derivatives(bounded, join_s)
        self._bridge = hermite_curve(np.array([from_s, join_s]), np.stack([state, goal]))
        self._wanted = bounded

    def _state(self, time_s: float) -> FloatArray:
        """(3, 2) correction, its speed and its acceleration at a time."""
        if self._bridge is None or time_s >= self._bridge.x[-1]:
            return _derivatives(self._wanted, time_s)
        return np.stack([self._bridge(time_s, order) for order in range(3)])


def _derivatives(wanted: Wanted, time_s: float) -> FloatArray:
    """(3, 2) what is wanted at a time, with its first and second derivative, by differences forwards."""
    now, next_, later = wanted(time_s + _DIFFERENCE_S * np.arange(3.0))
    speed = (2.0 * next_ - 1.5 * now - 0.5 * later) / _DIFFERENCE_S
    return np.stack([now, speed, (now - 2.0 * next_ + later) / _DIFFERENCE_S**2])
