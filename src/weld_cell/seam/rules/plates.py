"""Detection of the two parallel plates of a joint, and of interruptions between them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.errors import SeamError
from weld_cell.records import BoolArray
from weld_cell.seam.breakpoints import fit_face, fit_stretch, supports
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line
from weld_cell.seam.rules.plate_loops import lost_rows
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_MM = 1e-3


@dataclass(frozen=True, eq=False)
class Plates:
    """Two plates, or two that are so flush that they make one line.

    Attributes:
        left: Surface of the plate at smaller y.
        right: Surface of the plate at larger y.
        first: Index of the first point of the left plate.
        last: Index of the last point of the right plate.
    """

    left: Line
    right: Line
    first: int
    last: int

    def supports(self, section: CrossSection, settings: SeamSettings) -> BoolArray:
        """For each point from first to last, whether it belongs to one of the plates."""
        rows = slice(self.first, self.last + 1)
        belongs: BoolArray = supports(section, self.left, rows, settings)
        if self.right is not self.left:
            belongs |= supports(section, self.right, rows, settings)
        return belongs

    def refitted(self, section: CrossSection, before: int, after: int, settings: SeamSettings) -> 'Plates':
        """The plates fitted up to the two points between which they are interrupted."""
        left = fit_face(section, self.left, self.first, before, settings)
        right = fit_face(section, self.right, after, self.last, settings)
        return Plates(left, right, self.first, self.last)

    def mismatch(self, y: float) -> float:
        """Height of the right surface over the left one along their common normal, metres."""
        return mismatch(self.left, self.right, y)


def mismatch(left: Line, right: Line, y: float) -> float:
    """Height of the right line over the left one at y, along their common normal, metres."""
    return (right.at(y) - left.at(y)) * math.cos(0.5 * (left.angle + right.angle))


def find_plates(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Plates:
    """The two plates of a joint without a great step; a plate may stand alone for both.

    Raises:
        SeamError: there is no plate.
    """
    widest = max(stretches, key=lambda s: s.length)
    pair = parallel_pair(section, stretches, settings, (0.0, settings.max_mismatch_mm))
    if pair is None or pair[0].length + pair[1].length < widest.length:
        flush = fit_stretch(section, widest, settings)
        return Plates(flush, flush, widest.first, widest.last)
    left, right = fit_stretch(section, pair[0], settings), fit_stretch(section, pair[1], settings)
    return Plates(left, right, pair[0].first, pair[1].last)


def parallel_pair(
    section: CrossSection,
    stretches: list[Stretch],
    settings: SeamSettings,
    step_mm: tuple[float, float],
    adjoining: bool = False,
) -> tuple[Stretch, Stretch] | None:
    """The longest two parallel stretches with a step between them within limits; None if there are none.

    Args:
        section: The measured profile.
        stretches: Its straight stretches, in order.
        settings: Of the stage.
        step_mm: Least and greatest step.
        adjoining: Whether no other surface may lie between them: where plates end, the table is seen too.
    """
    long = [s for s in stretches if s.length >= settings.min_plate_mm * _MM]
    pairs = []
    for i, left in enumerate(long):
        for k, right in enumerate(long[i + 1 :], i + 1):
            middle = 0.5 * float(section.y[left.last] + section.y[right.first])
            step = abs(mismatch(left.line, right.line, middle)) / _MM
            if not _are_parallel(left, right, settings) or not step_mm[0] <= step <= step_mm[1]:
                continue
            if not adjoining or not any(
                _is_another(section, each, left, right, settings) for each in long[i + 1 : k]
            ):
                pairs.append((left, right))
    return max(pairs, key=lambda pair: pair[0].length + pair[1].length, default=None)


def _are_parallel(one: Stretch, other: Stretch, settings: SeamSettings) -> bool:
    return abs(one.line.angle - other.line.angle) <= math.radians(settings.parallel_deg)


def _is_another(
    section: CrossSection, stretch: Stretch, left: Stretch, right: Stretch, settings: SeamSettings
) -> bool:
    """Whether a stretch between two plates is a third one: no edge, and no piece of either."""
    middle = 0.5 * float(section.y[stretch.first] + section.y[stretch.last])
    aside = min(abs(mismatch(stretch.line, plate.line, middle)) for plate in (left, right))
    return _are_parallel(stretch, left, settings) and aside >= settings.min_step_mm * _MM


def interruptions(section: CrossSection, plates: Plates, belongs: BoolArray, widest_mm: float) -> NDArray[np.intp]:
    """Where plates are interrupted for at least two rows.

    Args:
        section: The measured profile.
        plates: Both plates.
        belongs: For each point from plates.first to plates.last, whether a plate shows there.
        widest_mm: Longest interruption.

    Returns:
        (k, 2) indices of the last point before and the first one after each interruption.
    """
    rows = section.rows[plates.first : plates.last + 1]
    return plates.first + lost_rows(rows, belongs, section.row_pitch, widest_mm * _MM)


def refused(missing: str, stretches: list[Stretch]) -> SeamError:
    """The error for a profile without what the joint type promises, with what it shows instead."""
    seen = ', '.join(f'{s.length / _MM:.1f} mm at {np.degrees(s.line.angle):.0f} deg' for s in stretches)
    return SeamError(
        f'The profile shows no {missing}; its straight stretches are {seen}.',
        'Check the joint type, and that both plates are in the field of view.',
    )
