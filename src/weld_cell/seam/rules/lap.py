"""The lap joint: a plate on a plate, with a step between them."""

import math

import numpy as np

from weld_cell.errors import SeamError, SeamHiddenError
from weld_cell.records import FloatArray
from weld_cell.seam.breakpoints import Finding, bisector, face_end, fit_stretch
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, StraightLine, intersection
from weld_cell.seam.rules.plate_light import PLATE_ROWS, light_end, line_of_sight
from weld_cell.seam.rules.plates import parallel_pair, refused
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

_BLURRED_ROWS = 5  # that blur takes from the beginning of the lower plate
_DOUBTFUL_ROWS = 3.0  # without light, by its half values: more is a shadow, or an edge that is turned to the sensor
_EDGE_ROWS = 0.5  # to which the beginning of the lower plate is known
_MOST_TURNED_DEG = 20.0  # seams to the sensor's travel
_AROUND_ROWS = 6  # beyond the plates' ends, in which the edge's blur has faded
_SHADOW_ROWS = 2  # farther apart, rows of a plate have a shadow between them
_SPILLED_LIGHT = 0.8  # brightness, relative to the plate, of light that is only spilled over an edge
_STEP_BAND = 0.5  # share of the step height around its middle in which a row's light is divided between the plates


def find_lap(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a lap joint: the foot of the upper plate's edge on the lower plate.

    Break points: top and foot of the edge.

    Raises:
        SeamError: no two parallel plates with a step between them.
    """
    pair = parallel_pair(section, stretches, settings, (settings.min_step_mm, settings.max_step_mm), adjoining=True)
    if pair is None:
        raise refused(
            f'step of {settings.min_step_mm:g} to {settings.max_step_mm:g} mm between two plates', stretches
        )
    if _is_trench(section, stretches, pair, settings):
        raise refused('step alone: what lies lower is the bottom of a gap or groove between two plates', stretches)
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


def _is_trench(
    section: CrossSection, stretches: list[Stretch], pair: tuple[Stretch, Stretch], settings: SeamSettings
) -> bool:
    """Whether beyond the lower one of two plates another one stands about as high as the upper one."""
    middle = 0.5 * float(section.y[pair[0].last] + section.y[pair[1].first])
    falls = pair[0].line.at(middle) > pair[1].line.at(middle)
    upper, lower = pair if falls else (pair[1], pair[0])
    for other in stretches:
        beyond = other.first > lower.last if falls else other.last < lower.first
        near = float(section.y[other.first if falls else other.last])
        level = abs(other.line.angle - upper.line.angle) <= math.radians(settings.parallel_deg)
        high = other.line.at(near) > 0.5 * (upper.line.at(near) + lower.line.at(near))
        if beyond and level and high and other.length >= settings.min_plate_mm * 1e-3:
            return True
    return False


def _edge(
    section: CrossSection, upper: Line, lower: Line, ends: tuple[int, int], settings: SeamSettings, outwards: int
) -> tuple[FloatArray, FloatArray]:
    """Top and foot (2,) of the upper plate's edge.

    The top is where the upper plate's light ends. A square edge has its foot straight below; of one that leans out it
    is where the lower plate begins to be seen, if the camera looks at the edge's face from outside. Where it looks
    over the top, or the lower plate begins further out than any edge's foot, the foot is hidden, and one image does
    not show how far (it depends on how the seam is turned to the sensor, and on the laser's outlet): so
    `edge_lean_deg` says how the plates were cut.

    Args:
        section: The measured profile.
        upper: The upper plate.
        lower: The lower plate.
        ends: Indices of the last point of the left plate and of the first point of the right one.
        settings: Of the stage.
        outwards: +1 if the lower plate lies at larger y.

    Raises:
        SeamHiddenError: the foot lies in a shadow.
        SeamError: what shows neither plate is wider than the step is high, so no shadow of it.
    """
    upper_end, lower_end = _plate_ends(section, upper, lower, ends, outwards)
    top, plumb, sight = _over_the_top(section, upper, lower, upper_end, outwards)
    height = float(np.linalg.norm(top - plumb))
    furthest = height * math.tan(math.radians(settings.max_edge_lean_deg))
    most = max(furthest - sight, 0.0) / section.row_pitch
    by_turn = _hidden_by_turn(section, height) / section.row_pitch
    lost = int(section.rows[ends[1]] - section.rows[ends[0]]) - 1
    dark = outwards * (lower_end - upper_end)
    if lost > most + max(_BLURRED_ROWS, by_turn) or dark > most + max(_DOUBTFUL_ROWS, by_turn):
        width = max(float(lost), dark) * section.row_pitch
        raise (SeamHiddenError if width < height else SeamError)(
            f'The foot of the edge is not seen: {1e3 * width:.1f} mm beside it show neither plate.',
            'Look for what casts a shadow there; a few such images do no harm.',
        )
    begin = intersection(line_of_sight(section, lower_end), lower)
    beyond = max(outwards * float(begin[0] - plumb[0]), 0.0)
    is_hidden = sight > 0.0 or beyond > furthest + _EDGE_ROWS * section.row_pitch
    if is_hidden:
        beyond = min(height * math.tan(math.radians(settings.edge_lean_deg)), beyond)
    y = float(plumb[0]) + outwards * beyond
    return top, np.array([y, lower.at(y)])


def _hidden_by_turn(section: CrossSection, height: float) -> float:
    """Width in metres of the lower plate that an edge of a height hides, where the seam is turned as far as may be.

    The camera looks along the seam at an angle to the laser plane, and across it as far as the seam is turned.
    """
    normal = np.cross(section.across, section.up)
    along = abs(float(normal @ section.origin) / float(section.up @ section.origin))
    return height * along * math.tan(math.radians(_MOST_TURNED_DEG))


def _plate_ends(
    section: CrossSection, upper: Line, lower: Line, ends: tuple[int, int], outwards: int
) -> tuple[float, float]:
    """Rows at which the upper plate ends and the lower one begins, to parts of a row.

    Where the light around the stripe is not known, the upper plate ends where the profile goes over.
    """
    before, after = section.rows[ends[0]], section.rows[ends[1]]
    if section.light.size == 0:
        middle = _middle_row(section, upper, lower, ends, outwards)
        return middle, float(after - 0.5 if outwards > 0 else before + 0.5)
    first, last = max(ends[0] - PLATE_ROWS, 0), ends[1] + PLATE_ROWS + 1
    columns = section.upright_px(section.points_m[first:last])[:, 0].copy()
    turn = ends[1] - first
    aside = 1 if columns[turn] < columns[ends[0] - first] else -1
    rows, light, (left, top) = section.rows[first:last], section.light, section.light_origin_px
    before_it = slice(0, ends[0] + 1 - first)
    left_end = light_end(light, left, top, rows[before_it], columns[before_it], +1, aside)
    right_end = light_end(light, left, top, rows[turn:], columns[turn:], -1, -aside)
    return (left_end, right_end) if outwards > 0 else (right_end, left_end)


def _middle_row(section: CrossSection, upper: Line, lower: Line, ends: tuple[int, int], outwards: int) -> float:
    """Row at which the profile goes over from one plate to the other: as many rows of either lie beyond it.

    A row in which both are seen blurred together counts for either by its height, one of spilt light for both alike.
    """
    first, last = _around(section.rows, ends)
    part = slice(first, last + 1)
    y, z = section.y[part], section.z[part]
    side = np.clip(((z - lower.at(y)) / (upper.at(y) - lower.at(y)) - 0.5) / _STEP_BAND, -0.5, 0.5)
    bright = section.intensity[part] / np.median(section.intensity[part])
    share = 0.5 + side * np.clip((bright - _SPILLED_LIGHT) / (1.0 - _SPILLED_LIGHT), 0.0, 1.0)
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
    ray = line_of_sight(section, row)
    top = intersection(ray, upper)
    plumb = intersection(StraightLine(top, upper.normal), lower)
    return top, plumb, outwards * float(intersection(ray, lower)[0] - plumb[0])
