"""Stations: stages at work, without ROS. What runs them knows no more of the order of work than they do."""
