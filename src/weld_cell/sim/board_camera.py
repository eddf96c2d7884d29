"""A simulated camera over a calibration board: each image is rendered from the robot's newest pose."""

from weld_cell.errors import DeviceLostError, TransformError
from weld_cell.records import ImageArray
from weld_cell.sim.board_scene import BoardScene
from weld_cell.sim.camera import PoseSource
from weld_cell.sim.paced_camera import PacedCamera


class SimulatedBoardCamera(PacedCamera):
    """Renders a board at an even rate; an image has the stamp of the robot pose that it shows.

    Args:
        scene: The board and its surroundings.
        poses: Source of the robot's pose.
        rate_hz: Images per second.
    """

    def __init__(self, scene: BoardScene, poses: PoseSource, rate_hz: float) -> None:
        super().__init__(rate_hz)
        self._scene, self._poses = scene, poses

    @property
    def name(self) -> str:
        """For people."""
        return f'simulated camera before a board ({self._scene.board.describe()})'

    def set_laser(self, on: bool) -> None:
        """No effect: the board is lit by daylight alone."""

    def _expose(self) -> tuple[ImageArray, int]:
        try:
            pose, stamp_ns = self._poses.newest()
        except TransformError as error:
            raise DeviceLostError(f'{self.name}: {error.message}', error.remedy) from error
        return self._scene.image(pose, self._rng), stamp_ns
