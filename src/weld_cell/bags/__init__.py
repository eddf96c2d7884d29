"""Images into bags and out of them, by rosbags: no ROS needed."""
