"""The butt joint: two plates with an open gap between them."""

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import BoolArray, FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, end_point
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.row_loops import median
from weld_cell.seam.rules.plate_loops import rows_below, step_gains
from weld_cell.seam.rules.plates import Plates, find_plates, interruptions, refused
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_MM = 1e-3
_SUNK_GAIN = 30.0  # in sigma^2, for each row that shows something deep below the plates, as a gap does and no shadow
_SUNK_M = 0.8e-3
_LOST_GAIN = 5.0  # in sigma^2, for each row without a plate: what is narrower than
_LOST_ROWS = 4  # is rather speckle


def find_butt(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a butt joint: the middle of the gap at the mean height of both surfaces.

    A shadow looks like a gap. The gap is the interruption in which something deeper is seen (its walls, a backing)
    and beside which the plates are best explained as two (they are seldom flush). An image that shows neither may
    be misread; over a scan the gap is what goes on from image to image (`weld_cell.seam.consistency`).
    Break points: the ends of the left and of the right plate.

    Raises:
        SeamError: no gap between two plates.
    """
    plates = find_plates(section, stretches, settings)
    rows = slice(plates.first, plates.last + 1)
    bright = section.intensity[rows] >= settings.dim_share * median(section.intensity[rows])
    belongs = plates.supports(section, settings) & bright
    gaps = interruptions(section, plates, belongs, settings.max_gap_mm)
    if len(gaps) == 0:
        raise refused(f'root gap of {settings.min_gap_mm:g} to {settings.max_gap_mm:g} mm', stretches)
    before, after = _choose(section, plates, gaps, belongs, settings)
    plates = plates.refitted(section, before, after, settings)
    ends = np.array([end_point(section, plates.left, before, +1), end_point(section, plates.right, after, -1)])
    out = bisector(plates.left, plates.right)
    gap = float((ends[1] - ends[0]) @ [out[1], -out[0]])  # along the plates
    if gap < settings.min_gap_mm * _MM:
        raise refused(f'root gap wider than {settings.min_gap_mm:g} mm (found {gap / _MM:.2f})', stretches)
    middle = float(ends[:, 0].mean())
    seam = np.array([middle, 0.5 * (plates.left.at(middle) + plates.right.at(middle))])
    return Finding(seam, ends, out, gap, plates.mismatch(middle))


def _choose(
    section: CrossSection, plates: Plates, gaps: NDArray[np.intp], belongs: BoolArray, settings: SeamSettings
) -> tuple[int, int]:
    """The interruption that is the gap."""
    merits = _step_merits(section, plates, gaps, belongs, settings)
    for k, (before, after) in enumerate(gaps):
        lost = int(section.rows[after] - section.rows[before]) - 1
        merits[k] += _SUNK_GAIN * _sunk(section, plates, int(before), int(after)) + _LOST_GAIN * min(lost, _LOST_ROWS)
    before, after = gaps[int(np.argmax(merits))]
    return int(before), int(after)


def _sunk(section: CrossSection, plates: Plates, before: int, after: int) -> int:
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
