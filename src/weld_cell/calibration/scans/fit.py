"""Sensor pose, laser plane and target from stripes: weighted least squares with errors in the robot poses.

All points of an image share the error of the robot's pose, which moves the stripe ten times further than the image's
own error. So each pose has six small errors with a known spread, eliminated view by view (`reduced`). Both spreads
are estimated from the residuals, so that the covariance is honest where the robot is worse than it was said to be.
Views that fit worse than their errors allow lose weight (Cauchy) and are named, and so do single points (Huber).
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.stats import chi2, t

from weld_cell.calibration.scans.model import SENSOR_UNKNOWNS, Sensor, Stripes, distances
from weld_cell.calibration.scans.reduced import (
    START_M,
    Reduced,
    RobotErrors,
    Weighing,
    as_lengths,
    reduced_system,
    unlikeliness,
)
from weld_cell.calibration.scans.targets import Step, Target
from weld_cell.errors import CalibrationError
from weld_cell.records import BoolArray, FloatArray
from weld_cell.wording import counted

AnyTarget = TypeVar('AnyTarget', bound=Target)
_ROUNDS, _MOST_STEPS, _FULL_STEPS, _SMALL_STEP_M = 6, 60, 20, 1e-7
DOUBT = (
    'Check that the target is the one that was named, that it was not moved, that rig.yaml says about where the '
    'sensor sits, that images and poses belong together, and that poses are T_base_tool0 in metres.'
)
LEAST_VIEWS = 8
_LONGEST_STEP_M = 0.02
_LEAST_KNOWN = 1e-12
_OUTLIER_CHANCE = 1e-4
MOST_OUTLIERS = 1.0 / 3.0
_POINT_LIMIT = 3.0  # standard deviations from which on a point counts less
_VIEW_LIMIT = 2.0
_ROUGH_START_M = (1e-6, 1e-4, 1e-3, START_M, START_M)  # first the target alone, then the sensor more and more
_LEAST_FACTOR, _MOST_FACTOR = 0.02, 1e3
_LEAST_SPREAD_M = 1e-5


@dataclass(frozen=True, eq=False)
class ScanFit:
    """What the stripes say.

    Attributes:
        sensor: Hand-eye and laser plane.
        target: Where the target lies.
        covariance: (9 + u, 9 + u) of the sensor's and the target's unknowns, in their units.
        degrees_of_freedom: Of the spread that the covariance is scaled by.
        rms_px: Of the stripe points of the views that count, each pose's own error taken out.
        pose_errors_mm: (v,) how far the stripe of each view is from where its pose has it.
        left_px: (v, k) what is left over of each point, its pose's own error taken out; 0 at empty places.
        outliers: (v,) views that do not fit.
        weighing: How much each error counts; its robot_factor says how many times what was assumed the robot is off.
        stripes: That were used.
        rests: Whether the search came to rest.
    """

    sensor: Sensor
    target: Target
    covariance: FloatArray
    degrees_of_freedom: int
    rms_px: float
    pose_errors_mm: FloatArray
    left_px: FloatArray
    outliers: BoolArray
    weighing: Weighing
    stripes: Stripes
    rests: bool

    def half_width(self, slopes: FloatArray) -> FloatArray:
        """(...) half of the 95 % interval of what changes with the sensor's unknowns by slopes (..., 9)."""
        block = self.covariance[:SENSOR_UNKNOWNS, :SENSOR_UNKNOWNS]
        variance = np.einsum('...i,ij,...j->...', slopes, block, slopes)
        half: FloatArray = t.ppf(0.975, max(self.degrees_of_freedom, 1)) * np.sqrt(variance)
        return half

    def seam_half_widths_mm(self) -> FloatArray:
        """(3,) 95 % intervals of a point of the stripe in tool0's axes: the median over all points."""
        rays = self.stripes.rays[np.isfinite(self.stripes.sigma_px)]
        return np.asarray(1e3 * np.median(self.half_width(self.sensor.tool_point_slopes(rays)), axis=0), dtype=float)

    def scatter_mm(self) -> float:
        """RMS distance of the stripes of the views that count from where their poses have them."""
        return float(np.sqrt(np.mean(self.pose_errors_mm[self.weighing.views > 0.0] ** 2)))


