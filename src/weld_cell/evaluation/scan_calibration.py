"""How good the calibrations of the line laser are: a real set over a board, and simulated scans without one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.board_stripe import stripe_on_board
from weld_cell.calibration.boards import Board
from weld_cell.calibration.laser_plane import calibrate_laser_plane, plane_gap_mm
from weld_cell.calibration.rig import LaserSensorCalibration, load_rig
from weld_cell.calibration.scans.fit import ScanFit, fit_scans
from weld_cell.calibration.scans.model import Sensor, Stripes
from weld_cell.calibration.scans.views import StripeView, first_plane, first_sphere, stack_views
from weld_cell.calibration.views import find_views, folder_images
from weld_cell.errors import CalibrationError
from weld_cell.evaluation.simulated_scans import Errors, Motions, TrueTarget, off_by, simulated_views
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import make_transform
from weld_cell.paths import config_file
from weld_cell.records import BoolArray, FloatArray

GRID_FOLDER, GRID = 'laser_plane_circle_grid', Board('circles', 7, 7, 0.0375)


@dataclass(frozen=True)
class ScanPlan:
    """How a target is scanned.

    Attributes:
        size_m: Height of the step, radius of the sphere.
        views: Images.
        motions: How the sensor is held.
        share: Part of the sets that are evaluated.
    """

    size_m: float
    views: int
    motions: Motions
    share: float = 1.0

    def sets(self, of: int) -> int:
        """How many sets are evaluated."""
        return max(int(self.share * of), 1)


PLANS = {
    'sphere': ScanPlan(0.025, 20, Motions(35.0, 180.0)),
    'step': ScanPlan(0.010, 20, Motions(35.0, 60.0)),
    'plate': ScanPlan(0.0, 60, Motions(40.0, 180.0), 0.25),
}


def laser_plane_figures(folder: Path, step: Callable[[], object]) -> dict[str, Any]:
    """Scatter of the stripes about our plane, and how far it is from the published one where they lie.

    Args:
        folder: With laser_off, laser_on and Parameters.xml.
        step: Called after each image.
    """
    camera, published = _published(folder / 'Parameters.xml')
    unlit, lit = folder_images(folder / 'laser_off'), folder_images(folder / 'laser_on')
    light = {name: image for (name, _), (_, image) in zip(unlit, lit, strict=True)}
    boards = find_views(GRID, unlit, step).found
    result = calibrate_laser_plane([stripe_on_board(b, np.asarray(light[b.name], np.uint8)) for b in boards], camera)
    points = np.concatenate([view.points_m for view in result.views if view.used])
    return {
        'laser_plane_scatter_mm': result.scatter_mm,
        'laser_plane_published_mm': plane_gap_mm(result.coefficients, published, points),
        'laser_plane_views': result.used,
    }


def _published(path: Path) -> tuple[CameraModel, FloatArray]:
    """Intrinsics, and the plane A x + B y + C z = D in mm as A, B, C of 1 in 1/m."""
    said = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
    lens = said.getNode('distCoeffs').mat().ravel().astype(float)
    camera = CameraModel(said.getNode('cameraMatrix').mat().astype(float), lens, (1920, 1080))
    plane = np.array([said.getNode(f'Formular_{name}').real() for name in 'ABC'])
    return camera, 1e3 * plane / said.getNode('Formular_D').real()


def scan_figures(sets: int, seed: int, step: Callable[[], object]) -> dict[str, Any]:
    """Errors at the seam of simulated calibrations without a board, and how often their intervals hold the truth.

    Args:
        sets: Calibrations with each target, a part of it with a plate.
        seed: They come from it.
        step: Called after each.
    """
    rig = load_rig(str(config_file('rig.yaml'))).laser_sensor
    figures: dict[str, Any] = {}
    inside: list[BoolArray] = []
    for number, (target, plan) in enumerate(PLANS.items()):
        errors_mm, refused = [], 0
        for trial in range(plan.sets(sets)):
            try:
                error_mm, held = _trial(rig, target, plan, np.random.default_rng((seed, number, trial)))
            except CalibrationError:
                refused += 1
            else:
                errors_mm.append(error_mm)
                inside.append(held)
            step()
        figures[f'sim_scan_{target}_mm'] = float(np.median(errors_mm))
        figures[f'sim_scan_{target}_refused'] = refused
    figures['sim_scan_mm'] = max(figures['sim_scan_sphere_mm'], figures['sim_scan_step_mm'])
    figures['scan_coverage'] = float(np.mean(inside))
    return figures


def _trial(rig: LaserSensorCalibration, target: str, plan: ScanPlan, rng: Generator) -> tuple[float, BoolArray]:
    """RMS distance in mm of measured points from the true ones, and whether x, y, z in the middle are held."""
    nominal = Sensor(rig.T_parent_sensor, rig.laser_plane)
    true = off_by(nominal, rng)
    lying = make_transform((1.0, 0.0, 0.2), Rotation.from_euler('zyx', [90.0, *rng.uniform(-5, 5, 2)], degrees=True))
    views = simulated_views(
        true, nominal, rig.camera, TrueTarget(target, lying, plan.size_m), plan.motions, plan.views, Errors(), rng
    )
    named = [StripeView(str(n), v.T_base_tool0, v.pixels, v.parts) for n, v in enumerate(views)]
    stripes = stack_views(named, rig.camera)
    fit = fitted(stripes, nominal, target, plan.size_m)
    rays = stripes.rays[np.isfinite(stripes.sigma_px)]
    off_m = fit.sensor.tool_points(rays) - true.tool_points(rays)
    middle = rays.mean(axis=0)
    middle_off_m = fit.sensor.tool_points(middle) - true.tool_points(middle)
    held: BoolArray = np.abs(middle_off_m) <= fit.half_width(fit.sensor.tool_point_slopes(middle))
    return 1e3 * float(np.sqrt((off_m**2).sum(axis=1).mean())), held


def fitted(stripes: Stripes, start: Sensor, target: str, size_m: float) -> ScanFit:
    """The calibration, whatever it leaves open."""
    if target == 'sphere':
        return fit_scans(stripes, *first_sphere(stripes, start, size_m))
    return fit_scans(stripes, start, first_plane(stripes, start, size_m or None))
