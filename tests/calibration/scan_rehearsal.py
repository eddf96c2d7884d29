"""Simulated scans for the tests: a sensor that sits elsewhere than its drawing says, over a target."""

from pathlib import Path

import numpy as np

from weld_cell.calibration.rig import load_rig
from weld_cell.calibration.scans.model import Sensor
from weld_cell.calibration.scans.views import StripeView, stack_views
from weld_cell.evaluation.simulated_scans import Errors, Motions, TrueTarget, off_by, simulated_views

RIG = load_rig(str(Path(__file__).parents[2] / 'config' / 'rig.yaml')).laser_sensor
NOMINAL = Sensor(RIG.T_parent_sensor, RIG.laser_plane)
LYING = np.array([[0.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.2], [0.0, 0.0, 0.0, 1.0]])
SIZES_M = {'plate': 0.0, 'step': 0.010, 'sphere': 0.025}


def rehearse(kind, seed, count=20, motions=None, errors=None):
    """The true sensor and the stacked stripes of some views."""
    rng = np.random.default_rng(seed)
    true = off_by(NOMINAL, rng)
    target = TrueTarget(kind, LYING, SIZES_M[kind])
    views = simulated_views(true, NOMINAL, RIG.camera, target, motions or Motions(), count, errors or Errors(), rng)
    named = [StripeView(f'view {n}', v.T_base_tool0, v.pixels, v.parts) for n, v in enumerate(views)]
    return true, stack_views(named, RIG.camera)
