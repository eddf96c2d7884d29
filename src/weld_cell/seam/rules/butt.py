"""The butt joint: two plates with an open gap between them."""

import math

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import BoolArray, FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, end_point
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.row_loops import median
from weld_cell.seam.rules.dim_rows import deeper, with_dim_rows
from weld_cell.seam.rules.plate_light import plate_end
from weld_cell.seam.rules.plate_loops import rows_below, step_gains
from weld_cell.seam.rules.plates import Plates, find_plates, interruptions, refused
from weld_cell.seam.rules.splice import free_notch
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_MM = 1e-3
_SUNK_GAIN = 30.0  # in sigma^2, for each row that shows something deep below the plates, as a gap does and no shadow
_SUNK_M = 0.8e-3
_LOST_GAIN = 5.0  # in sigma^2, for each row without a plate: what is narrower than
_LOST_ROWS = 4  # is rather speckle
_NOTCH_ROWS = 3  # that are seen within: fewer tell nothing of a notch
_SHALLOW, _DEEP = 0.15, 0.8  # of the greatest depth: between are the rows of a bevel, of which
_SLOPING_ROWS = 2  # so many make it worth while to fit one
_NOTCH_COST = 2.0  # in squared sigmas of a row of the plates: what a notch, which is dimmer, leaves at most


def find_butt(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a butt joint: the middle of the gap at the mean height of both surfaces.

    A shadow looks like a gap. The gap is the interruption in which something deeper is seen (its walls, a backing)
    and beside which the plates are best explained as two (they are seldom flush). An image that shows neither may
    be misread; over a scan the gap is what goes on from image to image (`weld_cell.seam.consistency`).
    Break points: the ends of the left and of the right plate.

    Raises:
        SeamError: no gap between two plates, or a notch.
    """
    plates = find_plates(section, stretches, settings)
    rows = slice(plates.first, plates.last + 1)
    bright = section.intensity[rows] >= settings.dim_share * median(section.intensity[rows])
    belongs = plates.supports(section, settings) & bright
    gaps = interruptions(section, plates, belongs, math.inf)
    if len(gaps) == 0:
        raise refused(f'root gap of {settings.min_gap_mm:g} to {settings.max_gap_mm:g} mm', stretches)
    before, after = _choose(section, plates, gaps, belongs, settings)
    plates = plates.refitted(section, before, after, settings)
    if _is_notch(section, plates, before, after, settings):
        raise refused('open gap: what lies between the plates are two bevels that meet', stretches)
    ends = _plate_ends(section, plates, before, after)
    out = bisector(plates.left, plates.right)
    gap = float((ends[1] - ends[0]) @ [out[1], -out[0]])  # along the plates
    if not settings.min_gap_mm * _MM <= gap <= settings.max_gap_mm * _MM:
        limits = f'{settings.min_gap_mm:g} to {settings.max_gap_mm:g} mm'
        raise refused(f'root gap of {limits} (the gap found is {gap / _MM:.2f} mm wide)', stretches)
    middle = float(ends[:, 0].mean())
    seam = np.array([middle, 0.5 * (plates.left.at(middle) + plates.right.at(middle))])
    return Finding(seam, ends, out, gap, plates.mismatch(middle), gap_aside=0.5)


def _plate_ends(section: CrossSection, plates: Plates, before: int, after: int) -> FloatArray:
    """(2, 2) where the plates end, by their light; half a row beyond their last points where that is not known."""
    if section.light.size == 0:
        return np.array([end_point(section, plates.left, before, +1), end_point(section, plates.right, after, -1)])
    aside = -deeper(section, before)
    return np.array(
        [
            plate_end(section, plates.left, before, +1, aside),
            plate_end(section, plates.right, after, -1, aside),
        ]
    )


def _is_notch(section: CrossSection, plates: Plates, before: int, after: int, settings: SeamSettings) -> bool:
    """Whether an interruption shows two bevels that meet, not walls that nobody sees over a backing or nothing."""
    section, after = with_dim_rows(section, before, after)
    y, z = section.y[before + 1 : after], section.z[before + 1 : after]
    if len(y) < _NOTCH_ROWS:
        return False
    depths = np.minimum(plates.left.at(y), plates.right.at(y)) - z
    between = (depths > _SHALLOW * depths.max()) & (depths < _DEEP * depths.max())
    if np.count_nonzero(between) < _SLOPING_ROWS:
        return False
    return free_notch(section, plates, before, after, settings)[1] < _NOTCH_COST


def _choose(
    section: CrossSection, plates: Plates, gaps: NDArray[np.intp], belongs: BoolArray, settings: SeamSettings
) -> tuple[int, int]:
    """The interruption that is the gap."""
    if len(gaps) == 1:
        return int(gaps[0, 0]), int(gaps[0, 1])
    merits = _step_merits(section, plates, gaps, belongs, settings)
    for k, (before, after) in enumerate(gaps):
        lost = int(section.rows[after] - section.rows[before]) - 1
        merits[k] += _SUNK_GAIN * _lowered_rows(section, plates, int(before), int(after)) + _LOST_GAIN * min(
            lost, _LOST_ROWS
        )
    before, after = gaps[int(np.argmax(merits))]
    return int(before), int(after)


def _lowered_rows(section: CrossSection, plates: Plates, before: int, after: int) -> int:
    """How many points of an interruption lie deep below the plates, less those above: noise lies on both sides."""
    inner = slice(before + 1, after)
    y, z = section.y[inner], section.z[inner]
    return max(rows_below(y, z, plates.left.numbers, plates.right.numbers, _SUNK_M), 0)


def _step_merits(
    section: CrossSection, plates: Plates, gaps: NDArray[np.intp], belongs: BoolArray, settings: SeamSettings
) -> FloatArray:
    """How much better (k,) two parallel plates with a step at each interruption explain the profile than one plate.

    In sigma^2 of a row: the reduction of the squared residuals by one more regressor, the step. Only rows that show
    a plate take part: what is seen within a gap would drown the step.
    """
    y, z = section.y[plates.first : plates.last + 1][belongs], section.z[plates.first : plates.last + 1][belongs]
    off = z - plates.left.at(y)
    sigma = max(plates.left.sigma, plates.right.sigma, settings.noise_floor_mm * 1e-3)
    merits: FloatArray = step_gains(y, off, section.y[gaps[:, 0]]) / sigma**2
    return merits
