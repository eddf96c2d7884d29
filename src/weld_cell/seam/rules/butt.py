"""The butt joint: two plates with an open gap between them."""

import numpy as np

from weld_cell.seam.breakpoints import Finding, bisector, end_point, tolerance
from weld_cell.seam.cross_section import CrossSection
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
    bright = section.intensity[rows] >= settings.dim_share * np.median(section.intensity[rows])
    gaps = interruptions(section, plates, plates.supports(section, settings) & bright, settings.max_gap_mm)
    if len(gaps) == 0:
        raise refused(f'root gap of {settings.min_gap_mm:g} to {settings.max_gap_mm:g} mm', stretches)
    before, after = _choose(section, plates, gaps, settings)
    plates = plates.refitted(section, before, after, settings)
    ends = np.array([end_point(section, plates.left, before, +1), end_point(section, plates.right, after, -1)])
    out = bisector(plates.left, plates.right)
    gap = float((ends[1] - ends[0]) @ [out[1], -out[0]])  # along the plates
    if gap < settings.min_gap_mm * _MM:
        raise refused(f'root gap wider than {settings.min_gap_mm:g} mm (found {gap / _MM:.2f})', stretches)
    middle = float(ends[:, 0].mean())
    seam = np.array([middle, 0.5 * (plates.left.at(middle) + plates.right.at(middle))])
    return Finding(seam, ends, out, gap, plates.mismatch(middle))


def _choose(section: CrossSection, plates: Plates, gaps: np.ndarray, settings: SeamSettings) -> tuple[int, int]:
    """The interruption that is the gap."""
    choices = [(int(before), int(after)) for before, after in gaps]
    if len(choices) == 1:
        return choices[0]
    return min(choices, key=lambda gap: _error(section, plates, gap[0], gap[1], settings))


def _error(section: CrossSection, plates: Plates, before: int, after: int, settings: SeamSettings) -> float:
    """How badly two plates with their gap there explain the profile: squared residuals in sigma^2, outliers cut.

    A point in the gap counts as an outlier, but for one that lies deep below the plates: it speaks for the gap.
    """
    fitted = plates.refitted(section, before, after, settings)
    inner = slice(before + 1, after)
    below = np.minimum(fitted.left.at(section.y[inner]), fitted.right.at(section.y[inner])) - section.z[inner]
    sunk = int(np.count_nonzero(below > _SUNK_M)) - int(np.count_nonzero(below < -_SUNK_M))
    lost = int(section.rows[after] - section.rows[before]) - 1
    error = settings.tolerance_sigma ** 2 * len(below)
    error -= _SUNK_GAIN * max(sunk, 0) + _LOST_GAIN * min(lost, _LOST_ROWS)
    for line, rows in ((fitted.left, slice(plates.first, before + 1)), (fitted.right, slice(after, plates.last + 1))):
        limit = tolerance(line, settings)
        residuals = np.minimum(np.abs(line.residuals(section.y[rows], section.z[rows])), limit)
        error += float(residuals @ residuals) * (settings.tolerance_sigma / limit) ** 2
    return error
