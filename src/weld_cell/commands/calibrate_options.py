"""Options and output that the calibration commands share: rig file, JSON, messages."""

import argparse
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weld_cell.calibration.camera_files import is_same_camera
from weld_cell.calibration.outcomes import camera_told
from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.calibration.rig_file import SectionChange, update_rig_file
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.models.files import write_atomically
from weld_cell.option_types import file_to_write

CAMERAS = ('laser_sensor', 'mako')


def add_result_arguments(parser: argparse.ArgumentParser) -> None:
    """--rig and --json."""
    parser.add_argument(
        '--rig', type=Path, metavar='FILE', help='rig file to write the result into; the old one is kept beside it'
    )
    parser.add_argument('--json', type=file_to_write, metavar='FILE', help='write the result to this file')


def add_camera_argument(parser: argparse.ArgumentParser, default: str) -> None:
    """--camera."""
    parser.add_argument(
        '--camera', choices=CAMERAS, default=default, help='of the rig whose numbers these are (default: %(default)s)'
    )


def named_rig(arguments: argparse.Namespace) -> Rig | None:
    """The rig that --rig names, read before the work begins; None where none is named.

    Raises:
        ConfigurationError, CalibrationError: it cannot be read.
    """
    return load_rig(str(arguments.rig)) if arguments.rig else None


def require_intrinsics_of_rig(arguments: argparse.Namespace, name: str, camera: CameraModel) -> None:
    """Refuse to write what belongs to other intrinsics than those of the rig file: it would contradict itself.

    Args:
        arguments: As parsed.
        name: Of the rig's camera.
        camera: The intrinsics that are calibrated with.

    Raises:
        CalibrationError: they are others.
    """
    rig = named_rig(arguments)
    if rig is None or is_same_camera(own := getattr(rig, name).camera, camera):
        return
    raise CalibrationError(
        f'{arguments.camera_info} is not the camera that {arguments.rig} has as {name}: {camera_told(camera)}, not '
        f'{camera_told(own)}. The rig would contradict itself.',
        f'Bring the intrinsics into the rig first (weld_cell calibrate intrinsics --camera {name} --rig) and leave '
        'out --camera-info; or leave out --rig.',
    )


def write_result(
    arguments: argparse.Namespace, content: Mapping[str, Any], changes: Mapping[str, SectionChange]
) -> None:
    """Write what `add_result_arguments` was asked for, and say where it went.

    Args:
        arguments: As parsed.
        content: The result, ready for JSON.
        changes: Of the rig file, by section.

    Raises:
        ConfigurationError: the rig file cannot be read or written; it is as it was.
        CalibrationError: the result cannot be; the rig file is as it was.
        ModelError: the JSON cannot be written.
    """
    write_json(arguments.json, content)
    if arguments.rig:
        kept = update_rig_file(arguments.rig, changes)
        print(f'written: {arguments.rig} ({", ".join(changes)}); the old file is kept as {kept}')
        print(f'The graph uses it after: {_use_of(changes)}.')
    else:
        print('No rig file was written; --rig names one.')


def write_json(path: Path | None, content: Mapping[str, Any]) -> None:
    """Write a result where a file is named, and say so.

    Raises:
        ModelError: it cannot be written.
    """
    if path is not None:
        written = json.dumps(content, indent=1) + '\n'
        write_atomically(path, lambda stream: stream.write(written.encode('utf-8')))
        print(f'written: {path}')


def _use_of(changes: Mapping[str, SectionChange]) -> str:
    """What a person does so that nodes take the new numbers."""
    if any('.' in section for section in changes):  # intrinsics and laser plane are read once
        return 'a restart of the cameras and of seam_detector'
    if 'welding_tool' in changes:
        return "the next cell/start; the robot's description has the tool's frame too: correct it there"
    return 'ros2 service call /hand_eye_tf/reload std_srvs/srv/Trigger'


def today() -> datetime.date:
    """The day that a calibration is dated by."""
    return datetime.date.today()
