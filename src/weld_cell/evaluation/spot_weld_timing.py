"""How long a panel takes, beside plain PatchCore on the same welds, features and bank."""

import time
from collections.abc import Callable
from typing import Any

import cv2
from threadpoolctl import threadpool_limits

from weld_cell.calibration.rig import Rig
from weld_cell.records import WeldRegion
from weld_cell.sim.spot_weld_dataset import PanelPlan, panel_image
from weld_cell.spot_weld.crops import boxes_about, cut_out
from weld_cell.spot_weld.features import Features
from weld_cell.spot_weld.find import WeldFinder
from weld_cell.spot_weld.inspect import Inspector
from weld_cell.spot_weld.patchcore import plain_patchcore

WELDS = 40
_ROUNDS = 5


def panel_timing(rig: Rig, seed: int, inspector: Inspector, finder: WeldFinder, features: Features) -> dict[str, Any]:
    """Milliseconds of a panel with 40 welds on one thread and on two, and by plain PatchCore on two.

    The same maps are made in the same run; the time of finding the welds and of cutting them out counts in all three.

    Args:
        rig: Whose area camera looks.
        seed: Of the panel.
        inspector: With its bank.
        finder: Says where the welds are.
        features: Of the bank.
    """
    panel = panel_image(rig, 'test', seed, 0, PanelPlan(40.0, WELDS))
    regions = [WeldRegion(weld.centre_px, weld.radius_px, 1.0) for weld in panel.welds]
    bank = inspector.bank

    def ours(count: int) -> None:
        finder.regions(panel.pixels)
        inspector.judge(panel.pixels, regions[:count])

    def plain() -> None:
        finder.regions(panel.pixels)
        boxes = boxes_about(regions, bank.settings)
        plain_patchcore(cut_out(panel.pixels, boxes, bank.settings.grid), features, bank)

    told: dict[str, Any] = {'welds': len(regions)}
    for threads in (1, 2):
        with threadpool_limits(threads):
            cv2.setNumThreads(threads)
            told[f'threads_{threads}'] = _ms(lambda: ours(len(regions)), _ROUNDS)
            if threads == 2:
                told['plain'] = _ms(plain, 2)
    with threadpool_limits(1):
        cv2.setNumThreads(1)
        few, all_ = _ms(lambda: ours(10), _ROUNDS), told['threads_1']
    told['times_faster'] = round(told['plain'] / told['threads_2'], 2)
    told['per_weld'] = round((all_ - few) / (len(regions) - 10), 3)
    return told


def _ms(work: Callable[[], object], rounds: int) -> float:
    """The fastest of some rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return round(1e3 * min(times), 1)
