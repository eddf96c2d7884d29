"""Random mirrored pairs of sheet-metal parts, as different from each other as a dial says.

A part is a bracket that narrows to its front, the same on both sides of its axis but for one feature at its left: a
fillet of another radius, or a piece of an edge that is curved. The pair is this part and its mirror image.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from scipy.optimize import brentq

from weld_cell.records import FloatArray
from weld_cell.sim.sheet_metal import Bend, ClosedCurve, SheetPart, segment_area

_LEAST_LINE = 0.1  # straight part of an edge that fillets leave
_TRIES = 60
_WIDTH_SHARES = ((0.75, 1.0), (0.55, 0.95), (0.4, 0.6))  # half widths from rear to front, of the greatest
_CURVED_PIECE = (0.10, 0.20)  # of the part's length
_GREATEST_SAGITTA = 0.04  # of the part's length
_CLEARANCE = 0.045  # of cutouts, of the part's length
_DEVIATION_MM = 0.05  # of the polygon by which cutouts keep clear of edges


@dataclass(frozen=True, eq=False)
class _Corners:
    """An outline before its corners are rounded.

    Attributes:
        points_mm: (n, 2) in a round to the left.
        radii_mm: (n,) of the fillets.
    """

    points_mm: FloatArray
    radii_mm: FloatArray

    @property
    def half_turns(self) -> FloatArray:
        """(n,) half of the angle by which the outline turns at each corner, radians; negative to the right."""
        before = self.points_mm - np.roll(self.points_mm, 1, axis=0)
        after = np.roll(self.points_mm, -1, axis=0) - self.points_mm
        crossed = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        turns: FloatArray = 0.5 * np.arctan2(crossed, (before * after).sum(axis=1))
        return turns

    @property
    def tangents_mm(self) -> FloatArray:
        """(n,) from each corner to where its fillet begins."""
        lengths: FloatArray = self.radii_mm * np.tan(np.abs(self.half_turns))
        return lengths

    @property
    def lines_mm(self) -> FloatArray:
        """(n,) straight part of the edge from each corner to the next; negative where fillets overlap."""
        edges = np.roll(self.points_mm, -1, axis=0) - self.points_mm
        lines: FloatArray = np.hypot(*edges.T) - self.tangents_mm - np.roll(self.tangents_mm, -1)
        return lines

    def rounded(self) -> ClosedCurve:
        """The outline with its fillets."""
        before = np.roll(self.points_mm, 1, axis=0) - self.points_mm
        after = np.roll(self.points_mm, -1, axis=0) - self.points_mm
        tangents = self.tangents_mm[:, None]
        starts = self.points_mm + tangents * before / np.hypot(*before.T)[:, None]
        ends = self.points_mm + tangents * after / np.hypot(*after.T)[:, None]
        bulges = np.tan(0.5 * self.half_turns)
        rows = np.stack([np.column_stack([starts, bulges]), np.column_stack([ends, 0.0 * bulges])], axis=1)
        return ClosedCurve(rows.reshape(-1, 3))


def random_part(
    rng: Generator, asymmetry_pct: float, length_mm: float = 240.0, surface: str = 'plain'
) -> tuple[SheetPart, SheetPart]:
    """A part and the one of the other hand.

    Args:
        rng: Where shape and feature are drawn from.
        asymmetry_pct: Area in which the part and its mirror image differ when they lie on each other as well as they
            can, in percent of the part's area; 0 for a part that is its own mirror image.
        length_mm: Along the axis.
        surface: One of `sheet_metal.SURFACES`.

    Returns:
        (right, left): the left part is the mirror image of the right one.

    Raises:
        ValueError: the asymmetry or the length cannot be.
    """
    if not 0.0 <= asymmetry_pct <= 1.0 or length_mm <= 0.0:
        raise ValueError(
            f'expected an asymmetry of 0 to 1 % and a length, got {asymmetry_pct:g} % and {length_mm:g} mm'
        )
    corners = _corners(rng, length_mm)
    outline = corners.rounded()
    cutouts = tuple(_cutouts(rng, outline, length_mm))
    even = SheetPart(outline, cutouts, _bends(rng, corners.points_mm, length_mm), surface)
    right = replace(even, outline=_one_sided(rng, corners, even.area_mm2, asymmetry_pct)) if asymmetry_pct else even
    return right, right.mirrored()


def _corners(rng: Generator, length: float) -> _Corners:
    """A symmetric outline that narrows to the front in two steps."""
    half = rng.uniform(0.26, 0.36) * length
    rear, middle, front = (half * rng.uniform(*share) for share in _WIDTH_SHARES)
    steps = length * np.array([rng.uniform(-0.24, -0.08), rng.uniform(0.12, 0.26)])
    slants = length * rng.uniform(0.01, 0.05, 2)
    x = [-0.5 * length, steps[0] - slants[0], steps[0] + slants[0], steps[1] - slants[1], steps[1] + slants[1]]
    upper = np.column_stack([[*x, 0.5 * length], [rear, rear, middle, middle, front, front]])
    points = np.concatenate([upper * [1.0, -1.0], upper[::-1]])
    radii = rng.uniform(0.015, 0.05, len(upper)) * length
    return _fitting(_Corners(points, np.concatenate([radii, radii[::-1]])))


def _fitting(corners: _Corners) -> _Corners:
    """With radii so small that each edge keeps a straight part."""
    edges = corners.lines_mm + corners.tangents_mm + np.roll(corners.tangents_mm, -1)
    room = 0.5 * (1.0 - _LEAST_LINE) * np.minimum(edges, np.roll(edges, 1))
    greatest = room / np.maximum(np.tan(np.abs(corners.half_turns)), 1e-6)
    return replace(corners, radii_mm=np.minimum(corners.radii_mm, greatest))


def _one_sided(rng: Generator, corners: _Corners, area: float, asymmetry_pct: float) -> ClosedCurve:
    """The outline with one feature at the left side that takes or adds what the dial asks for.

    What the feature takes away is missing at one side of the part and at the other side of its mirror image: it
    counts twice. Where it changes the area A by d, |2 d| is the asked share a of A + d.
    """
    share = 0.01 * asymmetry_pct
    for sign in rng.permutation([-1.0, 1.0]):
        change = sign * share * area / (2.0 - sign * share)
        found = [*_other_fillets(corners, change)], [*_curved_edges(rng, corners, change)]
        for features in rng.permutation(2):
            if found[features]:
                return found[features][rng.integers(len(found[features]))]
    raise ValueError(f'no feature of this part can make an asymmetry of {asymmetry_pct:g} %')


def _left_side(corners: _Corners) -> range:
    """The corners at the left of the axis, from front to rear."""
    return range(len(corners.points_mm) // 2, len(corners.points_mm))


def _other_fillets(corners: _Corners, change: float) -> Iterator[ClosedCurve]:
    """Outlines of which one fillet has another radius; it takes r^2 (tan h - h) of a corner of half turn h."""
    for number in _left_side(corners):
        half_turn = corners.half_turns[number]
        held = np.sign(half_turn) * (np.tan(abs(half_turn)) - abs(half_turn))
        square = corners.radii_mm[number] ** 2 - change / held
        radii = corners.radii_mm.copy()
        radii[number] = np.sqrt(max(square, 0.0))
        other = replace(corners, radii_mm=radii)
        if square > 0.0 and other.lines_mm.min() > 0.0:
            yield other.rounded()


def _curved_edges(rng: Generator, corners: _Corners, change: float) -> Iterator[ClosedCurve]:
    """Outlines of which a piece of one edge along the axis is an arc."""
    length = float(np.ptp(corners.points_mm[:, 0]))
    vertices = corners.rounded().vertices
    for number in list(_left_side(corners))[:-1:2]:
        start, end = vertices[2 * number + 1, :2], vertices[(2 * number + 2) % len(vertices), :2]
        line, chord = float(np.hypot(*(end - start))), length * rng.uniform(*_CURVED_PIECE)
        bulge = _bulge_of(chord, abs(change), _GREATEST_SAGITTA * length) * np.sign(change)
        if bulge and chord < (1.0 - _LEAST_LINE) * line:
            along = (end - start) / line
            first = start + along * rng.uniform(0.0, line - chord)
            piece = [[*first, bulge], [*(first + chord * along), 0.0]]
            yield ClosedCurve(np.insert(vertices, 2 * number + 2, piece, axis=0))


def _bulge_of(chord: float, area: float, greatest_sagitta: float) -> float:
    """Bulge of the arc that holds an area with its chord; 0 where it would rise too high."""
    greatest = min(2.0 * greatest_sagitta / chord, 1.0)
    if segment_area(chord, greatest) < area:
        return 0.0
    return float(brentq(lambda bulge: segment_area(chord, bulge) - area, 0.0, greatest, xtol=1e-12))


def _cutouts(rng: Generator, outline: ClosedCurve, length: float) -> Iterator[ClosedCurve]:
    """Holes and slots, clear of the edges and of each other: one on the axis and up to two pairs beside it."""
    taken: list[FloatArray] = [outline.polygon(_DEVIATION_MM)]
    for paired in (False, True, True):
        radius = length * rng.uniform(0.015, 0.04)
        reach = np.array([rng.choice([0.0, 1.0]) * length * rng.uniform(0.04, 0.10), 0.0])
        clear = radius + _CLEARANCE * length
        for _ in range(_TRIES):
            centre = length * np.array([rng.uniform(-0.45, 0.45), rng.uniform(0.05, 0.35) if paired else 0.0])
            if all(_is_clear(centre + end * reach, clear, taken) for end in (-1.0, 0.0, 1.0)):
                cut = (
                    ClosedCurve.slot(centre - reach, centre + reach, radius)
                    if reach[0]
                    else ClosedCurve.circle(centre, radius)
                )
                pair = (cut, cut.mirrored()) if paired else (cut,)
                taken += [one.polygon(_DEVIATION_MM) for one in pair]
                yield from pair
                break


def _is_clear(point: FloatArray, distance: float, taken: list[FloatArray]) -> bool:
    """Whether a point lies within the outline, which comes first, and so far from all curves."""
    signed = [cv2.pointPolygonTest(curve.astype(np.float32), (point[0], point[1]), True) for curve in taken]
    return signed[0] > distance and all(-inside > distance for inside in signed[1:])


def _bends(rng: Generator, corners: FloatArray, length: float) -> tuple[Bend, ...]:
    """One joggle across the part."""
    x, y = length * rng.uniform(-0.3, 0.3), 1.1 * float(np.abs(corners[:, 1]).max())
    return (Bend(np.array([x, y]), np.array([x, -y]), length * rng.uniform(0.015, 0.03), rng.uniform(-0.4, 0.4)),)
