"""Break points of the profile, with sub-pixel accuracy: ends of plate surfaces and groove walls.

A face is a straight stretch after a robust fit to its rows. Two faces that join meet at the intersection of
their lines; a face that just ends (at a step or a gap) ends half a row beyond the last row that it supports.
"""

import math
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.records import BoolArray, FloatArray
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, fit_line_robust, intersection
from weld_cell.seam.row_loops import change_of_support
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_MIN_FACE_ROWS = 4
_JOIN_M = 0.003
_EDGE_SHARE = 0.5  # of a face's brightness: where blur lays its end
_SEARCH_GROUPS = 3  # the coarse end of a stretch is right to about one group of rows


@dataclass(frozen=True)
class Finding:
    """What a rule finds in a cross-section; y, z in metres.

    Attributes:
        seam: (2,) the seam point.
        breaks: (k, 2) the break points that led to it, ordered by y.
        normal: (2,) unit vector out of the joint.
        gap: Root gap in metres, 0 where the joint has none.
        mismatch: Height of the plate at larger y over the other one at the seam, metres.
        evidence: What the rule keeps of the image for its refinement of the scan; opaque to all but the rule.
        gap_lift: As of SeamObservation.
        gap_aside: As of SeamObservation.
    """

    seam: FloatArray
    breaks: FloatArray
    normal: FloatArray
    gap: float
    mismatch: float
    evidence: object | None = None
    gap_lift: float = 0.0
    gap_aside: float = 0.0


def fit_face(section: CrossSection, start: Line, first: int, last: int, settings: SeamSettings) -> Line:
    """Robust line through the points first..last, less the corner margin at both ends.

    Raises:
        SeamError: the stretch is shorter than a few rows.
    """
    margin = int(settings.corner_margin_mm * 1e-3 / section.row_pitch)
    if last - first - 2 * margin < _MIN_FACE_ROWS:
        margin = 0
    rows = slice(first + margin, last + 1 - margin)
    if last - first + 1 < _MIN_FACE_ROWS:
        raise SeamError(
            f'A face of the joint shows in {max(last - first + 1, 0)} rows only; {_MIN_FACE_ROWS} are needed.',
            'Bring more of the joint into the field of view.',
        )
    return fit_line_robust(section.y[rows], section.z[rows], start, settings.noise_floor_mm * 1e-3)


def fit_stretch(section: CrossSection, stretch: Stretch, settings: SeamSettings) -> Line:
    """Robust line through a coarse stretch."""
    return fit_face(section, stretch.line, stretch.first, stretch.last, settings)


def tolerance(line: Line, settings: SeamSettings) -> float:
    """Height in metres within which a row belongs to a line."""
    return settings.tolerance_sigma * max(line.sigma, settings.noise_floor_mm * 1e-3)


def supports(section: CrossSection, line: Line, rows: slice, settings: SeamSettings) -> BoolArray:
    """For each of some points, whether it belongs to a line."""
    residuals = line.residuals(section.y[rows], section.z[rows])
    near: BoolArray = np.abs(residuals) < tolerance(line, settings)
    return near


def face_end(
    section: CrossSection, line: Line, near: int, settings: SeamSettings, towards: int, begin: int | None = None
) -> int:
    """Index of the last point of a face that ends near an index.

    The end is where the points change from belonging to the line to not belonging: the maximum of the running
    count of belonging less not belonging points, which a few speckled rows do not move. Rows that are
    plainly dimmer than the face are its light blurred over the end, and do not belong.

    Args:
        section: The measured profile.
        line: The face, fitted.
        near: Coarse index of the end.
        settings: Of the stage.
        towards: +1 for the end at larger rows, -1 for the end at smaller rows.
        begin: Index of the first point from its other end on, where that is known: beyond it the points of what
            adjoins a short face would outnumber its own.
    """
    reach = _SEARCH_GROUPS * settings.group_rows
    first, last = max(near - reach, 0), min(near + reach, len(section.y) - 1)
    if begin is not None and towards > 0:
        first = min(max(first, begin), last)
    elif begin is not None:
        last = max(min(last, begin), first)
    rows = slice(first, last + 1)
    residuals = line.residuals(section.y[rows], section.z[rows])
    return first + change_of_support(
        residuals, section.intensity[rows], tolerance(line, settings), _EDGE_SHARE, towards
    )


def end_point(section: CrossSection, line: Line, index: int, towards: int) -> FloatArray:
    """(2,) where a face ends: on its line, half a row beyond its last point."""
    y = float(section.y[index]) + 0.5 * towards * section.row_pitch
    return np.array([y, line.at(y)])


def joins(section: CrossSection, before: Stretch, after: Stretch) -> bool:
    """Whether two stretches meet about where both end, so that no third thing (a table, a streak) is one of them."""
    edge = float(intersection(before.line, after.line)[0])
    return bool(section.y[before.last] - _JOIN_M < edge < section.y[after.first] + _JOIN_M)


def bisector(first: Line, second: Line) -> FloatArray:
    """(2,) unit vector halfway between two faces' normals: the direction of a work angle of 0."""
    y = -math.sin(first.angle) - math.sin(second.angle)
    z = math.cos(first.angle) + math.cos(second.angle)
    return np.array([y / math.hypot(y, z), z / math.hypot(y, z)])
