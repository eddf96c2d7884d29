"""How well spot welds are found and judged, on simulated panels of which no network and no bank was made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.evaluation.spot_weld_detection import DetectionTally, box_of, tally_regions
from weld_cell.evaluation.spot_weld_pixels import ScoredPixels, pixel_aupro, pixel_auroc
from weld_cell.geometry.boxes import overlaps
from weld_cell.records import BoolArray, WeldInspection, WeldRegion, WeldVerdict
from weld_cell.sim.spot_weld_dataset import LabelledPanel, PanelPlan, cut_rig, panel_image
from weld_cell.spot_weld.building import GoodWelds
from weld_cell.spot_weld.crops import boxes_about, cells_of, cut_out
from weld_cell.spot_weld.find import WeldFinder
from weld_cell.spot_weld.inspect import Inspector, is_whole
from weld_cell.spot_weld.settings import BankSettings
from weld_cell.training.detection import MATCHING_IOU

BANK_PX = (728, 544)
_WELDS_OF_A_PANEL = 5
"""At most, of a panel of the bank: many panels count more than many welds of one."""
_SAME_IOU = 0.3


@dataclass(frozen=True)
class SpotWeldSize:
    """How much an evaluation takes.

    Attributes:
        bank_panels: Panels of good welds for the bank.
        panels: To find and judge welds on.
    """

    bank_panels: int = 48
    panels: int = 12

    def __post_init__(self) -> None:
        if self.bank_panels < 4 or self.panels < 1:
            raise ValueError(f'expected four panels for the bank and one to judge at least, got {self}')


@dataclass(frozen=True)
class VerdictTally:
    """Verdicts against the truth.

    Attributes:
        hits: Defective welds that are called so.
        missed: Defective welds that are not.
        alarms: Others that are called defective: good welds, and what is no weld.
        good: Good welds.
    """

    hits: int = 0
    missed: int = 0
    alarms: int = 0
    good: int = 0

    def __add__(self, other: 'VerdictTally') -> 'VerdictTally':
        return VerdictTally(
            self.hits + other.hits, self.missed + other.missed, self.alarms + other.alarms, self.good + other.good
        )

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of the defective welds."""
        return 2.0 * self.hits / max(2 * self.hits + self.missed + self.alarms, 1)


def simulated_good_welds(
    rig: Rig, finder: WeldFinder, seed: int, panels: int, track: Callable[[], object]
) -> GoodWelds:
    """Good welds of many panels as the finder places them, of photos that a person has looked through.

    Args:
        rig: Whose area camera looks.
        finder: What is no weld of what it finds is left out.
        seed: Of the panels.
        panels: How many.
        track: Hears of each panel.
    """
    settings = BankSettings()
    small, crops, cells, sources = cut_rig(rig, BANK_PX), [], [], list[str]()
    for number in range(panels):
        diameter = PanelPlan.at_random(np.random.default_rng([seed, number])).diameter_px
        panel = panel_image(small, 'bank', seed, number, PanelPlan(diameter, _WELDS_OF_A_PANEL, 0.0, 0))
        regions = [region for region in finder.regions(panel.pixels) if _is_a_weld(region, panel)]
        boxes = boxes_about(regions, settings)
        crops.append(cut_out(panel.pixels, boxes, settings.grid))
        cells.append(cells_of(boxes, settings.grid))
        sources += [f'panel {number}'] * len(regions)
        track()
    return GoodWelds(np.concatenate(crops), tuple(sources), np.concatenate(cells))


def _is_a_weld(region: WeldRegion, panel: LabelledPanel) -> bool:
    """Whether a region is one of the whole welds of a panel."""
    truth = np.array([weld.box_xyxy for weld in panel.welds]).reshape(-1, 4)
    return bool(len(truth) and overlaps(box_of(region), truth).max() >= MATCHING_IOU)


def evaluate_panels(
    rig: Rig, seed: int, count: int, inspector: Inspector, finder: WeldFinder, track: Callable[[], object]
) -> dict[str, Any]:
    """Find and judge the welds of panels.

    Args:
        rig: Whose area camera looks.
        seed: Of the panels.
        count: How many.
        inspector: With a bank of others.
        finder: Whose regions are judged.
        track: Hears of each panel.
    """
    found_tally, end_to_end, placed = DetectionTally(), VerdictTally(), VerdictTally()
    pixels: list[ScoredPixels] = []
    for number in range(count):
        panel = panel_image(rig, 'test', seed, number)
        regions = finder.regions(panel.pixels)
        found_tally += tally_regions(regions, panel)
        whole = [region for region in regions if is_whole(region, panel.pixels.shape)]
        if whole:
            inspected = inspector.judge(panel.pixels, whole)
            end_to_end += tally_verdicts(inspected, panel)
            pixels.append(_scored(inspected, panel, inspector.bank.settings.context))
        true = [WeldRegion(weld.centre_px, weld.radius_px, 1.0) for weld in panel.welds]
        placed += tally_verdicts(inspector.judge(panel.pixels, true), panel)
        track()
    return {
        'pixel_auroc': round(pixel_auroc(pixels), 4),
        'pixel_aupro': round(pixel_aupro(pixels), 4),
        'f1': round(end_to_end.f1, 4),
        'f1_at_true_places': round(placed.f1, 4),
        'false_alarms_at_true_places': f'{placed.alarms} of {placed.good}',
        'missed_at_true_places': f'{placed.missed} of {placed.missed + placed.hits}',
        'detection': found_tally.as_dict(),
        'panels': count,
    }


def tally_verdicts(inspected: WeldInspection, panel: LabelledPanel) -> VerdictTally:
    """Verdicts of an image; a weld that was not found and is defective is missed, what is no weld may be an alarm."""
    truth = np.array([weld.box_xyxy for weld in panel.welds]).reshape(-1, 4)
    called = np.zeros(len(truth), bool)
    alarms = 0
    for weld in inspected.welds:
        shares = overlaps(box_of(weld.region), truth) if len(truth) else np.zeros(1)
        if weld.verdict is not WeldVerdict.DEFECTIVE:
            continue
        if shares.max() >= _SAME_IOU:
            called[int(shares.argmax())] = True
        else:
            alarms += 1
    defective = np.array([weld.defect is not None for weld in panel.welds], bool)
    hits, missed = int((called & defective).sum()), int((~called & defective).sum())
    return VerdictTally(hits, missed, alarms + int((called & ~defective).sum()), int((~defective).sum()))


def _scored(inspected: WeldInspection, panel: LabelledPanel, context: float) -> ScoredPixels:
    """The pixels on and about the true welds: those that are looked at of each."""
    return ScoredPixels.of(inspected.anomaly_map, panel.defects, _about_welds(panel, context))


def _about_welds(panel: LabelledPanel, context: float) -> BoolArray:
    height, width = panel.pixels.shape
    rows, columns = np.ogrid[:height, :width]
    about = np.zeros((height, width), bool)
    for weld in panel.welds:
        u, v = weld.centre_px
        about |= np.hypot(columns - u, rows - v) <= context * weld.radius_px
    return about
