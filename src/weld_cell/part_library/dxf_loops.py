"""Curves of a drawing joined to closed loops, with the errors of an invalid outline."""

import cv2
import numpy as np
from scipy.spatial import cKDTree

from weld_cell.errors import ConfigurationError
from weld_cell.geometry.polygon_cover import polygon_area
from weld_cell.records import FloatArray

_SHOWN = 4


def closed_loops(curves: list[FloatArray], tolerance: float, where: str) -> list[FloatArray]:
    """Join curves whose ends meet.

    Args:
        curves: Each (n, 2) points along it, in the drawing's unit.
        tolerance: Ends this near meet, in the same unit.
        where: Names the drawing, for the messages.

    Returns:
        Each (m, 2) corners of a loop, the first not repeated.

    Raises:
        ConfigurationError: an end meets no other, or several.
    """
    ring = [len(curve) > 2 and bool(np.hypot(*(curve[-1] - curve[0])) <= tolerance) for curve in curves]
    loops = [curve[:-1] for curve, closed in zip(curves, ring, strict=True) if closed]
    open_curves = [curve for curve, closed in zip(curves, ring, strict=True) if not closed and len(curve) > 1]
    return loops + (_joined(open_curves, tolerance, where) if open_curves else [])


def _joined(curves: list[FloatArray], tolerance: float, where: str) -> list[FloatArray]:
    """Loops of curves that are none by themselves; end 2 k is the start of curve k, end 2 k + 1 its last point."""
    ends = np.array([point for curve in curves for point in (curve[0], curve[-1])])
    met = [sorted(set(near) - {end}) for end, near in enumerate(cKDTree(ends).query_ball_point(ends, tolerance))]
    _refuse_open(ends, met, where)
    _refuse_branches(ends, met, where)
    loops, left = [], set(range(len(curves)))
    while left:
        pieces, end = [], 2 * min(left)
        while end // 2 in left:
            left.remove(end // 2)
            pieces.append(curves[end // 2][:: -1 if end % 2 else 1][:-1])
            end = met[end ^ 1][0]
        loops.append(np.concatenate(pieces))
    return loops


def _refuse_open(ends: FloatArray, met: 'list[list[int]]', where: str) -> None:
    loose = [end for end, others in enumerate(met) if not others]
    if not loose:
        return
    raise ConfigurationError(
        f'{where}: the outline is open at {len(loose)} ends: {"; ".join(_gap(ends, end) for end in loose[:_SHOWN])}.',
        'Close the outline in the drawing, or name the layer that holds the outline alone: --layer.',
    )


def _gap(ends: FloatArray, end: int) -> str:
    """An end, and how far it is from the next one of another curve."""
    others = np.delete(np.arange(len(ends)), [end, end ^ 1])
    if not len(others):
        return f'{_point(ends[end])}, with no other curve'
    nearest = others[np.argmin(np.hypot(*(ends[others] - ends[end]).T))]
    distance = np.hypot(*(ends[nearest] - ends[end]))
    return f'{_point(ends[end])}, {distance:.4g} from the next end at {_point(ends[nearest])}'


def _refuse_branches(ends: FloatArray, met: 'list[list[int]]', where: str) -> None:
    branches = [end for end, others in enumerate(met) if len(others) > 1]
    if branches:
        raise ConfigurationError(
            f'{where}: {len(met[branches[0]]) + 1} curves meet at {_point(ends[branches[0]])}: one is drawn twice, '
            'or is not of the outline.',
            'Delete it in the drawing, or name the layer that holds the outline alone: --layer.',
        )


def _point(point: FloatArray) -> str:
    return f'({point[0]:.4f}, {point[1]:.4f})'


def one_part(loops: list[FloatArray], where: str) -> list[FloatArray]:
    """The outline, running round to the left, then its holes, the other way round.

    Args:
        loops: Each (m, 2).
        where: Names the drawing, for the messages.

    Raises:
        ConfigurationError: there is no loop, or one lies beside the largest, or within a hole, or lines cross.
    """
    if not loops:
        raise ConfigurationError(f'{where}: no outline.', 'Draw it in model space by lines, arcs and polylines.')
    outer, *holes = sorted(loops, key=lambda loop: -abs(polygon_area(loop)))
    for number, hole in enumerate(holes):
        beside = not _holds(outer, hole)
        if beside or any(_holds(other, hole) for other in holes[:number]):
            raise ConfigurationError(
                f'{where}: a loop at {_point(hole[0])} lies {"beside the outline" if beside else "within a hole"}.',
                'Leave one part in the drawing, without frame and views, or name its layer: --layer.',
            )
    _refuse_crossings(loops, where)
    return [_turned(outer, left=True), *(_turned(hole, left=False) for hole in holes)]


def _refuse_crossings(loops: list[FloatArray], where: str) -> None:
    """Refuse lines that cross each other: what is metal between them is anybody's guess."""
    starts = np.concatenate(loops)
    ends = np.concatenate([np.roll(loop, -1, axis=0) for loop in loops])
    for start, end in zip(starts, ends, strict=True):
        apart = _side(start, end, starts) * _side(start, end, ends) < 0.0
        across = _side(starts, ends, start) * _side(starts, ends, end) < 0.0
        if (apart & across).any():
            raise ConfigurationError(
                f'{where}: the line from {_point(start)} to {_point(end)} crosses another one.',
                'Correct the outline in the drawing, or name the layer that holds it alone: --layer.',
            )


def _side(start: FloatArray, end: FloatArray, points: FloatArray) -> FloatArray:
    """Above 0 where points (n, 2) lie to the left of lines, below to the right."""
    along, there = end - start, points - start
    return np.asarray(along[..., 0] * there[..., 1] - along[..., 1] * there[..., 0])


def _holds(outer: FloatArray, inner: FloatArray) -> bool:
    contour, (x, y) = outer.astype(np.float32), inner[0]
    return cv2.pointPolygonTest(contour, (float(x), float(y)), False) > 0


def _turned(loop: FloatArray, left: bool) -> FloatArray:
    return loop if (polygon_area(loop) > 0.0) == left else loop[::-1]
