"""From stripe pixels and poses to viewing rays with slopes, and an initial estimate of the target."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from weld_cell.calibration.scans.model import Sensor, Stripes
from weld_cell.calibration.scans.targets import Part, Sphere, Step
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import frame_from_z_and_x
from weld_cell.geometry.undistortion import exact_rays_and_slopes
from weld_cell.records import BoolArray, FloatArray, IntArray

_STAY = 0.1
POINTS_PER_PART = 40
"""Of each part of a stripe so many points are taken, evenly: its neighbours' errors are similar in a real image."""


@dataclass(frozen=True)
class PixelErrors:
    """Standard deviations in the image.

    Attributes:
        stripe_px: Of a stripe point, across the stripe.
        edge_px: Of the end of a stripe, along the stripe.
    """

    stripe_px: float = 0.1
    edge_px: float = 0.5


@dataclass(frozen=True, eq=False)
class StripeView:
    """The stripe in one image, and where the robot held the sensor.

    Attributes:
        name: File or time of the image.
        T_base_tool0: (4, 4).
        pixels: (n, 2) u, v of stripe points.
        parts: (n,) `Part` of each.
        across: (du, dv) unit vector across the stripe, along which its centres were measured.
    """

    name: str
    T_base_tool0: FloatArray
    pixels: FloatArray
    parts: IntArray
    across: tuple[float, float] = (1.0, 0.0)


def stack_views(views: Sequence[StripeView], camera: CameraModel, errors: PixelErrors | None = None) -> Stripes:
    """Viewing rays of all views.

    Raises:
        CalibrationError: the lens model has no ray for a point.
    """
    errors = errors or PixelErrors()
    chosen = [_thinned(view) for view in views]
    most = max((len(view.pixels) for view in chosen), default=0)
    shape = (len(chosen), most)
    rays, ray_slopes = np.zeros((*shape, 3)), np.zeros((*shape, 3))
    rays[..., 2], ray_slopes[..., 0] = 1.0, 1.0
    sigma, parts = np.full(shape, np.inf), np.zeros(shape, np.intp)
    for number, view in enumerate(chosen):
        count = len(view.pixels)
        on_edge = view.parts == Part.EDGE
        rays[number, :count], ray_slopes[number, :count] = _rays(camera, view, on_edge)
        sigma[number, :count] = np.where(on_edge, errors.edge_px, errors.stripe_px)
        parts[number, :count] = view.parts
        rays[number, count:] = rays[number, 0]
        ray_slopes[number, count:] = ray_slopes[number, 0]
        parts[number, count:] = view.parts[0]
    poses = np.array([view.T_base_tool0 for view in chosen])
    return Stripes(tuple(view.name for view in chosen), poses, rays, ray_slopes, sigma, parts)


def _thinned(view: StripeView) -> StripeView:
    kept = []
    for part in Part:
        places = np.flatnonzero(view.parts == part)
        wanted = min(len(places), POINTS_PER_PART)
        kept.append(places[np.linspace(0, len(places) - 1, wanted).round().astype(int)])
    numbers = np.concatenate(kept)
    return replace(view, pixels=view.pixels[numbers], parts=view.parts[numbers])


