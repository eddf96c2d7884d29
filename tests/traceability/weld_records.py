"""A record as a cycle over one fillet leaves it, and folders of such records."""

from dataclasses import replace

import numpy as np

from weld_cell.traceability.record import (
    AlongSeam,
    ArcRecord,
    CalibrationRecord,
    ControllerRecord,
    ImageCount,
    JointTypeRecord,
    ModelRecord,
    NamedVersion,
    PartRecord,
    ProcedureChange,
    ProcedureRecord,
    QualityRecord,
    Quantity,
    SeamPathRecord,
    SeamRecord,
    SoftwareRecord,
    SpotWeldRecord,
    StageEntry,
    TrajectoryRecord,
    WeldRecord,
    rows,
)
from weld_cell.traceability.store import RecordStore

RESERVE_MB = 1.0
ALONG_MM = np.arange(0.0, 101.0, 2.0)
PICTURE = b'\x89PNG not a picture, but bytes that may be altered'


def seam_record(joint_type='fillet', armed=False):
    """A straight seam of 100 mm along y at x = 1 m, its gap growing from 0.2 to 0.4 mm."""
    path = np.column_stack([np.full(51, 1.0), ALONG_MM / 1000, np.full(51, 0.2)])
    along = AlongSeam(
        tuple(ALONG_MM.tolist()),
        (None, *np.linspace(0.2, 0.4, 51)[1:].tolist()),
        (0.0,) * 51,
        tuple(np.full(51, 0.05).tolist()),
    )
    procedure = ProcedureRecord(
        joint_type,
        '/config/weld_procedures.yaml',
        'b' * 64,
        (
            Quantity('travel_speed_mm_s', 8.0, 'mm/s'),
            Quantity('wire_feed_m_min', 7.0, 'm/min'),
            Quantity('current_a', 160.0, 'A'),
            Quantity('voltage_v', 20.0, 'V'),
        ),
        (ProcedureChange('travel_speed_mm_s', 10.0, 8.0, 'mm/s', 'the file was changed'),),
    )
    return SeamRecord(
        1,
        JointTypeRecord(joint_type, True, 0.95, (ImageCount(joint_type, 38), ImageCount('v', 2))),
        SeamPathRecord('laser', rows(path), rows(np.tile([0.0, 0.0, 1.0], (51, 1))), 100.0, 0.05, 0.05, 51, 0),
        along,
        procedure,
        TrajectoryRecord(
            ('a1', 'a2', 'a3', 'a4', 'a5', 'a6'),
            (0.0, 1.0, 13.5, 14.5),
            rows(np.arange(24.0).reshape(4, 6) / 100),
            ((1.0, 0.0, 0.25), (1.0, 0.0, 0.2), (1.0, 0.1, 0.2), (1.0, 0.1, 0.25)),
            1.0,
            13.5,
            '2026-11-29T10:00:20.000Z',
        ),
        ControllerRecord('topic', None, True, 0.0004),
        ArcRecord(armed),
    )


def weld_record(cycle='c1', began='2026-11-29T10:00:00.000Z', **changes):
    """A cycle that was done; `changes` are fields of it."""
    record = WeldRecord(
        cycle,
        'cell 1',
        began,
        began.replace(':00.000', ':40.000'),
        'done',
        stages=(StageEntry(0.0, 'approach'), StageEntry(12.5, 'weld', '0 of 14 s'), StageEntry(40.0, 'done')),
        part=PartRecord('A-R', 'right', 0.31, rows(np.eye(4))),
        seams=(seam_record(),),
        calibration=CalibrationRecord(
            '/config/rig.yaml', 'a' * 64, '2026-11-20', (Quantity('hand-eye of the laser sensor', 0.12, 'mm'),)
        ),
        software=SoftwareRecord(
            '0.1.0', 'c' * 64, (NamedVersion('numpy', '2.4.6'),), (ModelRecord('joint_type', 'd' * 64, '2026-11-20'),)
        ),
        quality=QualityRecord('WPS 12', process='135', material='S235JR', thickness_mm=3.0, gas='M21'),
    )
    return replace(record, **changes)


def spots(*verdicts):
    return tuple(SpotWeldRecord(k, verdict, 0.4 * k) for k, verdict in enumerate(verdicts, 1))


def keep(folder, record, picture=None):
    """Keep a record as a cycle does: begun, and finished."""
    opened = RecordStore(folder, RESERVE_MB).begin(replace(record, outcome=None, ended_utc=None))
    if picture is not None:
        record = replace(record, pictures=(opened.keep_picture('seam', picture, 'the seam in an image'),))
    return opened.finish(record)


def keep_five(folder):
    """Records 1 to 5: fillet, lap, butt and twice v; the third was a fault, the second has a picture."""
    keep(folder, weld_record('c1', spot_welds=spots('good', 'good')))
    keep(folder, weld_record('c2', '2026-11-29T11:00:00.000Z', seams=(seam_record('lap', armed=True),)), PICTURE)
    fault = {'seams': (seam_record('butt'),), 'outcome': 'fault', 'reason': 'in stage track: lost', 'part': None}
    keep(folder, weld_record('c3', '2026-11-29T12:00:00.000Z', **fault))
    keep(
        folder, weld_record('c4', '2026-11-29T13:00:00.000Z', seams=(seam_record('v'),), spot_welds=spots('doubtful'))
    )
    seams = seam_record('v'), replace(seam_record('lap'), number=2)
    keep(folder, weld_record('c5', '2026-11-30T09:00:00.000Z', seams=seams, spot_welds=spots('good', 'defective')))
