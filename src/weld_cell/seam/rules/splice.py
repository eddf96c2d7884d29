"""The splice joint: two plates edge to edge whose upper edges are chamfered, so that they leave a notch."""

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.seam.breakpoints import Finding, bisector, tolerance
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, intersection
from weld_cell.seam.rules.plates import Plates, find_plates, interruptions, refused
from weld_cell.seam.segmentation import Stretch, line_costs
from weld_cell.seam.settings import SeamSettings

_LEAST_TURN = 0.3  # slope between a plate and its chamfer
_ROUNDED_ROWS = 1  # on both sides of the bottom, which the width of the stripe rounds


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
    falling, rising = _chamfers(section, before + 1, after)
    if falling.slope > plates.left.slope - _LEAST_TURN or rising.slope < plates.right.slope + _LEAST_TURN:
        raise refused('notch with two chamfers between two plates', stretches)
    bottom = intersection(falling, rising)
    breaks = np.array([intersection(plates.left, falling), bottom, intersection(plates.right, rising)])
    return Finding(
        bottom, breaks, bisector(plates.left, plates.right), 0.0, plates.mismatch(float(bottom[0])))


def _rows_below(section: CrossSection, plates: Plates, before: int, after: int, settings: SeamSettings) -> int:
    """How many points of an interruption lie below the plates, less those above: a shadow scatters both ways."""
    rows = slice(before + 1, after)
    y, z = section.y[rows], section.z[rows]
    depth = np.minimum(plates.left.at(y), plates.right.at(y)) - z
    limit = tolerance(plates.left, settings)
    return int(np.count_nonzero(depth > limit)) - int(np.count_nonzero(depth < -limit))


def _chamfers(section: CrossSection, first: int, stop: int) -> tuple[Line, Line]:
    """The two lines that best divide the points of a notch."""
    least = 4 + 2 * _ROUNDED_ROWS
    if stop - first < least:
        raise SeamError(
            f'The notch shows in {max(stop - first, 0)} rows; {least} are needed for its two chamfers.',
            'Check the joint type; a closed joint without chamfers cannot be seen by a laser line.')
    errors, slopes, heights = line_costs(section.y[first:stop], section.z[first:stop])
    end = len(errors) - 1
    lefts = np.arange(1, end - 1 - 2 * _ROUNDED_ROWS)
    rights = lefts + 1 + 2 * _ROUNDED_ROWS
    best = int(np.argmin(errors[lefts, 0] + errors[end, rights]))
    left, right = lefts[best], rights[best]
    return (Line(float(slopes[left, 0]), float(heights[left, 0])),
            Line(float(slopes[end, right]), float(heights[end, right])))
