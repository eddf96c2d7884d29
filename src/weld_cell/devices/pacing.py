"""An even rate for sources that have none of their own, and device clocks brought to the host's clock."""

import threading
import time
from collections import deque

from weld_cell.errors import DeviceLostError


class Pacer:
    """Waits until the next tick of an even rate; `stop` ends a wait from another thread.

    A caller that comes late by more than a period goes on from there: ticks are not made up for in a burst.

    Args:
        rate_hz: Ticks per second.
    """

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1.0 / rate_hz
        self._next_s = 0.0
        self._stopped = threading.Event()

    def start(self) -> None:
        """The first tick is now."""
        self._stopped.clear()
        self._next_s = time.monotonic()

    def stop(self) -> None:
        """End a wait, and refuse further ones until `start`."""
        self._stopped.set()

    def wait(self, timeout_s: float) -> None:
        """Wait for the next tick.

        Raises:
            DeviceLostError: stopped, or the tick lies beyond the time-out.
        """
        ahead_s = self._next_s - time.monotonic()
        stopped = self._stopped.wait(min(max(ahead_s, 0.0), timeout_s))
        if stopped or ahead_s > timeout_s:
            reason = 'was closed' if stopped else f'gave no image within {timeout_s:.3f} s'
            raise DeviceLostError(f'The image source {reason}.', 'Open it again, or allow more time than its period.')
        self._next_s = max(self._next_s + self._period_s, time.monotonic() - self._period_s)


class DeviceClock:
    """Brings the stamps of a device's own clock to the host's clock.

    An image reaches the host at its device stamp plus a constant offset plus a transport delay that varies and is
    never negative. The smallest difference over the last images is therefore the offset plus the shortest delay;
    a window keeps up with the drift of the two clocks.

    Args:
        window: Images over which the smallest difference is taken; 400 are 10 s at 40 images/s.
    """

    def __init__(self, window: int = 400) -> None:
        self._differences: deque[int] = deque(maxlen=window)

    def to_host(self, device_ns: int, arrival_ns: int) -> int:
        """Host time in ns of a device stamp whose image arrived at a host time.

        A device that restarts its clock (a jump back by more than a second) starts a new estimate.
        """
        difference = arrival_ns - device_ns
        if self._differences and abs(difference - self._differences[-1]) > 10**9:
            self._differences.clear()
        self._differences.append(difference)
        return device_ns + min(self._differences)
