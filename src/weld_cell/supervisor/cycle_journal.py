"""Writes the record of one cycle: at its start, at each stage, before the weld, and at its end."""

import threading
import time
import uuid
from dataclasses import dataclass, fields, replace

import cv2

from weld_cell.errors import RecordError, WeldCellError
from weld_cell.records import RobotTrajectory, SeamSource
from weld_cell.records.status import Stage
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.approval import Consent
from weld_cell.supervisor.evidence import Evidence
from weld_cell.supervisor.seam_record import arc_record, joint_record, path_records, trajectory_record
from weld_cell.supervisor.sent_motion import SentWeld
from weld_cell.traceability.chain import Sealed
from weld_cell.traceability.provenance import calibration_in_use, file_sha256, software_in_use
from weld_cell.traceability.record import (
    CalibrationRecord,
    ControllerRecord,
    Outcome,
    PartRecord,
    PictureRecord,
    ProcedureChange,
    ProcedureRecord,
    Quantity,
    SeamRecord,
    SpotWeldRecord,
    StageEntry,
    TrackingRecord,
    TrajectoryRecord,
    WeldRecord,
    hand_of,
    rows,
)
from weld_cell.traceability.settings import RecordSettings
from weld_cell.traceability.store import OpenRecord, RecordStore, utc
from weld_cell.trajectory.controller import TOPIC
from weld_cell.trajectory.procedures import WeldProcedure, load_procedures

CHANGED_FILE = 'The file of the weld procedures was changed during the cycle.'


@dataclass(frozen=True)
class CycleFiles:
    """What a cycle reads.

    Attributes:
        rig: The rig file.
        procedures: The weld procedures.
        joint_type: Of the settings: a type, or the word `records.VOTED`.
        source: Whose seam is welded.
        path: How a path is fitted.
        interface: How trajectories are sent.
    """

    rig: str
    procedures: str
    joint_type: str
    source: SeamSource
    path: PathSettings = PathSettings()
    interface: str = TOPIC


