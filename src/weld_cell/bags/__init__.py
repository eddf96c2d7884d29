"""Reading and writing of bags with rosbags, without ROS."""
