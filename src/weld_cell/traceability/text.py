"""A record as readable text; unknown values are marked."""

import math
from collections.abc import Iterator

from weld_cell.traceability.chain import Entry
from weld_cell.traceability.record import QualityRecord, SeamRecord, WeldRecord
from weld_cell.wording import counted

UNKNOWN = 'not known'
QUALITY = {
    'wps': 'WPS',
    'wpqr': 'WPQR',
    'manufacturer': 'Manufacturer',
    'process': 'Process (ISO 4063)',
    'material': 'Parent metal',
    'thickness_mm': 'Thickness (mm)',
    'filler': 'Filler metal',
    'gas': 'Shielding gas (ISO 14175)',
    'position': 'Position (ISO 6947)',
    'operator': 'Operator',
    'examiner': 'Examiner',
}
"""What a quality department files beside, as it is called there."""
Facts = list[tuple[str, str]]


def in_one_line(text: str) -> str:
    """A text without line ends and control characters, which would pass for another line or steer a terminal."""
    return ' '.join(''.join(letter if letter.isprintable() else ' ' for letter in text).split())


def text_of(entry: Entry) -> str:
    """Title lines and facts, indented.

    Raises:
        RecordError: it is no record.
    """
    return ''.join(f'{line}\n' for line in _lines(entry))


def groups_of(entry: Entry) -> list[tuple[str, Facts]]:
    """All that is known of a record, in groups with their titles.

    Raises:
        RecordError: it is no record.
    """
    record = entry.record
    groups = [('Cycle', cycle_facts(entry, record)), ('Specification', quality_facts(record.quality))]
    groups += [(f'Seam {seam.number}', seam_facts(seam)) for seam in record.seams]
    groups += [('Spot welds', spot_facts(record)), ('Calibration', calibration_facts(record))]
    groups += [('Software', software_facts(record)), ('Pictures', [(p.what, p.file) for p in record.pictures])]
    groups.append(('Stages', [(f'{stage.after_s:.1f} s', f'{stage.stage} {stage.note}') for stage in record.stages]))
    return groups


def _lines(entry: Entry) -> Iterator[str]:
    for title, facts in groups_of(entry):
        yield title
        width = max((len(name) for name, _ in facts), default=0)
        yield from (
            (f'  {name:<{width}}  {in_one_line(value)}'.rstrip() for name, value in facts) if facts else ['  none']
        )


def cycle_facts(entry: Entry, record: WeldRecord) -> Facts:
    """Of the cycle as a whole."""
    part = record.part
    return [
        ('Record', f'{entry.number}' + ('' if entry.whole else ' (ALTERED: it is not what its SHA-256 says)')),
        ('SHA-256', entry.sha256),
        ('Cell', record.cell or UNKNOWN),
        ('Began (UTC)', record.began_utc),
        ('Ended (UTC)', record.ended_utc or UNKNOWN),
        ('Outcome', f'{record.outcome} {record.reason}'.rstrip()),
        ('Part', part.code if part else 'none identified'),
        ('Hand', (part.hand if part else None) or UNKNOWN),
        ('Spot welds', str(record.verdict)),
    ]


def quality_facts(quality: QualityRecord) -> Facts:
    """What was told beside."""
    return [(label, _known(getattr(quality, name))) for name, label in QUALITY.items()]


def seam_facts(seam: SeamRecord) -> Facts:
    """Of one seam."""
    welded = *_motion(seam), *_tracking(seam), *_fill(seam), *_arc(seam)
    return [*_joint(seam), *_path(seam), *_sizes(seam), *_procedure(seam), *welded]


def _joint(seam: SeamRecord) -> Facts:
    joint = seam.joint
    if joint is None:
        return [('Joint type', 'not decided')]
    if not joint.voted:
        return [('Joint type', f'{joint.joint_type} (given, not voted)')]
    images = ', '.join(f'{each.joint_type} {each.images}' for each in joint.counts)
    share = UNKNOWN if joint.share is None else f'{joint.share:.0%}'
    return [('Joint type', f'{joint.joint_type} ({share} of the images: {images or UNKNOWN})')]


def _path(seam: SeamRecord) -> Facts:
    path = seam.path
    if path is None:
        return [('Path', 'not found')]
    residual = UNKNOWN if path.residual_rms_mm is None else f'RMS {path.residual_rms_mm:.3f} mm'
    most = '' if path.residual_max_mm is None else f', at most {path.residual_max_mm:.3f} mm'
    points = '' if path.points is None else f' of {path.points} points, {path.outliers or 0} outliers left out'
    return [
        ('Path', f'{path.length_mm:.1f} mm, {counted(len(path.positions_m), "point")}, source {path.source}'),
        ('Residual', f'{residual}{most}{points}'),
    ]


def _sizes(seam: SeamRecord) -> Facts:
    along = seam.along
    if along is None:
        return [('Root gap', UNKNOWN), ('Mismatch', UNKNOWN)]
    return [('Root gap', _spread(along.gap_mm)), ('Mismatch', _spread(along.mismatch_mm))]


