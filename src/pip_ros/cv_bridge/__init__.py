"""ROS 2's cv_bridge where ROS 2 comes from PyPI, which lacks it: sensor_msgs/Image and CompressedImage."""

from pip_ros_guard import refuse_beside_real_ros

refuse_beside_real_ros('cv_bridge')

from cv_bridge.core import CvBridge, CvBridgeError  # noqa: E402

__all__ = ['CvBridge', 'CvBridgeError']
