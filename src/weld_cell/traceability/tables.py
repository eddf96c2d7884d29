"""Records as tables: CSV with one line for each seam, and JSON."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from weld_cell.traceability.chain import Entry
from weld_cell.traceability.record import SeamRecord, WeldRecord

COLUMNS = (
    *('record', 'sha256', 'cell', 'began_utc', 'ended_utc', 'outcome', 'reason', 'verdict', 'part', 'hand', 'seam'),
    *('joint_type', 'vote_share', 'length_mm', 'residual_rms_mm', 'residual_max_mm'),
    *('gap_min_mm', 'gap_mean_mm', 'gap_max_mm', 'mismatch_min_mm', 'mismatch_mean_mm', 'mismatch_max_mm'),
    *('procedure', 'procedure_sha256', 'changes', 'travel_speed_mm_s', 'wire_feed_m_min', 'current_a', 'voltage_v'),
    *('armed', 'armed_by', 'approved_by', 'reached', 'calibration_date', 'calibration_sha256', 'version'),
    *('wps', 'material', 'filler', 'gas', 'operator', 'examiner'),
)
_PARAMETERS = ('travel_speed_mm_s', 'wire_feed_m_min', 'current_a', 'voltage_v')
_QUALITY = ('wps', 'material', 'filler', 'gas', 'operator', 'examiner')


def csv_of(entries: Iterable[Entry]) -> str:
    """A line for each seam, and one for a cycle without; what is not known is empty.

    Raises:
        RecordError: an entry is no record.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator='\n')
    table.writeheader()
    for entry in entries:
        record = entry.record
        for seam in record.seams or (None,):
            table.writerow({**_of_record(entry, record), **(_of_seam(seam) if seam is not None else {})})
    return text.getvalue()


def json_of(entries: Iterable[Entry]) -> str:
    """A list of the entries, as they are kept."""
    lines = [
        {'number': each.number, 'previous': each.previous, 'sha256': each.sha256, 'record': each.plain}
        for each in entries
    ]
    return json.dumps(lines, indent=1, ensure_ascii=False) + '\n'


def _of_record(entry: Entry, record: WeldRecord) -> dict[str, Any]:
    calibration, software, quality = record.calibration, record.software, record.quality
    return {
        'record': entry.number,
        'sha256': entry.sha256,
        'cell': record.cell,
        'began_utc': record.began_utc,
        'ended_utc': record.ended_utc,
        'outcome': record.outcome,
        'reason': record.reason,
        'verdict': str(record.verdict),
        'part': record.part.code if record.part else None,
        'hand': record.part.hand if record.part else None,
        'calibration_date': calibration.date if calibration else None,
        'calibration_sha256': calibration.sha256 if calibration else None,
        'version': software.version if software else None,
        **{name: getattr(quality, name) for name in _QUALITY},
    }


def _of_seam(seam: SeamRecord) -> dict[str, Any]:
    found: dict[str, Any] = {'seam': seam.number}
    if seam.joint is not None:
        found |= {'joint_type': seam.joint.joint_type, 'vote_share': seam.joint.share}
    if seam.path is not None:
        path = seam.path
        found |= {'length_mm': path.length_mm, 'residual_rms_mm': path.residual_rms_mm}
        found |= {'residual_max_mm': path.residual_max_mm}
    if seam.along is not None:
        found |= _spread('gap', seam.along.gap_mm) | _spread('mismatch', seam.along.mismatch_mm)
    if seam.procedure is not None:
        numbers = {each.name: each.value for each in seam.procedure.parameters}
        changes = [f'{c.name} {c.before:g} to {c.after:g} {c.unit}'.rstrip() for c in seam.procedure.changes]
        found |= {'procedure': seam.procedure.name, 'procedure_sha256': seam.procedure.sha256}
        found |= {'changes': '; '.join(changes), **{name: numbers.get(name) for name in _PARAMETERS}}
    if seam.arc is not None:
        found |= {'armed': seam.arc.armed, 'armed_by': seam.arc.armed_by, 'approved_by': seam.arc.approved_by}
    if seam.controller is not None:
        found['reached'] = seam.controller.reached
    return found


def _spread(name: str, values: tuple[float | None, ...]) -> dict[str, float]:
    """Least, mean and greatest of the known ones; nothing where none is."""
    known = [value for value in values if value is not None]
    if not known:
        return {}
    mean = round(sum(known) / len(known), 4)
    return {f'{name}_min_mm': min(known), f'{name}_mean_mm': mean, f'{name}_max_mm': max(known)}
