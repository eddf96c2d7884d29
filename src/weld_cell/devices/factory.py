"""From settings to a camera."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from weld_cell.config import Settings, bounded, choice, switch, text
from weld_cell.devices.allied_vision import AlliedVisionCamera
from weld_cell.devices.base import Camera, Clock
from weld_cell.devices.files import FilesCamera
from weld_cell.devices.gige_features import FeatureValue
from weld_cell.devices.gige_vision import GigeVisionCamera
from weld_cell.devices.reconnecting import ReconnectingCamera
from weld_cell.devices.v4l2 import V4l2Camera

BACKENDS = ('sim', 'files', 'v4l2', 'gige_vision', 'allied_vision')
TRIGGERS = ('off', 'software', 'hardware')


@dataclass(frozen=True)
class DeviceSettings(Settings):
    """Which camera, and how it is driven."""

    backend: str = choice('sim', BACKENDS, 'Where the images come from.')
    source: str = text('', 'Folder or video, device file, or address, serial number or id of a camera.')
    rate_hz: float = bounded(40.0, 0.1, 500.0, 'Hz', 'Images per second.')
    width_px: int = bounded(640, 16, 16384, 'px', 'Image width to ask for (v4l2).')
    height_px: int = bounded(480, 16, 16384, 'px', 'Image height to ask for (v4l2).')
    exposure_ms: float = bounded(0.0, 0.0, 1000.0, 'ms', 'Exposure time; 0 leaves it to the camera.')
    trigger: str = choice('off', TRIGGERS, 'What releases an image (gige_vision); hardware: see TriggerSource.')
    loop: bool = switch(False, 'Start again at the end (files).')
    timeout_s: float = bounded(2.0, 0.05, 60.0, 's', 'Silence after which the camera is reported as lost.')


def make_camera(
    settings: DeviceSettings, clock: Clock, features: Mapping[str, FeatureValue] = MappingProxyType({})
) -> Camera:
    """The camera proper.

    Args:
        settings: Which one.
        clock: For the stamps.
        features: Values by GenICam name (gige_vision); ExposureTime goes before `settings.exposure_ms`.

    Raises:
        ValueError: backend sim, which is composed by the node that simulates.
    """
    if settings.backend == 'files':
        return FilesCamera(Path(settings.source), settings.rate_hz, settings.loop, clock)
    if settings.backend == 'v4l2':
        size_px = (settings.width_px, settings.height_px)
        return V4l2Camera(settings.source, size_px, settings.rate_hz, settings.exposure_ms, clock)
    if settings.backend == 'gige_vision':
        exposure: dict[str, FeatureValue] = (
            {'ExposureTime': 1000.0 * settings.exposure_ms} if settings.exposure_ms > 0 else {}
        )
        return GigeVisionCamera(settings.source, settings.rate_hz, exposure | dict(features), settings.trigger, clock)
    if settings.backend == 'allied_vision':
        return AlliedVisionCamera(settings.source, settings.rate_hz, settings.exposure_ms, clock)
    raise ValueError(f'expected one of {", ".join(BACKENDS[1:])}, got {settings.backend!r}')


def make_reconnecting(camera: Camera, settings: DeviceSettings) -> ReconnectingCamera:
    """The camera with reconnection around it."""
    return ReconnectingCamera(camera, 1.0 / settings.rate_hz, time.monotonic)
