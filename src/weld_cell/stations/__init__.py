"""Stations: stages with their settings, status, overlay and state between images. Without ROS."""
