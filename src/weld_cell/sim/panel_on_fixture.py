"""A welded body panel on a fixture, so near to the area camera that its welds are as large as they must be."""

from dataclasses import dataclass

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.sim.area_scene import TABLE_TOP_M, AreaScene, PlacedSheet
from weld_cell.sim.spot_weld import WeldStyle
from weld_cell.sim.spot_weld_dataset import PanelPlan, WeldTruth, random_panel, weld_truth
from weld_cell.sim.spot_weld_panel import WeldedPanel

PANEL = 'panel'
"""Name of the layout."""
FIXTURE_M = TABLE_TOP_M + 0.9
"""Height of the fixture's top in base_link: the panel is seen from 0.4 m."""
_PLAN = PanelPlan(diameter_px=34.0, welds=30, defective=0.25, lookalikes=6, least_severity=0.5)


@dataclass(frozen=True, eq=False)
class PanelOnFixture:
    """A panel and where it lies.

    Attributes:
        panel: Its welds and what is wrong with them.
        placed: As the area camera sees it.
    """

    panel: WeldedPanel
    placed: PlacedSheet

    def truths(self, scene: AreaScene) -> list[WeldTruth]:
        """Where its welds are in the image of a scene in which it lies first."""
        return [weld_truth(scene, weld) for weld in self.panel.welds]


def panel_under(seed: int, rig: Rig) -> PanelOnFixture:
    """The panel of a simulated run, along the area camera's image.

    Args:
        seed: Everything is drawn from it.
        rig: Whose area camera looks.
    """
    rng = np.random.default_rng([seed, 4])
    pose, camera, style = rig.mako.T_parent_sensor, rig.mako.camera, WeldStyle.at_random(rng)
    distance_m = float(pose[2, 3]) - FIXTURE_M
    mm_per_px = 1e3 * distance_m / float(camera.matrix[0, 0])
    panel = random_panel(_PLAN, style, mm_per_px, camera.size_px, rng)
    turn_deg = float(np.degrees(np.arctan2(pose[1, 0], pose[0, 0])))
    return PanelOnFixture(panel, PlacedSheet.lying(panel.sheet, pose[:2, 3], turn_deg, FIXTURE_M))
