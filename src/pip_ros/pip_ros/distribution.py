"""Which distribution of ROS 2 the wheels of this environment are."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

_OF_RCLPY = {'7': 'jazzy', '9': 'kilted'}
UNKNOWN = '<distribution>'
"""Stands in a name of an apt package where nobody knows the distribution."""


@cache
def ros_distribution() -> str:
    """Its name in lower case, as apt's packages and docs have it; `UNKNOWN` for an rclpy of another one."""
    try:
        return _OF_RCLPY.get(version('ros-rclpy').split('.')[0], UNKNOWN)
    except PackageNotFoundError:
        return UNKNOWN
