"""Node hand_eye_tf: where the sensors sit, from the calibrated rig to /tf_static.

tool0 -> laser_sensor_optical_frame (eye in hand), base_link -> mako_optical_frame (eye to hand). The frame
welding_tool comes with the robot's description. A malformed rig is reported and changes nothing.
"""

from rclpy.node import Node
from tf2_ros import StaticTransformBroadcaster

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.ros.conversions import transforms_to_messages
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import declare
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node

RETRY_S = 2.0


class HandEyeTf(Node):
    """Publishes the rig's frames once, and again when asked."""

    def __init__(self) -> None:
        super().__init__('hand_eye_tf')
        self._health = NodeHealth(self)
        self._file = (
            declare(self, 'rig_file', '', 'Calibrated rig; empty: the installed config/rig.yaml.')
            or str(config_file('rig.yaml')))
        self._broadcaster = StaticTransformBroadcaster(self)
        trigger_service(self, 'hand_eye_tf/reload', self._health, self._load)
        self._retry = self.create_timer(RETRY_S, self._load_first)
        self._load_first()

    def _load_first(self) -> None:
        """Try until there is a rig at all; from then on only `reload` reads it."""
        try:
            self._load()
        except WeldCellError as error:
            self._health.report(error)

    def _load(self) -> str:
        rig = load_rig(self._file)
        stamp_ns = self.get_clock().now().nanoseconds
        edges = [
            (sensor.parent, sensor.frame, sensor.T_parent_sensor) for sensor in (rig.laser_sensor, rig.mako)]
        self._broadcaster.sendTransform(transforms_to_messages(edges, stamp_ns))
        self._retry.cancel()
        self._health.succeeded()
        self._health.values.update(
            rig_file=self._file, calibrated=rig.date, hand_eye_residual_mm=rig.laser_sensor.residual_mm,
            laser_plane_residual_mm=rig.laser_sensor.plane_residual_mm)
        return f'{self._file}, calibrated {rig.date}.'


def main() -> int:
    """Run the node."""
    return run_node(HandEyeTf)
