"""Simulated panels with spot welds: their truth against their pixels."""

import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.spot_weld import REACH, Canvas, WeldStyle, step_at
from weld_cell.sim.spot_weld_dataset import PanelPlan, cut_rig, panel_image
from weld_cell.sim.spot_weld_defects import WeldDefect, draw_weld
from weld_cell.sim.spot_weld_panel import random_places

STYLE = WeldStyle(3.0, 0.72, 0.15, 0.9, 0.5, 0.3, 0.6)


@pytest.fixture(scope='module')
def rig():
    return cut_rig(load_rig(str(config_file('rig.yaml'))), (320, 240))


def canvas(texels_per_mm=8.0):
    side = int(2 * REACH * STYLE.radius_mm * texels_per_mm)
    along = ((np.arange(side) - (side - 1) / 2) / texels_per_mm).astype(np.float32)
    x, y = np.meshgrid(along, -along)
    bare = [np.zeros((side, side), np.float32), np.ones((side, side), np.float32), np.ones((side, side), np.float32)]
    return Canvas(x, y, *bare, np.zeros((side, side), np.float32), texels_per_mm)


def test_a_panel_without_welds(rig):
    panel = panel_image(rig, 'test', 1, 0, PanelPlan(30.0, 0, 0.0, 0), AreaEffects.none())
    assert panel.welds == panel.cut == () and not panel.defects.any()


def test_a_severity_out_of_range_is_refused():
    with pytest.raises(ValueError, match='severity'):
        draw_weld(canvas(), STYLE, None, 1.5, np.random.default_rng(0))


def test_a_step_is_one_half_at_its_place():
    np.testing.assert_allclose(step_at(np.array([-1.0, 0.0, 1.0]), 0.5), [0.0, 0.5, 1.0])


def test_a_good_weld_is_an_indentation_without_a_defect():
    drawn = canvas()
    draw_weld(drawn, STYLE, None, 0.0, np.random.default_rng(0))
    rho = np.hypot(drawn.x, drawn.y) / STYLE.radius_mm
    assert not drawn.defect.any()
    assert drawn.height_mm[rho < 0.5].mean() == pytest.approx(-STYLE.depth_mm, abs=0.01)
    assert abs(drawn.height_mm[rho > 1.5]).max() < 1e-3
    assert drawn.gain[(rho > 0.85) & (rho < 0.95)].mean() < 0.75 * drawn.gain[rho > 2.0].mean()


@pytest.mark.parametrize('defect', WeldDefect)
def test_a_defect_is_marked_where_the_weld_looks_otherwise(defect):
    drawn = canvas()
    draw_weld(drawn, STYLE, defect, 0.8, np.random.default_rng(2))
    rho = np.hypot(drawn.x, drawn.y) / STYLE.radius_mm
    assert drawn.defect.sum() > 20
    assert not drawn.defect[rho > 2.4].any()


def test_places_lie_apart_and_within():
    places = np.array(random_places(30, (200.0, 150.0), 3.0, 9.0, np.random.default_rng(1)))
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 1e3 * np.eye(len(places))
    assert len(places) == 30 and apart.min() > 2.9 * 3.0
    assert (np.abs(places) < [91.0, 66.0]).all()


def test_the_middle_of_a_weld_is_where_its_ring_is(rig):
    panel = panel_image(rig, 'test', 3, 1, PanelPlan(60.0, 1, 0.0, 0), AreaEffects.none())
    (weld,) = panel.welds
    grey = panel.pixels.astype(float)

    def on_ring(aside):
        rows, columns = np.indices(grey.shape)
        away = np.hypot(columns - weld.centre_px[0] - aside[0], rows - weld.centre_px[1] - aside[1]) / weld.radius_px
        return grey[np.abs(away - 0.88) < 0.08].mean()

    # The lamp makes one side of the wall darker and the other one brighter, so that the whole ring counts.
    assert all(on_ring((0.0, 0.0)) < on_ring(aside) for aside in ((4.0, 0.0), (-4.0, 0.0), (0.0, 4.0), (0.0, -4.0)))
    np.testing.assert_allclose(weld.box_xyxy[2:] - weld.box_xyxy[:2], 2.0 * weld.radius_px, rtol=0.05)


def test_no_image_is_in_two_splits(rig):
    plan = PanelPlan(40.0, 2)
    train, test = (panel_image(rig, split, 1, 0, plan).pixels for split in ('train', 'test'))
    assert (train != test).any()
    np.testing.assert_array_equal(train, panel_image(rig, 'train', 1, 0, plan).pixels)
