"""Simulated plates for the tests of the stage, and how far a path lies from its truth."""

import numpy as np

from weld_cell.calibration.rig import load_rig
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.paths import config_file
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_scene import AreaScene
from weld_cell.sim.plate_scene import butt_layout, random_plates
from weld_cell.sim.plate_surface import PlateEffects

MAKO = load_rig(str(config_file('rig.yaml'))).mako
UNDER_M = MAKO.T_parent_sensor[:2, 3]


def plates(seed, curved=False, effects=None):
    """Image, box, work plane and truth of a nominal scene; everything of it is drawn from the seed."""
    rng = np.random.default_rng(seed)
    pair = random_plates(rng, curved)
    place = (UNDER_M + rng.uniform(-0.06, 0.06, 2), rng.uniform(-180.0, 180.0), PlateEffects.nominal(), rng)
    layout = butt_layout(pair, *place, clamps=int(rng.integers(0, 3)))
    scene = AreaScene(MAKO.camera, MAKO.T_parent_sensor, layout.sheets, effects or AreaEffects.nominal(), rng)
    image = scene.image(np.random.default_rng(seed))
    plane = WorkPlane.level(MAKO.camera, MAKO.T_parent_sensor, layout.top_m)
    return image, layout.truth.box_px(scene), plane, layout.truth


def misses_mm(path_m, truth):
    """(n,) distance of the path from the true one, its points beyond the true ends left out."""
    starts, steps = truth.path_m[:-1, :2], np.diff(truth.path_m[:, :2], axis=0)
    away = path_m[:, None, :2] - starts
    share = (away * steps).sum(axis=2) / (steps**2).sum(axis=1)
    distance = np.linalg.norm(away - np.clip(share, 0.0, 1.0)[..., None] * steps, axis=2)
    beyond = (share[:, 0] < 0.0) & (distance.argmin(axis=1) == 0)
    beyond |= (share[:, -1] > 1.0) & (distance.argmin(axis=1) == len(steps) - 1)
    return 1e3 * distance.min(axis=1)[~beyond]


def true_length_mm(truth):
    return 1e3 * np.linalg.norm(np.diff(truth.path_m, axis=0), axis=1).sum()
