"""The launcher's own lines and those of its processes: to the screen, and to ``launch.log``."""

import os
import socket
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TextIO

# output=... of a process: where its standard output and standard error go.
_TO_SCREEN = {'screen': ('out', 'err'), 'both': ('out', 'err'), 'log': ('err',)}
_TO_FILE = {'screen': (), 'both': ('out', 'err'), 'log': ('out', 'err')}


class LaunchLog:
    """Writes lines as the real launch does.

    Args:
        folder: Where ``launch.log`` is written; made if missing.
        screen: Where the screen lines go.
        debug: Show debug lines too.
    """

    def __init__(self, folder: Path, screen: TextIO = sys.stdout, debug: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / 'launch.log').open('a', buffering=1, encoding='utf-8')
        self._screen: TextIO | None = screen
        self._debug = debug

    def info(self, name: str, message: str) -> None:
        """``[INFO] [name]: message``."""
        self._own('INFO', name, message)

    def warning(self, name: str, message: str) -> None:
        """``[WARNING] [name]: message``."""
        self._own('WARNING', name, message)

    def error(self, name: str, message: str) -> None:
        """``[ERROR] [name]: message``."""
        self._own('ERROR', name, message)

    def debug(self, name: str, message: str) -> None:
        """``[DEBUG] [name]: message``, with --debug only."""
        if self._debug:
            self._own('DEBUG', name, message)

    def process_line(self, label: str, stream: str, output: str, line: str) -> None:
        """One line of a process.

        Args:
            label: The process.
            stream: ``out`` or ``err``.
            output: What the launch file says about it: screen, log or both.
            line: The line without its end.
        """
        text = f'[{label}] {line}'
        if stream in _TO_SCREEN[output]:
            self._print(text)
        if stream in _TO_FILE[output]:
            self._file.write(f'{time.time():.7f} {text}\n')

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _own(self, level: str, name: str, message: str) -> None:
        text = f'[{level}] [{name}]: {message}'
        self._print(text)
        self._file.write(f'{time.time():.7f} {text}\n')

    def _print(self, text: str) -> None:
        if self._screen is None:
            return
        try:
            print(text, file=self._screen, flush=True)
        except BrokenPipeError:  # `ros2 launch ... | head`: the processes are still to be ended in order
            self._screen = None


def log_folder() -> Path:
    """A new folder name for this launch, below ROS_LOG_DIR, ROS_HOME/log or ~/.ros/log."""
    home = Path(os.environ.get('ROS_HOME') or Path.home() / '.ros')
    base = Path(os.environ.get('ROS_LOG_DIR') or home / 'log')
    return base / f'{datetime.now():%Y-%m-%d-%H-%M-%S-%f}-{socket.gethostname()}-{os.getpid()}'
