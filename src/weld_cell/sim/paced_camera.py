"""A simulated camera that delivers images at an even rate."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.random import Generator

from weld_cell.devices.pacing import Pacer
from weld_cell.errors import DeviceLostError
from weld_cell.records import CameraImage, ImageArray


class PacedCamera(ABC):
    """Opening, closing, timing and numbering of a simulated camera; a subclass renders the images.

    Args:
        rate_hz: Images per second.
        rng: Source of the images' noise.
    """

    def __init__(self, rate_hz: float, rng: Generator | None = None) -> None:
        self._rng = np.random.default_rng(0) if rng is None else rng
        self._pacer = Pacer(rate_hz)
        self._open = False
        self._sequence = 0

    @property
    @abstractmethod
    def name(self) -> str:
        """For people."""

    @abstractmethod
    def _expose(self) -> tuple[ImageArray, int]:
        """An image (h, w) and its stamp in nanoseconds.

        Raises:
            DeviceLostError: there is none.
        """

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
            DeviceLostError: closed, the next image is due later than the time-out, or it cannot be taken.
        """
        if not self._open:
            raise DeviceLostError(f'{self.name} is not open.', 'Open it first.')
        self._pacer.wait(timeout_s)
        pixels, stamp_ns = self._expose()
        self._sequence += 1
        return CameraImage(pixels, stamp_ns, self._sequence - 1)
