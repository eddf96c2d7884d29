"""Where the executables of the nodes begin: before anything heavy is imported.

Importing a node takes a second, ten on a machine that is busy, and Ctrl-C in the middle of it would end in Python's
KeyboardInterrupt at whatever import it is at. So until `weld_cell.ros.spin.run_node` takes over, SIGINT and SIGTERM
end the process at once: nothing is open yet.
"""

import gc
import importlib
import os
import signal
from functools import partial
from types import FrameType


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(0)  # an exception, SystemExit too, would come out of an import, where some packages catch what they get


def _enter(node: str) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    gc.disable()  # what an import makes stays: to search it for garbage takes a tenth of the import's time
    main = importlib.import_module(f'weld_cell.nodes.{node}').main
    gc.enable()
    return int(main())


laser_sensor = partial(_enter, 'laser_sensor')
mako_camera = partial(_enter, 'mako_camera')
hand_eye_tf = partial(_enter, 'hand_eye_tf')
joint_type = partial(_enter, 'joint_type')
seam_detector = partial(_enter, 'seam_detector')
part_identifier = partial(_enter, 'part_identifier')
plate_seam_detector = partial(_enter, 'plate_seam_detector')
spot_weld_inspector = partial(_enter, 'spot_weld_inspector')
trajectory_publisher = partial(_enter, 'trajectory_publisher')
cell_supervisor = partial(_enter, 'cell_supervisor')
cell_start = partial(_enter, 'cell_start')
robot_sim = partial(_enter, 'robot_sim')
run_recorder = partial(_enter, 'run_recorder')
bag_player = partial(_enter, 'bag_player')
calibration = partial(_enter, 'calibration')
calibration_tour = partial(_enter, 'calibration_tour')
operator_page = partial(_enter, 'operator_page')
foxglove_bridge = partial(_enter, 'foxglove_bridge')
cell_container = partial(_enter, 'cell_container')
