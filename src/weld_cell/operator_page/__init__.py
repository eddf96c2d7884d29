"""The operator's page as a web server sees it: state and pictures out, deliberate acts in. Without ROS."""
