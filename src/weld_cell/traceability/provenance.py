"""Provenance of a weld: the rig in use, and the software and models that ran."""

import platform
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import weld_cell
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import ConfigurationError, ModelError
from weld_cell.models.card import read_card
from weld_cell.models.loader import cards_in
from weld_cell.paths import model_file
from weld_cell.traceability.record import (
    CalibrationRecord,
    ModelRecord,
    NamedVersion,
    Quantity,
    SoftwareRecord,
)

LIBRARIES = ('numpy', 'scipy', 'numba', 'onnxruntime', 'opencv-python-headless', 'scikit-learn', 'py-opw-kinematics')


def calibration_in_use(rig_file: str) -> CalibrationRecord:
    """What a record says of a rig file.

    Raises:
        ConfigurationError, CalibrationError: as `load_rig`.
    """
    rig = load_rig(rig_file)
    laser, mako = rig.laser_sensor, rig.mako
    tip = rig.records.get('welding_tool')
    residuals = (
        Quantity('tool: tip of the wire', tip.residual if tip else 0.0, tip.residual_unit if tip else 'mm'),
        Quantity('laser sensor: hand-eye', laser.residual_mm, 'mm'),
        Quantity('laser sensor: intrinsics', laser.residual_px, 'px'),
        Quantity('laser sensor: laser plane', laser.plane_residual_mm, 'mm'),
        Quantity('area camera: hand-eye', mako.residual_mm, 'mm'),
        Quantity('area camera: intrinsics', mako.residual_px, 'px'),
    )
    return CalibrationRecord(rig_file, file_sha256(rig_file), rig.date.isoformat(), residuals)


def file_sha256(path: str) -> str:
    """SHA-256 of a file.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        return sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigurationError(
            f'{path}: cannot be read ({error.strerror}).', 'Check the path and its permissions.'
        ) from error


@cache
def software_in_use() -> SoftwareRecord:
    """What runs, as it was when this process first asked."""
    python = NamedVersion('python', platform.python_version())
    libraries = [NamedVersion(name, version) for name in LIBRARIES if (version := _version(name))]
    return SoftwareRecord(weld_cell.__version__, _source_sha256(), (python, *libraries), _models())


def _version(name: str) -> str:
    """Empty where it is not installed by that name, as on an apt ROS 2."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ''


def _source_sha256() -> str:
    """Of all Python files of the package, in the order of their names."""
    folder, total = Path(weld_cell.__file__).parent, sha256()
    for path in sorted(folder.rglob('*.py')):
        total.update(f'{path.relative_to(folder)}\0'.encode() + path.read_bytes())
    return total.hexdigest()


def _models() -> tuple[ModelRecord, ...]:
    found = []
    for path in cards_in(model_file('')):
        try:
            card = read_card(path)
        except ModelError as error:
            found.append(ModelRecord(path.stem, f'unreadable: {error.message}', ''))
            continue
        found.append(ModelRecord(card.name, card.weights.sha256, card.date))
    return tuple(found)
