"""ROS 2's tf2_geometry_msgs where ROS 2 comes from PyPI, which lacks it: transforms of geometry_msgs."""

from pip_ros_guard import refuse_beside_real_ros

refuse_beside_real_ros('tf2_geometry_msgs')

from tf2_geometry_msgs.transforming import (  # noqa: E402
    do_transform_point,
    do_transform_polygon_stamped,
    do_transform_pose,
    do_transform_pose_stamped,
    do_transform_pose_with_covariance_stamped,
    do_transform_vector3,
    transform_covariance,
)

__all__ = [
    'do_transform_point',
    'do_transform_polygon_stamped',
    'do_transform_pose',
    'do_transform_pose_stamped',
    'do_transform_pose_with_covariance_stamped',
    'do_transform_vector3',
    'transform_covariance',
]
