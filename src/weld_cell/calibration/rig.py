"""The calibrated rig: where the tool and the sensors sit, how they see, and how well that is known.

The file (config/rig.yaml) is what a calibration writes and what every node reads. It is checked on reading: a
wrong value is named with its file, line and key, because the robot would follow it.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from weld_cell.config import LocatedDict, load_yaml, require_key
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import transform_from_xyz_rpy_deg
from weld_cell.records import FloatArray

_REMEDY = 'Correct the value, or calibrate again; config/rig.yaml as shipped shows the form.'


@dataclass(frozen=True)
class Mounting:
    """Where a frame sits in its parent, as the rig file writes it.

    Attributes:
        xyz_m: Translation.
        rpy_deg: Fixed-axis roll, pitch, yaw (URDF's order).
    """

    xyz_m: tuple[float, float, float]
    rpy_deg: tuple[float, float, float]

    def transform(self) -> FloatArray:
        """(4, 4) T_parent_frame."""
        return transform_from_xyz_rpy_deg(np.array(self.xyz_m), np.array(self.rpy_deg))


@dataclass(frozen=True, eq=False)
class CameraCalibration:
    """A camera: where it sits and how it sees.

    Attributes:
        parent: Frame that carries it (base_link for a fixed camera, tool0 for one on the hand).
        frame: Its optical frame.
        mounting: The optical frame in the parent, found by hand-eye calibration.
        residual_mm: RMS of the hand-eye calibration; 0 for nominal numbers.
        camera: Intrinsics.
        residual_px: RMS reprojection error of the intrinsics; 0 for nominal numbers.
    """

    parent: str
    frame: str
    mounting: Mounting
    residual_mm: float
    camera: CameraModel
    residual_px: float

    @property
    def T_parent_sensor(self) -> FloatArray:
        """(4, 4) optical frame into its parent."""
        return self.mounting.transform()


@dataclass(frozen=True, eq=False)
class LaserSensorCalibration(CameraCalibration):
    """The line-laser sensor on the robot's hand.

    Attributes:
        laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame.
        plane_residual_mm: RMS distance of the calibration points from the laser plane; 0 for nominal numbers.
    """

    laser_plane: FloatArray
    plane_residual_mm: float


@dataclass(frozen=True, eq=False)
class Rig:
    """The calibrated whole.

    Attributes:
        date: Day of the calibration.
        welding_tool: Frame welding_tool (wire tip, z along the wire out of the tool) in tool0.
        laser_sensor: The line-laser sensor.
        mako: The area camera.
    """

    date: datetime.date
    welding_tool: Mounting
    laser_sensor: LaserSensorCalibration
    mako: CameraCalibration

    @property
    def T_tool0_tool(self) -> FloatArray:
        """(4, 4) welding_tool into tool0."""
        return self.welding_tool.transform()


def load_rig(path: str) -> Rig:
    """Read a rig file.

    Raises:
        ConfigurationError: the file is missing or malformed, or a value has the wrong form; names file, line
            and key.
        CalibrationError: a value has the right form but cannot be (no focal length, a laser plane behind the
            camera); names file, line and key.
    """
    top = _Section(load_yaml(path), path, '')
    rig = Rig(
        date=top.date('date'),
        welding_tool=_mounting(top.section('welding_tool')),
        laser_sensor=_laser_sensor(top.section('laser_sensor')),
        mako=_area_camera(top.section('mako')),
    )
    top.refuse_unread()
    return rig


def save_rig(rig: Rig, path: str) -> None:
    """Write a rig file that `load_rig` reads back to the same numbers.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    sensor = rig.laser_sensor
    plane = {'coefficients': [float(c) for c in sensor.laser_plane], 'residual_mm': sensor.plane_residual_mm}
    content = {
        'date': rig.date.isoformat(),
        'welding_tool': _mounting_rows(rig.welding_tool),
        'laser_sensor': {**_camera_rows(sensor), 'laser_plane': plane},
        'mako': _camera_rows(rig.mako),
    }
    try:
        with open(path, 'w', encoding='utf-8') as stream:
            stream.write('# The calibrated rig, written by weld_cell. Metres, degrees, pixels.\n')
            yaml.safe_dump(content, stream, sort_keys=False, default_flow_style=None)
    except OSError as error:
        raise ConfigurationError(
            f'{path}: cannot be written ({error.strerror}).', 'Check the path and its permissions.'
        ) from error


def _mounting_rows(mounting: Mounting) -> dict[str, Any]:
    return {'xyz_m': list(mounting.xyz_m), 'rpy_deg': list(mounting.rpy_deg)}


def _camera_rows(sensor: CameraCalibration) -> dict[str, Any]:
    camera = {
        'size_px': list(sensor.camera.size_px),
        'matrix': [float(v) for v in sensor.camera.matrix.ravel()],
        'distortion': [float(v) for v in sensor.camera.distortion],
        'residual_px': sensor.residual_px,
    }
    return {
        'parent': sensor.parent,
        'frame': sensor.frame,
        **_mounting_rows(sensor.mounting),
        'residual_mm': sensor.residual_mm,
        'camera': camera,
    }


class _Section:
    """A mapping of the file whose values are read with their form checked, or refused with line and key."""

    def __init__(self, mapping: LocatedDict, path: str, name: str) -> None:
        self._mapping, self._path, self._name = mapping, path, name
        self._read: set[str] = set()
        self._sections: list[_Section] = []

    def refuse_unread(self) -> None:
        """A key that nothing reads is a misspelt one, or one that somebody believes in."""
        unread = [key for key in self._mapping if key not in self._read]
        if unread:
            raise ConfigurationError(f'{self.where(unread[0])}: unknown key.', _REMEDY)
        for section in self._sections:
            section.refuse_unread()

    def where(self, key: str) -> str:
        line = self._mapping.lines.get(key)
        return f'{self._path}: ' + (f'line {line}: ' if line else '') + f'"{self._name}{key}"'

    def _value(self, key: str) -> Any:
        self._read.add(key)
        section = f' section "{self._name[:-1]}"' if self._name else ''
        return require_key(self._mapping, key, f'{self._path}:{section}')

    def _refuse(self, key: str, expected: str) -> ConfigurationError:
        return ConfigurationError(f'{self.where(key)}: expected {expected}, got {self._value(key)!r}.', _REMEDY)

    def section(self, key: str) -> '_Section':
        value = self._value(key)
        if not isinstance(value, LocatedDict):
            raise self._refuse(key, 'a mapping')
        self._sections.append(_Section(value, self._path, f'{self._name}{key}.'))
        return self._sections[-1]

    def text(self, key: str) -> str:
        value = self._value(key)
        if not isinstance(value, str) or not value:
            raise self._refuse(key, 'a name')
        return value

    def date(self, key: str) -> datetime.date:
        try:
            return datetime.date.fromisoformat(str(self._value(key)))
        except ValueError:
            raise self._refuse(key, 'a date such as "2026-11-20"') from None

    def numbers(self, key: str, count: int) -> FloatArray:
        value = self._value(key)
        if not isinstance(value, list) or len(value) != count or not all(_is_finite(v) for v in value):
            raise self._refuse(key, f'a row of {count} numbers')
        return np.array(value, dtype=float)

    def residual(self, key: str) -> float:
        value = self._value(key)
        if not _is_finite(value) or value < 0:
            raise self._refuse(key, 'a number from 0')
        return float(value)

    def size(self, key: str) -> tuple[int, int]:
        width, height = self.numbers(key, 2)
        if min(width, height) < 1 or width % 1 or height % 1:
            raise self._refuse(key, 'width and height in whole pixels')
        return int(width), int(height)


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and bool(np.isfinite(value))


def _mounting(section: _Section) -> Mounting:
    xyz, rpy = section.numbers('xyz_m', 3).tolist(), section.numbers('rpy_deg', 3).tolist()
    return Mounting((xyz[0], xyz[1], xyz[2]), (rpy[0], rpy[1], rpy[2]))


def _camera(section: _Section) -> CameraModel:
    matrix = section.numbers('matrix', 9).reshape(3, 3)
    try:
        return CameraModel(matrix, section.numbers('distortion', 5), section.size('size_px'))
    except CalibrationError as error:
        raise CalibrationError(f'{section.where("matrix")}: {error.message}', error.remedy) from error


def _laser_plane(section: _Section) -> FloatArray:
    plane = section.numbers('coefficients', 3)
    if plane[2] <= 0:  # the depth on the optical axis is 1 / C
        raise CalibrationError(
            f'{section.where("coefficients")}: the laser plane does not cross the optical axis in front of '
            f'the camera (C = {plane[2]:g} 1/m, expected above 0).',
            _REMEDY,
        )
    return plane


def _laser_sensor(section: _Section) -> LaserSensorCalibration:
    plane = section.section('laser_plane')
    return LaserSensorCalibration(
        **vars(_area_camera(section)),
        laser_plane=_laser_plane(plane),
        plane_residual_mm=plane.residual('residual_mm'),
    )


def _area_camera(section: _Section) -> CameraCalibration:
    camera = section.section('camera')
    return CameraCalibration(
        section.text('parent'),
        section.text('frame'),
        _mounting(section),
        section.residual('residual_mm'),
        _camera(camera),
        camera.residual('residual_px'),
    )
