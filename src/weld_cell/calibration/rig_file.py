"""Atomic update of the rig file with calibration results; the old file and its comments are kept.

The file belongs to the integrator. Only the values that a calibration has found are replaced in its text; where that
cannot be done (a value that stands for others by an anchor), the whole file is written again without its comments.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from scipy.spatial.transform import Rotation

from weld_cell.calibration.record import KEY, CalibrationRecord
from weld_cell.calibration.rig import NUMBERS_OF, load_rig
from weld_cell.errors import ConfigurationError, ModelError, WeldCellError
from weld_cell.geometry.camera import CameraModel
from weld_cell.models.files import write_atomically
from weld_cell.records import FloatArray

_IMPLAUSIBLE = 'Check the size and pitch of the board, the unit of the poses, and which camera the images are of.'
_HEADER = '# The calibrated rig. Metres, degrees, pixels. Written anew by weld_cell calibrate.\n'


@dataclass(frozen=True, eq=False)
class SectionChange:
    """What a calibration has found of one section.

    Attributes:
        values: New values by key: numbers, words, or rows of numbers.
        record: How they came about.
    """

    values: Mapping[str, Any]
    record: CalibrationRecord

    def rows(self) -> dict[str, Any]:
        """The keys that it sets, as YAML has them."""
        return {**{key: _plain(value) for key, value in self.values.items()}, KEY: self.record.rows()}


def frame_change(T_parent_frame: FloatArray, residual_mm: float, record: CalibrationRecord) -> SectionChange:
    """Where a sensor sits: the change of the section laser_sensor or mako."""
    return SectionChange({**_mounting(T_parent_frame), 'residual_mm': residual_mm}, record)


def tool_change(xyz_m: FloatArray, record: CalibrationRecord) -> SectionChange:
    """Where the wire's tip is in tool0: the change of the section welding_tool, whose turn stays as it is."""
    return SectionChange({'xyz_m': [float(f'{value:.6f}') for value in xyz_m]}, record)


def camera_change(camera: CameraModel, residual_px: float, record: CalibrationRecord) -> SectionChange:
    """How a camera sees: the change of the section laser_sensor.camera or mako.camera."""
    values = {
        'size_px': list(camera.size_px),
        'matrix': [float(f'{value:.6g}') for value in camera.matrix.ravel()],
        'distortion': [float(f'{value:.6g}') for value in camera.distortion],
        'residual_px': residual_px,
    }
    return SectionChange(values, record)


def plane_change(coefficients: FloatArray, residual_mm: float, record: CalibrationRecord) -> SectionChange:
    """A laser plane A, B, C: the change of the section laser_sensor.laser_plane."""
    values = {'coefficients': [float(f'{value:.9g}') for value in coefficients], 'residual_mm': residual_mm}
    return SectionChange(values, record)


def _mounting(T_parent_frame: FloatArray) -> dict[str, list[float]]:
    rpy_deg = Rotation.from_matrix(T_parent_frame[:3, :3]).as_euler('xyz', degrees=True)
    return {
        'xyz_m': [round(float(value), 6) for value in T_parent_frame[:3, 3]],
        'rpy_deg': [round(float(value), 5) for value in rpy_deg],
    }


def update_rig_file(path: str | Path, changes: Mapping[str, SectionChange]) -> Path:
    """Write results into a rig file; a reader sees the old file or the new one.

    Args:
        path: A rig file that can be read.
        changes: By the section's name ('laser_sensor', 'laser_sensor.camera', ...).

    Returns:
        The old file, kept beside the new one under a name with the date and time.

    Raises:
        ValueError: no change, or a section that a rig does not have.
        ConfigurationError: the file cannot be read or written; it is as it was.
        CalibrationError: the new values cannot be, or the old ones could not; the file is as it was.
    """
    if not changes or not changes.keys() <= NUMBERS_OF.keys():
        raise ValueError(f'changes: expected some of {", ".join(NUMBERS_OF)}, got {", ".join(changes) or "none"}')
    target = Path(path).resolve()
    load_rig(str(target))
    old = target.read_bytes()
    text = _changed_text(old.decode('utf-8'), changes)
    _require_readable(text, target)
    kept = _free_name(target)
    try:
        write_atomically(kept, lambda stream: stream.write(old))
        write_atomically(target, lambda stream: stream.write(text.encode('utf-8')))
    except ModelError as error:
        kept.unlink(missing_ok=True)
        raise ConfigurationError(error.message, error.remedy) from error
    return kept


