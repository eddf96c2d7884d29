"""The command `ros2` for machines whose ROS 2 comes from PyPI: what of ros2cli, launch and rosbag2 the cell uses."""
