"""Node statuses that other nodes read, as records.

On the wire each is a `diagnostic_msgs/DiagnosticStatus` (`weld_cell.ros.statuses`): a field is a key, its value a
text. What a status does not speak of is None here and absent there. A mapping's entries are the keys `field.name`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from weld_cell.records.arrays import FloatArray
from weld_cell.records.laser import JointType, LengthScale
from weld_cell.records.motion import SeamSource


class Stage(str, Enum):
    """Stages of the cell, after Zeng et al. 2020, figure 7 (L1 to L4), and what comes before and after them."""

    IDLE = 'idle'
    LOOK = 'look'
    APPROACH = 'approach'
    IDENTIFY = 'identify'
    TRACK = 'track'
    FINISH = 'finish'
    PLAN = 'plan'
    APPROVE = 'approve'
    WELD = 'weld'
    DONE = 'done'
    FAULT = 'fault'

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Digits:
    """How the numbers of an array are written.

    Attributes:
        form: Of one number, as `format` takes it.
        columns: The array is (n, columns), row after row in the text; 0: it is (n,).
    """

    form: str
    columns: int = 0


Pixels = Annotated[FloatArray, Digits('.3f', columns=2)]
"""(n, 2) u, v."""


@dataclass(frozen=True)
class NodeStatus:
    """What others act upon of what a node says on /diagnostics, beside much that is for people only.

    Attributes:
        started_ns: When the node was started; another time than before tells that it was started again.
        trajectories_accepted: Of a robot controller: how many it has followed.
        trajectories_refused: How many it has refused.
        refused_ns: When it refused the newest of those, by its clock; 0 before the first.
    """

    started_ns: int | None = None
    trajectories_accepted: int | None = None
    trajectories_refused: int | None = None
    refused_ns: int | None = None


@dataclass(frozen=True)
class FailureStatus:
    """An image of which a station could make nothing.

    Attributes:
        stamp_ns: Of the image.
        error: Name of the WeldCellError.
    """

    stamp_ns: int
    error: str


@dataclass(frozen=True, eq=False)
class JointTypeStatus:
    """joint_type/status: what an image said, or what the vote has decided.

    Attributes:
        joint_type: The most probable type by this image alone.
        decided: The type that won.
        share: Of the images that voted for it, 0 to 1.
        images_voted: Images that have voted so far.
        margin: See JointTypeEstimate.
        ms: Processing time of the image.
        votes: One-against-one votes of this image for each type.
        images: Images for each type.
        features: (k,) see JointTypeEstimate.
        scale: Of the image or of the decision: see LengthScale.
    """

    joint_type: JointType | None = None
    decided: JointType | None = None
    share: float | None = None
    images_voted: int | None = None
    margin: float | None = None
    ms: float | None = None
    votes: dict[JointType, int] | None = None
    images: dict[JointType, int] | None = None
    features: Annotated[FloatArray, Digits('.5g')] | None = None
    scale: LengthScale | None = None


@dataclass(frozen=True)
class ImageCounts:
    """What a node has done with the images of its topic.

    Attributes:
        images_received: That came.
        images_processed: That it took without an error.
    """

    images_received: int = 0
    images_processed: int = 0


@dataclass(frozen=True, eq=False)
class SeamStatus(ImageCounts):
    """seam/status: for each image the seam point that it gave, or why it gave none.

    Attributes:
        points: Seam points so far.
        held: Profiles that wait for joint type or camera.
        poses_awaited: Seam points that wait for the pose of their image.
        joint_type: By which rule the point was found.
        stamp_ns: Of the image.
        error: Name of the WeldCellError; None where there is a seam point.
        gap_mm: See SeamObservation.
        mismatch_mm: See SeamObservation.
        gap_lift: See SeamObservation.
        gap_aside: See SeamObservation.
        ms: Processing time of the newest image.
        seam_px: (1, 2) the seam point.
        break_points_px: (k, 2) see SeamObservation.
    """

    points: int = 0
    held: int = 0
    poses_awaited: int = 0
    joint_type: JointType | None = None
    stamp_ns: int | None = None
    error: str | None = None
    gap_mm: float | None = None
    mismatch_mm: float | None = None
    gap_lift: float | None = None
    gap_aside: float | None = None
    ms: float | None = None
    seam_px: Pixels | None = None
    break_points_px: Pixels | None = None


@dataclass(frozen=True)
class PartStatus:
    """part/status: what lies on the table; all but the counts only where it is exactly one part, told for sure.

    Attributes:
        stamp_ns: Of the image.
        parts: How many are told.
        refused: How many things are not told.
        error: Name of the PartError; None where there is exactly one part.
        code: Which part.
        x_mm: Of the origin of its frame in base_link.
        y_mm: Of it.
        z_mm: Of it.
        turn_deg: From base_link's x axis to the part's, about z.
        score: F of the match, smaller is better.
        margin: See PartMatch.
        runner_up: Code of the next best.
    """

    stamp_ns: int
    parts: int
    refused: int
    error: str | None = None
    code: str | None = None
    x_mm: float | None = None
    y_mm: float | None = None
    z_mm: float | None = None
    turn_deg: float | None = None
    score: float | None = None
    margin: float | None = None
    runner_up: str | None = None


@dataclass(frozen=True, eq=False)
class PlateSeamStatus:
    """plate_seam/status: the seam between the plates that is to be welded, told of only where there is one.

    Attributes:
        stamp_ns: Of the image.
        seams: How many are seen.
        refused: How many regions have none that is certain enough.
        ms: Processing time of each step.
        error: Name of the PlateSeamError; None where there is a seam to weld.
        number: Which of the seams it is, from 1, from left to right, then from top to bottom.
        length_mm: See PlateSeam, as all but the next three.
        gap_mm: Median of the gap's width.
        gap_least_mm: Where it is narrowest.
        gap_most_mm: Where it is widest.
        straightness_mm: Of it.
        seen_share: Of it.
        scatter_mm: Of it.
        confidence: Of it.
        lengths_mm: (n,) of all seams, in their order.
        confidences: (n,) of all seams.
        middles_px: (n, 2) u, v of the middles of all seams.
    """

    stamp_ns: int
    seams: int
    refused: int
    ms: dict[str, float]
    error: str | None = None
    number: int | None = None
    length_mm: float | None = None
    gap_mm: float | None = None
    gap_least_mm: float | None = None
    gap_most_mm: float | None = None
    straightness_mm: float | None = None
    seen_share: float | None = None
    scatter_mm: float | None = None
    confidence: float | None = None
    lengths_mm: Annotated[FloatArray, Digits('.2f')] | None = None
    confidences: Annotated[FloatArray, Digits('.3f')] | None = None
    middles_px: Pixels | None = None


@dataclass(frozen=True)
class SpotWeldsStatus:
    """spot_weld/status: what is said of the spot welds of an image, in short.

    Attributes:
        stamp_ns: Of the image.
        good: How many are.
        doubtful: How many a person should look at.
        defective: How many are.
        cut: How many the image's border cuts, so that nothing is said of them.
        worst: Number of the one with the greatest score, from 1, as in the report.
        worst_score: Its score; 1 is the threshold of a defective one.
        ms: Processing time of each step.
    """

    stamp_ns: int
    good: int
    doubtful: int
    defective: int
    cut: int
    worst: int
    worst_score: float
    ms: dict[str, float]


@dataclass(frozen=True, eq=False)
class SpotWeldStatus:
    """One status of spot_weld/report: what is said of a spot weld.

    Attributes:
        stamp_ns: Of the image.
        number: From 1, from top to bottom.
        u_px: Of its middle.
        v_px: Of it.
        radius_px: Of it.
        score: 1 is the threshold of a defective one.
        verdict: good, doubtful or defective.
        defects: How many pieces are defective.
        defect_px: Their area together.
        defect_mm2: The same on the work plane.
        places_px: (n, 2) u, v of their middles.
        places_m: (n, 2) x, y of their middles in base_link.
    """

    stamp_ns: int
    number: int
    u_px: float
    v_px: float
    radius_px: float
    score: float
    verdict: str
    defects: int
    defect_px: float
    defect_mm2: float | None = None
    places_px: Pixels | None = None
    places_m: Annotated[FloatArray, Digits('.5f', 2)] | None = None


@dataclass(frozen=True)
class CellStatus:
    """cell/status: which stage has begun; the message says why, where that needs a word.

    Attributes:
        stage: It.
        missing: Nodes, services and topics without which no cycle can run, separated by ", "; empty where the cell is
            complete. None while a cycle works, and of a supervisor that does not tell.
    """

    stage: Stage
    missing: str | None = None


@dataclass(frozen=True)
class FillStatus:
    """weld/fill: how the place is welded at which the tool is now; of a weld with adaptive fill.

    Attributes:
        along_mm: Where along the seam the tool is.
        gap_mm: Root gap there, the median of the measurements about it.
        mismatch_mm: Mismatch, the same.
        travel_speed_mm_s: Speed of the tool along the seam.
        wire_feed_m_min: Wire feed that belongs to it.
        weave_width_mm: Whole width of the weave that belongs to it.
    """

    along_mm: float
    gap_mm: float
    mismatch_mm: float
    travel_speed_mm_s: float
    wire_feed_m_min: float
    weave_width_mm: float


@dataclass(frozen=True)
class WeldStatus:
    """weld/status: a weld that was planned, or that is being executed.

    Attributes:
        state: planned, armed, disarmed, executing; where the controller answers (action) also finished, failed,
            replaced, stopped.
        mode: armed, dry run, or unarmed: a dry run as long as nobody arms this weld.
        seam_source: Whose path is followed.
        procedure: Which one: a joint type, or plate.
        points: Of the trajectory.
        duration_s: Of the whole motion.
        weld_start_s: When the weld begins in it.
        weld_end_s: When it ends.
        travel_speed_mm_s: What the procedure asks for.
        path_stamp_ns: Of the path that is followed.
        plan_ns: The stamp under which the plan is shown: its number.
    """

    state: str
    mode: str
    seam_source: SeamSource
    procedure: str
    points: int
    duration_s: float
    weld_start_s: float
    weld_end_s: float
    travel_speed_mm_s: float
    path_stamp_ns: int
    plan_ns: int | None = None


@dataclass(frozen=True)
class SimulatedWeldStatus:
    """sim/weld: how the simulated workpiece moves while it is welded, so that its truth is known.

    Attributes:
        began_ns: Since when it moves.
        lasts_s: How long the weld takes.
        drift: In which way: thermal, slip, bend, or none.
        drift_mm: How far.
        arc: Dial of spatter and of the arc's light.
        opens_mm: By how much its root gap becomes wider at the end of the seam.
    """

    began_ns: int
    lasts_s: float
    drift: str
    drift_mm: float
    arc: float
    opens_mm: float


class ApprovalState(str, Enum):
    """How far the approval of a weld has come."""

    NONE = 'none'
    AWAITED = 'awaited'
    APPROVED = 'approved'
    ARMED = 'armed'
    WELDING = 'welding'
    RELEASED = 'released'

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class ApprovalStatus:
    """cell/approval: what waits for whom.

    Attributes:
        state: none: no plan waits; released: the arc was, in the weld.
        plan: Number of the plan, see WeldStatus.plan_ns; 0 where none waits.
        mode: arc: it must be armed as well; dry run: there is none.
        expires_in_s: Until what was said lapses, when this was said.
        lease_s: How often who arms the arc must be heard of.
        approved_by: Who has approved the plan.
        armed_by: Who has armed the arc.
        note: Why it is not as it was before.
    """

    state: ApprovalState
    plan: int
    mode: str
    expires_in_s: float | None = None
    lease_s: float | None = None
    approved_by: str | None = None
    armed_by: str | None = None
    note: str | None = None
