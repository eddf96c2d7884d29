"""Where the executables of the nodes begin: before anything heavy is imported.

Importing a node takes a second, and Ctrl-C in the middle of it would end in Python's KeyboardInterrupt at whatever
import it is at. So SIGINT and SIGTERM are held back until `weld_cell.ros.spin.run_node` is ready for them.
"""

import importlib
import signal
from functools import partial


def _enter(node: str) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    return int(importlib.import_module(f'weld_cell.nodes.{node}').main())


laser_sensor = partial(_enter, 'laser_sensor')
mako_camera = partial(_enter, 'mako_camera')
hand_eye_tf = partial(_enter, 'hand_eye_tf')
joint_type = partial(_enter, 'joint_type')
seam_detector = partial(_enter, 'seam_detector')
trajectory_publisher = partial(_enter, 'trajectory_publisher')
cell_supervisor = partial(_enter, 'cell_supervisor')
cell_start = partial(_enter, 'cell_start')
robot_sim = partial(_enter, 'robot_sim')
run_recorder = partial(_enter, 'run_recorder')
