"""GigE Vision cameras of any maker, by telegenicam: no vendor's SDK is needed.

telegenicam (module telegenic) is imported when a camera is opened, so nothing else needs it.
"""

import contextlib
import ipaddress
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from weld_cell.devices.base import Clock
from weld_cell.devices.gige_counts import ImageCounts
from weld_cell.devices.gige_features import Feature, FeatureValue, apply_features, read_features, set_feature
from weld_cell.devices.gige_finding import HEARTBEAT_S, find_cameras, our_networks, why_not_to_be_opened
from weld_cell.devices.gige_stamps import GigeStamps
from weld_cell.devices.pixel_formats import PixelFormat, Values, pixel_format_of, to_pixels, unpack
from weld_cell.errors import DeviceLostError, DeviceNotFoundError, WaitingForTriggerError
from weld_cell.records import CameraImage
from weld_cell.wording import counted

_SLICE_S = 0.05  # close() waits so long at most for a grab under way
_CONTROL_TIMEOUT_S, _CONTROL_RETRIES = 0.1, 3
_BUFFERS = 16
_RATE = ('AcquisitionFrameRate', 'AcquisitionFrameRateAbs')
_LINK = ('GevSCPSPacketSize', 'GevSCPD')
_ON_LINE: dict[str, FeatureValue] = {'TriggerSelector': 'FrameStart', 'TriggerMode': 'On'}


@dataclass(frozen=True)
class RawImage:
    """An image as the sensor gave it.

    Attributes:
        values: (h, w) or (h, w, 3), uint8 or uint16; see `pixel_formats.unpack`.
        pixel_format: How the camera sent it.
        stamp_ns: Time of acquisition on the host's clock.
        sequence: Count of the camera, from 0; a gap means lost images.
    """

    values: Values
    pixel_format: PixelFormat
    stamp_ns: int
    sequence: int