def fit_scans(stripes: Stripes, start: Sensor, target: Target, robot: RobotErrors | None = None) -> ScanFit:
    """Find sensor, laser plane and target together.

    Args:
        stripes: Of more views than the unknowns need.
        start: Where the sensor is by its drawing; some ten millimetres and degrees off are no matter.
        target: Where the target may lie.
        robot: Errors of its poses; by default 0.1 mm and 0.02 degree on each axis.

    Raises:
        CalibrationError: too few views.
    """
    if len(stripes.names) < LEAST_VIEWS:
        raise CalibrationError(
            f'{counted(len(stripes.names), "view is", "views are")} too few; at least {LEAST_VIEWS} are needed, '
            '20 are good.',
            'Add views: tilt the sensor about its stripe and about the travel, turn it, raise and lower it.',
        )
    points = np.isfinite(stripes.sigma_px).astype(float)
    weighing = Weighing(start, robot or RobotErrors(), 1.0, 1.0, np.ones(len(points)), points)
    sensor, target, rough = _roughly(stripes, start, target, weighing)
    weighing = replace(weighing, views=rough.views, points=rough.points)
    for _ in range(_ROUNDS):
        sensor, target, system, _ = _solved(stripes, sensor, target, weighing)
        weighing = _weighed(weighing, system, stripes)
    outliers = _outliers(system)
    kept = ~outliers if outliers.mean() <= MOST_OUTLIERS else np.ones(len(points), bool)
    weighing = replace(weighing, views=kept.astype(float))
    sensor, target, system, _ = _solved(stripes, sensor, target, weighing)
    weighing, free = _final_spread(weighing, system)
    sensor, target, system, rests = _solved(stripes, sensor, target, weighing)
    left_px = system.left() * weighing.image_factor * np.where(points, stripes.sigma_px, 0.0)
    return ScanFit(
        sensor,
        target,
        covariance_of(system.matrix),
        free,
        float(np.sqrt((left_px[kept] ** 2).sum() / points[kept].sum())),
        _at_the_stripe_mm(stripes, sensor, system.pose_sigmas() * weighing.robot_factor * weighing.robot.sigmas()),
        left_px,
        outliers,
        weighing,
        stripes,
        rests,
    )


def covariance_of(matrix: FloatArray) -> FloatArray:
    """Inverse of an information matrix (u, u) that may be singular: what is not known gets a vast variance."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(matrix), 1e-12))
    known, directions = np.linalg.eigh(matrix * np.outer(scale, scale))
    spread = directions / np.sqrt(np.maximum(known, _LEAST_KNOWN))
    covariance: FloatArray = (spread @ spread.T) * np.outer(scale, scale)
    return covariance


def fitted_target(stripes: Stripes, sensor: Sensor, target: Step) -> Step:
    """Where a target lies that a sensor sees, the sensor held as it is."""
    points = np.isfinite(stripes.sigma_px).astype(float)
    weighing = Weighing(
        sensor, RobotErrors(), 1.0, _LEAST_FACTOR, np.ones(len(points)), points, True, _ROUGH_START_M[0]
    )
    for _ in range(_ROUNDS):
        _, target, system, _ = _solved(stripes, sensor, target, weighing)
        weighing = replace(weighing, views=_rough_weights(system, points))
    return target


def _rough_weights(system: Reduced, points: FloatArray) -> FloatArray:
    """(v,) after Cauchy, by how far each view's points are off compared with the others'."""
    squares = (system.values**2).sum(axis=1) / np.maximum(points.sum(axis=1), 1.0)
    weights: FloatArray = 1.0 / (1.0 + squares / max(np.median(squares), 1e-9) / _VIEW_LIMIT**2)
    return weights


def _roughly(stripes: Stripes, sensor: Sensor, target: Target, weighing: Weighing) -> tuple[Sensor, Target, Weighing]:
    """A solution by distances in space as if no pose were wrong, found from far away, and the weights at its end."""
    rough = replace(weighing, in_space=True, image_factor=1.0, robot_factor=_LEAST_FACTOR)
    for start_m in _ROUGH_START_M:
        rough = replace(rough, start_m=start_m)
        sensor, target, system, _ = _solved(stripes, sensor, target, rough)
        stray = _stray(distances(stripes, sensor, target), weighing.points)
        points = weighing.points / np.maximum(stray, 1.0)
        rough = replace(rough, views=_rough_weights(system, weighing.points), points=points)
    return sensor, target, rough


def _stray(distances_m: FloatArray, points: FloatArray) -> FloatArray:
    """(v, k) how far each point is from where the middle of its view is, in the limits of what counts in full."""
    seen = np.where(points > 0.0, distances_m, np.nan)
    off = np.abs(seen - np.nanmedian(seen, axis=1, keepdims=True))
    usual = np.maximum(1.4826 * np.nanmedian(off, axis=1, keepdims=True), _LEAST_SPREAD_M)
    in_limits: FloatArray = np.nan_to_num(off / (_POINT_LIMIT * usual))
    return in_limits


def _solved(
    stripes: Stripes, sensor: Sensor, target: AnyTarget, weighing: Weighing
) -> tuple[Sensor, AnyTarget, Reduced, bool]:
    """Steps after Levenberg and Marquardt, the weights held, and whether they became small."""
    damping, system = 1e-6, reduced_system(stripes, sensor, target, weighing)
    for number in range(_MOST_STEPS):
        step = _step(system, sensor, damping) * (1.0 if number < _FULL_STEPS else 0.5)  # else it may run in circles
        tried = sensor.moved(step[:SENSOR_UNKNOWNS]), target.moved(step[SENSOR_UNKNOWNS:])
        before = system.cost(distances(stripes, sensor, target)) + unlikeliness(sensor, target, weighing)
        after = system.cost(distances(stripes, *tried)) + unlikeliness(*tried, weighing)
        small = np.abs(step[:SENSOR_UNKNOWNS] * as_lengths(sensor)).max() < _SMALL_STEP_M
        if after <= before * (1.0 + 1e-9) and np.isfinite(after):
            (sensor, target), damping = tried, 0.1 * damping
            system = reduced_system(stripes, sensor, target, weighing)
        else:
            damping = 10.0 * max(damping, 1e-9)
        if small:
            return sensor, target, system, True
    return sensor, target, system, False


def _step(system: Reduced, sensor: Sensor, damping: float) -> FloatArray:
    """(u,) the change that the normal equations ask for."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(system.matrix), 1e-12))
    damped = system.matrix * np.outer(scale, scale) + damping * np.eye(len(scale))
    step: FloatArray = -scale * np.linalg.solve(damped, scale * system.vector)
    longest = np.abs(step[:SENSOR_UNKNOWNS] * as_lengths(sensor)).max()
    step *= min(1.0, _LONGEST_STEP_M / max(longest, _SMALL_STEP_M))
    return step


