"""What ROS 2 has and PyPI lacks, for machines whose ROS 2 comes from PyPI. Not for colcon (COLCON_IGNORE)."""

import sys
from pathlib import Path

from setuptools import find_packages, setup

sys.path.insert(0, str(Path(__file__).parent))
from pip_ros_guard import refuse_beside_real_ros  # noqa: E402

PACKAGES = ('tf2_ros', 'tf2_msgs', 'tf2_geometry_msgs', 'cv_bridge')

for package in PACKAGES:
    refuse_beside_real_ros(package)

setup(
    name='weld-cell-pip-ros',
    version='0.1.0',
    description='tf2_ros, tf2_msgs, cv_bridge and the command ros2 where ROS 2 comes from PyPI',
    license='Apache-2.0',
    maintainer='weld_cell maintainers',
    maintainer_email='maintainers@weldcell.dev',
    python_requires='>=3.10',
    packages=find_packages(include=[*PACKAGES, 'tf2_msgs.*', 'pip_ros', 'pip_ros.*']),
    package_data={'pip_ros': ['fastdds.xml'], 'pip_ros.interfaces': ['*/control_msgs/*/*']},
    py_modules=['pip_ros_guard'],
    install_requires=[
        'cyclonedds',
        'numpy',
        'opencv-python-headless',
        'pyyaml',
        'ros-ament-index-python',
        'ros-geometry-msgs',
        'ros-rclpy[fastrtps]',
        'ros-sensor-msgs',
        'rosbags',
    ],
    zip_safe=False,
    entry_points={'console_scripts': ['ros2 = pip_ros.entry:main']},
)
