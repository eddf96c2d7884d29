"""The time in a bag while it is played: it runs at a rate, pauses, and jumps."""

import time
from threading import Condition, Event

_STOP_CHECK_S = 0.1


class PlayerClock:
    """The time in a bag, for several threads; lateness never adds up.

    Args:
        bag_ns: The time that it shows first.
        rate: Times as fast as recorded.
        paused: Whether it stands still at first.
        stop: Ends every wait.
    """

    def __init__(self, bag_ns: int, rate: float, paused: bool, stop: Event) -> None:
        self._changed = Condition()
        self._bag_ns = bag_ns
        self._at_ns = time.monotonic_ns()
        self._rate = rate
        self._paused = paused
        self._steps = 0
        self._stop = stop

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._paused

    @property
    def rate(self) -> float:
        """Times as fast as recorded."""
        return self._rate

    def now(self) -> int:
        """The time in the bag in nanoseconds."""
        with self._changed:
            return self._now()

    def jump(self, bag_ns: int) -> None:
        """Show another time."""
        with self._changed:
            self._show(bag_ns)

    def toggle(self) -> bool:
        """Pause, or resume; returns whether it stands still now."""
        with self._changed:
            self._show(self._now())
            self._paused = not self._paused
            self._steps = 0
            return self._paused

    def set_rate(self, rate: float) -> bool:
        """Run faster or slower; returns whether that is a rate, which is above 0."""
        if not rate > 0.0:
            return False
        with self._changed:
            self._show(self._now())
            self._rate = rate
        return True

    def step(self) -> bool:
        """End one wait of `reach` at once; returns False, and does nothing, unless paused."""
        with self._changed:
            if self._paused:
                self._steps += 1
                self._changed.notify_all()
            return self._paused

    def reach(self, bag_ns: int) -> bool:
        """Wait until that time in the bag, or a step to it; False if playing is to stop."""
        with self._changed:
            while not self._stop.is_set():
                if self._steps:
                    self._steps -= 1
                    self._show(bag_ns)
                    return True
                left_s = _STOP_CHECK_S if self._paused else (bag_ns - self._now()) / self._rate * 1e-9
                if left_s <= 0.0:
                    return True
                self._changed.wait(min(left_s, _STOP_CHECK_S))
            return False

    def wait_while_paused(self) -> None:
        """Return as soon as it runs, or playing is to stop."""
        with self._changed:
            while self._paused and not self._stop.is_set():
                self._changed.wait(_STOP_CHECK_S)

    def _now(self) -> int:
        if self._paused:
            return self._bag_ns
        return self._bag_ns + round((time.monotonic_ns() - self._at_ns) * self._rate)

    def _show(self, bag_ns: int) -> None:
        self._bag_ns, self._at_ns = bag_ns, time.monotonic_ns()
        self._changed.notify_all()
