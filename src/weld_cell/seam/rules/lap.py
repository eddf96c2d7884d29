"""The lap joint: a plate on a plate, with a step between them."""

import math

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.records import FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, end_point, face_end, fit_stretch
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, intersection
from weld_cell.seam.rules.plates import parallel_pair, refused
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_BLURRED_ROWS = 5  # that blur takes from the beginning of the lower plate


def find_lap(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a lap joint: the foot of the upper plate's edge on the lower plate.

    Break points: top and foot of the edge.

    Raises:
        SeamError: no two parallel plates with a step between them.
    """
    pair = parallel_pair(section, stretches, settings, (settings.min_step_mm, settings.max_step_mm))
    if pair is None:
        raise refused(
            f'step of {settings.min_step_mm:g} to {settings.max_step_mm:g} mm between two plates', stretches)
    left, right = fit_stretch(section, pair[0], settings), fit_stretch(section, pair[1], settings)
    left_end = face_end(section, left, pair[0].last, settings, +1)
    right_end = face_end(section, right, pair[1].first, settings, -1)
    ends = end_point(section, left, left_end, +1), end_point(section, right, right_end, -1)
    boundary = float(section.y[left_end])
    if left.at(boundary) > right.at(boundary):
        top, foot = ends[0], _foot(section, left, right, ends, settings, +1)
    else:
        top, foot = ends[1], _foot(section, right, left, ends[::-1], settings, -1)
    breaks = np.array(sorted([top, foot], key=lambda point: point[0]))
    step = right.at(foot[0]) - left.at(foot[0])
    return Finding(foot, breaks, bisector(left, right), 0.0, step * math.cos(left.angle))


def _foot(section: CrossSection, upper: Line, lower: Line, ends: tuple[FloatArray, ...], settings: SeamSettings,
          outwards: int) -> FloatArray:
    """(2,) foot of the edge on the lower plate.

    Where the foot is in sight of the camera, the lower plate begins there. An edge that leans away from the camera
    hides its foot: then the lower plate begins where the line of sight over the top meets it, and all that is known
    is that edges lean out a little, at most as much as that line.

    Args:
        section: The measured profile.
        upper: The upper plate.
        lower: The lower plate.
        ends: Where the upper plate ends and where the lower one begins to be seen.
        settings: Of the stage.
        outwards: +1 if the lower plate lies at larger y.

    Raises:
        SeamError: the foot lies in a shadow.
    """
    top, seen = ends
    plumb = intersection(_perpendicular(upper, top), lower)
    height = float(np.linalg.norm(top - plumb))
    leaned = height * math.tan(math.radians(settings.edge_lean_deg))
    most = height * math.tan(math.radians(settings.max_edge_lean_deg))
    sight = intersection(_through(top, np.array([0.0, section.eye_height])), lower)
    visible_from, visible_to = outwards * (sight[0] - plumb[0]), outwards * (seen[0] - plumb[0])
    if visible_to > max(most, visible_from) + _BLURRED_ROWS * section.row_pitch:
        raise SeamError(
            f'The foot of the edge is not seen: beside it, {1e3 * visible_to:.1f} mm of the lower plate are dark.',
            'Look for what casts a shadow there; a few such images do no harm.')
    line_of_sight = max(visible_from, 0.0) + section.row_pitch
    if visible_from > 0.0 and visible_to < line_of_sight:
        out = min(leaned, 0.5 * line_of_sight)
    else:  # what begins later than any edge leans is blurred
        out = visible_to if visible_to < most + section.row_pitch else leaned
    y = float(plumb[0]) + outwards * max(out, 0.0)
    return np.array([y, lower.at(y)])


def _perpendicular(line: Line, point: FloatArray) -> Line:
    """The line through a point perpendicular to another line."""
    slope = -1.0 / line.slope if abs(line.slope) > 1e-9 else 1e9
    return Line(slope, float(point[1] - slope * point[0]))


def _through(first: FloatArray, second: FloatArray) -> Line:
    """The line through two points."""
    run = float(second[0] - first[0])
    slope = float(second[1] - first[1]) / run if abs(run) > 1e-9 else 1e9
    return Line(slope, float(first[1] - slope * first[0]))