def _rays(camera: CameraModel, view: StripeView, on_edge: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Rays (n, 3) and their change for a pixel across the stripe, of the stripe's end along it."""
    rays, px_per_ray = exact_rays_and_slopes(camera, view.pixels)
    per_px = np.zeros_like(rays)
    direction = np.where(on_edge[:, None], _along_the_stripe(view), np.array(view.across))
    per_px[:, :2] = np.linalg.solve(px_per_ray, direction[..., None])[..., 0]
    return rays, per_px


def _along_the_stripe(view: StripeView) -> FloatArray:
    """(2,) unit vector of the stripe on the surface that ends at the edge."""
    right = np.array(view.across)
    down = np.array([-right[1], right[0]])
    surface = view.pixels[view.parts == Part.SURFACE]
    slope = np.polyfit(surface @ down, surface @ right, 1)[0] if len(surface) > 1 else 0.0
    along: FloatArray = (slope * right + down) / np.hypot(slope, 1.0)
    return along


def first_plane(stripes: Stripes, sensor: Sensor, height_m: float | None = None) -> Step:
    """Where a plate or a step may lie, by the sensor as it is believed to sit.

    Args:
        stripes: Of all views.
        sensor: As believed.
        height_m: Of a step; None for a plate.

    Raises:
        CalibrationError: a step without an edge.
    """
    points, seen = stripes.base_points(sensor), np.isfinite(stripes.sigma_px)
    upper = points[seen & (stripes.parts == Part.SURFACE)]
    pivot = upper.mean(axis=0)
    normal = np.linalg.svd(upper - pivot, full_matrices=False)[2][2]
    towards = (stripes.T_base_tool0[:, :3, 3] - pivot).mean(axis=0)
    normal = normal if normal @ towards > 0 else -normal
    if height_m is None:
        frame = frame_from_z_and_x(pivot, normal, _least_aligned(normal))[:3, :3]
        return Step(frame, pivot)
    ends = points[seen & (stripes.parts == Part.EDGE)]
    if len(ends) < 2:
        raise CalibrationError('No view shows the edge of the step.', 'Scan across the edge; name --target plate.')
    along = np.linalg.svd(ends - ends.mean(axis=0), full_matrices=False)[2][0]
    across = np.cross(normal, along)
    along = along if across @ (pivot - ends.mean(axis=0)) > 0 else -along
    frame = frame_from_z_and_x(pivot, normal, along)[:3, :3]
    edge = float((ends - pivot).mean(axis=0) @ frame[:, 1])
    return Step(frame, pivot, 0.0, edge, height_m, has_edge=True)


def _least_aligned(normal: FloatArray) -> FloatArray:
    axis: FloatArray = np.eye(3)[int(np.argmin(np.abs(normal)))]
    return axis


def first_sphere(stripes: Stripes, sensor: Sensor, radius_m: float) -> tuple[Sensor, Sphere]:
    """Where a sphere may lie, and the sensor shifted so that all views see it at about one place.

    The middle of each lit circle is near the sphere's own. As a point that rests in base_link while the hand turns it
    tells where the sensor sits on the hand.

    Args:
        stripes: Of all views.
        sensor: As believed.
        radius_m: Of the sphere.
    """
    points, seen = sensor.tool_points(stripes.rays), np.isfinite(stripes.sigma_px)
    middles = np.array([_circle_centre(view[here]) for view, here in zip(points, seen, strict=True)])
    turns, shifts = stripes.T_base_tool0[:, :3, :3], stripes.T_base_tool0[:, :3, 3]
    still = np.broadcast_to(-np.eye(3), turns.shape)
    rows = np.concatenate([turns, still], axis=-1).reshape(-1, 6)
    wanted = -(np.einsum('vij,vj->vi', turns, middles) + shifts).ravel()
    rows = np.vstack([rows, _STAY * np.eye(3, 6)])  # where the hand did not turn, the sensor stays
    solution = np.linalg.lstsq(rows, np.concatenate([wanted, np.zeros(3)]), rcond=None)[0]
    shift = np.concatenate([np.zeros(3), solution[:3], np.zeros(3)])
    return sensor.moved(shift), Sphere(solution[3:], radius_m, radius_m)


def _circle_centre(points: FloatArray) -> FloatArray:
    """(3,) of the circle that fits points (n, 3) of a plane, by algebraic least squares (Kasa 1976)."""
    middle = points.mean(axis=0)
    axes = np.linalg.svd(points - middle, full_matrices=False)[2][:2]
    flat = (points - middle) @ axes.T
    solution = np.linalg.lstsq(np.column_stack([2.0 * flat, np.ones(len(flat))]), (flat**2).sum(axis=1), rcond=None)
    centre: FloatArray = middle + solution[0][:2] @ axes
    return centre
