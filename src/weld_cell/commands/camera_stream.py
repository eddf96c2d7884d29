"""`weld_cell camera stream`: measure rate, losses and jitter of a GigE Vision camera."""

import argparse
import json
import sys
import time

import numpy as np

from weld_cell.commands.camera_options import add_camera_arguments, opened_camera, seconds
from weld_cell.devices.gige_vision import GigeVisionCamera
from weld_cell.errors import DeviceLostError

EXAMPLES = """Examples:
  weld_cell camera stream
  weld_cell camera stream 192.168.10.12 --rate 75 --seconds 60 --set GevSCPSPacketSize=8228
  weld_cell camera stream --seconds 10 --json

A line each second: images/s, incomplete ones (a packet was missing), skipped ones (none of their packets came),
packets missing and asked for again, jitter of the stamps in ms (standard deviation and largest), offset and drift of
the camera's clock. Ctrl-C ends it with a summary, as does the loss of the camera (exit code 1).
Exit code 3 if an image was lost."""
_LOST = 3
_COUNTS = ('images_incomplete', 'images_skipped', 'packets_missing', 'resend_requests', 'socket_drops')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_camera_arguments(parser)
    parser.add_argument('--seconds', type=seconds, metavar='S', help='so long (default: until Ctrl-C)')
    parser.add_argument('--json', action='store_true', help='print JSON at the end')


def run(arguments: argparse.Namespace) -> int:
    """Stream."""
    stamps: list[int] = []
    lost: DeviceLostError | None = None
    with opened_camera(arguments) as camera:
        print(camera.name, file=sys.stderr)
        try:
            _stream(camera, stamps, arguments.seconds or float('inf'))
        except KeyboardInterrupt:
            print(file=sys.stderr)
        except DeviceLostError as error:
            lost = error
        summary = {'camera': camera.name, 'images': len(stamps), **_pace(stamps), **camera.statistics}
    if arguments.json:
        print(json.dumps(summary, indent=1))
    else:
        print(_line(summary))
    if lost is not None:
        raise lost
    return _LOST if summary['images_incomplete'] or summary['images_skipped'] else 0


def _stream(camera: GigeVisionCamera, stamps: list[int], seconds: float) -> None:
    end, next_line, shown = time.monotonic() + seconds, time.monotonic() + 1.0, 0
    while time.monotonic() < end:
        stamps.append(camera.grab_raw(5.0).stamp_ns)
        if time.monotonic() >= next_line:
            values = {**_pace(stamps[max(shown - 1, 0) :]), **camera.statistics}
            print(_line(values), file=sys.stderr, flush=True)
            next_line, shown = next_line + 1.0, len(stamps)


def _pace(stamps: list[int]) -> dict[str, float]:
    """Rate and jitter of acquisition stamps; zeros for fewer than two."""
    periods_ms = np.diff(stamps) / 1e6 if len(stamps) > 1 else np.zeros(1)
    mean_ms = float(periods_ms.mean())
    return {
        'rate_hz': round(1e3 / mean_ms, 3) if mean_ms else 0.0,
        'jitter_ms': round(float(periods_ms.std()), 3),
        'jitter_largest_ms': round(float(np.abs(periods_ms - mean_ms).max()), 3),
    }


def _line(values: dict[str, object]) -> str:
    losses = ', '.join(f'{name.replace("_", " ")} {values.get(name, 0)}' for name in _COUNTS)
    return (
        f'{values["rate_hz"]} images/s, jitter {values["jitter_ms"]} ms (largest {values["jitter_largest_ms"]}); '
        f'{losses}; stamps: {values["stamps"]}, offset {values["clock_offset_ms"]} ms, '
        f'drift {values["clock_drift_ppm"]} ppm'
    )
