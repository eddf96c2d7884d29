"""Grooves: the four faces of a groove, and the filler-layer joint (a v groove with a welded layer)."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.records import FloatArray
from weld_cell.seam.breakpoints import (
    Finding,
    bisector,
    face_end,
    fit_face,
    fit_stretch,
    joins,
    tolerance,
)
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, StraightLine, intersection
from weld_cell.seam.row_loops import robust_parabola
from weld_cell.seam.rules.corner import corner_deg
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_MIN_LAYER_ROWS = 8
_LAYER_ROUNDS = 3


@dataclass(frozen=True)
class Groove:
    """The four faces of a groove and where its walls end below.

    Attributes:
        left: Surface of the plate at smaller y.
        falling: Wall at smaller y.
        rising: Wall at larger y.
        right: Surface of the plate at larger y.
        falling_end: Index of the falling wall's lowest point.
        rising_end: Index of the rising wall's lowest point.
    """

    left: Line
    falling: Line
    rising: Line
    right: Line
    falling_end: int
    rising_end: int

    def shoulders(self) -> tuple[FloatArray, FloatArray]:
        """The upper edges of the groove, each (2,)."""
        return intersection(self.left, self.falling), intersection(self.right, self.rising)

    def mismatch(self) -> float:
        """Height of the right plate over the left one in the middle of the groove."""
        middle = 0.5 * float(sum(shoulder[0] for shoulder in self.shoulders()))
        tilt = 0.5 * (self.left.angle + self.right.angle)
        return (self.right.at(middle) - self.left.at(middle)) * math.cos(tilt)


def find_filler_layer(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point on a welded layer in a groove: the middle of its surface between the walls.

    Break points: upper edge of the left wall, both toes of the layer, upper edge of the right wall.

    Raises:
        SeamError: no groove, or no layer in it.
    """
    groove = find_groove(section, stretches, settings)
    layer = _fit_layer(section, groove, settings)
    left, right = groove.shoulders()
    toes = np.array(
        [
            _meet(groove.falling, layer, near=float(section.y[groove.falling_end])),
            _meet(groove.rising, layer, near=float(section.y[groove.rising_end])),
        ]
    )
    middle = toes.mean(axis=0)
    chord = toes[1] - toes[0]
    upright = StraightLine(middle, np.array([-chord[1], chord[0]]))
    seam = _meet(upright, layer, near=float(middle[0]))
    breaks = np.vstack([left, toes, right])
    return Finding(seam, breaks, bisector(groove.left, groove.right), 0.0, groove.mismatch())


def _fit_layer(section: CrossSection, groove: Groove, settings: SeamSettings) -> FloatArray:
    """(3,) coefficients, highest power first, of the parabola through the layer's surface."""
    margin = int(settings.corner_margin_mm * 1e-3 / section.row_pitch)
    rows = slice(groove.falling_end + 1 + margin, groove.rising_end - margin)
    y, z = section.y[rows], section.z[rows]
    walls = np.maximum(groove.falling.at(y), groove.rising.at(y))
    above = z > walls - tolerance(groove.falling, settings)  # a reflection of the stripe is seen below the walls
    y, z = y[above], z[above]
    if len(y) < _MIN_LAYER_ROWS:
        raise SeamError(
            f'The groove shows {len(y)} rows of a layer between its walls; {_MIN_LAYER_ROWS} are needed.',
            'Check the joint type; an unwelded groove is of type v.',
        )
    middle = float(y.mean())
    a, b, c = robust_parabola(y - middle, z, settings.noise_floor_mm * 1e-3, _LAYER_ROUNDS)
    return np.array([a, b - 2.0 * a * middle, c - b * middle + a * middle**2])


def _meet(line: Line | StraightLine, parabola: FloatArray, near: float) -> FloatArray:
    """(2,) where a line meets a parabola, of two places the one nearest to y = near."""
    (y, z), (run, rise) = line.point, line.along
    a = parabola[0] * run**2
    b = (2.0 * parabola[0] * y + parabola[1]) * run - rise
    c = (parabola[0] * y + parabola[1]) * y + parabola[2] - z
    discriminant = b * b - 4.0 * a * c
    if discriminant < 0.0 or (a == 0.0 and b == 0.0):
        raise SeamError('The layer does not reach the walls of the groove.', 'Check the joint type and the stripe.')
    large = -0.5 * (b + math.copysign(math.sqrt(discriminant), b))  # without cancellation (Press et al., 5.6)
    places = [c / large] if a == 0.0 else [c / large, large / a] if large else [0.0]
    place = min(places, key=lambda place: abs(y + place * run - near))
    return np.array([y + place * run, z + place * rise])


def find_groove(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Groove:
    """The four faces of the groove, each fitted between its ends.

    Raises:
        SeamError: no groove.
    """
    left, falling, rising, right = _choose_faces(section, stretches, settings)
    surfaces = left.line, right.line
    walls = fit_stretch(section, falling, settings), fit_stretch(section, rising, settings)
    shoulders = np.searchsorted(
        section.y, [intersection(surfaces[0], walls[0])[0], intersection(surfaces[1], walls[1])[0]]
    )
    ends = (
        face_end(section, walls[0], falling.last, settings, +1, begin=int(shoulders[0])),
        face_end(section, walls[1], rising.first, settings, -1, begin=int(shoulders[1]) - 1),
    )
    return Groove(
        left=fit_face(section, surfaces[0], left.first, int(shoulders[0]) - 1, settings),
        falling=fit_face(section, walls[0], int(shoulders[0]), ends[0], settings),
        rising=fit_face(section, walls[1], ends[1], int(shoulders[1]) - 1, settings),
        right=fit_face(section, surfaces[1], int(shoulders[1]), right.last, settings),
        falling_end=ends[0],
        rising_end=ends[1],
    )


def _choose_faces(
    section: CrossSection,
    stretches: list[Stretch],
    settings: SeamSettings,
) -> tuple[Stretch, Stretch, Stretch, Stretch]:
    """The widest surface, falling wall, rising wall, surface, in this order of rows."""
    wide = [s for s in stretches if s.length >= settings.min_plate_mm * 1e-3]
    walls = [
        (i, j)
        for i, j in itertools.combinations(range(len(wide)), 2)
        if settings.min_groove_deg <= corner_deg(wide[i].line, wide[j].line) <= settings.max_groove_deg
    ]
    grooves = [
        faces
        for i, j in walls
        for faces in itertools.product(wide[:i], [wide[i]], [wide[j]], wide[j + 1 :])
        if _is_groove(faces, settings) and joins(section, *faces[:2]) and joins(section, *faces[2:])
    ]
    if not grooves:
        seen = ', '.join(f'{s.width * 1e3:.1f} mm at {np.degrees(s.line.angle):.0f} deg' for s in stretches)
        raise SeamError(
            f'The profile shows no groove of {settings.min_groove_deg:g} to {settings.max_groove_deg:g} deg '
            f'between two surfaces; its straight stretches are {seen}.',
            'Check the joint type, and that the whole groove is in the field of view.',
        )
    return max(grooves, key=lambda faces: sum(face.length for face in faces))


def _is_groove(faces: tuple[Stretch, ...], settings: SeamSettings) -> bool:
    """Whether two surfaces lie about square to the bisector of the walls between them."""
    left, falling, rising, right = (face.line.angle for face in faces)
    middle = 0.5 * (falling + rising)
    limit = math.radians(settings.parallel_deg)
    return abs(left - middle) <= 2 * limit and abs(right - middle) <= 2 * limit and abs(left - right) <= limit
