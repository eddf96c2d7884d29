"""What every image source looks like to the cell: open, grab, close."""

from collections.abc import Callable
from typing import Protocol

from weld_cell.records import CameraImage

Clock = Callable[[], int]
"""Now in nanoseconds; nodes pass their node clock, offline code what it likes."""


class Camera(Protocol):
    """A source of images, one after the other.

    A device is made closed. `grab` blocks; it is called from one thread. `close` may come from another thread
    and ends a waiting `grab` with DeviceLostError.
    """

    @property
    def name(self) -> str:
        """For people: vendor, model, serial number, or folder."""

    def open(self) -> None:
        """Start streaming.

        Raises:
            DeviceNotFoundError: no such device, or its driver is not installed.
        """

    def grab(self, timeout_s: float) -> CameraImage:
        """Wait for the next image.

        Raises:
            DeviceLostError: nothing came within the time, or the device went away; close and open again.
            EndOfImagesError: a finite source is at its end.
        """

    def close(self) -> None:
        """Stop streaming and let the device go; may be called at any time, more than once."""


class LineLaserCamera(Camera, Protocol):
    """A camera with a line laser that can be switched."""

    def set_laser(self, on: bool) -> None:
        """Switch the laser.

        Raises:
            DeviceError: the device has no switch, or does not obey.
        """
