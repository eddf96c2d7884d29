"""The splice joint: two plates edge to edge whose upper edges are chamfered, so that they leave a notch."""

import math

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.records import FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, tolerance
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, intersection
from weld_cell.seam.row_loops import median
from weld_cell.seam.rules.plate_loops import rows_below
from weld_cell.seam.rules.plates import Plates, find_plates, interruptions, refused
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_CHAMFER_RAD = math.radians(45.0)
_USED = 0.4  # part of the notch, from each side, that the bottom does not round
_LEAST_ROWS = 4


def find_splice(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a splice joint: the bottom of the notch, where the lines of both chamfers meet.

    Break points: upper end of the left chamfer, bottom, upper end of the right chamfer.

    Raises:
        SeamError: no notch between two plates.
    """
    plates = find_plates(section, stretches, settings)
    notches = interruptions(section, plates, plates.supports(section, settings), settings.max_notch_mm)
    if len(notches) == 0:
        raise refused(f'notch of up to {settings.max_notch_mm:g} mm between two plates', stretches)
    depths = [_rows_below(section, plates, before, after, settings) for before, after in notches]
    before, after = (int(index) for index in notches[int(np.argmax(depths))])
    plates = plates.refitted(section, before, after, settings)
    falling, rising = _chamfers(section, plates, before + 1, after)
    bottom = intersection(falling, rising)
    breaks = np.array([intersection(plates.left, falling), bottom, intersection(plates.right, rising)])
    return Finding(bottom, breaks, bisector(plates.left, plates.right), 0.0, plates.mismatch(float(bottom[0])))


def _rows_below(section: CrossSection, plates: Plates, before: int, after: int, settings: SeamSettings) -> int:
    """How many points of an interruption lie below the plates, less those above: a shadow scatters both ways."""
    rows = slice(before + 1, after)
    y, z = section.y[rows], section.z[rows]
    return rows_below(y, z, plates.left.numbers, plates.right.numbers, tolerance(plates.left, settings))


def _chamfers(section: CrossSection, plates: Plates, first: int, stop: int) -> tuple[Line, Line]:
    """The lines of both chamfers, each at 45 degrees to its plate, through the median of its rows.

    A chamfer shows in five to ten rows, of which blur rounds the outer ones: too few to fit a slope as well.
    """
    if stop - first < _LEAST_ROWS:
        raise SeamError(
            f'The notch shows in {max(stop - first, 0)} rows; {_LEAST_ROWS} are needed for its two chamfers.',
            'Check the joint type; a closed joint without chamfers cannot be seen by a laser line.',
        )
    y, z = section.y[first:stop], section.z[first:stop]
    place = (y - section.y[first - 1]) / (section.y[stop] - section.y[first - 1])  # 0 to 1 across the notch
    # of a chamfer that lies in shadow the row next to the shadow stands in: nearly right, and the scan goes on
    falls, rises = place <= max(_USED, place[0]), place >= min(1.0 - _USED, place[-1])
    return (
        _through_median(plates.left.angle - _CHAMFER_RAD, y[falls], z[falls]),
        _through_median(plates.right.angle + _CHAMFER_RAD, y[rises], z[rises]),
    )


def _through_median(angle: float, y: FloatArray, z: FloatArray) -> Line:
    """The line at an angle in the middle of some points."""
    slope = math.tan(angle)
    return Line(slope, median(z - slope * y))