def _spread(values: tuple[float | None, ...]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return UNKNOWN
    mean = sum(known) / len(known)
    return f'{min(known):.2f} to {max(known):.2f} mm, mean {mean:.2f} mm, {len(known)} of {len(values)} images'


def _procedure(seam: SeamRecord) -> Facts:
    procedure = seam.procedure
    if procedure is None:
        return [('Procedure', 'none planned')]
    facts = [('Procedure', f'{procedure.name} of {procedure.file}'), ('SHA-256 of its file', procedure.sha256)]
    facts += [(_label(each.name), str(each)) for each in procedure.parameters]
    changes = [f'{_label(c.name)} {c.before:g} to {c.after:g} {c.unit}: {c.why}' for c in procedure.changes]
    return [*facts, ('Changed on the way', '; '.join(changes) or 'nothing')]


def _label(name: str) -> str:
    """A parameter's name without its unit, which stands beside its value."""
    for suffix in ('_mm_s', '_m_min', '_mm', '_deg', '_a', '_v'):
        if name.endswith(suffix):
            return name.removesuffix(suffix).replace('_', ' ')
    return name.replace('_', ' ')


def _motion(seam: SeamRecord) -> Facts:
    motion, controller = seam.trajectory, seam.controller
    if motion is None or controller is None:
        return [('Trajectory', 'none sent')]
    weld = UNKNOWN
    if motion.weld_start_s is not None and motion.weld_end_s is not None:
        weld = f'{motion.weld_start_s:.1f} to {motion.weld_end_s:.1f} s'
    miss = '' if controller.miss_rad is None else f' ({_angle(controller.miss_rad)} off)'
    reached = f'robot reached its end{miss}' if controller.reached else 'robot was not seen at its end'
    replaced = f'; {controller.replaced} goals replaced by later ones of ours' if controller.replaced else ''
    return [
        (
            'Trajectory',
            f'{counted(len(motion.times_s), "point")}, {motion.times_s[-1]:.1f} s, sent {motion.sent_utc}',
        ),
        ('Weld within it', weld),
        ('Controller', f'{controller.answer or f"no answer ({controller.interface})"}{replaced}; {reached}'),
    ]


def _tracking(seam: SeamRecord) -> Facts:
    """Of a weld that was corrected on its way."""
    tracking = seam.tracking
    if tracking is None:
        return []
    points = f'{tracking.points} seam points, {tracking.outliers} outliers and {tracking.late} late ones left out'
    lost_s = sum(lost.lasted_s for lost in tracking.lost)
    lost = (
        f'stripe lost {counted(len(tracking.lost), "time")}, {lost_s:.2f} s in all'
        if tracking.lost
        else 'stripe never lost'
    )
    times = ''
    if tracking.latency_ms is not None:
        times = f'; image to changed course {tracking.latency_ms[0]:.0f} ms, p99 {tracking.latency_ms[1]:.0f} ms'
    corrected = f'corrected by at most {tracking.max_mm:.2f} mm, RMS {tracking.rms_mm:.2f} mm'
    still = '; the workpiece did not move' if tracking.moved is False else ''
    return [('Tracking', f'{corrected}{still}; {points}; {lost}{times}')]


def _fill(seam: SeamRecord) -> Facts:
    """Of a weld whose speed and wire feed followed its root gap."""
    fill = seam.tracking.fill if seam.tracking is not None else None
    if fill is None:
        return []
    speed = f'{min(fill.travel_speed_mm_s):.1f} to {max(fill.travel_speed_mm_s):.1f} mm/s'
    feed = f'{min(fill.wire_feed_m_min):.1f} to {max(fill.wire_feed_m_min):.1f} m/min'
    weave = f'{min(fill.weave_width_mm):.1f} to {max(fill.weave_width_mm):.1f} mm'
    gap = f'root gap {min(fill.gap_mm):.2f} to {max(fill.gap_mm):.2f} mm'
    places = f'{fill.measured} of {len(fill.along_mm)} places measured during the weld'
    return [('Adaptive fill', f'speed {speed}, wire feed {feed}, weave {weave} by {gap}; {places}')]


def _angle(angle_rad: float) -> str:
    """An angle in degrees."""
    angle_deg = math.degrees(angle_rad)
    return 'less than 0.001 deg' if angle_deg < 0.001 else f'{angle_deg:.3f} deg'


def _arc(seam: SeamRecord) -> Facts:
    arc = seam.arc
    if arc is None:
        return [('Arc', 'not planned')]
    approved = f'{_known(arc.approved_by)} {arc.approved_utc or ""}'.rstrip()
    armed_by = f'{_known(arc.armed_by)} {arc.armed_utc or ""}'.rstrip()
    armed = 'armed' if arc.armed else 'dry run'
    return [('Arc', armed), ('Armed by', armed_by), ('Path approved by', approved)]


def spot_facts(record: WeldRecord) -> Facts:
    """A line for each spot weld."""
    return [
        (f'{spot.number}', f'{spot.verdict}, score {spot.score:.3f}, {_area(spot.defect_mm2)}')
        for spot in record.spot_welds
    ]


def _area(defect_mm2: float | None) -> str:
    return 'area of defects not known' if defect_mm2 is None else f'defects of {defect_mm2:.2f} mm2'


def calibration_facts(record: WeldRecord) -> Facts:
    """Of the rig in use."""
    found = record.calibration
    if found is None:
        return [('Rig', UNKNOWN)]
    facts = [('Rig', found.file), ('SHA-256', found.sha256), ('Date', found.date)]
    return facts + [(each.name, str(each) if each.value else 'nominal, not measured') for each in found.residuals]


def software_facts(record: WeldRecord) -> Facts:
    """What ran."""
    software = record.software
    if software is None:
        return [('weld_cell', UNKNOWN)]
    libraries = ', '.join(f'{each.name} {each.version}' for each in software.libraries)
    facts = [('weld_cell', software.version), ('SHA-256 of its source', software.source_sha256), ('with', libraries)]
    return facts + [(f'model {each.name}', f'{each.date} {each.sha256}') for each in software.models]


def _known(value: object) -> str:
    return UNKNOWN if value is None else f'{value:g}' if isinstance(value, float) else str(value)
