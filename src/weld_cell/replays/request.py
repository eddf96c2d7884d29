"""Request and outcome of a replay."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from weld_cell.records import VOTED

Figure = str | int | float | None
MOST_OVERLAYS = 100


class Verdict(StrEnum):
    """How the replay of a bag ended."""

    FOUND = 'found'
    NO_TYPE = 'no type'
    NO_PATH = 'no path'
    FAILED = 'failed'


@dataclass(frozen=True)
class ReplayRequest:
    """What is asked.

    Attributes:
        out: Result folder.
        rig: Rig file.
        settings: Parameter file.
        topic: Image topic; None: the usual one.
        plate: Look for the seam between plates.
        spot_weld: Judge spot welds.
        bank: Of good spot welds; empty: that of the settings.
        part: Serial number or code of the part, for the files of spot welds.
        start: In s; earlier images are left out.
        end: In s; later images are left out; 0: none.
        joint_type: Instead of the vote.
        model: Weight file of the joint type, instead of that of the settings; empty: that.
        overlays: Draw what was seen, and a page of it.
        most_overlays: Draw no more of them, spread evenly; 0: all.
        quiet: Without a progress bar.
    """

    out: Path
    rig: Path
    settings: Path
    topic: str | None = None
    plate: bool = False
    spot_weld: bool = False
    bank: str = ''
    part: str = ''
    start: float = 0.0
    end: float = 0.0
    joint_type: str = VOTED
    model: str = ''
    overlays: bool = False
    most_overlays: int = MOST_OVERLAYS
    quiet: bool = False


@dataclass(frozen=True, eq=False)
class Replayed:
    """What came of a replay.

    Attributes:
        said: Some lines for people.
        verdict: How it ended.
        figures: By the columns of a farm's table; those that the way has no ground for are absent.
        problems: What of the bag could not be read, in words.
    """

    said: str
    verdict: Verdict
    figures: dict[str, Figure]
    problems: list[str] = field(default_factory=list)
