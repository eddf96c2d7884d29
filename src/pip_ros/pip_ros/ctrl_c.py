"""Ctrl-C while modules are imported.

Each import has the callback of a weak reference, and Python throws away a KeyboardInterrupt that comes in one: Ctrl-C
would be lost. So until a command is imported Ctrl-C ends the process at once: nothing is open yet.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """Inside, Ctrl-C ends the process without an exception; behind, it raises KeyboardInterrupt unless ignored."""
    previous = signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        # `bootstrap` leaves the signal to the system until here, where a command begins.
        signal.signal(signal.SIGINT, signal.default_int_handler if previous == signal.SIG_DFL else previous)


def _leave(number: int, _frame: FrameType | None) -> None:
    os._exit(number)
