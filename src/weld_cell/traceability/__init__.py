"""Weld records: one record a cycle, in a tamper-evident chain. Without ROS."""
