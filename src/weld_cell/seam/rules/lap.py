"""The lap joint: a plate on a plate, with a step between them."""

import math

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.records import FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, face_end, fit_stretch
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, intersection
from weld_cell.seam.rules.plates import parallel_pair, refused
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_BLURRED_ROWS = 5  # that blur takes from the beginning of the lower plate
_AROUND_ROWS = 6  # beyond the plates' ends, in which the edge's blur has faded
_SHADOW_ROWS = 2  # farther apart, rows of a plate have a shadow between them
_DIM = 0.8  # of the plates' brightness: light that is only spilt over an end
_SURE = 0.5  # of the step: heights so near to its middle tell how a row's light is shared


def find_lap(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a lap joint: the foot of the upper plate's edge on the lower plate.

    Break points: top and foot of the edge.

    Raises:
        SeamError: no two parallel plates with a step between them.
    """
    pair = parallel_pair(section, stretches, settings, (settings.min_step_mm, settings.max_step_mm))
    if pair is None:
        raise refused(
            f'step of {settings.min_step_mm:g} to {settings.max_step_mm:g} mm between two plates', stretches
        )
    left, right = fit_stretch(section, pair[0], settings), fit_stretch(section, pair[1], settings)
    ends = (
        face_end(section, left, pair[0].last, settings, +1),
        face_end(section, right, pair[1].first, settings, -1),
    )
    if ends[1] <= ends[0]:
        raise refused('step with one plate beside the other', stretches)
    boundary = float(section.y[ends[0]])
    if left.at(boundary) > right.at(boundary):
        top, foot = _edge(section, left, right, ends, settings, +1)
    else:
        top, foot = _edge(section, right, left, ends, settings, -1)
    breaks = np.array(sorted([top, foot], key=lambda point: point[0]))
    step = right.at(foot[0]) - left.at(foot[0])
    return Finding(foot, breaks, bisector(left, right), 0.0, step * math.cos(left.angle))


def _edge(
    section: CrossSection, upper: Line, lower: Line, ends: tuple[int, int], settings: SeamSettings, outwards: int
) -> tuple[FloatArray, FloatArray]:
    """Top and foot (2,) of the upper plate's edge.

    What the image shows best is the line of sight in the middle between where the upper plate ends and where the
    lower one begins to be seen: blur and over-exposure widen both alike. An edge that leans away from the camera
    hides its foot, and both are one line of sight over the top. Else the foot is in sight, and half of what lies
    between it and the line of sight over the top is on either side. How far edges lean out is known on average.

    Args:
        section: The measured profile.
        upper: The upper plate.
        lower: The lower plate.
        ends: Indices of the last point of the left plate and of the first point of the right one.
        settings: Of the stage.
        outwards: +1 if the lower plate lies at larger y.

    Raises:
        SeamError: the foot lies in a shadow.
    """
    middle = _middle_row(section, upper, lower, ends, outwards)
    top, plumb, sight = _over_the_top(section, upper, lower, middle, outwards)
    height = float(np.linalg.norm(top - plumb))
    most = max(height * math.tan(math.radians(settings.max_edge_lean_deg)) - sight, 0.0) / section.row_pitch
    lost = int(section.rows[ends[1]] - section.rows[ends[0]]) - 1
    if lost > most + _BLURRED_ROWS:
        raise SeamError(
            f'The foot of the edge is not seen: {lost} rows beside it show neither plate.',
            'Look for what casts a shadow there; a few such images do no harm.',
        )
    dark = lost - (ends[1] - ends[0] - 1)
    if dark > most + 1.0:  # so much of the lower plate begins late
        middle -= outwards * 0.5 * (dark - most)
        top, plumb, sight = _over_the_top(section, upper, lower, middle, outwards)
    lean = height * math.tan(math.radians(settings.edge_lean_deg))
    beyond = lean - sight if lean < sight else 0.5 * (lean - sight)
    y = float(plumb[0]) + outwards * (sight + beyond)
    top_y = float(top[0]) - outwards * max(beyond, 0.0)
    return np.array([top_y, upper.at(top_y)]), np.array([y, lower.at(y)])


def _middle_row(section: CrossSection, upper: Line, lower: Line, ends: tuple[int, int], outwards: int) -> float:
    """Row at which the profile goes over from one plate to the other: as many rows of either lie beyond it.

    A row in which both are seen blurred together counts for either by its height, one of spilt light for both alike.
    """
    first, last = _around(section.rows, ends)
    part = slice(first, last + 1)
    y, z = section.y[part], section.z[part]
    side = np.clip(((z - lower.at(y)) / (upper.at(y) - lower.at(y)) - 0.5) / _SURE, -0.5, 0.5)
    bright = section.intensity[part] / np.median(section.intensity[part])
    share = 0.5 + side * np.clip((bright - _DIM) / (1.0 - _DIM), 0.0, 1.0)
    rows = np.arange(section.rows[first], section.rows[last] + 1)
    of_upper = float(np.interp(rows, section.rows[part], share).sum())
    return float(rows[0] - 0.5 + of_upper if outwards > 0 else rows[-1] + 0.5 - of_upper)


def _around(rows: FloatArray, ends: tuple[int, int]) -> tuple[int, int]:
    """Indices of the first and the last point about the plates' ends, up to a shadow that lies on a plate."""
    first, last = max(ends[0] - _AROUND_ROWS, 0), min(ends[1] + _AROUND_ROWS, len(rows) - 1)
    holes = first + np.flatnonzero(np.diff(rows[first : last + 1]) > _SHADOW_ROWS)
    before, after = holes[holes < ends[0]], holes[holes >= ends[1]]
    return (int(before[-1]) + 1 if before.size else first), (int(after[0]) if after.size else last)


def _over_the_top(
    section: CrossSection,
    upper: Line,
    lower: Line,
    row: float,
    outwards: int,
) -> tuple[FloatArray, FloatArray, float]:
    """An edge's top that is seen in a row and the point below it on the lower plate, each (2,), and how far outwards
    of that the line of sight over the top meets the lower plate."""
    ray = _line_of_sight(section, row)
    top = intersection(ray, upper)
    plumb = intersection(_perpendicular(upper, top), lower)
    return top, plumb, outwards * float(intersection(ray, lower)[0] - plumb[0])


def _line_of_sight(section: CrossSection, row: float) -> Line:
    """The line of all points that are seen in a row."""
    after = int(np.clip(np.searchsorted(section.rows, row), 1, len(section.rows) - 1))
    part = slice(after - 1, after + 1)
    if math.isinf(section.eye_height):
        return _through(
            np.array([np.interp(row, section.rows[part], section.y[part]), 0.0]),
            np.array([np.interp(row, section.rows[part], section.y[part]), 1.0]),
        )
    inclinations = section.y[part] / (section.eye_height - section.z[part])
    inclination = float(np.interp(row, section.rows[part], inclinations))
    return _through(np.array([0.0, section.eye_height]), np.array([inclination * section.eye_height, 0.0]))


def _perpendicular(line: Line, point: FloatArray) -> Line:
    """The line through a point perpendicular to another line."""
    slope = -1.0 / line.slope if abs(line.slope) > 1e-9 else 1e9
    return Line(slope, float(point[1] - slope * point[0]))


def _through(first: FloatArray, second: FloatArray) -> Line:
    """The line through two points."""
    run = float(second[0] - first[0])
    slope = float(second[1] - first[1]) / run if abs(run) > 1e-9 else 1e9
    return Line(slope, float(first[1] - slope * first[0]))
