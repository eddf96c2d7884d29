"""Cameras behind Video4Linux2 (USB, CSI), by OpenCV."""

import threading
import time
from pathlib import Path

import cv2
import numpy as np

from weld_cell.devices.base import Clock
from weld_cell.devices.device_clock import DeviceClock
from weld_cell.errors import DeviceLostError, DeviceNotFoundError
from weld_cell.records import CameraImage

_POLL_NS = 50_000_000


class V4l2Camera:
    """A V4L2 camera.

    Args:
        device: Device file, best one that survives replugging (/dev/v4l/by-id/...).
        size_px: (width, height) to ask for.
        rate_hz: Images per second to ask for.
        exposure_ms: Exposure time; 0 leaves the camera's automatic exposure on.
        clock: For the stamps.
        api: OpenCV's way to the device; another than V4L2 reads a recorded file by the same code, as fast as it can,
            where the kernel has no video device.
    """

    def __init__(
        self,
        device: str,
        size_px: tuple[int, int],
        rate_hz: float,
        exposure_ms: float,
        clock: Clock,
        api: int = cv2.CAP_V4L2,
    ) -> None:
        self._device = device
        self._size_px = size_px
        self._rate_hz = rate_hz
        self._exposure_ms = exposure_ms
        self._clock = clock
        self._api = api
        self._device_clock = DeviceClock()
        self._lock = threading.Lock()
        self._capture: cv2.VideoCapture | None = None
        self._closing = threading.Event()
        self._sequence = 0

    @property
    def name(self) -> str:
        """The device file."""
        return self._device

    def open(self) -> None:
        """Start streaming.

        Raises:
            DeviceNotFoundError: no such device file, or no camera behind it, or it is in use.
        """
        if not Path(self._device).exists():
            raise DeviceNotFoundError(
                f'{self._device} does not exist.', 'Plug the camera in; see /dev/v4l/by-id for its name.'
            )
        capture = cv2.VideoCapture(self._device, self._api)
        if not capture.isOpened():
            raise DeviceNotFoundError(
                f'{self._device} cannot be opened as a camera.',
                'Check that no other program uses it and that this user may (group video).',
            )
        self._configure(capture)
        self._closing.clear()
        with self._lock:
            self._capture = capture

    def grab(self, timeout_s: float) -> CameraImage:
        """Wait for the next image.

        Raises:
            DeviceLostError: closed, unplugged, or no image within the time.
        """
        deadline = time.monotonic() + timeout_s
        while not self._closing.is_set() and time.monotonic() < deadline:
            with self._lock:  # close() waits for this slice, and never releases a capture in use
                image = self._poll()
            if image is not None:
                return image
        reason = 'was closed' if self._closing.is_set() else f'gave no image within {timeout_s:.3f} s'
        raise DeviceLostError(f'{self._device} {reason}.', 'Check the cable and the power of the camera.')

    def close(self) -> None:
        """Stop streaming; a waiting `grab` ends."""
        self._closing.set()
        with self._lock:
            if self._capture is not None:
                self._capture.release()
            self._capture = None

    def _configure(self, capture: cv2.VideoCapture) -> None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size_px[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size_px[1])
        capture.set(cv2.CAP_PROP_FPS, self._rate_hz)
        if self._exposure_ms > 0:
            capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, 1)  # V4L2_EXPOSURE_MANUAL
            capture.set(cv2.CAP_PROP_EXPOSURE, self._exposure_ms * 10.0)  # V4L2 counts in 100 us

    def _poll(self) -> CameraImage | None:
        if self._capture is None:
            return None
        try:
            ready = self._api != cv2.CAP_V4L2 or cv2.VideoCapture.waitAny([self._capture], _POLL_NS)[0]
            found, pixels = self._capture.read() if ready else (False, None)
        except cv2.error as error:
            raise DeviceLostError(
                f'{self._device} went away ({error.err}).', 'Check the cable and the power of the camera.'
            ) from error
        if ready and not found:
            raise DeviceLostError(f'{self._device} went away.', 'Check the cable and the power of the camera.')
        if not found:
            return None
        device_ns = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)  # the driver's buffer stamp
        stamp_ns = self._device_clock.to_host(device_ns, self._clock())
        self._sequence += 1
        return CameraImage(np.asarray(pixels, dtype=np.uint8), stamp_ns, self._sequence - 1)
