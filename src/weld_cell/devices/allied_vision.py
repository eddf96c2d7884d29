"""Allied Vision cameras (Mako, Manta, Alvium) by VmbPy, the Python API of Vimba X.

VmbPy comes with the Vimba X SDK and is imported when a camera is opened, so nothing else needs it.
"""

import contextlib
import queue
from typing import Any

from weld_cell.devices.base import Clock
from weld_cell.devices.device_clock import DeviceClock
from weld_cell.errors import DeviceLostError, DeviceNotFoundError
from weld_cell.records import CameraImage, ImageArray

_BUFFERS = 10


class AlliedVisionCamera:
    """One camera, streaming Mono8.

    Args:
        camera_id: Id, serial number or IP address; empty takes the first camera found.
        rate_hz: Images per second to ask for.
        exposure_ms: Exposure time; 0 leaves the camera as its user set has it.
        clock: For the stamps.
    """

    def __init__(self, camera_id: str, rate_hz: float, exposure_ms: float, clock: Clock) -> None:
        self._camera_id = camera_id
        self._rate_hz = rate_hz
        self._exposure_ms = exposure_ms
        self._clock = clock
        self._images: queue.Queue[CameraImage | None] = queue.Queue()
        self._resources = contextlib.ExitStack()

    @property
    def name(self) -> str:
        """Vendor and id."""
        return f'Allied Vision {self._camera_id or "(first found)"}'

    def open(self) -> None:
        """Start streaming.

        Raises:
            DeviceNotFoundError: the SDK is not installed, or no such camera is there.
        """
        vmbpy = _import_sdk()
        self._images = queue.Queue()
        try:
            with contextlib.ExitStack() as resources:
                self._start(vmbpy, resources)
                self._resources = resources.pop_all()
        except vmbpy.VmbTransportLayerError as error:
            raise DeviceNotFoundError(
                f'VmbPy finds no transport layer ({error}); the VmbPy on PyPI has none.',
                'Install Vimba X and log in again (GENICAM_GENTL64_PATH), or use backend gige_vision (no SDK).',
            ) from error
        except (vmbpy.VmbSystemError, vmbpy.VmbCameraError) as error:
            raise DeviceNotFoundError(
                f'{self.name} does not open: {error}',
                'Look for it with Vimba X Viewer; check network, power and that no other program uses it.',
            ) from error

    def grab(self, timeout_s: float) -> CameraImage:
        """Wait for the next complete image.

        Raises:
            DeviceLostError: closed, or no image within the time.
        """
        try:
            image = self._images.get(timeout=timeout_s)
        except queue.Empty:
            raise DeviceLostError(
                f'{self.name} gave no image within {timeout_s:.3f} s.', 'Check its cable and power.'
            ) from None
        if image is None:
            raise DeviceLostError(f'{self.name} was closed.', 'Open it again.')
        return image

    def close(self) -> None:
        """Stop streaming and let the camera go; a waiting `grab` ends."""
        self._images.put(None)
        self._resources.pop_all().close()

    def _start(self, vmbpy: Any, resources: contextlib.ExitStack) -> None:
        system = resources.enter_context(vmbpy.VmbSystem.get_instance())
        camera = resources.enter_context(self._find(vmbpy, system))
        camera.set_pixel_format(vmbpy.PixelFormat.Mono8)
        self._configure(vmbpy, camera)
        receiver = _FrameReceiver(vmbpy, self._images, _nanoseconds_per_tick(vmbpy, camera), self._clock)
        camera.start_streaming(receiver, buffer_count=_BUFFERS)
        resources.callback(camera.stop_streaming)

    def _find(self, vmbpy: Any, system: Any) -> Any:
        if self._camera_id:
            return system.get_camera_by_id(self._camera_id)
        cameras = system.get_all_cameras()
        if not cameras:
            raise DeviceNotFoundError(
                'No Allied Vision camera was found.', 'Check its power and that it is on this network.'
            )
        return cameras[0]

    def _configure(self, vmbpy: Any, camera: Any) -> None:
        """Set rate and exposure; the features are named differently on older models (Mako) and newer ones."""
        _set_first(vmbpy, camera, ('AcquisitionFrameRateAbs', 'AcquisitionFrameRate'), self._rate_hz)
        if self._exposure_ms > 0:
            _set_first(vmbpy, camera, ('ExposureTimeAbs', 'ExposureTime'), self._exposure_ms * 1000.0)


class _FrameReceiver:
    """The frame handler: copies each complete frame out of the SDK's buffer and gives the buffer back."""

    def __init__(
        self,
        vmbpy: Any,
        images: 'queue.Queue[CameraImage | None]',
        nanoseconds_per_tick: float,
        clock: Clock,
    ) -> None:
        self._complete = vmbpy.FrameStatus.Complete
        self._images = images
        self._nanoseconds_per_tick = nanoseconds_per_tick
        self._clock = clock
        self._device_clock = DeviceClock()

    def __call__(self, camera: Any, stream: Any, frame: Any) -> None:
        arrival_ns = self._clock()
        if frame.get_status() == self._complete:
            device_ns = round(frame.get_timestamp() * self._nanoseconds_per_tick)
            pixels: ImageArray = frame.as_numpy_ndarray()[..., 0].copy()
            self._images.put(CameraImage(pixels, self._device_clock.to_host(device_ns, arrival_ns), frame.get_id()))
        camera.queue_frame(frame)


def _import_sdk() -> Any:
    try:
        import vmbpy
    except ImportError as error:
        raise DeviceNotFoundError(
            f'The Allied Vision SDK is not installed ({error}).',
            'Install Vimba X and the VmbPy that comes with it, or use backend gige_vision, which needs no SDK.',
        ) from error
    return vmbpy


def _set_first(vmbpy: Any, camera: Any, names: tuple[str, ...], value: float) -> None:
    """Set the first of the features that this model has.

    Raises:
        DeviceNotFoundError: it has none of them.
    """
    for name in names:
        with contextlib.suppress(vmbpy.VmbFeatureError):
            camera.get_feature_by_name(name).set(value)
            return
    raise DeviceNotFoundError(
        f'The camera accepts none of {", ".join(names)} = {value:g}.', 'Use a value in the range of the camera.'
    )


def _nanoseconds_per_tick(vmbpy: Any, camera: Any) -> float:
    """GigE Vision cameras name the frequency of their clock; the others count nanoseconds."""
    try:
        return 1e9 / float(camera.get_feature_by_name('GevTimestampTickFrequency').get())
    except vmbpy.VmbFeatureError:
        return 1.0
