"""What is wrong with a command line of `ros2 bag`, said as the real tool does."""

import sys
from pathlib import Path

from rclpy.qos import QoSProfile

from pip_ros.bag.qos import read_overrides
from pip_ros.errors import Ros2Error


class UsageError(Ros2Error):
    """Options that do not go together, or a file among them that cannot be used."""

    def __init__(self, message: str) -> None:
        super().__init__(f'[ERROR] [ros2bag]: {message}')


def warn(message: str, who: str = 'ros2bag') -> None:
    """Say what the user may not expect."""
    print(f'[WARN] [{who}]: {message}', file=sys.stderr)


def qos_overrides(path: Path | None) -> dict[str, QoSProfile]:
    """Profiles by topic from the file of ``--qos-profile-overrides-path``; empty without one.

    Raises:
        UsageError: it cannot be read, or is wrong; names it.
    """
    try:
        return read_overrides(path)
    except Ros2Error as error:
        raise UsageError(str(error)) from error
