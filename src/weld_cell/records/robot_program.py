"""A weld as a robot program: as written for a controller, and as read from a controller's language."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from weld_cell.records.arrays import FloatArray


class ProgramLanguage(str, Enum):
    """The languages of robot controllers."""

    RAPID = 'rapid'
    KRL = 'krl'
    INFORM = 'inform'
    TP = 'tp'
    URSCRIPT = 'urscript'

    def __str__(self) -> str:
        return self.value


class MoveKind(str, Enum):
    """How the robot goes to a target."""

    JOINT = 'joint'
    LINEAR = 'linear'
    CIRCULAR = 'circular'

    def __str__(self) -> str:
        return self.value


class ArcEvent(str, Enum):
    """What the arc does on a move: it is struck where the move ends, burns along it, or is put out where it ends."""

    OFF = 'off'
    START = 'start'
    WELD = 'weld'
    END = 'end'

    def __str__(self) -> str:
        return self.value


class WeavePattern(str, Enum):
    """The curve of the tool about the seam."""

    NONE = 'none'
    ZIGZAG = 'zigzag'
    SINE = 'sine'
    CIRCLE = 'circle'

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Weave:
    """Motion of the tool across the seam while it travels.

    Attributes:
        pattern: Its curve.
        width_mm: From side to side.
        length_mm: Travel of one period.
        dwell_s: Stop at either side.
    """

    pattern: WeavePattern = WeavePattern.NONE
    width_mm: float = 0.0
    length_mm: float = 0.0
    dwell_s: float = 0.0


@dataclass(frozen=True)
class WeldValues:
    """What the power source and the travel are set to.

    Attributes:
        procedure: Name of the weld procedure.
        travel_speed_m_s: Speed of the tool along the seam.
        wire_feed_m_min: Wire feed.
        current_a: Welding current.
        voltage_v: Arc voltage.
        weave: Motion across the seam.
    """

    procedure: str
    travel_speed_m_s: float
    wire_feed_m_min: float
    current_a: float
    voltage_v: float
    weave: Weave = Weave()


@dataclass(frozen=True, eq=False)
class ProgramTarget:
    """A place that the robot goes to, or through.

    Attributes:
        pose: (4, 4) T_work_tool.
        joints_rad: (6,) planned robot joints there, as in the URDF.
    """

    pose: FloatArray
    joints_rad: FloatArray


@dataclass(frozen=True, eq=False)
class ProgramMove:
    """One move of a program.

    Attributes:
        kind: How the robot goes.
        target: Where it ends.
        speed_m_s: Speed of the tool; of a joint move 0, which goes at the program's share of the joint speeds.
        zone_mm: Largest distance from the target at which the next move may begin; 0: the robot stops there.
        arc: What the arc does.
        via: Place between start and end of a circular move; None of the others.
    """

    kind: MoveKind
    target: ProgramTarget
    speed_m_s: float
    zone_mm: float
    arc: ArcEvent = ArcEvent.OFF
    via: ProgramTarget | None = None


@dataclass(frozen=True, eq=False)
class RobotProgram:
    """A planned weld as moves, in no language yet.

    Attributes:
        name: As asked for; the languages have their own limits.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
        T_base_work: (4, 4) the work frame in base_link, in which the targets are given.
        joint_speed_pct: Share of the joint speeds for joint moves.
        weld: Values of the weld.
        moves: In their order; the first is a joint move.
        made: When, for the languages that say so.
    """

    name: str
    T_tool0_tool: FloatArray
    T_base_work: FloatArray
    joint_speed_pct: float
    weld: WeldValues
    moves: tuple[ProgramMove, ...]
    made: datetime = datetime(2000, 1, 1)


@dataclass(frozen=True, eq=False)
class TaughtTarget:
    """A place as a program's text names it.

    Attributes:
        pose: (4, 4) T_work_tool in metres; None where the text has robot joints only.
        joints: (6,) the controller's own joint values, in degrees, or pulses where `in_pulses`; None without.
        in_pulses: The joints are pulses of the axes' encoders.
        configuration: The arm's configuration in the language's own numbers; empty without.
    """

    pose: FloatArray | None
    joints: FloatArray | None = None
    in_pulses: bool = False
    configuration: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class TaughtMove:
    """One move as it was read.

    Attributes:
        line: Of the file, from 1.
        kind: How the robot goes.
        target: Where it ends.
        via: Place between start and end of a circular move.
        speed_m_s: Speed of the tool; None where the text does not say it in numbers.
        joint_speed_pct: Share of the joint speeds; None where it is not said.
        zone_mm: Distance at which the next move may begin; 0: it stops; None where the unit is the controller's.
        arc: What the arc does.
        weave: Whether the tool weaves along it.
        work: Name or number of the work frame of its target; empty where none is named.
    """

    line: int
    kind: MoveKind
    target: TaughtTarget
    via: TaughtTarget | None = None
    speed_m_s: float | None = None
    joint_speed_pct: float | None = None
    zone_mm: float | None = None
    arc: ArcEvent = ArcEvent.OFF
    weave: bool = False
    work: str = ''


@dataclass(frozen=True)
class UnreadLine:
    """An instruction that the reader does not know, kept as it stands.

    Attributes:
        line: Of the file, from 1.
        text: The instruction.
        is_move: Whether it moves the robot, to a place that cannot be read.
    """

    line: int
    text: str
    is_move: bool = False


@dataclass(frozen=True, eq=False)
class TaughtProgram:
    """A program as it was read.

    Attributes:
        language: Of the text.
        name: That it gives itself.
        tool: Name or number of the tool frame; empty where none is named.
        work: Name or number of the work frame; empty where none is named.
        T_tool0_tool: (4, 4) where the text defines the tool frame, else None.
        T_base_work: (4, 4) where the text defines the work frame, else None.
        moves: In the order of the text; a loop or a branch is not followed.
        unread: What was passed over.
        weld: Numbers of the weld by the language's own names, where the text has them.
        works: (4, 4) T_base_work of all work frames that the text defines, and of the language's name of the base.
    """

    language: ProgramLanguage
    name: str
    tool: str
    work: str
    T_tool0_tool: FloatArray | None
    T_base_work: FloatArray | None
    moves: tuple[TaughtMove, ...]
    unread: tuple[UnreadLine, ...]
    weld: dict[str, float]
    works: dict[str, FloatArray] = field(default_factory=dict)
