"""Simulated plates: the gap lies where OpenCV projects its truth and is as wide; noise does what it says."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.plate_seam.plates import PlatesSettings
from weld_cell.records import JointType
from weld_cell.report.run_summary import distances_to_polyline
from weld_cell.sim.arc_light import (
    with_arc_glare,
    with_gaussian_noise,
    with_impulses,
    with_multiplicative_noise,
    with_smoke,
)
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_layouts import area_cell_scene, plates_of_layout, plates_under
from weld_cell.sim.area_scene import AreaScene
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.sim.part_on_table import in_reach
from weld_cell.sim.plate_scene import butt_layout, lap_layout, random_plates
from weld_cell.sim.plate_surface import PlateEffects
from weld_cell.sim.plates import PlatePair
from weld_cell.sim.seam_curve import SeamCurve

RIG = load_rig(str(config_file('rig.yaml')))
BENT = SeamCurve.from_pieces([0.1, 0.1], [2.0, -2.0])
GREY = np.full((120, 160), 100, np.uint8)


def scene_of(layout):
    rng = np.random.default_rng(0)
    return AreaScene(RIG.mako.camera, RIG.mako.T_parent_sensor, layout.sheets, AreaEffects.none(), rng)


@pytest.mark.parametrize('gap_mm', [0.1, 0.5, 2.0])
@pytest.mark.parametrize('angle_deg', [0.0, 62.0])
def test_missing_light_lies_on_the_truth_and_is_as_wide_as_the_gap(gap_mm, angle_deg):
    """Across the seam: the light's centre of loss against the projected truth, its sum against the gap's width."""
    pair = PlatePair(BENT, (gap_mm, gap_mm), (60.0, 50.0), 0.002)
    layout = butt_layout(pair, (1.05, -0.05), angle_deg, PlateEffects.none(), np.random.default_rng(0))
    scene = scene_of(layout)
    image = scene.image(np.random.default_rng(0)).astype(float)
    middle = layout.truth.path_m[20:-20:10]
    ahead = scene.view.project(layout.truth.path_m[21:-19:10]) - scene.view.project(middle)
    across = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.linalg.norm(ahead, axis=1, keepdims=True)
    steps = np.arange(-8.0, 8.05, 0.1)
    places = scene.view.project(middle)[:, None] + steps[:, None] * across[:, None]
    grey = map_coordinates(image, [places[..., 1], places[..., 0]], order=1)
    plate = grey[:, [0, -1]].mean(axis=1, keepdims=True)
    loss = (plate - grey).sum(axis=0) / (plate.mean() - image[5, 5])
    mm_per_px = 1.0 / np.linalg.norm(ahead, axis=1).mean()
    assert loss @ steps / loss.sum() == pytest.approx(0.0, abs=0.06)
    assert loss.sum() * 0.1 * mm_per_px / len(middle) == pytest.approx(gap_mm, rel=0.1, abs=0.02)


def test_lap_plates_lie_on_each_other_and_have_no_gap():
    pair = random_plates(np.random.default_rng(1), curved=False)
    layout = lap_layout(pair, (1.0, 0.0), 20.0, PlateEffects.none(), np.random.default_rng(1))
    lower, upper = (sheet.T_base_sheet[2, 3] for sheet in layout.sheets)
    assert upper - lower == pytest.approx(pair.thickness_m)
    assert layout.top_m == pytest.approx(upper) and not layout.truth.gap_mm.any()


def test_the_layout_plates_is_the_one_whose_truth_is_known():
    scene, layout = area_cell_scene('plates', 3, RIG), plates_under(3, RIG)
    assert len(scene.sheets) == len(layout.sheets)
    np.testing.assert_array_equal(scene.sheets[0].T_base_sheet, layout.sheets[0].T_base_sheet)
    np.testing.assert_allclose(layout.truth.path_m[:, 2], layout.top_m)
    assert (layout.truth.gap_mm >= 0.1).all() and (layout.truth.gap_mm <= 2.0).all()


@pytest.mark.parametrize('seed', range(3))
def test_the_laser_sees_the_plates_seam_where_the_area_camera_does_and_the_robot_reaches_it(seed):
    layout = plates_of_layout('plates', seed, RIG)
    scene, seen_m = cell_scene(JointType.LAP, seed, plates=layout), layout.truth.path_m
    assert scene.joint_type is JointType.BUTT
    assert distances_to_polyline(scene.truth.positions_m * [1, 1, 0], seen_m * [1, 1, 0]).max() < 5e-6
    assert np.abs(scene.truth.positions_m[[0, -1]] - seen_m[[0, -1]]).max() < 5e-4  # one plate stands over the other
    assert in_reach(seen_m[[0, -1]])
    assert layout.top_m == pytest.approx(0.2 + PlatesSettings().thickness_mm / 1000)  # as config/cell.yaml says


@pytest.mark.parametrize('lies', ['none', 'test_sheet', 'parts'])
def test_other_layouts_have_no_plates(lies):
    assert plates_of_layout(lies, 1, RIG) is None


@pytest.mark.parametrize(
    'effect', [with_smoke, with_impulses, with_multiplicative_noise, with_gaussian_noise], ids=lambda f: f.__name__
)
def test_an_effect_of_no_strength_changes_nothing_and_a_full_one_does(effect):
    np.testing.assert_array_equal(effect(GREY, 0.0, np.random.default_rng(0)), GREY)
    full = effect(GREY, 1.0, np.random.default_rng(0))
    assert full.shape == GREY.shape and full.dtype == np.uint8
    assert np.abs(full.astype(int) - GREY).mean() > 2.0


def test_an_arc_glares_where_it_burns():
    np.testing.assert_array_equal(with_arc_glare(GREY, np.array([40.0, 30.0]), 0.0, np.random.default_rng(0)), GREY)
    glaring = with_arc_glare(GREY, np.array([40.0, 30.0]), 1.0, np.random.default_rng(0)).astype(int)
    assert glaring[30, 40] == 255 and (glaring >= GREY).all() and glaring[110, 150] < 255


def test_impulses_are_as_many_as_they_should_be():
    noisy = with_impulses(GREY, 0.5, np.random.default_rng(0))
    assert np.mean(noisy != GREY) == pytest.approx(0.05, abs=0.01)
    assert set(np.unique(noisy)) == {0, 100, 255}
