"""The key that resumes `ros2 bag play --start-paused`."""

import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def space_pressed(event: Event) -> Iterator[None]:
    """Inside, SPACE on the terminal sets the event; without a terminal nothing does."""
    if not sys.stdin.isatty():
        yield
        return
    settings = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)  # each key at once; Ctrl-C stays a signal
    try:
        Thread(target=_read_keys, args=(event,), daemon=True).start()
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)


def _read_keys(event: Event) -> None:
    while key := sys.stdin.read(1):
        if key == ' ':
            event.set()
