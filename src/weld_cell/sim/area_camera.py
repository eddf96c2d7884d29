"""The simulated area camera."""

from numpy.random import Generator

from weld_cell.devices.base import Clock
from weld_cell.records import ImageArray
from weld_cell.sim.area_scene import AreaScene
from weld_cell.sim.paced_camera import PacedCamera


class SimulatedAreaCamera(PacedCamera):
    """Takes images of a static scene at an even rate.

    Args:
        scene: The scene.
        rate_hz: Images per second.
        clock: Now in nanoseconds, for the stamps.
        rng: Source of the images' noise.
    """

    def __init__(self, scene: AreaScene, rate_hz: float, clock: Clock, rng: Generator | None = None) -> None:
        scene.render()  # before the first trigger, which a real camera serves at once
        super().__init__(rate_hz, rng)
        self._scene, self._clock = scene, clock

    @property
    def name(self) -> str:
        """For people."""
        return f'simulated area camera over {len(self._scene.sheets)} sheets'

    def _expose(self) -> tuple[ImageArray, int]:
        stamp_ns = self._clock()
        return self._scene.image(self._rng), stamp_ns
