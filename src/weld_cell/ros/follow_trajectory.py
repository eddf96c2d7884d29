"""The action FollowJointTrajectory of the package control_msgs, where it is installed."""

from importlib import import_module
from typing import Any

from weld_cell.errors import ConfigurationError


def _where_installed(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except ImportError:
        return None


FollowJointTrajectory = _where_installed('control_msgs.action', 'FollowJointTrajectory')
JointTolerance = _where_installed('control_msgs.msg', 'JointTolerance')
COMMANDS = 'joint_trajectory_controller/joint_trajectory'
ACTION_NAME = 'joint_trajectory_controller/follow_joint_trajectory'
SENT_WELDS = 'weld/trajectory'
"""The robot's motion along the weld as it was sent, which begins at its stamp; where COMMANDS does not show it."""


def require_action() -> None:
    """Raise where trajectories cannot be sent by action.

    Raises:
        ConfigurationError: the package control_msgs is not installed.
    """
    if FollowJointTrajectory is None:
        raise ConfigurationError(
            'Parameter controller.interface: action needs the package control_msgs, which is not installed.',
            'apt install ros-$ROS_DISTRO-control-msgs; with ROS 2 from PyPI `python -m pip_ros.interfaces` builds '
            'it, as `make test` does. Or set controller.interface to topic.',
        )
