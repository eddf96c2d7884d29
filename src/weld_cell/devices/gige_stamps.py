"""When a GigE Vision camera took an image, on the host's clock."""

import contextlib
import time
from typing import Any

from weld_cell.devices.device_clock import DeviceClock
from weld_cell.devices.gige_features import resolve
from weld_cell.errors import DeviceFeatureError

_PTP_LOOK_S = 5.0
_SAME_TIME_NS = 500_000_000
"""A camera that follows PTP, and differs by less than this, has the time of the host."""


class GigeStamps:
    """Acquisition stamps of one opened camera.

    A camera that follows a PTP master sends the time itself, where host and camera have the same one. The clock of
    any other is mapped by its offset and drift. An image without a stamp gets that of its first packet's arrival.

    Args:
        camera: A connected `telegenic.Camera`.
    """

    def __init__(self, camera: Any) -> None:
        self._camera = camera
        self._clock = DeviceClock()
        self._tick_hz = _tick_frequency(camera)
        self._kind = ''
        self._ptp = _ptp_status(camera)
        self._looked_s = time.monotonic()

    @property
    def statistics(self) -> dict[str, Any]:
        """Where the stamps come from, offset and drift, for diagnostics."""
        return {
            'stamps': self._kind,
            'ptp': self._ptp or 'none',
            'tick_frequency_hz': self._tick_hz,
            'clock_offset_ms': round(self._clock.offset_ns / 1e6, 3),
            'clock_drift_ppm': round(self._clock.drift_ppm, 2),
        }

    def to_host(self, frame: Any, arrival_ns: int) -> int:
        """Time of acquisition of a `telegenic.Frame` whose first packet arrived at a host time, in ns."""
        ticks = frame.timestamp_ticks
        if not ticks or not self._tick_hz:
            self._kind = 'arrival'
            return arrival_ns
        device_ns = int(ticks) * 10**9 // self._tick_hz
        stamp_ns = self._clock.to_host(device_ns, arrival_ns)
        self._look_at_ptp()
        follows = 'slave' in self._ptp.lower()
        self._kind = 'ptp' if follows and abs(arrival_ns - device_ns) < _SAME_TIME_NS else 'camera clock, mapped'
        return device_ns if self._kind == 'ptp' else stamp_ns

    def _look_at_ptp(self) -> None:
        if self._ptp and time.monotonic() - self._looked_s > _PTP_LOOK_S:
            self._ptp, self._looked_s = _ptp_status(self._camera), time.monotonic()


def _tick_frequency(camera: Any) -> int:
    """Ticks of its clock in a second; newer cameras count nanoseconds and have no feature for it."""
    try:
        return int(camera.get_integer(resolve(camera, 'GevTimestampTickFrequency')))
    except (DeviceFeatureError, RuntimeError):
        return 10**9


def _ptp_status(camera: Any) -> str:
    """Master, Slave, Listening, ...; empty for a camera without PTP."""
    with contextlib.suppress(RuntimeError, DeviceFeatureError):
        if camera.has_feature('PtpDataSetLatch'):
            camera.execute('PtpDataSetLatch')
        return str(camera.get_enum(resolve(camera, 'PtpStatus')))
    return ''
