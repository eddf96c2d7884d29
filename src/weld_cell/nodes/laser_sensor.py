"""Node laser_sensor: the line-laser camera on the robot's hand, real, from files, or simulated.

The simulated sensor moves with the robot that publishes /tf, as a real one would.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from std_srvs.srv import SetBool
from visualization_msgs.msg import MarkerArray

from weld_cell.calibration.rig import LaserSensorCalibration, Rig
from weld_cell.config import Settings, bounded, choice, text
from weld_cell.devices.base import Camera
from weld_cell.devices.factory import DeviceSettings
from weld_cell.errors import DeviceError, WeldCellError
from weld_cell.records import JointType
from weld_cell.ros.board_in_sim import BOARD, BoardInSim
from weld_cell.ros.camera_node import CameraNode
from weld_cell.ros.conversions import BASE_FRAME
from weld_cell.ros.markers import surface_marker
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.qos import LATCHED, publisher
from weld_cell.ros.spin import run_node
from weld_cell.ros.transforms import FollowedFrame, Transforms

if TYPE_CHECKING:
    from weld_cell.ros.weld_in_sim import WeldInSim
    from weld_cell.sim.part_on_table import PartOnTable
    from weld_cell.sim.plate_scene import PlateLayout

NOTHING = 'none'


@dataclass(frozen=True)
class SimSettings(Settings):
    """Which workpiece lies in the simulated cell."""

    joint_type: str = choice('v', tuple(JointType), 'Weld joint type of the workpiece.')
    seed: int = bounded(1, 0, 2**31 - 1, '', 'Sizes, seam, pose, surface and noise are drawn from it.')
    lies: str = text(NOTHING, 'As of mako_camera; the joint lies at the seam of part or plates. board: to calibrate.')


class LaserSensor(CameraNode):
    """The laser sensor; `laser_sensor/set_laser` switches its laser."""

    def __init__(self) -> None:
        super().__init__('laser_sensor', 'laser_sensor', DeviceSettings())
        self._sim = SettingsParameters(self, 'sim', SimSettings()).settings
        self._board = BoardInSim(self, 'laser_sensor') if self._sim.lies == BOARD else None
        self._weld = self._weld_in_sim() if self.device.backend == 'sim' and self._board is None else None
        self.create_service(SetBool, 'laser_sensor/set_laser', self._set_laser)
        self.start()

    def _weld_in_sim(self) -> 'WeldInSim':
        from weld_cell.ros.weld_in_sim import WeldInSim

        return WeldInSim(self, self.health, self._sim.seed)

    def calibration_in(self, rig: Rig) -> LaserSensorCalibration:
        """The laser sensor's part of the rig."""
        return rig.laser_sensor

    def simulated(self, rig: Rig) -> Camera:
        """The simulated sensor over the workpiece that the parameters name."""
        from weld_cell.sim.camera import SimulatedLaserCamera
        from weld_cell.sim.cell_scene import cell_scene
        from weld_cell.sim.sensor import LaserSensor as SimulatedSensor
        from weld_cell.sim.workpiece_mesh import workpiece_triangles

        if self._board is not None:
            return self._board.camera(rig.laser_sensor, self._sim.seed, self.device.rate_hz)
        part, plates = self._on_the_table(rig)
        sensor = SimulatedSensor.from_rig(rig)
        scene = cell_scene(JointType(self._sim.joint_type), self._sim.seed, sensor, part, plates)
        self._workpiece = publisher(self, MarkerArray, 'sim/workpiece', LATCHED)
        surface = surface_marker(workpiece_triangles(scene), 'workpiece', self.now_ns(), BASE_FRAME)
        self._workpiece.publish(surface)
        poses = FollowedFrame(Transforms(self), rig.laser_sensor.parent)
        assert self._weld is not None, 'the back end is the simulator'
        camera = SimulatedLaserCamera(
            scene, poses, self.device.rate_hz, self.now_ns, time.sleep, watched=lambda: self.watched
        )
        return self._weld.over(scene, camera)

    def _on_the_table(self, rig: Rig) -> tuple['PartOnTable | None', 'PlateLayout | None']:
        """What the joint belongs to; where nothing lies there, the area camera's scene is not imported."""
        if self._sim.lies == NOTHING:
            return None, None
        from weld_cell.sim.area_layouts import plates_of_layout
        from weld_cell.sim.part_on_table import part_of_layout

        return (
            part_of_layout(self._sim.lies, self._sim.seed, rig),
            plates_of_layout(self._sim.lies, self._sim.seed, rig),
        )

    def _set_laser(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        try:
            if self.camera is None:
                raise DeviceError('The sensor is not configured.', 'ros2 lifecycle set /laser_sensor configure')
            self.camera.set_laser(request.data)
            response.success, response.message = True, 'Laser on.' if request.data else 'Laser off.'
        except WeldCellError as error:
            self.health.report(error)
            response.success, response.message = False, str(error)
        return response


def main() -> int:
    """Run the node."""
    return run_node(LaserSensor)
