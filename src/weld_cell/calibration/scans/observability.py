"""Directions that the poses of a scan leave undetermined, and motions that determine them.

A plane says nothing of a shift along itself, a hand that never turns nothing of where the sensor sits on it. Instead
of rules for each target, motions are tried on the fitted geometry: views are added as they would look, and what they
tell is added to what is known.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.scans.fit import DOUBT, MOST_OUTLIERS, ScanFit, covariance_of
from weld_cell.calibration.scans.model import SENSOR_UNKNOWNS, Stripes, distances
from weld_cell.calibration.scans.reduced import START_M, Weighing, reduced_system
from weld_cell.calibration.scans.targets import Sphere, Step
from weld_cell.errors import CalibrationError
from weld_cell.geometry.laser_plane import line_direction, plane_basis
from weld_cell.geometry.transforms import invert, make_transform
from weld_cell.records import FloatArray
from weld_cell.wording import counted

MOST_MM = 0.5
"""A calibration that knows the seam no better than this, with a probability of 95 %, is refused."""
MOST_ROBOT_FACTOR = 20.0
"""So many times worse than it was said to be a robot is not; then something else is wrong."""
DOUBTFUL_ROBOT_FACTOR = 2.0
"""From here on the size of the target is doubted: a step 5 % too high or too low looks like a robot so much worse."""
_SIDES = (-1.0, -0.5, 0.5, 1.0)
_MOST_NAMED = 3
_NEWTON_STEPS, _NUDGE = 4, 1e-6


@dataclass(frozen=True)
class Motion:
    """A motion of the sensor about the middle of its stripe, in the stripe's frame.

    Attributes:
        told: In words.
        shift_m: (x, y, z): along the travel, along the stripe, along the laser's light.
        turn_deg: About the same.
    """

    told: str
    shift_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def transform(self, part: float) -> FloatArray:
        """(4, 4) a part of the motion."""
        turn = Rotation.from_rotvec(part * np.radians(self.turn_deg))
        return make_transform(part * np.array(self.shift_m), turn)


MOTIONS = (
    Motion('tilt the sensor about its stripe by 25 degrees to both sides', turn_deg=(0.0, 25.0, 0.0)),
    Motion('tilt it sideways, about the travel, by 25 degrees to both sides', turn_deg=(25.0, 0.0, 0.0)),
    Motion('turn it about the line of sight by 60 degrees to both sides', turn_deg=(0.0, 0.0, 60.0)),
    Motion('raise and lower it by 30 mm', shift_m=(0.0, 0.0, 0.030)),
    Motion('shift it along the travel by 8 mm', shift_m=(0.008, 0.0, 0.0)),
)


def require_known(fit: ScanFit, most_mm: float = MOST_MM) -> None:
    """Refuse a calibration that leaves the seam open.

    Raises:
        CalibrationError: images and poses that do not fit, too few views, or an interval wider than `most_mm` to
            each side; names what to add.
    """
    half_mm, factor = fit.seam_half_widths_mm(), fit.weighing.robot_factor
    if fit.degrees_of_freedom <= 0:
        problem = (
            f'{counted(len(fit.stripes.names), "view is", "views are")} too few to tell the errors from the unknowns.'
        )
    elif not half_mm.max() <= 1e3 * START_M:
        problem = 'The poses leave the seam open: in some direction nothing of it is known.'
    elif half_mm.max() > most_mm:
        problem = (
            f'The poses leave the seam open: it would be known to +-{half_mm.max():.2f} mm along '
            f'{"xyz"[int(half_mm.argmax())]} of tool0 (95 %), expected at most {most_mm:g} mm.'
        )
    elif fit.outliers.mean() > MOST_OUTLIERS:
        raise _contradiction(fit)
    elif not fit.rests:
        raise CalibrationError('The calibration does not converge.', DOUBT)
    elif factor > MOST_ROBOT_FACTOR:
        raise CalibrationError(
            f'Images and poses do not fit: the robot would be {factor:.0f} times worse than it was said to be.',
            f'{size_doubt(fit)} {DOUBT}',
        )
    else:
        return
    size = size_doubt(fit)
    doubt = ' ' + DOUBT if fit.outliers.any() or not fit.rests or factor > MOST_ROBOT_FACTOR else ''
    known = half_mm.max() <= 1e3 * START_M
    motions = '; '.join(missing_motions(fit, most_mm) if known else [motion.told for motion in MOTIONS])
    views = f'dd views in which the robot moves otherwise: {motions}; or more views.{doubt}'
    raise CalibrationError(problem, f'{size} Else a{views}' if size else f'A{views}')


def size_doubt(fit: ScanFit) -> str:
    """What to look at first where the robot comes out worse than it was said to be; empty where it does not."""
    if fit.weighing.robot_factor <= DOUBTFUL_ROBOT_FACTOR:
        return ''
    told = f'The robot comes out {fit.weighing.robot_factor:.2g} times worse than it was said to be (--robot-mm): '
    if isinstance(fit.target, Sphere):
        return (
            f'{told}measure the sphere again; a radius of {1e3 * fit.target.nominal_m:g} mm was given (--radius-mm).'
        )
    if isinstance(fit.target, Step) and fit.target.height_m > 0.0:
        return f'{told}measure the step again; a height of {1e3 * fit.target.height_m:g} mm was given (--height-mm).'
    return f'{told}look at the poses.'


def _contradiction(fit: ScanFit) -> CalibrationError:
    names = ', '.join(name for name, out in zip(fit.stripes.names, fit.outliers, strict=True) if out)
    return CalibrationError(
        f'{fit.outliers.sum()} of {len(fit.outliers)} views contradict the others: {names}.', DOUBT
    )


def missing_motions(fit: ScanFit, most_mm: float = MOST_MM) -> list[str]:
    """Motions, in words, of which each makes the seam known best after those before it."""
    matrix, left = covariance_of(fit.covariance), list(MOTIONS)
    named: list[str] = []
    while left and len(named) < _MOST_NAMED:
        gains = [matrix + _told_by(fit, motion) for motion in left]
        widths = [_half_mm(fit, gain) for gain in gains]
        best = int(np.argmin(widths))
        matrix = gains[best]
        named.append(left.pop(best).told)
        if widths[best] <= most_mm:
            break
    return named


def _half_mm(fit: ScanFit, matrix: FloatArray) -> float:
    return float(replace(fit, covariance=covariance_of(matrix)).seam_half_widths_mm().max())


def _told_by(fit: ScanFit, motion: Motion) -> FloatArray:
    """(u, u) information of views that repeat the middle one of those that are, moved."""
    stripes = fit.stripes.of_views(np.full(len(_SIDES), _middle_view(fit)))
    T_tool0_stripe = _stripe_frame(fit, stripes)
    turned = [T_tool0_stripe @ motion.transform(side) @ invert(T_tool0_stripe) for side in _SIDES]
    moved = _seen(replace(stripes, T_base_tool0=stripes.T_base_tool0 @ np.array(turned)), fit)
    lit = np.isfinite(moved.sigma_px)
    weighing = replace(fit.weighing, views=np.ones(len(_SIDES)), points=lit.astype(float), start_m=np.inf)
    known = np.zeros_like(fit.covariance)
    known[SENSOR_UNKNOWNS:, SENSOR_UNKNOWNS:] = fit.target.information()
    return _information(moved, fit, weighing) - known


def _information(stripes: Stripes, fit: ScanFit, weighing: Weighing) -> FloatArray:
    return reduced_system(stripes, fit.sensor, fit.target, weighing).matrix


def _middle_view(fit: ScanFit) -> int:
    """The view whose pose is nearest to the median of all."""
    shifts = fit.stripes.T_base_tool0[:, :3, 3]
    return int(np.argmin(np.linalg.norm(shifts - np.median(shifts, axis=0), axis=1)))


def _stripe_frame(fit: ScanFit, stripes: Stripes) -> FloatArray:
    """(4, 4) in tool0 at the middle of the stripe: x out of the laser plane, y along the stripe, z up the light."""
    seen = np.isfinite(stripes.sigma_px[0])
    middle = fit.sensor.tool_points(stripes.rays[0][seen]).mean(axis=0)
    _, across, up = plane_basis(fit.sensor.laser_plane, line_direction(fit.sensor.laser_plane))
    axes = fit.sensor.T_tool0_sensor[:3, :3] @ np.column_stack([np.cross(across, up), across, up])
    return make_transform(middle, Rotation.from_matrix(axes))


def _seen(stripes: Stripes, fit: ScanFit) -> Stripes:
    """The same points where the stripe would be, each moved along its direction of measurement (Newton)."""
    for _ in range(_NEWTON_STEPS):
        missed = distances(stripes, fit.sensor, fit.target)
        nudged = replace(stripes, rays=stripes.rays + _NUDGE * stripes.ray_slopes)
        slopes = (distances(nudged, fit.sensor, fit.target) - missed) / _NUDGE
        step = np.clip(missed / np.where(slopes == 0.0, 1.0, slopes), -200.0, 200.0)
        stripes = replace(stripes, rays=stripes.rays - step[..., None] * stripes.ray_slopes)
    return stripes
