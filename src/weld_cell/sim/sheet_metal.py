"""Simulated sheet-metal parts: exact outlines of lines and arcs, holes, slots, bends, and how their surface is.

A part's frame has x along its axis, y to the left of it and z up out of the sheet. Lengths are millimetres, as in
the drawings that such parts are made from.
"""

from dataclasses import dataclass, replace

import numpy as np

from weld_cell.geometry.polygon_cover import polygon_area
from weld_cell.records import FloatArray

SURFACES = ('plain', 'brushed', 'printed', 'scratched', 'oily')


@dataclass(frozen=True, eq=False)
class ClosedCurve:
    """Lines and arcs, joined end to end and closed.

    Attributes:
        vertices: (n, 3) x and y in mm, and the bulge of the piece from here to the next vertex: the tangent of a
            quarter of its angle, above 0 where it turns to the left, 0 for a line (as in DXF).
    """

    vertices: FloatArray

    @classmethod
    def circle(cls, centre_mm: FloatArray, radius_mm: float) -> 'ClosedCurve':
        """A round hole: two half circles, turning to the left."""
        x, y = centre_mm
        return cls(np.array([[x + radius_mm, y, 1.0], [x - radius_mm, y, 1.0]]))

    @classmethod
    def slot(cls, start_mm: FloatArray, end_mm: FloatArray, radius_mm: float) -> 'ClosedCurve':
        """What a cutter of this radius leaves between the centres of its ends."""
        along = np.subtract(end_mm, start_mm)
        side = radius_mm * np.array([-along[1], along[0]]) / np.hypot(*along)
        corners = np.array([start_mm - side, end_mm - side, end_mm + side, start_mm + side])
        return cls(np.column_stack([corners, [0.0, 1.0, 0.0, 1.0]]))

    @property
    def area_mm2(self) -> float:
        """Of what it encloses; negative where it runs round to the right."""
        points = self.vertices[:, :2]
        chords = np.hypot(*(np.roll(points, -1, axis=0) - points).T)
        return polygon_area(points) + float(sum(map(segment_area, chords, self.vertices[:, 2])))

    def mirrored(self) -> 'ClosedCurve':
        """Its image in the part's axis, running round the same way."""
        x, y, bulge = self.vertices.T
        return ClosedCurve(np.column_stack([x, -y, np.roll(bulge, 1)])[::-1])

    def polygon(self, deviation_mm: float) -> FloatArray:
        """(m, 2) corners on the curve in mm; the straight lines between them lie within the deviation of it."""
        ahead = np.roll(self.vertices, -1, axis=0)
        return np.concatenate(
            [_arc(a[:2], b[:2], a[2], deviation_mm) for a, b in zip(self.vertices, ahead, strict=True)]
        )


@dataclass(frozen=True, eq=False)
class Bend:
    """A joggle: the sheet slopes within a strip and is flat on both sides of it.

    Attributes:
        start_mm: (2,) of the strip's middle line.
        end_mm: (2,) of it.
        width_mm: Of the strip.
        slope: Rise over run, along the middle line's left.
    """

    start_mm: FloatArray
    end_mm: FloatArray
    width_mm: float
    slope: float

    @property
    def left(self) -> FloatArray:
        """(2,) unit vector to the left of the middle line."""
        along = self.end_mm - self.start_mm
        left: FloatArray = np.array([-along[1], along[0]]) / np.hypot(*along)
        return left

    @property
    def strip_mm(self) -> FloatArray:
        """(4, 2) its corners."""
        side = 0.5 * self.width_mm * self.left
        return np.array([self.start_mm - side, self.end_mm - side, self.end_mm + side, self.start_mm + side])

    def mirrored(self) -> 'Bend':
        """Its image in the part's axis."""
        return replace(self, start_mm=self.end_mm * [1.0, -1.0], end_mm=self.start_mm * [1.0, -1.0])


@dataclass(frozen=True, eq=False)
class SheetPart:
    """A part cut out of sheet metal.

    Attributes:
        outline: Runs round to the left.
        cutouts: Holes and slots; they run round to the left too.
        bends: What is bent; strips may reach beyond the outline.
        surface: One of `SURFACES`. How each piece of this part is brushed, printed, scratched or oily is drawn anew.
        thickness_mm: Of the metal.
        reflectance: Of the bare metal, 0 to 1.
    """

    outline: ClosedCurve
    cutouts: tuple[ClosedCurve, ...] = ()
    bends: tuple[Bend, ...] = ()
    surface: str = 'plain'
    thickness_mm: float = 3.0
    reflectance: float = 0.7

    def __post_init__(self) -> None:
        if self.surface not in SURFACES:
            raise ValueError(f'surface: expected one of {", ".join(SURFACES)}, got {self.surface!r}')
        if any(curve.area_mm2 <= 0.0 for curve in (self.outline, *self.cutouts)):
            raise ValueError('outline and cutouts: expected curves that run round to the left')

    @property
    def area_mm2(self) -> float:
        """Of the metal seen from above."""
        return self.outline.area_mm2 - sum(cutout.area_mm2 for cutout in self.cutouts)

    def mirrored(self) -> 'SheetPart':
        """The part of the other hand: its image in the part's axis."""
        return replace(
            self,
            outline=self.outline.mirrored(),
            cutouts=tuple(cutout.mirrored() for cutout in self.cutouts),
            bends=tuple(bend.mirrored() for bend in self.bends),
        )

    def polygons_mm(self, deviation_mm: float) -> list[FloatArray]:
        """The outline, then the cutouts the other way round, as corners (n, 2)."""
        cutouts = [cutout.polygon(deviation_mm)[::-1] for cutout in self.cutouts]
        return [self.outline.polygon(deviation_mm), *cutouts]


def segment_area(chord_mm: float, bulge: float) -> float:
    """Area in mm2 between an arc and its chord; of the bulge's sign."""
    if bulge == 0.0:
        return 0.0
    radius = chord_mm * (1.0 + bulge**2) / (4.0 * abs(bulge))
    angle = 4.0 * np.arctan(abs(bulge))
    return float(np.sign(bulge) * 0.5 * radius**2 * (angle - np.sin(angle)))


def _arc(start: FloatArray, end: FloatArray, bulge: float, deviation_mm: float) -> FloatArray:
    """(m, 2) from the start, which is part of it, to the end, which is not."""
    if bulge == 0.0:
        return start[None]
    chord = end - start
    across = np.array([-chord[1], chord[0]])
    centre = start + 0.5 * chord + across * (1.0 - bulge**2) / (4.0 * bulge)
    spoke, angle = start - centre, 4.0 * np.arctan(bulge)
    step = 2.0 * np.arccos(max(1.0 - deviation_mm / np.hypot(*spoke), 0.0))
    turns = np.linspace(0.0, angle, max(int(np.ceil(abs(angle) / step)), 1), endpoint=False)
    sides = np.array([spoke, [-spoke[1], spoke[0]]])
    corners: FloatArray = centre + np.column_stack([np.cos(turns), np.sin(turns)]) @ sides
    return corners
