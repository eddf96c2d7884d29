"""How well spot welds are found: counts over images, added up."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from weld_cell.geometry.boxes import overlaps
from weld_cell.records import FloatArray, WeldRegion
from weld_cell.sim.spot_weld_dataset import LabelledPanel
from weld_cell.training.detection import MATCHING_IOU

SMALL_PX = 32.0
"""Greatest diameter of a small weld."""


@dataclass(frozen=True)
class DetectionTally:
    """Counts of some images.

    Attributes:
        welds: That are wholly in view.
        found: Of them, by a box of an intersection over union of MATCHING_IOU at least.
        false: Boxes of which none is a weld's; one on a weld that the border cuts is neither right nor false.
        small_welds: As `welds`, of those up to SMALL_PX.
        small_found: Of them.
        small_false: As `false`, of boxes up to SMALL_PX.
        error_px: Sum of the distances of the middles that were found from the true ones.
    """

    welds: int = 0
    found: int = 0
    false: int = 0
    small_welds: int = 0
    small_found: int = 0
    small_false: int = 0
    error_px: float = 0.0

    def __add__(self, other: 'DetectionTally') -> 'DetectionTally':
        return DetectionTally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def recall(self) -> float:
        """Share of the welds that are found."""
        return self.found / max(self.welds, 1)

    @property
    def precision(self) -> float:
        """Share of the boxes that are right."""
        return self.found / max(self.found + self.false, 1)

    @property
    def centre_px(self) -> float:
        """Mean error of the middles that were found."""
        return self.error_px / max(self.found, 1)

    @property
    def summary(self) -> str:
        """For people."""
        return f'recall {self.recall:.4f}, precision {self.precision:.4f}, middles off by {self.centre_px:.2f} px'

    def as_dict(self) -> dict[str, float]:
        """Ready for JSON."""
        small_boxes = max(self.small_found + self.small_false, 1)
        return {
            'recall': round(self.recall, 5),
            'precision': round(self.precision, 5),
            'recall_small': round(self.small_found / max(self.small_welds, 1), 5),
            'precision_small': round(self.small_found / small_boxes, 5),
            'centre_px': round(self.centre_px, 4),
            'welds': self.welds,
            'small_welds': self.small_welds,
        }


def tally_regions(regions: Sequence[WeldRegion], panel: LabelledPanel) -> DetectionTally:
    """Compare what was found in an image with what is there; the surest box takes its weld first."""
    truth = np.array([weld.box_xyxy for weld in panel.welds]).reshape(-1, 4)
    small = truth[:, 2] - truth[:, 0] <= SMALL_PX
    free = np.ones(len(truth), bool)
    false = small_false = 0
    error = 0.0
    for region in sorted(regions, key=lambda each: -each.score):
        overlap = np.where(free, overlaps(box_of(region), truth), 0.0)
        best = int(overlap.argmax()) if len(truth) else 0
        if len(truth) and overlap[best] >= MATCHING_IOU:
            free[best] = False
            error += float(np.linalg.norm(region.centre_px - panel.welds[best].centre_px))
        elif not _on_a_cut_weld(region, panel):
            false += 1
            small_false += int(2.0 * region.radius_px <= SMALL_PX)
    found = ~free
    return DetectionTally(
        len(truth), int(found.sum()), false, int(small.sum()), int((found & small).sum()), small_false, error
    )


def box_of(region: WeldRegion) -> FloatArray:
    """(4,) xyxy about a weld's circle."""
    return np.concatenate([region.centre_px - region.radius_px, region.centre_px + region.radius_px])


def _on_a_cut_weld(region: WeldRegion, panel: LabelledPanel) -> bool:
    return any(np.linalg.norm(region.centre_px - weld.centre_px) < 1.5 * weld.radius_px for weld in panel.cut)
