"""The simulated area camera as a device: it looks like any camera to the cell."""

import numpy as np
from numpy.random import Generator

from weld_cell.devices.base import Clock
from weld_cell.devices.pacing import Pacer
from weld_cell.errors import DeviceLostError
from weld_cell.records import CameraImage
from weld_cell.sim.area_scene import AreaScene


class SimulatedAreaCamera:
    """Takes images of a scene that stands still, at an even rate.

    Args:
        scene: What there is to see.
        rate_hz: Images per second.
        clock: Now in nanoseconds, for the stamps.
        rng: Where the images' noise is drawn from.
    """

    def __init__(self, scene: AreaScene, rate_hz: float, clock: Clock, rng: Generator | None = None) -> None:
        scene.render()  # a real camera does not keep its first trigger waiting
        self._scene, self._clock = scene, clock
        self._rng = np.random.default_rng(0) if rng is None else rng
        self._pacer = Pacer(rate_hz)
        self._open = False
        self._sequence = 0

    @property
    def name(self) -> str:
        """For people."""
        return f'simulated area camera over {len(self._scene.sheets)} sheets'

    def open(self) -> None:
        """Start streaming."""
        self._open = True
        self._pacer.start()

    def close(self) -> None:
        """Stop streaming; a waiting `grab` ends."""
        self._open = False
        self._pacer.stop()

    def grab(self, timeout_s: float) -> CameraImage:
        """The next image, at its time.

        Raises:
            DeviceLostError: closed, or the next image is due later than the time-out.
        """
        if not self._open:
            raise DeviceLostError(f'{self.name} is not open.', 'Open it first.')
        self._pacer.wait(timeout_s)
        stamp_ns = self._clock()
        pixels = self._scene.image(self._rng)
        self._sequence += 1
        return CameraImage(pixels, stamp_ns, self._sequence - 1)
