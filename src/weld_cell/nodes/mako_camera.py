"""Node mako_camera: the fixed area camera, real, from files, or simulated.

It streams, or sends one image for each trigger.
"""

import threading
import time
from dataclasses import dataclass

from weld_cell.calibration.rig import CameraCalibration, Rig
from weld_cell.config import Settings, bounded, text
from weld_cell.devices.base import Camera
from weld_cell.devices.factory import DeviceSettings
from weld_cell.errors import DeviceError, DeviceLostError
from weld_cell.records import CameraImage
from weld_cell.ros.board_in_sim import BOARD, BoardInSim
from weld_cell.ros.camera_node import CameraNode
from weld_cell.ros.parameters import SettingsParameters, declare
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node

LISTENER_S, POLL_S = 1.0, 0.01  # a listener that has just started is found by then
MUTUAL_S = 0.3


@dataclass(frozen=True)
class SimSettings(Settings):
    """What lies under the simulated area camera."""

    lies: str = text(
        'none', 'Name of a layout of weld_cell.sim.area_layouts; none: the table is empty; board: on the hand.'
    )
    seed: int = bounded(1, 0, 2**31 - 1, '', 'What lies where, lamp, table and noise are drawn from it.')


class MakoCamera(CameraNode):
    """The area camera.

    `mako/trigger` answers with its stamp once an image that was acquired after the request is published. Where the
    camera's trigger is software it releases the image, where it is hardware the next one is waited for.
    """

    def __init__(self) -> None:
        super().__init__(
            'mako_camera',
            'mako',
            DeviceSettings(backend='gige_vision', rate_hz=20.0, width_px=1456, height_px=1088),
        )
        self._sim = SettingsParameters(self, 'sim', SimSettings()).settings
        self._board = BoardInSim(self, 'mako') if self._sim.lies == BOARD else None
        self._free_running = declare(self, 'free_running', False, 'Publish every image, not only triggered ones.')
        self._wanted_from_ns: int | None = None
        self._sent = threading.Event()
        self._sent_ns = 0
        self._listeners = 0
        trigger_service(self, 'mako/trigger', self.health, self._trigger)
        self.start()

    def calibration_in(self, rig: Rig) -> CameraCalibration:
        """The area camera's part of the rig."""
        return rig.mako

    def simulated(self, rig: Rig) -> Camera:
        """The simulated camera over what the parameters say."""
        from weld_cell.sim.area_camera import SimulatedAreaCamera
        from weld_cell.sim.area_layouts import area_cell_scene

        if self._board is not None:
            return self._board.camera(rig.mako, self._sim.seed, self.device.rate_hz)
        scene = area_cell_scene(self._sim.lies, self._sim.seed, rig)
        return SimulatedAreaCamera(scene, self.device.rate_hz, self.now_ns)

    def take(self, image: CameraImage) -> None:
        """Publish the image if all are wanted, or if it is the first one after a trigger."""
        triggered = self._wanted_from_ns is not None and image.stamp_ns >= self._wanted_from_ns
        if triggered or self._free_running:
            self.publish(image)
        if triggered:
            self._wanted_from_ns = None
            self._sent_ns = image.stamp_ns
            self._sent.set()

    def _trigger(self) -> str:
        if self.camera is None or not self.streaming:
            raise DeviceError('The camera is not active.', 'Activate it: ros2 lifecycle set /mako_camera activate.')
        self._await_listener()
        self._sent.clear()
        if self.device.trigger == 'software':
            self._wanted_from_ns = 0  # whatever comes was asked for
            self.camera.trigger()
        else:
            self._wanted_from_ns = self.now_ns()
        if not self._sent.wait(self.device.timeout_s):
            self._wanted_from_ns = None
            raise DeviceLostError(
                f'No image within {self.device.timeout_s:.1f} s of the trigger.', 'Check the camera in /diagnostics.'
            )
        seconds, nanoseconds = divmod(self._sent_ns, 10**9)
        return f'One image published on mako/image_raw, stamp {seconds}.{nanoseconds:09d}.'

    def _await_listener(self) -> None:
        """One image for one trigger: a node that was started just before would miss it.

        A listener that is found may not have found this node yet, and drops what comes until then.
        """
        end_s = time.monotonic() + LISTENER_S
        while not self._images.get_subscription_count() and time.monotonic() < end_s:
            time.sleep(POLL_S)
        listeners = self._images.get_subscription_count()
        if listeners > self._listeners:
            time.sleep(MUTUAL_S)
        self._listeners = listeners


def main() -> int:
    """Run the node."""
    return run_node(MakoCamera)
