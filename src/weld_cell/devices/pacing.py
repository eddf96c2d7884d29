"""An even rate for sources that have none of their own."""

import threading
import time

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
