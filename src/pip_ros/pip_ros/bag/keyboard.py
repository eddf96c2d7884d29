"""The keys that control `ros2 bag play`."""

import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

SPACE, UP, DOWN, RIGHT = ' ', '\x1b[A', '\x1b[B', '\x1b[C'
_SEQUENCE_LENGTH = 3


@contextmanager
def keys_pressed(actions: Mapping[str, Callable[[], None]]) -> Iterator[None]:
    """Inside, a key on the terminal calls its action, in a thread of its own; standard input is a terminal."""
    settings = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)  # each key at once; Ctrl-C stays a signal
    try:
        Thread(target=_read_keys, args=(actions,), daemon=True).start()
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)


def _read_keys(actions: Mapping[str, Callable[[], None]]) -> None:
    pressed = ''
    while character := sys.stdin.read(1):
        pressed += character
        if UP.startswith(pressed) and len(pressed) < _SEQUENCE_LENGTH:
            continue  # the beginning of an arrow key
        if pressed in actions:
            actions[pressed]()
        pressed = ''
