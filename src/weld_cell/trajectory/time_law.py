"""Smooth change of the speed at which a planned motion is executed."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from weld_cell.records import FloatArray

_MAX_STEPS, _NEAR_S = 30, 1e-9


class PlannedTime(Protocol):
    """Which planned time belongs to which time since the motion began."""

    def at(self, times_s: FloatArray) -> FloatArray:
        """(n,) planned times at times (n,)."""

    def when(self, planned_s: float) -> float:
        """The time at which a planned time comes."""


@dataclass(frozen=True)
class TimeLaw:
    """Planned time over time: at one rate, then a rise to another, then back to 1 before a planned time.

    Attributes:
        from_s: Time at which the change begins.
        planned_s: Planned time there.
        before: Rate until then.
        rate: Rate after it.
        rise_s: Time of the change, in which the rate follows 3 u^2 - 2 u^3.
        release_s: Planned time at which the rate begins to go back to 1; infinite where it is 1 anyway.
    """

    from_s: float = 0.0
    planned_s: float = 0.0
    before: float = 1.0
    rate: float = 1.0
    rise_s: float = 0.3
    release_s: float = np.inf

    def at(self, times_s: FloatArray) -> FloatArray:
        """(n,) planned times at times (n,)."""
        since = times_s - self.from_s
        planned = self.planned_s + self.before * since + (self.rate - self.before) * _ramp_area(since, self.rise_s)
        if self.rate != 1.0:
            planned = planned + (1.0 - self.rate) * _ramp_area(times_s - self._release_at_s, self.rise_s)
        return np.asarray(planned)

    def rates(self, times_s: FloatArray) -> FloatArray:
        """(n,) planned seconds a second at times (n,)."""
        u, back = (np.clip((times_s - since) / self.rise_s, 0.0, 1.0) for since in (self.from_s, self._release_at_s))
        changes = (self.rate - self.before) * _smooth(u) + (1.0 - self.rate) * _smooth(back)
        return np.asarray(self.before + changes)

    def when(self, planned_s: float) -> float:
        """The time at which a planned time comes."""
        time_s = self.from_s + (planned_s - self.planned_s) / self.before
        for _ in range(_MAX_STEPS):
            at = np.array([time_s])
            step = float(((planned_s - self.at(at)) / self.rates(at))[0])
            time_s += step
            if abs(step) < _NEAR_S:
                break
        return time_s

    @property
    def _release_at_s(self) -> float:
        """When the rate begins to go back to 1: once the rise is over."""
        risen = self.planned_s + 0.5 * self.rise_s * (self.before + self.rate)
        return self.from_s + self.rise_s + max(0.0, self.release_s - risen) / self.rate


class PlaceLaw:
    """Planned time over time, with a rate that depends on the planned time, and thus on the place.

    Two laws whose rates agree up to a planned time agree in time up to it: the rest may change during the motion.

    Args:
        planned_s: (n,) ascending planned times. Before and after them the rate is 1; a step of the rate at the first
            and the last one is permitted where the motion rests.
        rates: (n,) planned seconds a second there, positive.
    """

    def __init__(self, planned_s: FloatArray, rates: FloatArray) -> None:
        pace = 1.0 / rates
        steps = 0.5 * (pace[1:] + pace[:-1]) * np.diff(planned_s)
        times_s = planned_s[0] + np.concatenate([[0.0], np.cumsum(steps)])
        self._planned_s, self._times_s = planned_s[[0, -1]], times_s[[0, -1]]
        self._planned = CubicHermiteSpline(times_s, planned_s, rates)
        self._times = CubicHermiteSpline(planned_s, times_s, pace)

    def at(self, times_s: FloatArray) -> FloatArray:
        """(n,) planned times at times (n,)."""
        inside = np.clip(times_s, *self._times_s)
        return np.asarray(self._planned(inside) + times_s - inside)

    def when(self, planned_s: float) -> float:
        """The time at which a planned time comes."""
        inside = float(np.clip(planned_s, *self._planned_s))
        return float(self._times(inside)) + planned_s - inside


def _smooth(u: FloatArray) -> FloatArray:
    return np.asarray(3.0 * u**2 - 2.0 * u**3)


def _ramp_area(since_s: FloatArray, rise_s: float) -> FloatArray:
    """(n,) integral over time of a rise from 0 to 1 that begins at 0."""
    u = np.clip(since_s / rise_s, 0.0, 1.0)
    return np.asarray(rise_s * (u**3 - 0.5 * u**4) + np.maximum(0.0, since_s - rise_s))