class GigeVisionCamera:
    """One camera, streaming.

    Args:
        source: Address, serial number or user-defined name; empty takes the first camera found.
        rate_hz: Images per second, where the camera lets it be set and is not triggered.
        features: Values by GenICam name, compared with the camera's own range and read back.
        trigger: off (free running), software (`trigger`) or hardware (a line, by the feature TriggerSource).
        clock: For the stamps.
    """

    def __init__(
        self, source: str, rate_hz: float, features: Mapping[str, FeatureValue], trigger: str, clock: Clock
    ) -> None:
        self._source = source
        self._rate_hz = rate_hz
        self._features = dict(features)
        self._trigger = trigger
        self._clock = clock
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._resources = contextlib.ExitStack()
        self._camera: Any = None
        self._acquisition: Any = None
        self._stamps: GigeStamps | None = None
        self._model = ''
        self._counts = ImageCounts()

    @property
    def name(self) -> str:
        """Model and address, as far as they are known."""
        return f'GigE Vision {self._model or self._source or "(first found)"}'

    @property
    def statistics(self) -> dict[str, Any]:
        """Counts since it was made, and what is known of the link and the clock, for diagnostics."""
        values: dict[str, Any] = {
            'images_incomplete': self._counts.incomplete,
            'images_skipped': self._counts.skipped,
            'packets_missing': self._counts.packets_missing,
        }
        acquisition, stamps = self._acquisition, self._stamps
        if acquisition is not None:
            counts = acquisition.stats()
            values |= {
                'resend_requests': counts.resend_requests,
                'packets_resent': counts.resent_packets,
                'socket_drops': counts.socket_drops,
                'packet_size_bytes': acquisition.packet_size(),
            }
        return values | (stamps.statistics if stamps is not None else {})

    def open(self) -> None:
        """Take control, set the features, start streaming.

        Raises:
            DeviceNotFoundError: no such camera, another program holds it, or telegenicam is not installed.
            DeviceFeatureError: the camera does not take one of the features.
        """
        with self._opening() as resources, self._lock:
            camera = self._connected(resources)
            acquisition = self._started(camera)
            resources.callback(_stop, acquisition)
            self._camera, self._acquisition = camera, acquisition
            self._stamps = GigeStamps(camera)
            self._counts.start()
            self._resources = resources.pop_all()
        self._closing.clear()

    def read_features(self, registers_too: bool = False) -> list[Feature]:
        """The features of a camera that is not open, as they stand, in its order.

        Raises:
            DeviceNotFoundError: as `open`.
        """
        with self._opening() as resources:
            return read_features(self._connected(resources), registers_too)

    def grab(self, timeout_s: float) -> CameraImage:
        """Wait for the next complete image.

        Raises:
            DeviceLostError: closed, no whole image within the time, or the camera went away.
            WaitingForTriggerError: it is there and waits for a trigger.
            ImageError: its pixel format is not taken.
        """
        raw = self.grab_raw(timeout_s)
        return CameraImage(to_pixels(raw.values, raw.pixel_format), raw.stamp_ns, raw.sequence)

    def grab_raw(self, timeout_s: float) -> RawImage:
        """The same with all bits of the sensor, and the colours of a Bayer pattern as they are."""
        deadline = time.monotonic() + timeout_s
        incomplete_before = self._counts.incomplete
        while not self._closing.is_set():
            with self._lock:  # close() waits for this slice, and never stops an acquisition in use
                if self._acquisition is None:
                    break
                frame = self._next_frame(deadline)
                whole = frame is not None and self._counts.add(frame, self._acquisition.packet_size())
                alive = frame is not None or self._camera.is_connected()
            if whole:
                return self._image(frame)
            if not alive:
                raise DeviceLostError(f'{self.name} no longer answers.', 'Check its cable and power.')
            if time.monotonic() >= deadline:
                raise self._silence(timeout_s, self._counts.incomplete - incomplete_before)
        raise DeviceLostError(f'{self.name} is closed.', 'Open it.')

    def trigger(self) -> None:
        """Take one image (software trigger).

        Raises:
            DeviceLostError: it is closed, went away, or has no software trigger.
        """
        with contextlib.suppress(RuntimeError), self._lock:
            if self._camera is not None:
                self._camera.execute('TriggerSoftware')
                return
        raise DeviceLostError(
            f'{self.name} cannot be triggered by software.', 'Check its cable and power, and device.trigger.'
        )

    def close(self) -> None:
        """Stop streaming and let the camera go; a waiting `grab` ends."""
        self._closing.set()
        with self._lock:
            self._camera = self._acquisition = None
            self._resources.pop_all().close()

    def _address(self) -> str:
        with contextlib.suppress(ValueError):
            return str(ipaddress.IPv4Address(self._source))
        cameras = find_cameras()
        wanted = [c for c in cameras if not self._source or self._source in (c.serial, c.user_name)]
        if wanted:
            return wanted[0].address
        seen = ', '.join(f'{c.model} {c.serial} at {c.address}' for c in cameras) or 'none'
        called = f' {self._source}' if self._source else ''
        raise DeviceNotFoundError(
            f'No GigE Vision camera{called} answers on the networks {our_networks()}; found: {seen}.',
            'Check its power and cable, and that a firewall lets UDP port 3956 through; weld_cell camera list.',
        )

    @contextlib.contextmanager
    def _opening(self) -> Iterator[contextlib.ExitStack]:
        """What is opened inside is closed again where that fails; the library's own errors become ours."""
        try:
            with contextlib.ExitStack() as resources:
                yield resources
        except RuntimeError as error:
            raise DeviceNotFoundError(
                f'{self.name} does not open: {error}.', 'Check the link; a packet must fit the MTU of every switch.'
            ) from error

    def _connected(self, resources: contextlib.ExitStack) -> Any:
        telegenic = _import_sdk()
        address = self._address()
        refusal = why_not_to_be_opened(address)  # the library says "timed out" to each of these
        if refusal is not None:
            raise refusal
        camera = telegenic.Camera(
            address, gvcp_timeout=_CONTROL_TIMEOUT_S, retries=_CONTROL_RETRIES, heartbeat_timeout=HEARTBEAT_S
        )
        camera.connect()
        resources.callback(camera.disconnect, 0.1)
        info = camera.device_info()
        self._model = f'{info.manufacturer} {info.model} {info.serial} at {address}'
        return camera

    def _started(self, camera: Any) -> Any:
        features = self._rate_features(camera) | self._trigger_features(camera) | self._features
        link = {name: features.pop(name) for name in _LINK if name in features}
        apply_features(camera, features)
        packet_size, packet_delay = (int(set_feature(camera, n, link[n])) if n in link else None for n in _LINK)
        return camera.start_acquisition(n_buffers=_BUFFERS, packet_size=packet_size, packet_delay=packet_delay)

    def _rate_features(self, camera: Any) -> dict[str, FeatureValue]:
        settable = any(camera.has_feature(name) for name in _RATE)
        return {_RATE[0]: self._rate_hz} if settable and self._trigger == 'off' else {}

    def _trigger_features(self, camera: Any) -> dict[str, FeatureValue]:
        if self._trigger != 'off':
            source: dict[str, FeatureValue] = {'TriggerSource': 'Software'} if self._trigger == 'software' else {}
            return {**_ON_LINE, **source}
        if any(name.startswith('Trigger') for name in self._features):
            return {}
        free: dict[str, FeatureValue] = {'TriggerSelector': 'FrameStart', 'TriggerMode': 'Off'}
        with contextlib.suppress(RuntimeError):  # it has no trigger
            if 'FixedRate' in camera.enum_entries('TriggerSource'):  # the rate holds only so (Mako, Manta)
                free = {**_ON_LINE, 'TriggerSource': 'FixedRate'}
        return {name: value for name, value in free.items() if camera.has_feature(name)}

    def _next_frame(self, deadline: float) -> Any:
        """A frame, whole or not; None where none comes soon, or none can."""
        with contextlib.suppress(RuntimeError):
            return self._acquisition.wait_for(min(_SLICE_S, max(deadline - time.monotonic(), 0.0)))
        return None

    def _image(self, frame: Any) -> RawImage:
        assert self._stamps is not None, 'a frame comes of an open camera'
        arrival_ns = self._clock() - (time.time_ns() - frame.system_timestamp_ns)
        pixel_format = pixel_format_of(frame.pixel_format_code)
        values = unpack(frame.data(), (frame.width, frame.height), pixel_format)
        return RawImage(values, pixel_format, self._stamps.to_host(frame, arrival_ns), self._counts.sequence)

    def _silence(self, timeout_s: float, incomplete: int) -> DeviceLostError | WaitingForTriggerError:
        if incomplete:
            return DeviceLostError(
                f'{self.name} sent {counted(incomplete, "image")} within {timeout_s:.3f} s and none was complete.',
                'Let a packet fit the MTU (GevSCPSPacketSize), or let it send slower (GevSCPD); see docs/cameras.md.',
            )
        if self._trigger != 'off':
            return WaitingForTriggerError(f'{self.name} waits for a trigger.', 'Trigger it.')
        return DeviceLostError(
            f'{self.name} gave no image within {timeout_s:.3f} s.', 'Check its cable, power and trigger.'
        )


def _stop(acquisition: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the camera is away
        acquisition.stop()


def _import_sdk() -> Any:
    try:
        import telegenic
    except ImportError as error:
        raise DeviceNotFoundError(
            f'telegenicam is not installed ({error}).', 'pip install "weld_cell[gige]", or pip install telegenicam'
        ) from error
    return telegenic
