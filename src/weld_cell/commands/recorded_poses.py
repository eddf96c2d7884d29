"""Where a sensor was in a recording: by the bag's frames and the rig in force, as in the graph."""

from collections.abc import Callable

from weld_cell.bags.reading import BagReader
from weld_cell.calibration.rig import CameraCalibration
from weld_cell.records import FloatArray


def recorded_poses(bag: BagReader, sensor: CameraCalibration) -> Callable[[int], FloatArray]:
    """T_base_sensor (4, 4) at a stamp in nanoseconds; raises TransformError where it is not known."""
    frames = bag.frame_tree()
    frames.add_fixed(sensor.parent, sensor.frame, sensor.T_parent_sensor)
    return lambda stamp_ns: frames.lookup('base_link', sensor.frame, stamp_ns)
