"""The simulated cell with a calibration board in it: what the camera nodes make of it."""

import dataclasses

from rclpy.node import Node
from tf2_ros import StaticTransformBroadcaster

from weld_cell.calibration.rig import CameraCalibration
from weld_cell.calibration.session_settings import CalibrationSettings
from weld_cell.devices.base import Camera
from weld_cell.errors import ConfigurationError
from weld_cell.ros.conversions import transforms_to_messages
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.transforms import FollowedFrame, Transforms

BOARD = 'board'
"""What lies there, as the parameter sim.lies names it; which board, the parameters calibration.* say."""
HAND_FRAME = 'tool0'


class BoardInSim:
    """The board before one camera, whose true pose is in TF as frame `true_<frame of the camera>`.

    Args:
        node: The camera's.
        camera: Its name in the rig.
    """

    def __init__(self, node: Node, camera: str) -> None:
        defaults = dataclasses.replace(CalibrationSettings(), camera=camera)
        self._settings = SettingsParameters(node, 'calibration', defaults).settings
        self._node, self._transforms = node, Transforms(node)
        self._broadcaster = StaticTransformBroadcaster(node)

    def camera(self, nominal: CameraCalibration, seed: int, rate_hz: float) -> Camera:
        """The simulated camera.

        Args:
            nominal: The rig's numbers, from which the camera differs.
            seed: By what it differs, and how the board lies.
            rate_hz: Images per second.

        Raises:
            ConfigurationError: such a board cannot be.
        """
        from weld_cell.sim.board_camera import SimulatedBoardCamera
        from weld_cell.sim.board_scene import BoardScene

        try:
            board = self._settings.board()
        except ValueError as error:
            raise ConfigurationError(f'Parameters calibration.*: {error}.', 'Describe the board as it is.') from error
        scene = BoardScene.of(board, nominal, seed)
        truth = (nominal.parent, f'true_{nominal.frame}', scene.T_parent_camera)
        now_ns = self._node.get_clock().now().nanoseconds
        self._broadcaster.sendTransform(transforms_to_messages([truth], now_ns))
        return SimulatedBoardCamera(scene, FollowedFrame(self._transforms, HAND_FRAME), rate_hz)
