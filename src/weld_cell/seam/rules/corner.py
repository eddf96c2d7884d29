"""The fillet joint: two plates that meet in an inner corner."""

import math

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.seam.breakpoints import Finding, bisector, fit_face, joins
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, intersection
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_ITERATIONS = 2  # after the first, the corner is accurate to about a row


def find_fillet(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a fillet joint: the intersection of both plates' lines. One break point: the seam point.

    Raises:
        SeamError: no two stretches make an inner corner.
    """
    left, right = _plates(section, stretches, settings)
    first, second = left.line, right.line
    for _ in range(_ITERATIONS):
        corner = int(np.searchsorted(section.y, intersection(first, second)[0]))
        first = fit_face(section, first, left.first, corner - 1, settings)
        second = fit_face(section, second, corner, right.last, settings)
    seam = intersection(first, second)
    return Finding(seam, seam[None], bisector(first, second), 0.0, 0.0)


def corner_deg(left: Line, right: Line) -> float:
    """Angle in degrees enclosed above two lines; below 180 for an inner corner."""
    return 180.0 - math.degrees(right.angle - left.angle)


def _plates(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> tuple[Stretch, Stretch]:
    """The widest two stretches that make an inner corner."""
    wide = [s for s in stretches if s.length >= settings.min_plate_mm * 1e-3]
    pairs = [
        (left, right)
        for i, left in enumerate(wide)
        for right in wide[i + 1 :]
        if settings.min_corner_deg <= corner_deg(left.line, right.line) <= settings.max_corner_deg
        and joins(section, left, right)
    ]
    if not pairs:
        angles = ', '.join(f'{np.degrees(s.line.angle):.0f}' for s in wide)
        raise SeamError(
            f'The profile shows no inner corner of {settings.min_corner_deg:g} to {settings.max_corner_deg:g} deg; '
            f'its straight stretches stand at {angles or "no"} deg.',
            'Check the joint type, and that both plates are in the field of view.',
        )
    return max(pairs, key=lambda pair: pair[0].length + pair[1].length)
