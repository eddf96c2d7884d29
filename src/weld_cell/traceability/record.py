"""The record of one cycle: plain values with their units, ready for JSON.

What is not known is None; nothing is put in its place. Positions are in base_link.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from weld_cell.errors import RecordError
from weld_cell.models.plain import from_plain
from weld_cell.records import FloatArray

RECORD_VERSION = 1
DIGITS = 7
"""Of metres and radians behind the point: a tenth of a micrometre."""

Row = tuple[float, ...]
Rows = tuple[Row, ...]


class Outcome(StrEnum):
    """How a cycle ended."""

    DONE = 'done'
    FAULT = 'fault'
    STOPPED = 'stopped'
    """Somebody asked for it, or the supervisor was told to end."""
    LOST = 'lost'
    """The supervisor was killed; this record is what it had written by then."""


class Verdict(StrEnum):
    """What the inspection of a cycle's spot welds came to: the worst of them."""

    GOOD = 'good'
    DOUBTFUL = 'doubtful'
    DEFECTIVE = 'defective'
    UNINSPECTED = 'uninspected'


@dataclass(frozen=True)
class Quantity:
    """A number with its name and unit."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f'{self.value:g} {self.unit}'.rstrip()


@dataclass(frozen=True)
class StageEntry:
    """A stage that began.

    Attributes:
        after_s: Since the begin of the cycle.
        stage: Its name.
        note: What was said of it.
    """

    after_s: float
    stage: str
    note: str = ''


@dataclass(frozen=True)
class PartRecord:
    """The part that the area camera told.

    Attributes:
        code: Its name in the part library.
        hand: left or right, where the code ends with -L or -R.
        margin: By how much the next best part was worse.
        T_base_part: (4, 4) where it lay.
    """

    code: str
    hand: str | None
    margin: float | None
    T_base_part: Rows | None


@dataclass(frozen=True)
class ImageCount:
    """How many images told a joint type."""

    joint_type: str
    images: int


@dataclass(frozen=True)
class JointTypeRecord:
    """Which joint it is, and by what.

    Attributes:
        joint_type: Its name.
        voted: Whether images told it; else it was given.
        share: Of the images that told it, 0 to 1.
        counts: Images for each type.
    """

    joint_type: str
    voted: bool
    share: float | None = None
    counts: tuple[ImageCount, ...] = ()


@dataclass(frozen=True)
class SeamPathRecord:
    """The path that was found.

    Attributes:
        source: laser or plate.
        positions_m: (n, 3).
        normals: (n, 3) unit vectors out of the joint.
        length_mm: Of it.
        residual_rms_mm: Of the seam points to the path, without outliers; of a plate seam the scatter of readings.
        residual_max_mm: Of the one that lies furthest from it.
        points: How many were measured, outliers included.
        outliers: How many of them lie so far from the path that they are not of the seam.
    """

    source: str
    positions_m: Rows
    normals: Rows
    length_mm: float
    residual_rms_mm: float | None = None
    residual_max_mm: float | None = None
    points: int | None = None
    outliers: int | None = None


@dataclass(frozen=True)
class AlongSeam:
    """What was measured at each seam point, in the order along the path; all rows are of one length.

    Attributes:
        along_mm: From the start of the path.
        gap_mm: Root gap; 0 where the joint has none.
        mismatch_mm: See `records.SeamObservation`.
        residual_mm: Distance from the path.
    """

    along_mm: Row
    gap_mm: tuple[float | None, ...]
    mismatch_mm: tuple[float | None, ...]
    residual_mm: Row


@dataclass(frozen=True)
class ProcedureChange:
    """A number of the procedure that was changed on the way.

    Attributes:
        name: Of it.
        before: Its value when the cycle began.
        after: The one that was welded with.
        unit: Of both.
        why: What changed it.
    """

    name: str
    before: float
    after: float
    unit: str
    why: str


@dataclass(frozen=True)
class ProcedureRecord:
    """The weld procedure.

    Attributes:
        name: A joint type, or plate.
        file: That it was read from.
        sha256: Of that file.
        parameters: All its numbers, as welded.
        changes: Which of them were others when the cycle began.
    """

    name: str
    file: str
    sha256: str
    parameters: tuple[Quantity, ...]
    changes: tuple[ProcedureChange, ...] = ()


@dataclass(frozen=True)
class TrajectoryRecord:
    """The weld motion that was sent to the robot controller; of a tracked weld, with all its corrections.

    Attributes:
        joint_names: The m robot joints.
        times_s: (n,) from its start.
        positions_rad: (n, m).
        tool_m: (n, 3) where that brings the tip of the wire.
        weld_start_s: When the weld begins in it.
        weld_end_s: When it ends.
        sent_utc: When it was sent; of a tracked weld, its begin.
    """

    joint_names: tuple[str, ...]
    times_s: Row
    positions_rad: Rows
    tool_m: Rows
    weld_start_s: float | None
    weld_end_s: float | None
    sent_utc: str


@dataclass(frozen=True)
class ControllerRecord:
    """What the robot controller did with it.

    Attributes:
        interface: How it was sent: topic or action.
        answer: The last answer of the controller to the weld, or to what replaced it; a topic has no answer.
        reached: Whether the robot was seen where the motion ends.
        miss_rad: Of the robot joint that was furthest from there.
        replaced: How many goals of ours it ended because a later one of ours replaced them, as corrections do; None
            where it did not answer.
    """

    interface: str
    answer: str | None = None
    reached: bool | None = None
    miss_rad: float | None = None
    replaced: int | None = None


@dataclass(frozen=True)
class ArcRecord:
    """Whether the arc might be struck, and by whose leave.

    Attributes:
        armed: False is a dry run.
        armed_by: Who armed it.
        approved_by: Who approved the path.
        approved_utc: When.
        armed_utc: When it was armed.
    """

    armed: bool
    armed_by: str | None = None
    approved_by: str | None = None
    approved_utc: str | None = None
    armed_utc: str | None = None


@dataclass(frozen=True)
class LostStripe:
    """A stretch of a tracked weld on which the seam ahead of the tool was not seen.

    Attributes:
        after_s: Since the motion began, when it was last seen.
        lasted_s: Until it was seen again, or the weld was stopped.
    """

    after_s: float
    lasted_s: float


@dataclass(frozen=True)
class FillRecord:
    """How a weld was filled along its seam, by root gap and mismatch; all rows are of one length.

    Attributes:
        along_mm: From the start of the path, as far as the tool came.
        gap_mm: Root gap, the median of the measurements about the place.
        mismatch_mm: Mismatch, the same.
        travel_speed_mm_s: Speed of the tool that was chosen.
        wire_feed_m_min: Wire feed that was told.
        weave_width_mm: Whole width of the weave that was told.
        measured: At how many of the places the gap was measured during the weld; at the others by the scan.
    """

    along_mm: Row
    gap_mm: Row
    mismatch_mm: Row
    travel_speed_mm_s: Row
    wire_feed_m_min: Row
    weave_width_mm: Row
    measured: int


@dataclass(frozen=True)
class TrackingRecord:
    """How a weld was corrected on its way.

    Attributes:
        times_s: (n,) since the motion began.
        left_mm: (n,) correction of the tool to the left of the seam.
        out_mm: (n,) out of the joint.
        max_mm: Largest correction.
        rms_mm: Root mean square of the corrections.
        points: Seam points that were believed.
        outliers: Taken for spatter or arc light.
        late: Came too late.
        lost: Longer than `tracking.hold_s` each.
        latency_ms: (2,) from an image to the changed course, median and 99th percentile; None without any.
        seen_ms: (2,) of it, from the image to the seam point in the hands of who corrects; the same.
        took_ms: (2,) of it, for the correction to be computed and sent; the same.
        moved: Whether the workpiece had moved at the end, as far as its points tell; else they only scatter.
        fill: None where the weld was filled as planned.
    """

    times_s: Row
    left_mm: Row
    out_mm: Row
    max_mm: float
    rms_mm: float
    points: int
    outliers: int
    late: int
    lost: tuple[LostStripe, ...] = ()
    latency_ms: Row | None = None
    fill: FillRecord | None = None
    seen_ms: Row | None = None
    took_ms: Row | None = None
    moved: bool | None = None


@dataclass(frozen=True)
class SeamRecord:
    """One seam of the cycle: as far as it came.

    Attributes:
        number: From 1, in the order of welding.
        joint: None before it was told; a plate seam needs none.
        path: None before it was found.
        along: None where nothing was measured along it.
        procedure: None before it was planned.
        trajectory: None before it was sent.
        controller: None before that.
        arc: None before it was planned.
        tracking: None where it was welded as planned.
    """

    number: int
    joint: JointTypeRecord | None = None
    path: SeamPathRecord | None = None
    along: AlongSeam | None = None
    procedure: ProcedureRecord | None = None
    trajectory: TrajectoryRecord | None = None
    controller: ControllerRecord | None = None
    arc: ArcRecord | None = None
    tracking: TrackingRecord | None = None


@dataclass(frozen=True)
class CalibrationRecord:
    """The calibration in use.

    Attributes:
        file: The rig file.
        sha256: Of it.
        date: Day of the calibration.
        residuals: Of hand-eye calibrations, intrinsics and laser plane; 0 is a nominal number, not a measured one.
    """

    file: str
    sha256: str
    date: str
    residuals: tuple[Quantity, ...]


@dataclass(frozen=True)
class NamedVersion:
    """A library and its version."""

    name: str
    version: str


@dataclass(frozen=True)
class ModelRecord:
    """A trained model that was installed.

    Attributes:
        name: Of its card.
        sha256: Of its weights, by the card.
        date: When it was made.
    """

    name: str
    sha256: str
    date: str


@dataclass(frozen=True)
class SoftwareRecord:
    """What ran.

    Attributes:
        version: Of weld_cell.
        source_sha256: Of all its Python files.
        libraries: Python and the libraries that compute.
        models: The shipped models; a node may have been given another one by its parameters.
    """

    version: str
    source_sha256: str
    libraries: tuple[NamedVersion, ...]
    models: tuple[ModelRecord, ...]


@dataclass(frozen=True)
class SpotWeldRecord:
    """What was said of a spot weld.

    Attributes:
        number: From 1, from top to bottom of the image.
        verdict: good, doubtful or defective.
        score: 1 is the threshold of a defective one.
        defect_mm2: Area of its defects; None where the work plane is not known.
    """

    number: int
    verdict: str
    score: float
    defect_mm2: float | None = None


@dataclass(frozen=True)
class PictureRecord:
    """A picture that was kept.

    Attributes:
        file: Path within the folder of records.
        sha256: Of the file.
        what: It shows.
    """

    file: str
    sha256: str
    what: str


@dataclass(frozen=True)
class QualityRecord:
    """What a quality department files beside (ISO 3834-5, ISO 15609-1), as the cell was told.

    Attributes:
        wps: Number of the welding procedure specification.
        wpqr: Number of the record that qualifies it.
        manufacturer: Who welds.
        process: Number after ISO 4063, for instance 135.
        material: Parent metal, its standard and group after ISO/TR 15608.
        thickness_mm: Of the parent metal.
        filler: Standard, designation and diameter.
        gas: Shielding gas after ISO 14175.
        position: Welding position after ISO 6947.
        operator: Who set the cell up.
        examiner: Who approves the weld.
    """

    wps: str | None = None
    wpqr: str | None = None
    manufacturer: str | None = None
    process: str | None = None
    material: str | None = None
    thickness_mm: float | None = None
    filler: str | None = None
    gas: str | None = None
    position: str | None = None
    operator: str | None = None
    examiner: str | None = None


@dataclass(frozen=True)
class WeldRecord:
    """One cycle of the cell, whatever its end.

    Attributes:
        cycle: Its identifier, unlike any other.
        cell: Name of the cell.
        began_utc: ISO 8601.
        ended_utc: ISO 8601; None while it runs.
        outcome: How it ended; None while it runs.
        reason: Why, where it is not done.
        stages: In their order.
        part: None without a part.
        seams: As far as the cycle came.
        spot_welds: That were inspected.
        calibration: None where the rig could not be read.
        software: What ran.
        quality: What was told beside.
        pictures: That were kept.
        version: Of this form.
    """

    cycle: str
    cell: str
    began_utc: str
    ended_utc: str | None = None
    outcome: str | None = None
    reason: str = ''
    stages: tuple[StageEntry, ...] = ()
    part: PartRecord | None = None
    seams: tuple[SeamRecord, ...] = ()
    spot_welds: tuple[SpotWeldRecord, ...] = ()
    calibration: CalibrationRecord | None = None
    software: SoftwareRecord | None = None
    quality: QualityRecord = QualityRecord()
    pictures: tuple[PictureRecord, ...] = ()
    version: int = RECORD_VERSION

    @property
    def verdict(self) -> Verdict:
        """Of the worst spot weld."""
        told = {spot.verdict for spot in self.spot_welds}
        return next((v for v in reversed(Verdict) if v in told), Verdict.UNINSPECTED)

    @property
    def joint_types(self) -> tuple[str, ...]:
        """Of its seams, each once."""
        return tuple(dict.fromkeys(seam.joint.joint_type for seam in self.seams if seam.joint is not None))


def to_json(content: Any) -> bytes:
    """The JSON of plain values and records, with sorted keys and without spaces.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(
        content, default=vars, sort_keys=True, separators=(',', ':'), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def record_from_plain(value: Any) -> WeldRecord:
    """A record out of what JSON holds.

    Raises:
        RecordError: it is of another version, or no record.
    """
    version = value.get('version') if isinstance(value, dict) else None
    if version != RECORD_VERSION:
        raise RecordError(
            f'A record of version {version}; this weld_cell reads version {RECORD_VERSION}.',
            'Read it with the weld_cell that wrote it.',
        )
    try:
        return from_plain(WeldRecord, value)
    except ValueError as error:
        raise RecordError(f'This is no record of a weld: {error}.', 'Restore the file from its backup.') from error


def rows(array: FloatArray, digits: int = DIGITS) -> Rows:
    """The rows of an array (n, m) as a record keeps them.

    Raises:
        ValueError: a value is not finite.
    """
    if not np.isfinite(array).all():
        raise ValueError('expected finite numbers')
    return tuple(tuple(line) for line in np.round(array, digits).tolist())


def row(array: FloatArray, digits: int = DIGITS) -> Row:
    """An array (n,) as a record keeps it; raises as `rows`."""
    return rows(np.reshape(array, (1, -1)), digits)[0]


def hand_of(code: str) -> str | None:
    """left or right, where a part's code says so by its last letter."""
    return {'-L': 'left', '-R': 'right'}.get(code[-2:])
