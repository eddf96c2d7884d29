"""`ros2 bag`: play, record and describe bags (MCAP and SQLite) with the PyPI package rosbags."""
