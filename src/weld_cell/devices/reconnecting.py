"""A camera that comes back by itself after its cable was pulled."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from weld_cell.devices.base import Camera, LineLaserCamera
from weld_cell.errors import DeviceError, DeviceLostError, EndOfImagesError, WaitingForTriggerError
from weld_cell.records import CameraImage

# A camera that is silent for so long is taken for lost and opened again: some drivers never report an unplugging.
_STALL_PERIODS = 4
_STALL_S = 0.2


@dataclass(frozen=True)
class ConnectionState:
    """How the connection stands, for diagnostics.

    Attributes:
        connected: Whether images come.
        losses: How often the device was lost.
        attempts: Attempts to open it since it was last lost.
        last_error: Why it was lost or does not open; empty while connected.
    """

    connected: bool
    losses: int
    attempts: int
    last_error: str


class ReconnectingCamera:
    """Opens a camera again whenever it is lost.

    Between two attempts it waits longer each time, up to one image period: after the device is back, at most
    one period of images is lost beside the time that the device itself takes to open.

    Args:
        camera: The camera proper.
        period_s: Time between two of its images.
        clock_s: Seconds, monotonic.
        wait: Sleeps for some seconds; True ends the sleep early because of `close`. Defaults to an event.
    """

    def __init__(
        self,
        camera: Camera | LineLaserCamera,
        period_s: float,
        clock_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._camera = camera
        self._period_s = period_s
        self._stall_s = max(_STALL_PERIODS * period_s, _STALL_S)
        self._clock_s = clock_s
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait
        self._opened = False
        self._next_sequence = 0
        self._offset: int | None = 0
        self._state = ConnectionState(False, 0, 0, '')

    @property
    def name(self) -> str:
        """That of the camera proper."""
        return self._camera.name

    @property
    def statistics(self) -> dict[str, Any]:
        """What the camera proper counts, for diagnostics; empty where it counts nothing."""
        return dict(getattr(self._camera, 'statistics', {}))

    @property
    def state(self) -> ConnectionState:
        """How the connection stands now."""
        return self._state

    def open(self) -> None:
        """Allow connections; the first `grab` opens the device, so that it may be plugged in later."""
        self._closed.clear()

    def grab(self, timeout_s: float) -> CameraImage:
        """Wait for the next image, and for the device where it is away; may take one stall time longer.

        Raises:
            DeviceLostError: closed, or no image within the time; says why the device does not open. Just call again.
            WaitingForTriggerError: the device is there and nothing has triggered it within the time.
            EndOfImagesError: a finite source is at its end.
        """
        deadline = self._clock_s() + timeout_s
        pause_s = self._period_s / 8
        while not self._closed.is_set():
            try:
                return self._grab_once()
            except EndOfImagesError:
                raise
            except WaitingForTriggerError:
                self._state = ConnectionState(True, self._state.losses, 0, '')
                if self._clock_s() >= deadline:
                    raise
                continue
            except DeviceError as error:
                self._lose(error)
            if self._clock_s() >= deadline or self._wait(pause_s):
                break
            pause_s = min(2 * pause_s, self._period_s)
        reason = 'it was closed' if self._closed.is_set() else self._state.last_error
        raise DeviceLostError(
            f'{self.name}: no image within {timeout_s:.3f} s: {reason}',
            'It is reconnected automatically; check cable, power and network.',
        )

    def set_laser(self, on: bool) -> None:
        """Switch the laser.

        Raises:
            DeviceError: the device has no switch, or does not obey.
        """
        switch = getattr(self._camera, 'set_laser', None)
        if switch is None:
            raise DeviceError(f'{self.name} has no laser switch.', 'Switch the laser at its power supply.')
        switch(on)

    def trigger(self) -> None:
        """Take one image (software trigger).

        Raises:
            DeviceError: the camera has no such trigger, or is away.
        """
        trigger = getattr(self._camera, 'trigger', None)
        if trigger is None:
            raise DeviceError(f'{self.name} has no software trigger.', 'Set device.trigger to off.')
        trigger()

    def close(self) -> None:
        """Stop streaming and reconnecting; a waiting `grab` ends."""
        self._closed.set()
        self._camera.close()
        self._opened = False

    def _grab_once(self) -> CameraImage:
        if not self._opened:
            self._camera.open()
            if self._closed.is_set():  # meanwhile: nobody else would close it
                self._camera.close()
                raise DeviceLostError(f'{self.name} was closed.', 'Open it again.')
            self._opened = True
            self._offset = None
        image = self._camera.grab(self._stall_s)
        if self._offset is None:  # a device counts from 0 again after it was opened; our own count goes on
            self._offset = self._next_sequence - image.sequence
        self._next_sequence = image.sequence + self._offset + 1
        self._state = ConnectionState(True, self._state.losses, 0, '')
        return CameraImage(image.pixels, image.stamp_ns, image.sequence + self._offset)

    def _lose(self, error: DeviceError) -> None:
        lost_now = self._state.connected
        self._state = ConnectionState(
            False, self._state.losses + lost_now, 0 if lost_now else self._state.attempts + 1, str(error)
        )
        self._camera.close()
        self._opened = False
