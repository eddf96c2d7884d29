"""Stand-in for ROS 2's tf2_msgs where ROS 2 comes from PyPI; has TFMessage only."""

from pip_ros_guard import refuse_beside_real_ros

refuse_beside_real_ros('tf2_msgs')
