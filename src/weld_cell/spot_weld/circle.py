"""The circle of a weld, fitted by least squares to its edge along rays from the centre."""

from dataclasses import replace

import cv2
import numpy as np

from weld_cell.records import FloatArray, ImageArray, WeldRegion

_RAYS, _STEPS = 48, 64
_NEAREST, _FARTHEST = 0.6, 1.5  # in radii, of what is searched
_MOST_CHANGE = 0.35  # of middle and radius in radii: more is another circle
_ROUNDS = 2
_ON_CIRCLE = 0.07  # of the radius


def fit_outline(grey: ImageArray, region: WeldRegion) -> WeldRegion:
    """Place a weld exactly; a region whose outline is another circle's stays as it was.

    Args:
        grey: (h, w) uint8.
        region: Within a third of a radius.

    Returns:
        Its score is that of the region times the share of the outline that lies on the circle.
    """
    fitted = region
    for _ in range(_ROUNDS):
        outline = _outline(grey, fitted)
        centre, radius = _circle(outline)
        moved = float(np.linalg.norm(centre - region.centre_px))
        if not max(moved, abs(radius - region.radius_px)) < _MOST_CHANGE * region.radius_px:
            return replace(region, score=region.score * _share_on(outline, region.centre_px, region.radius_px))
        fitted = WeldRegion(centre, radius, region.score * _share_on(outline, centre, radius))
    return fitted


def _share_on(points: FloatArray, centre: FloatArray, radius: float) -> float:
    """Share of points (n, 2) that lie on a circle, but for a small part of its radius."""
    off = np.abs(np.linalg.norm(points - centre, axis=1) - radius)
    return float((off <= _ON_CIRCLE * radius).mean())


def _outline(grey: ImageArray, region: WeldRegion) -> FloatArray:
    """(n, 2) places where the light rises most along rays outwards: from the dark wall to the sheet."""
    turn = np.linspace(0.0, 2.0 * np.pi, _RAYS, endpoint=False)
    away = region.radius_px * np.linspace(_NEAREST, _FARTHEST, _STEPS)
    directions = np.column_stack([np.cos(turn), np.sin(turn)])
    places = region.centre_px + away[None, :, None] * directions[:, None]
    polar = cv2.remap(
        grey,
        places[..., 0].astype(np.float32),
        places[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REPLICATE,
    )
    soft = cv2.GaussianBlur(np.asarray(polar, np.float32), (0, 0), sigmaX=2.0, sigmaY=0.7)
    rise = np.gradient(soft, axis=1)
    likely = np.exp(-0.5 * ((away / region.radius_px - 1.0) / 0.3) ** 2)
    common = rise.clip(0.0, None).mean(axis=0) * likely
    near = np.exp(-0.5 * ((np.arange(_STEPS) - int(common.argmax())) / 6.0) ** 2)
    best = (rise * near).argmax(axis=1)
    outline: FloatArray = region.centre_px + away[best][:, None] * directions
    return outline


def _circle(points: FloatArray) -> tuple[FloatArray, float]:
    """Centre and radius by Kasa's linear least squares, twice without the points that lie off it most."""
    kept = points
    for _ in range(3):
        system = np.column_stack([2.0 * kept, np.ones(len(kept))])
        solution = np.linalg.lstsq(system, (kept**2).sum(axis=1), rcond=None)[0]
        centre = solution[:2]
        radius = float(np.sqrt(max(solution[2] + centre @ centre, 0.0)))
        off = np.abs(np.linalg.norm(points - centre, axis=1) - radius)
        kept = points[off <= max(2.0 * float(np.median(off)), 1e-6)]
    return centre, radius
