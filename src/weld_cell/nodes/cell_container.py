"""Executable cell_container: the nodes whose names it is given, in one process.

    ros2 run weld_cell cell_container hand_eye_tf seam_detector --ros-args --params-file cell.yaml

It has no node of its own: parameters, remappings and the namespace are those of its nodes.
"""

import gc
import importlib
import sys
from collections.abc import Callable

from rclpy.node import Node
from rclpy.utilities import remove_ros_args

from weld_cell.ros.container import run_nodes

NODES = {
    'robot_sim': 'RobotSim',
    'laser_sensor': 'LaserSensor',
    'mako_camera': 'MakoCamera',
    'hand_eye_tf': 'HandEyeTf',
    'seam_detector': 'SeamDetector',
    'part_identifier': 'PartIdentifierNode',
    'plate_seam_detector': 'PlateSeamDetector',
    'spot_weld_inspector': 'SpotWeldInspector',
    'trajectory_publisher': 'TrajectoryPublisher',
    'cell_supervisor': 'CellSupervisorNode',
}


def _node_class(name: str) -> Callable[[], Node]:
    found: Callable[[], Node] = getattr(importlib.import_module(f'weld_cell.nodes.{name}'), NODES[name])
    return found


def main() -> int:
    """Run the nodes."""
    names = ' '.join(remove_ros_args(sys.argv)[1:]).split()
    if not names or not set(names) <= NODES.keys() or len(set(names)) < len(names):
        print(f'usage: cell_container NODE... (each once); nodes: {", ".join(NODES)}', file=sys.stderr)
        return 2
    gc.disable()  # as in weld_cell.nodes.entry
    makers = {name: _node_class(name) for name in names}
    gc.enable()
    return run_nodes(makers)