def _free_name(target: Path) -> Path:
    """rig.yaml -> rig.20261129T115000.yaml, or with a number behind where that is taken."""
    stem = f'{target.stem}.{datetime.datetime.now():%Y%m%dT%H%M%S}'
    names = [stem, *(f'{stem}-{number}' for number in range(2, 1000))]
    return next(place for name in names if not (place := target.with_name(name + target.suffix)).exists())


def _require_readable(text: str, target: Path) -> None:
    """Refuse, before anything is replaced, what no node would read."""
    with TemporaryDirectory() as folder:
        trial = Path(folder) / target.name
        trial.write_text(text, encoding='utf-8')
        try:
            load_rig(str(trial))
        except WeldCellError as error:
            message = re.sub(rf'^{re.escape(str(trial))}: (line \d+: )?', '', error.message)
            raise type(error)(f'{target} cannot take the result: {message}', _IMPLAUSIBLE) from error


def _changed_text(text: str, changes: Mapping[str, SectionChange]) -> str:
    day = max(change.record.date for change in changes.values()).isoformat()
    edits: list[tuple[tuple[str, ...], str, Any]] = [((), 'date', day)]
    edits += [(tuple(name.split('.')), key, value) for name, c in changes.items() for key, value in c.rows().items()]
    wanted, changed = yaml.safe_load(text), text
    for section, key, value in edits:
        _mapping_at(wanted, section)[key] = value
    try:
        for section, key, value in edits:
            changed = _with_value(changed, section, key, value)
        faithful = yaml.safe_load(changed) == wanted
    except yaml.YAMLError:  # an anchor was replaced
        faithful = False
    return changed if faithful else _HEADER + yaml.safe_dump(wanted, sort_keys=False, default_flow_style=None)


def _mapping_at(content: Any, section: tuple[str, ...]) -> Any:
    for word in section:
        content = content[word]
    return content


def _with_value(text: str, section: tuple[str, ...], key: str, value: Any) -> str:
    """The text of a YAML file with one value of a mapping replaced or added."""
    mapping: Any = yaml.compose(text)
    for word in section:
        mapping = next(node for name, node in mapping.value if name.value == word)
    begin: int
    end: int
    found = next((pair for pair in mapping.value if pair[0].value == key), None)
    if found is not None:
        begin, end = found[0].start_mark.index, _end_of(found[1])
    else:
        begin = end = _end_of(mapping) - (1 if mapping.flow_style else 0)
    if mapping.flow_style:
        return text[:begin] + (', ' if found is None else '') + f'{key}: {_flow(value)}' + text[end:]
    indent = int(mapping.value[0][0].start_mark.column)
    written = _block(key, value, indent)
    if found is None:  # behind what stands on the last line of the section
        begin = end = len(text) if (newline := text.find('\n', end)) < 0 else newline
        return text[:begin] + '\n' + ' ' * indent + written + text[end:]
    return text[:begin] + written + text[end:]


def _end_of(node: yaml.Node) -> int:
    """Behind its last character; PyYAML's own mark of a block stands behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end_of(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.end_mark.index)


def _block(key: str, value: Any, indent: int) -> str:
    """`key: value` for a block mapping: a mapping on lines of its own, one level further in."""
    if not isinstance(value, dict):
        return f'{key}: {_flow(value)}'
    margin = '\n' + ' ' * (indent + 2)
    return f'{key}:' + ''.join(f'{margin}{name}: {_flow(inner)}' for name, inner in value.items())


def _flow(value: Any) -> str:
    """A value on one line."""
    written: str = yaml.safe_dump(value, default_flow_style=True, width=np.inf, sort_keys=False)
    return written.removesuffix('...\n').strip()


def _plain(value: Any) -> Any:
    """Rows and numbers of numpy as Python has them; six digits of a number alone."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain_number(item) for item in value]
    return float(f'{value:.6g}') if isinstance(value, (float, np.floating)) else value


def _plain_number(item: Any) -> Any:
    return item if isinstance(item, int) else float(item)
