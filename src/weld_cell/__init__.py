"""A vision-guided welding cell for ROS 2: image in, welding trajectory out. Start reading at pipeline.py."""

__version__ = '0.1.0'
