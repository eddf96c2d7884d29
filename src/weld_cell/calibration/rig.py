"""The calibrated rig: poses of tool and sensors, intrinsics, laser plane, and their uncertainty.

The file (config/rig.yaml) is what a calibration writes and what every node reads. It is checked on reading: a
wrong value is named with its file, line and key, because the robot would follow it.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import yaml

from weld_cell.calibration.record import KEY, CalibrationRecord, read_record
from weld_cell.checked_yaml import Section
from weld_cell.config import load_yaml
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import transform_from_xyz_rpy_deg
from weld_cell.records import FloatArray

ARM_M, CELL_M = 2.0, 10.0
"""What sits on the robot's hand, and what stands beside the robot, is no further from its parent."""
MOST_TURN_DEG = 360.0
LEAST_FOCAL, MOST_FOCAL = 0.2, 100.0
NEAREST_M, FURTHEST_M = 0.02, 3.0
"""Of a line-laser sensor."""
NUMBERS_OF = {
    'welding_tool': (3, 6),
    'laser_sensor': (6,),
    'laser_sensor.camera': (9,),
    'laser_sensor.laser_plane': (3,),
    'mako': (6,),
    'mako.camera': (9,),
}
"""The sections that a calibration writes, with how many standard deviations each may have."""
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
        records: How the numbers of a section came about, by its name in the file ('laser_sensor.camera'); none of a
            section that no calibration has written.
    """

    date: datetime.date
    welding_tool: Mounting
    laser_sensor: LaserSensorCalibration
    mako: CameraCalibration
    records: Mapping[str, CalibrationRecord] = field(default_factory=dict)

    @property
    def T_tool0_tool(self) -> FloatArray:
        """(4, 4) welding_tool into tool0."""
        return self.welding_tool.transform()

    def nominal(self) -> tuple[str, ...]:
        """The sections whose numbers nobody has measured: no calibration beside them, and a residual of 0."""
        residuals = {
            'welding_tool': 0.0,
            'laser_sensor': self.laser_sensor.residual_mm,
            'laser_sensor.camera': self.laser_sensor.residual_px,
            'laser_sensor.laser_plane': self.laser_sensor.plane_residual_mm,
            'mako': self.mako.residual_mm,
            'mako.camera': self.mako.residual_px,
        }
        return tuple(name for name, residual in residuals.items() if name not in self.records and not residual)


def load_rig(path: str) -> Rig:
    """Read a rig file.

    Raises:
        ConfigurationError: the file is missing or malformed, or a value has the wrong form; names file, line
            and key.
        CalibrationError: a value has the right form but cannot be (no focal length, a laser plane behind the
            camera); names file, line and key.
    """
    top = Section(load_yaml(path), path, _REMEDY)
    tool, sensor, mako = (top.section(name) for name in ('welding_tool', 'laser_sensor', 'mako'))
    records: dict[str, CalibrationRecord] = {}
    rig = Rig(
        date=top.date('date'),
        welding_tool=_mounting(tool, records),
        laser_sensor=_laser_sensor(sensor, records),
        mako=_area_camera(mako, records),
        records=records,
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
    content: dict[str, Any] = {
        'date': rig.date.isoformat(),
        'welding_tool': _mounting_rows(rig.welding_tool),
        'laser_sensor': {**_camera_rows(sensor), 'laser_plane': plane},
        'mako': _camera_rows(rig.mako),
    }
    for name, record in rig.records.items():
        section = content
        for word in name.split('.'):
            section = section[word]
        section[KEY] = record.rows()
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


def _note_record(section: Section, records: dict[str, CalibrationRecord]) -> None:
    if KEY in section:
        records[section.name] = read_record(section, NUMBERS_OF[section.name])


def _mounting(section: Section, records: dict[str, CalibrationRecord], most_m: float = ARM_M) -> Mounting:
    _note_record(section, records)
    xyz, rpy = section.numbers('xyz_m', 3).tolist(), section.numbers('rpy_deg', 3).tolist()
    if np.linalg.norm(xyz) > most_m:
        raise _implausible(section, 'xyz_m', f'at most {most_m:g} m from its parent')
    if np.abs(rpy).max() > MOST_TURN_DEG:
        raise _implausible(section, 'rpy_deg', f'at most {MOST_TURN_DEG:g} degrees')
    return Mounting((xyz[0], xyz[1], xyz[2]), (rpy[0], rpy[1], rpy[2]))


def _camera(section: Section, records: dict[str, CalibrationRecord]) -> CameraModel:
    _note_record(section, records)
    matrix = section.numbers('matrix', 9).reshape(3, 3)
    try:
        camera = CameraModel(matrix, section.numbers('distortion', 5), section.size('size_px'))
    except CalibrationError as error:
        raise CalibrationError(f'{section.where("matrix")}: {error.message}', error.remedy) from error
    width, height = camera.size_px
    focal = matrix[[0, 1], [0, 1]] / max(width, height)
    if not LEAST_FOCAL < focal.min() <= focal.max() < MOST_FOCAL:
        raise _implausible(
            section, 'matrix', f'focal lengths of {LEAST_FOCAL:g} to {MOST_FOCAL:g} image widths, in px'
        )
    if not (0 <= matrix[0, 2] <= width and 0 <= matrix[1, 2] <= height):
        raise _implausible(section, 'matrix', f'a principal point in the image of {width} x {height} px')
    return camera


def _laser_plane(section: Section) -> FloatArray:
    plane = section.numbers('coefficients', 3)
    if plane[2] <= 0:  # the depth on the optical axis is 1 / C
        raise CalibrationError(
            f'{section.where("coefficients")}: the laser plane does not cross the optical axis in front of '
            f'the camera (C = {plane[2]:g} 1/m, expected above 0).',
            _REMEDY,
        )
    if not NEAREST_M < 1.0 / plane[2] < FURTHEST_M:
        raise _implausible(
            section,
            'coefficients',
            f'a laser plane that crosses the optical axis {NEAREST_M:g} to {FURTHEST_M:g} m ahead (1 / C)',
        )
    return plane


def _implausible(section: Section, key: str, expected: str) -> CalibrationError:
    """Most often millimetres where metres are meant: the robot would follow them."""
    given = section.numbers(key, 9 if key == 'matrix' else 3).tolist()
    return CalibrationError(
        f'{section.where(key)}: expected {expected}, got {given}.',
        'Lengths are in metres, 1/m and pixels, angles in degrees. ' + _REMEDY,
    )


def _laser_sensor(section: Section, records: dict[str, CalibrationRecord]) -> LaserSensorCalibration:
    plane = section.section('laser_plane')
    _note_record(plane, records)
    return LaserSensorCalibration(
        **vars(_area_camera(section, records, ARM_M)),
        laser_plane=_laser_plane(plane),
        plane_residual_mm=plane.residual('residual_mm'),
    )


def _area_camera(
    section: Section, records: dict[str, CalibrationRecord], most_m: float = CELL_M
) -> CameraCalibration:
    camera = section.section('camera')
    return CameraCalibration(
        section.text('parent'),
        section.text('frame'),
        _mounting(section, records, most_m),
        section.residual('residual_mm'),
        _camera(camera, records),
        camera.residual('residual_px'),
    )
