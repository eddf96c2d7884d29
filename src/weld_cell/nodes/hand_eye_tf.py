"""Node hand_eye_tf: where the sensors sit, from the calibrated rig to /tf_static.

tool0 -> laser_sensor_optical_frame (eye in hand), base_link -> mako_optical_frame (eye to hand). The frame
welding_tool comes with the robot's description. A malformed rig is reported and changes nothing. A frame that
somebody else publishes too, under this or another parent, is an error: every seam point depends on it.
"""

import numpy as np
from rclpy.node import Node
from tf2_ros import StaticTransformBroadcaster

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import TransformError
from weld_cell.records import FloatArray
from weld_cell.ros.conversions import transforms_to_messages
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import declare_rig
from weld_cell.ros.patient_file import PatientFile
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.transforms import Transforms

LOOK_S = 1.0
SAME_M = 1e-6  # and, in rotations, without unit


class HandEyeTf(Node):
    """Publishes the rig's frames once, and again when asked."""

    def __init__(self) -> None:
        super().__init__('hand_eye_tf')
        self._health = NodeHealth(self)
        self._file = declare_rig(self)
        self._edges: list[tuple[str, str, FloatArray]] = []
        self._transforms = Transforms(self)
        self._broadcaster = StaticTransformBroadcaster(self)
        self._look_timer = self.create_timer(LOOK_S, self._look)
        trigger_service(self, 'hand_eye_tf/reload', self._health, self._load)
        PatientFile(self, self._health, self._load)  # until there is a rig at all; then only `reload` reads it

    def _load(self) -> str:
        rig = load_rig(self._file)
        stamp_ns = self.get_clock().now().nanoseconds
        self._edges = [
            (sensor.parent, sensor.frame, sensor.T_parent_sensor) for sensor in (rig.laser_sensor, rig.mako)
        ]
        self._look_timer.reset()  # by the next look our own message has come back
        self._broadcaster.sendTransform(transforms_to_messages(self._edges, stamp_ns))
        self._health.succeeded()
        self._health.values.update(
            rig_file=self._file,
            calibrated=rig.date,
            hand_eye_residual_mm=rig.laser_sensor.residual_mm,
            laser_plane_residual_mm=rig.laser_sensor.plane_residual_mm,
        )
        return f'{self._file}, calibrated {rig.date}.'

    def _look(self) -> None:
        """Whether TF has all frames where they were put: one right frame does not make a wrong one a warning."""
        if not self._edges:
            return
        with self._health.watch():
            for parent, frame, transform in self._edges:
                self._compare(parent, frame, transform)

    def _compare(self, parent: str, frame: str, transform: FloatArray) -> None:
        """Our own message takes a moment to come back; what comes after it is another's.

        Raises:
            TransformError: somebody else publishes the frame too.
        """
        try:
            published, _ = self._transforms.newest(parent, frame)
        except TransformError:
            if not (self._transforms.knows(frame) and self._transforms.knows(parent)):
                return
            where = f'under another parent than "{parent}"'
        else:
            if np.allclose(published, transform, rtol=0.0, atol=SAME_M):
                return
            distance_mm = 1000 * np.linalg.norm(published[:3, 3] - transform[:3, 3])
            where = f'{distance_mm:.1f} mm from where {self._file} puts it in "{parent}", or turned'
        raise TransformError(
            f'Another node also publishes the frame "{frame}": /tf has it {where}.',
            'Stop that node (`ros2 topic info -v /tf_static` names it), then call hand_eye_tf/reload.',
        )


def main() -> int:
    """Run the node."""
    return run_node(HandEyeTf)