class CycleJournal:
    """Implements `weld_cell.supervisor.journal.Journal`; room for the record is held from here on.

    Args:
        store: Of the records.
        settings: What is told beside.
        files: What the cycle reads.
        evidence: What the graph tells.
        cell: Its name.

    Raises:
        WeldCellError: the record could not be kept.
    """

    def __init__(
        self, store: RecordStore, settings: RecordSettings, files: CycleFiles, evidence: Evidence, cell: str
    ) -> None:
        self._files, self._evidence, self._keeps_pictures = files, evidence, settings.pictures
        self._lock = threading.Lock()  # stages are told by the thread that spins, too
        self._began_s = time.monotonic()
        self._stages: list[StageEntry] = []
        self._before: list[SeamRecord] = []
        self._pictures: dict[str, PictureRecord] = {}
        self._under_way = False
        self._begin_seam()
        self._procedures = self._load_procedures()
        begin = WeldRecord(uuid.uuid4().hex, cell, utc(), software=software_in_use(), quality=settings.quality)
        self._record = replace(begin, calibration=_calibration(files.rig))
        self._opened: OpenRecord | None = store.begin(self._record)
        evidence.cycle_begins()

    def _begin_seam(self) -> None:
        self._consent: Consent | None = None
        self._procedure: ProcedureRecord | None = None
        self._trajectory: TrajectoryRecord | None = None
        self._controller: ControllerRecord | None = None
        self._tracking: TrackingRecord | None = None

    def _load_procedures(self) -> dict[str, WeldProcedure]:
        """None of them where they are malformed: it is the fault of the cycle, and its record says so."""
        try:
            return {str(name): found for name, found in load_procedures(self._files.procedures).items()}
        except WeldCellError:
            return {}

    def entered(self, stage: Stage, note: str) -> None:
        """A stage has begun, or there is something to say of it."""
        with self._lock:
            new = not self._stages or self._stages[-1].stage != stage
            self._stages.append(StageEntry(round(time.monotonic() - self._began_s, 3), str(stage), note))
        if new and self._opened is not None and stage not in (Stage.DONE, Stage.FAULT):
            self._take_pictures()
            self._opened.update(self._now())

    def seam_begins(self) -> None:
        """See `Journal`."""
        if self._under_way:
            self._before.append(self._seam())
        self._under_way = True
        self._begin_seam()
        self._evidence.seam_begins()

    def approved(self, consent: Consent) -> None:
        """See `Journal`."""
        self._consent = consent

    def require_room(self) -> None:
        """See `Journal`."""
        self._procedure = self._procedure_now()
        if self._opened is None:
            raise RecordError('The record of this cycle is closed.', 'Call cell/start for a new one.')
        self._opened.require_room(self._now())

    def sent(self, motion: RobotTrajectory) -> None:
        """See `Journal`."""
        weld = self._evidence.seam().weld
        weld_s = None if weld is None else (weld.weld_start_s, weld.weld_end_s)
        self._trajectory = trajectory_record(motion, weld_s, utc())
        self._controller = ControllerRecord(self._files.interface, reached=False)

    def answered(self, answer: str, replaced: int | None = None) -> None:
        """See `Journal`."""
        if self._controller is not None:
            known = self._controller.replaced if replaced is None else replaced
            self._controller = replace(self._controller, answer=answer, replaced=known)

    def tracked(self, tracking: TrackingRecord, sent: SentWeld) -> None:
        """See `Journal`."""
        self._tracking = tracking
        if self._trajectory is not None:
            self._trajectory = trajectory_record(sent.motion, sent.weld_s, self._trajectory.sent_utc)

    def arrived(self, miss_rad: float) -> None:
        """See `Journal`."""
        if self._controller is not None:
            self._controller = replace(self._controller, reached=True, miss_rad=round(miss_rad, 6))

    def close(self, outcome: Outcome, reason: str) -> None:
        """See `Journal`; once."""
        self.end(outcome, reason)

    def end(self, outcome: Outcome, reason: str) -> Sealed | None:
        """As `close`; the record as it was kept, None where that was done before."""
        opened, self._opened = self._opened, None
        if opened is None:
            return None
        try:
            self._take_pictures(opened)
        except RecordError as error:  # the record itself has room
            reason = f'{reason} A picture is missing: {error.message}'.strip()
        try:
            known = self._now()
        except (ValueError, WeldCellError) as error:  # a record that says less is better than none
            known, reason = self._record, f'{reason} Its details could not be kept: {error}'.strip()
        return opened.finish(replace(known, ended_utc=utc(), outcome=str(outcome), reason=reason))

    def _take_pictures(self, opened: OpenRecord | None = None) -> None:
        opened = opened or self._opened
        if not self._keeps_pictures or opened is None:
            return
        for name, pixels in self._evidence.take_pictures().items():
            written, png = cv2.imencode('.png', pixels)
            if written:
                self._pictures[name] = opened.keep_picture(name, png.tobytes(), name.replace('_', ' '))

    def _now(self) -> WeldRecord:
        """What is known by now."""
        with self._lock:
            stages = tuple(self._stages)
        seams = (*self._before, self._seam()) if self._under_way else tuple(self._before)
        return replace(
            self._record,
            stages=stages,
            part=self._part(),
            seams=seams,
            spot_welds=tuple(
                SpotWeldRecord(spot.number, spot.verdict, spot.score, spot.defect_mm2)
                for spot in self._evidence.spot_welds()
            ),
            pictures=tuple(self._pictures.values()),
        )

    def _part(self) -> PartRecord | None:
        told = self._evidence.part()
        if told is None or told[0].code is None:
            return None
        status, T_base_part = told
        return PartRecord(
            status.code or '',
            hand_of(status.code or ''),
            status.margin,
            None if T_base_part is None else rows(T_base_part),
        )

    def _seam(self) -> SeamRecord:
        seen = self._evidence.seam()
        path, along = path_records(seen, self._files.source, self._files.path)
        joint = joint_record(seen.joint, self._files.joint_type) if self._files.source is SeamSource.LASER else None
        return SeamRecord(
            len(self._before) + 1,
            joint,
            path,
            along,
            self._procedure,
            self._trajectory,
            self._controller,
            arc_record(seen.weld, self._consent),
            self._tracking,
        )

    def _procedure_now(self) -> ProcedureRecord | None:
        """The procedure of the plan, as its file has it, against the begin of the cycle."""
        weld, file = self._evidence.seam().weld, self._files.procedures
        now = self._load_procedures()
        if weld is None or weld.procedure not in now:
            return None
        procedure = now[weld.procedure]
        numbers = _quantities(procedure)
        before = {each.name: each for each in _quantities(self._procedures.get(weld.procedure, procedure))}
        changes = tuple(
            ProcedureChange(each.name, before[each.name].value, each.value, each.unit, CHANGED_FILE)
            for each in numbers
            if each != before[each.name]
        )
        return ProcedureRecord(weld.procedure, file, file_sha256(file), numbers, changes)


def _quantities(procedure: WeldProcedure) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(each.name, float(getattr(procedure, each.name)), each.metadata['unit']) for each in fields(procedure)
    )


def _calibration(rig_file: str) -> CalibrationRecord | None:
    """None where the rig cannot be read: it is the fault of the cycle, and its record says so."""
    try:
        return calibration_in_use(rig_file)
    except WeldCellError:
        return None
