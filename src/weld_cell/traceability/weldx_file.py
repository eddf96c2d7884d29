"""A record as a weldx file (weldx.bam.de): its weld data model, with the whole record attached.

Needs the package weldx. A file is written under another name, validated by weldx against its schema
`multi_pass_weld`, read back, and only then renamed: weldx 0.8.2 may leave an empty file without an error.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from asdf.exceptions import ValidationError
from weldx import Q_, GmawProcess, LocalCoordinateSystem, SpatialData, TimeSeries, WeldxFile

from weld_cell.errors import RecordError
from weld_cell.traceability.chain import Entry, line_of, parse
from weld_cell.traceability.lines import cannot
from weld_cell.traceability.record import PictureRecord, SeamRecord, WeldRecord
from weld_cell.traceability.text import UNKNOWN
from weld_cell.traceability.verify import wrong_with

SCHEMA = 'multi_pass_weld-0.1.1'
OURS = 'weld_cell'
"""Key of what weldx's model has no place for, below its `wx_user`."""
_UNITS = {'mm/s': 'mm/s', 'm/min': 'm/min', 'A': 'A', 'V': 'V', 'mm': 'mm', 'deg': 'deg'}
_NAMES = {'wire_feed_m_min': 'wire_feedrate', 'current_a': 'current', 'voltage_v': 'voltage'}


def write_weldx(entry: Entry, folder: Path, path: Path) -> None:
    """Write a record as a weldx file.

    Args:
        entry: The record.
        folder: Where it and its pictures are kept.
        path: Of the file.

    Raises:
        RecordError: the record cannot be read, the file not written, or weldx does not take it.
    """
    tree = _tree(entry, folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.', suffix='.wx')
        os.close(descriptor)
        Path(unfinished).unlink()  # weldx takes what is there for a weldx file
    except OSError as error:
        raise cannot(path, 'written', error) from error
    try:
        _write_and_read(Path(unfinished), tree, entry)
        with Path(unfinished).open('rb') as stream:
            os.fsync(stream.fileno())
        Path(unfinished).replace(path)
    except OSError as error:
        raise cannot(path, 'written', error) from error
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _write_and_read(path: Path, tree: dict[str, Any], entry: Entry) -> None:
    """Raise RecordError where weldx does not take the tree, or gives another one back."""
    try:
        WeldxFile(str(path), tree=tree, mode='rw', custom_schema=SCHEMA).close()
    except (ValidationError, ValueError, TypeError, RuntimeError) as error:
        raise RecordError(
            f'Record {entry.number}: weldx refuses it ({_first_line(error)}).', 'Report this to weld_cell.'
        ) from error
    if read_weldx(path) != entry:
        raise RecordError(f'{path}: weldx wrote another record than {entry.number}.', 'Report this to weld_cell.')


def read_weldx(path: Path) -> Entry:
    """The record in a weldx file, once weldx has validated the whole.

    Raises:
        RecordError: it is no weldx file, none of weld_cell, or of another version.
    """
    try:
        with WeldxFile(str(path), 'r', custom_schema=SCHEMA) as file:
            return parse(str(file['wx_user'][OURS]['line']).encode())
    except (ValidationError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise RecordError(
            f'{path}: this is no weldx file of a weld record ({type(error).__name__}: {_first_line(error)}).',
            'Export the record again: weld_cell records export NUMBER --weldx FILE.',
        ) from error


def _first_line(error: Exception) -> str:
    """What follows is the schema."""
    return str(error).partition('\n')[0]


def _tree(entry: Entry, folder: Path) -> dict[str, Any]:
    record = entry.record
    ours = {
        'line': line_of(entry).decode(),
        'seams': [_measured(seam) for seam in record.seams],
        'pictures': {picture.file: _bytes(entry, folder, picture) for picture in record.pictures},
    }
    return {
        'workpiece': {'wx_user': {'part': record.part.code if record.part else UNKNOWN}},
        'weld_seam': [[[[_weldment(seam, record)]]] for seam in record.seams],
        'wx_user': {OURS: ours},
    }


def _bytes(entry: Entry, folder: Path, picture: PictureRecord) -> Any:
    wrong = wrong_with(folder, picture)
    if wrong:
        raise RecordError(
            f'Record {entry.number}: its picture {picture.file} {wrong}.',
            'See "weld_cell records verify"; restore the picture from a backup.',
        )
    return np.frombuffer((folder / picture.file).read_bytes(), np.uint8)


def _weldment(seam: SeamRecord, record: WeldRecord) -> dict[str, Any]:
    """Process and motion of the wire's tip, in base_link; current and voltage are set, not measured: left out."""
    weldment: dict[str, Any] = {'wx_user': {'frame': 'base_link'}}
    if seam.procedure is not None:
        parameters = {
            _NAMES.get(each.name, each.name): TimeSeries(Q_(each.value, _UNITS[each.unit]))
            for each in seam.procedure.parameters
        }
        quality = record.quality
        meta = {'wps': quality.wps or UNKNOWN, 'filler': quality.filler or UNKNOWN, 'gas': quality.gas or UNKNOWN}
        process = GmawProcess(UNKNOWN, UNKNOWN, UNKNOWN, parameters, meta=meta)
        weldment['process'] = {'welding_process': process}
    tip = _tip(seam)
    if tip is not None:
        weldment['TCP'] = tip
    return weldment


def _tip(seam: SeamRecord) -> LocalCoordinateSystem | None:
    """The tip of the wire as it was commanded, from the begin of the weld to its end."""
    motion = seam.trajectory
    if motion is None or motion.weld_start_s is None or motion.weld_end_s is None:
        return None
    times_s = np.array(motion.times_s)
    welding = (times_s >= motion.weld_start_s) & (times_s <= motion.weld_end_s)
    if welding.sum() < 2:
        return None
    coordinates = Q_(1000 * np.array(motion.tool_m)[welding], 'mm')
    return LocalCoordinateSystem(coordinates=coordinates, time=Q_(times_s[welding] - motion.weld_start_s, 's'))


def _measured(seam: SeamRecord) -> dict[str, Any]:
    """The path, and what was measured along it; NaN stands for what an image did not show."""
    measured: dict[str, Any] = {'number': seam.number}
    if seam.path is not None:
        measured['path'] = SpatialData(Q_(1000 * np.array(seam.path.positions_m), 'mm'))
    if seam.along is not None:
        names = ('along_mm', 'gap_mm', 'mismatch_mm', 'residual_mm')
        measured['along'] = {
            name.removesuffix('_mm'): Q_(np.array(getattr(seam.along, name), dtype=float), 'mm') for name in names
        }
    return measured
