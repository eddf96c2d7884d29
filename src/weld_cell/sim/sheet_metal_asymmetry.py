"""How far a part is from being its own mirror image, measured on fine rasters of exact covers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

from weld_cell.geometry.polygon_cover import polygon_area, polygon_cover
from weld_cell.records import FloatArray
from weld_cell.sim.sheet_metal import SheetPart

_STARTS_DEG = np.arange(0.0, 360.0, 10.0)
_COARSER = 6.0  # raster on which the starts are compared
_REFINED = 2
_FIRST_STEPS = (0.3, 0.3, 0.15)  # mm, mm, degrees
_DEVIATION_PX = 0.02
_MARGIN_PX = 2.0


def asymmetry_pct(part: SheetPart, px_per_mm: float = 2.0) -> float:
    """Area in which a part and its mirror image differ at best registration, in percent of the part's area.

    Args:
        part: The part.
        px_per_mm: Of the raster. Only pixels in which the two outlines cross err.
    """
    return differing_pct(part, part.mirrored(), px_per_mm)


def differing_pct(part: SheetPart, other: SheetPart, px_per_mm: float = 2.0) -> float:
    """Area in which two parts differ when they lie on each other as well as they can, in percent of the first's."""
    poses = np.column_stack([np.zeros((len(_STARTS_DEG), 2)), _STARTS_DEG])
    starts = sorted(poses, key=_difference(part, other, px_per_mm / _COARSER))[:_REFINED]
    difference = _difference(part, other, px_per_mm)
    return 100.0 * min(_least(difference, start) for start in starts) / part.area_mm2


def _least(difference: Callable[[FloatArray], float], start: FloatArray) -> float:
    simplex = start + np.vstack([np.zeros(3), np.diag(_FIRST_STEPS)])
    options: Any = {'initial_simplex': simplex, 'xatol': 1e-3, 'fatol': 1e-3, 'maxfev': 120}
    return float(minimize(difference, start, method='Nelder-Mead', options=options).fun)


def _difference(part: SheetPart, other: SheetPart, px_per_mm: float) -> Callable[[FloatArray], float]:
    """Area in mm2 that only one of the two covers, by the other's pose: x, y in mm and a turn in degrees."""
    own, others = (p.polygons_mm(_DEVIATION_PX / px_per_mm) for p in (part, other))
    corner = own[0].min(axis=0) - _MARGIN_PX / px_per_mm
    width, height = np.ceil(px_per_mm * (own[0].max(axis=0) - corner) + _MARGIN_PX).astype(int).tolist()
    cover = polygon_cover([px_per_mm * (polygon - corner) for polygon in own], (width, height))
    both = sum(map(polygon_area, (*own, *others)))

    def difference(pose: FloatArray) -> float:
        cosine, sine = np.cos(np.radians(pose[2])), np.sin(np.radians(pose[2]))
        turn = np.array([[cosine, sine], [-sine, cosine]])
        moved = [px_per_mm * (polygon @ turn + pose[:2] - corner) for polygon in others]
        shared = float(np.minimum(cover, polygon_cover(moved, (width, height))).sum()) / px_per_mm**2
        return both - 2.0 * shared

    return difference
