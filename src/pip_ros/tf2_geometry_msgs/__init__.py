"""Says that ROS 2's tf2_geometry_msgs is missing here, where ROS 2 comes from PyPI."""

from pip_ros_guard import refuse_beside_real_ros

refuse_beside_real_ros('tf2_geometry_msgs')

raise ImportError(
    'pip_ros has no tf2_geometry_msgs (do_transform_point, do_transform_pose, Buffer.transform of messages). Look '
    'the transform up with tf2_ros.Buffer.lookup_transform and apply it, or use an apt ROS 2 '
    '(ros-jazzy-tf2-geometry-msgs).',
    name='tf2_geometry_msgs',
)
