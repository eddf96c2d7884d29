"""Node hand_eye_tf: where the sensors and the welding tool sit, from the calibrated rig to /tf_static.

tool0 -> welding_tool, tool0 -> laser_sensor_optical_frame (eye in hand), base_link -> mako_optical_frame (eye to
hand). A malformed rig is reported and changes nothing.
"""

from rclpy.node import Node
from tf2_ros import StaticTransformBroadcaster

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.records import FloatArray
from weld_cell.ros.conversions import transform_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import declare
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node

TOOL_PARENT, TOOL_FRAME = 'tool0', 'welding_tool'
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
        self._broadcaster.sendTransform([
            transform_to_message(T, parent, child, stamp_ns) for parent, child, T in _frames(rig)])
        self._retry.cancel()
        self._health.succeeded()
        self._health.values.update(
            rig_file=self._file, calibrated=rig.date, hand_eye_residual_mm=rig.laser_sensor.residual_mm,
            laser_plane_residual_mm=rig.laser_sensor.plane_residual_mm)
        return f'{self._file}, calibrated {rig.date}.'


def _frames(rig: Rig) -> list[tuple[str, str, FloatArray]]:
    """Parent, child and T_parent_child of every frame that the rig places."""
    sensors = [(sensor.parent, sensor.frame, sensor.T_parent_sensor) for sensor in (rig.laser_sensor, rig.mako)]
    return [(TOOL_PARENT, TOOL_FRAME, rig.T_tool0_tool), *sensors]


def main() -> int:
    """Run the node."""
    return run_node(HandEyeTf)
