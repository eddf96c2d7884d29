"""What can go wrong in the command `ros2`; every message is one that a user can act on."""

from pip_ros.distribution import ros_distribution

REAL_TOOL = f'the real `ros2` (sudo apt install ros-{ros_distribution()}-ros-base)'


class Ros2Error(Exception):
    """The command cannot do what was asked; printed without a traceback, exit code 1.

    Args:
        message: What is wrong.
        place: Where, for instance file, line and element.
    """

    def __init__(self, message: str, place: str = '') -> None:
        super().__init__(message)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return f'{self.place}: {self.message}' if self.place else self.message

    def locate(self, place: str) -> None:
        """Say where it happened, unless that is known already."""
        self.place = self.place or place


class UnsupportedError(Ros2Error):
    """ROS 2 can do this, this command cannot.

    Args:
        what: What was asked for, for instance ``'<timer>'``.
        place: Where.
    """

    def __init__(self, what: str, place: str = '') -> None:
        super().__init__(f'{what} is not supported by pip_ros; use {REAL_TOOL}', place)


class LaunchError(Ros2Error):
    """A launch file is malformed, or cannot be carried out; names file, line and entity."""


class PackageNotFoundError(Ros2Error):
    """No such package, or it lacks the file or executable."""