def _weighed(weighing: Weighing, system: Reduced, stripes: Stripes) -> Weighing:
    """Weights and spreads after a solution, by medians, which a few wrong views do not move."""
    told = system.pose_told.sum(axis=1)
    score = system.pose_scores().sum(axis=1)
    excess = np.median(score / chi2.median(np.maximum(told, 1)))
    excess *= told.sum() / max(told.sum() - len(system.vector), 1)
    seen = np.isfinite(stripes.sigma_px)
    image = 1.4826 * np.median(np.abs(system.left()[seen]))
    far = np.abs(system.left()) / _POINT_LIMIT
    points = np.where(seen, 1.0 / np.maximum(far, 1.0), 0.0)
    views = 1.0 / (1.0 + score / np.maximum(told, 1) / max(excess, 1e-9) / _VIEW_LIMIT**2)
    return replace(
        weighing,
        image_factor=_bounded(weighing.image_factor * float(image)),
        robot_factor=_bounded(weighing.robot_factor * float(np.sqrt(excess))),
        views=views,
        points=points,
    )


def _bounded(factor: float) -> float:
    return float(np.clip(factor, _LEAST_FACTOR, _MOST_FACTOR))


def _outliers(system: Reduced) -> BoolArray:
    """(v,) views that no error as large as the others' explains."""
    told = np.maximum(system.pose_told.sum(axis=1), 1)
    wrong: BoolArray = system.pose_scores().sum(axis=1) > chi2.ppf(1.0 - _OUTLIER_CHANCE, told)
    return wrong


def _final_spread(weighing: Weighing, system: Reduced) -> tuple[Weighing, int]:
    """The robot's spread by the mean square of the views that count, and its degrees of freedom."""
    counted = weighing.views > 0.0
    told = int(system.pose_told[counted].sum())
    free = told - len(system.vector)
    excess = float(system.pose_scores()[counted].sum()) / max(free, 1)
    return replace(weighing, robot_factor=_bounded(weighing.robot_factor * np.sqrt(excess))), free


def _at_the_stripe_mm(stripes: Stripes, sensor: Sensor, pose_errors: FloatArray) -> FloatArray:
    """(v,) how far the middle of each stripe is moved by the error of its pose."""
    seen = np.isfinite(stripes.sigma_px)[..., None]
    middle = np.where(seen, sensor.tool_points(stripes.rays), 0.0).sum(axis=1) / seen.sum(axis=1)
    moved = pose_errors[:, :3] + np.cross(pose_errors[:, 3:], middle)
    distances: FloatArray = 1e3 * np.linalg.norm(moved, axis=1)
    return distances
