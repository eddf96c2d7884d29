"""The splice joint: two plates edge to edge, with bevelled upper edges that form a notch."""

import math

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.records import FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, tolerance
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import StraightLine, intersection
from weld_cell.seam.row_loops import median
from weld_cell.seam.rules.dim_rows import with_dim_rows
from weld_cell.seam.rules.notch_fit import fit_notch, notch_cost
from weld_cell.seam.rules.plate_loops import rows_below
from weld_cell.seam.rules.plates import Plates, find_plates, interruptions, refused
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_BESIDE_ROWS = 4  # of each plate, into which blur draws the notch
_MIN_ROWS = 3
_STRAIGHT_SHARE = 0.4  # part of the notch, from each side, that is not rounded by the bottom
_MAX_ROW_COST = 1.5  # in sigma^2, of a notch that fits
_NO_NOTCH_ROW_COST = 16.0  # in sigma^2: rows four sigmas away show something else than a notch
_CLEAR_RATIO = 0.5  # of the cost, below which other angles fit clearly better


def find_splice(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a splice joint: the bottom of the notch, where both bevels meet.

    Break points: upper end of the left bevel, bottom, upper end of the right bevel.

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
    section, after = with_dim_rows(section, before, after)
    notch = _notch(section, plates, before, after, settings)
    ends = np.array([[y, line.at(y)] for y, line in ((notch[0], plates.left), (notch[3], plates.right))])
    bottom = notch[1:3]
    breaks = np.array([ends[0], bottom, ends[1]])
    return Finding(bottom, breaks, bisector(plates.left, plates.right), 0.0, plates.mismatch(float(bottom[0])))


def _rows_below(section: CrossSection, plates: Plates, before: int, after: int, settings: SeamSettings) -> int:
    """How many points of an interruption lie below the plates, less those above: a shadow scatters both ways."""
    rows = slice(before + 1, after)
    y, z = section.y[rows], section.z[rows]
    return rows_below(y, z, plates.left.numbers, plates.right.numbers, tolerance(plates.left, settings))


def _notch(section: CrossSection, plates: Plates, before: int, after: int, settings: SeamSettings) -> FloatArray:
    """(4,) left end, bottom's y and z, right end of the notch between two points of the plates.

    Bevels are taken to stand at `bevel_deg`, for which few rows suffice, unless the rows plainly tell of others.

    Raises:
        SeamError: it shows in too few rows, or something else than a notch does.
    """
    shown = max(_rows_below(section, plates, before, after, settings), 0)
    if shown < _MIN_ROWS:
        raise SeamError(
            f'The notch shows in {shown} rows; {_MIN_ROWS} are needed for its two bevels.',
            'Check the joint type; a closed joint without bevels cannot be seen by a laser line.',
        )
    rows = slice(max(before - _BESIDE_ROWS, 0), after + _BESIDE_ROWS + 1)
    y, z = section.y[rows].copy(), section.z[rows].copy()
    left, right = plates.left.numbers, plates.right.numbers
    sigma = max(plates.left.sigma, plates.right.sigma, settings.noise_floor_mm * 1e-3)
    usual = _usual_notch(section, plates, before + 1, after, math.radians(settings.bevel_deg))
    cost = notch_cost(y, z, section.row_pitch, usual, left, right, sigma)
    if cost <= _MAX_ROW_COST * len(y):
        return usual
    notch, least = free_notch(section, plates, before, after, settings)
    if min(least, cost / len(y)) > _NO_NOTCH_ROW_COST:
        raise SeamError(
            'What lies between the plates is not two bevels that meet: it may be the floor of an open gap.',
            'Check the joint type; look for spatter or a shadow in the notch, a few such images do no harm.',
        )
    return notch if least < _CLEAR_RATIO * cost / len(y) else usual


def free_notch(
    section: CrossSection, plates: Plates, before: int, after: int, settings: SeamSettings
) -> tuple[FloatArray, float]:
    """The notch (4,) with bevels at any angles between two points of the plates, and what it leaves unexplained of a
    row on average, in squared sigmas."""
    rows = slice(max(before - _BESIDE_ROWS, 0), after + _BESIDE_ROWS + 1)
    y, z = section.y[rows].copy(), section.z[rows].copy()
    sigma = max(plates.left.sigma, plates.right.sigma, settings.noise_floor_mm * 1e-3)
    deepest = before + 1 + int(np.argmin(section.z[before + 1 : after]))
    half = 0.5 * section.row_pitch
    ends = float(section.y[before]) + half, float(section.y[after]) - half
    start = np.array([ends[0], float(section.y[deepest]), float(section.z[deepest]), ends[1]])
    notch, cost = fit_notch(y, z, section.row_pitch, start, plates.left.numbers, plates.right.numbers, sigma)
    return notch, cost / len(y)


def _usual_notch(section: CrossSection, plates: Plates, first: int, stop: int, bevel: float) -> FloatArray:
    """(4,) the notch of two bevels at an angle to their plates, each through the median of its rows."""
    y, z = section.y[first:stop], section.z[first:stop]
    place = (y - section.y[first - 1]) / (section.y[stop] - section.y[first - 1])  # 0 to 1 across the notch
    # of a bevel that lies in shadow the row next to the shadow stands in: nearly right, and the scan goes on
    falls, rises = place <= max(_STRAIGHT_SHARE, place[0]), place >= min(1.0 - _STRAIGHT_SHARE, place[-1])
    falling = _through_median(plates.left.angle - bevel, y[falls], z[falls])
    rising = _through_median(plates.right.angle + bevel, y[rises], z[rises])
    bottom = intersection(falling, rising)
    left, right = intersection(plates.left, falling), intersection(plates.right, rising)
    return np.array([left[0], bottom[0], bottom[1], right[0]])


def _through_median(angle: float, y: FloatArray, z: FloatArray) -> StraightLine:
    """The line at an angle in the middle of some points."""
    along = np.array([math.cos(angle), math.sin(angle)])
    aside = median(z * along[0] - y * along[1])
    return StraightLine(aside * np.array([-along[1], along[0]]), along)
