"""The command `ros2` as tests start it: from the source tree, on the loopback interface, in a domain of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from weld_cell.domain import claim_domain

PATIENCE_S = 60.0  # a command takes seconds to start on a machine that is busy
DOMAIN_ID, _CLAIM = claim_domain()  # apart from the nodes of other tests, here and in other test runs
ENVIRONMENT = os.environ | {
    'PYTHONPATH': str(Path(__file__).parents[2] / 'src' / 'pip_ros'),
    'PYTHONUNBUFFERED': '1',
    'PYTHONFAULTHANDLER': '1',
    'ROS_DOMAIN_ID': str(DOMAIN_ID),
    'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
}


def ros2(*words: object, timeout_s: float = PATIENCE_S) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        _command(words), env=ENVIRONMENT, capture_output=True, text=True, timeout=timeout_s, check=False
    )


class Running:
    """A command that runs until it ends or is interrupted; for use in ``with``, which kills what is left."""

    def __init__(self, *words: object) -> None:
        self.process = subprocess.Popen(
            _command(words), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.output = ''

    def __enter__(self) -> 'Running':
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def read_until(self, text: str) -> None:
        """Read lines until one holds the text."""
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f'ended without "{text}":\n{self.output}'
            self.output += line

    def interrupt(self, timeout_s: float = PATIENCE_S) -> int:
        """Ctrl-C; reads the rest and returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.end(timeout_s)

    def end(self, timeout_s: float = PATIENCE_S) -> int:
        """Read the rest and return the exit code."""
        rest, _ = self.process.communicate(timeout=timeout_s)
        self.output += rest
        return self.process.returncode


def _command(words: tuple[object, ...]) -> list[str]:
    return [sys.executable, '-m', 'pip_ros', *map(str, words)]
