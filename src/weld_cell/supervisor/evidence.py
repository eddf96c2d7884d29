"""Data of a cycle and of its seam, collected from the graph for the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from weld_cell.records import FloatArray, ImageArray, SeamPath, SeamPoint
from weld_cell.records.status import JointTypeStatus, PartStatus, PlateSeamStatus, SpotWeldStatus, WeldStatus

SeamSizes = tuple[float | None, float | None]
"""Gap and mismatch in mm, as an image showed them."""


@dataclass(frozen=True, eq=False)
class SeamEvidence:
    """What was told of the seam under way; what was not is None.

    Attributes:
        joint: The vote's decision.
        path: The laser's path.
        points: Seam points that it was made from.
        sizes: Gap and mismatch by the stamp of their image.
        plate: Of the seam between plates.
        plate_path: Its path.
        weld: The plan, or the weld under way.
    """

    joint: JointTypeStatus | None = None
    path: SeamPath | None = None
    points: Sequence[SeamPoint] = ()
    sizes: Mapping[int, SeamSizes] = field(default_factory=dict)
    plate: PlateSeamStatus | None = None
    plate_path: SeamPath | None = None
    weld: WeldStatus | None = None


class Evidence(Protocol):
    """Listens to the graph."""

    def cycle_begins(self) -> None:
        """Forget everything."""

    def seam_begins(self) -> None:
        """Forget what was told of the seam before."""

    def seam(self) -> SeamEvidence:
        """What was told of the seam under way."""

    def part(self) -> tuple[PartStatus, FloatArray | None] | None:
        """The part and (4, 4) where it lies; None where none was told."""

    def spot_welds(self) -> Sequence[SpotWeldStatus]:
        """That were judged in this cycle."""

    def take_pictures(self) -> Mapping[str, ImageArray]:
        """Pictures by their names that came since this was asked before."""
