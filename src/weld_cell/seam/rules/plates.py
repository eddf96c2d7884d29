"""Joints of two parallel plates: lap (a step), butt (an open gap) and splice (a chamfered notch)."""

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.seam.breakpoints import (
    Finding,
    bisector,
    end_point,
    face_end,
    fit_face,
    fit_stretch,
    supports,
)
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.lines import Line, intersection
from weld_cell.seam.segmentation import Stretch, line_costs
from weld_cell.seam.settings import SeamSettings

_MM = 1e-3


def find_lap(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a lap joint: the foot of the upper plate's edge on the lower plate.

    The edge face stands perpendicular to the upper plate; it is seen, hidden or in shadow as the sensor leans,
    so the foot is taken from the edge's top, which is always seen. Break points: top and foot of the edge.

    Raises:
        SeamError: no two parallel plates with a step between them.
    """
    pair = _parallel_pair(section, stretches, settings, settings.min_step_mm, settings.max_step_mm)
    if pair is None:
        raise _refused(
            f'no step of {settings.min_step_mm:g} to {settings.max_step_mm:g} mm between two plates', stretches)
    left, right = fit_stretch(section, pair[0], settings), fit_stretch(section, pair[1], settings)
    boundary = float(section.y[pair[0].last])
    if left.at(boundary) > right.at(boundary):
        upper, lower, end = left, right, face_end(section, left, pair[0].last, settings, +1)
        top = end_point(section, upper, end, +1)
    else:
        upper, lower, end = right, left, face_end(section, right, pair[1].first, settings, -1)
        top = end_point(section, upper, end, -1)
    foot = intersection(_across(upper, top), lower)
    breaks = np.array(sorted([top, foot], key=lambda point: point[0]))
    height = float(np.linalg.norm(top - foot))
    return Finding(foot, breaks, bisector(left, right), 0.0, height if upper is right else -height)


def _across(line: Line, point: np.ndarray) -> Line:
    """The line through a point perpendicular to another line."""
    slope = -1.0 / line.slope if abs(line.slope) > 1e-9 else 1e9
    return Line(slope, float(point[1] - slope * point[0]))


def find_butt(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a butt joint: the middle of the gap at the mean height of both surfaces.

    Break points: the ends of the left and of the right plate.

    Raises:
        SeamError: no gap between two plates.
    """
    left, right, before, after = _interruption(section, stretches, settings, settings.max_gap_mm)
    ends = np.array([end_point(section, left, before, +1), end_point(section, right, after, -1)])
    gap = float(np.linalg.norm(ends[1] - ends[0]))
    if gap < settings.min_gap_mm * _MM:
        raise _refused(f'no root gap wider than {settings.min_gap_mm:g} mm', stretches)
    middle = float(ends[:, 0].mean())
    seam = np.array([middle, 0.5 * (left.at(middle) + right.at(middle))])
    return Finding(seam, ends, bisector(left, right), gap, _mismatch(left, right, middle))


def find_splice(section: CrossSection, stretches: list[Stretch], settings: SeamSettings) -> Finding:
    """The seam point of a splice joint: the bottom of the notch, where the lines of both chamfers meet.

    Break points: upper end of the left chamfer, bottom, upper end of the right chamfer.

    Raises:
        SeamError: no notch between two plates.
    """
    left, right, before, after = _interruption(section, stretches, settings, settings.max_notch_mm)
    falling, rising = _chamfers(section, before + 1, after)
    if not falling.slope < left.slope - 0.3 or not rising.slope > right.slope + 0.3:
        raise _refused('no notch with two chamfers between two plates', stretches)
    bottom = intersection(falling, rising)
    breaks = np.array([intersection(left, falling), bottom, intersection(right, rising)])
    return Finding(bottom, breaks, bisector(left, right), 0.0, _mismatch(left, right, float(bottom[0])))


def _chamfers(section: CrossSection, first: int, stop: int) -> tuple[Line, Line]:
    """The two lines that best divide the points of a notch."""
    if stop - first < 4:
        raise SeamError(
            f'The notch shows in {max(stop - first, 0)} rows; 4 are needed for its two chamfers.',
            'Check the joint type; a closed joint without chamfers cannot be seen by a laser line.')
    errors, slopes, heights = line_costs(section.y[first:stop], section.z[first:stop])
    last = len(errors) - 1
    split = int(np.argmin(errors[1:last - 1, 0] + errors[last, 2:last])) + 2
    return (Line(float(slopes[split - 1, 0]), float(heights[split - 1, 0])),
            Line(float(slopes[last, split]), float(heights[last, split])))


def _mismatch(left: Line, right: Line, y: float) -> float:
    """Height of the right surface over the left one along their common normal, metres."""
    return (right.at(y) - left.at(y)) * float(np.cos(0.5 * (left.angle + right.angle)))


def _interruption(section: CrossSection, stretches: list[Stretch], settings: SeamSettings, widest_mm: float,
                  ) -> tuple[Line, Line, int, int]:
    """Two plates and where they are interrupted: (left, right, last point of left, first point of right)."""
    pair = _parallel_pair(section, stretches, settings, 0.0, settings.max_mismatch_mm)
    if pair is None:  # plates flush enough to be one straight stretch
        pair = 2 * (max(stretches, key=lambda s: s.width),)
    left, right = fit_stretch(section, pair[0], settings), fit_stretch(section, pair[1], settings)
    before, after = _widest_run(section, left, right, pair, settings)
    width = section.y[after] - section.y[before] - section.row_pitch
    if not 0 < width <= widest_mm * _MM:
        raise _refused(f'an interruption of {width / _MM:.1f} mm, not of 0 to {widest_mm:g} mm', stretches)
    left = fit_face(section, left, pair[0].first, before, settings)
    right = fit_face(section, right, after, pair[1].last, settings)
    return left, right, before, after


def _widest_run(section: CrossSection, left: Line, right: Line, pair: tuple[Stretch, Stretch],
                settings: SeamSettings) -> tuple[int, int]:
    """The points on both sides of the widest run of rows that belong to neither plate."""
    reach = 2 * settings.group_rows
    flush = pair[0] is pair[1]
    first = pair[0].first + reach if flush else max(pair[0].last - reach, 0)
    last = pair[1].last - reach if flush else min(pair[1].first + reach, len(section.y) - 1)
    rows = slice(first, last + 1)
    lies_on = supports(section, left, rows, settings) | supports(section, right, rows, settings)
    on = first + np.flatnonzero(lies_on)
    if len(on) < 2:
        raise SeamError('Neither plate shows beside the seam.', 'Bring more of the plates into the field of view.')
    widest = int(np.argmax(np.diff(section.rows[on])))
    return int(on[widest]), int(on[widest + 1])


def _parallel_pair(section: CrossSection, stretches: list[Stretch], settings: SeamSettings,
                   least_step_mm: float, most_step_mm: float) -> tuple[Stretch, Stretch] | None:
    """The widest two parallel stretches with a step between them within limits; None if there are none."""
    wide = [s for s in stretches if s.width >= settings.min_plate_mm * _MM]
    pairs = []
    for i, left in enumerate(wide):
        for right in wide[i + 1:]:
            middle = 0.5 * float(section.y[left.last] + section.y[right.first])
            step = abs(_mismatch(left.line, right.line, middle))
            parallel = abs(left.line.angle - right.line.angle) <= np.radians(settings.parallel_deg)
            if parallel and least_step_mm * _MM <= step <= most_step_mm * _MM:
                pairs.append((left, right))
    return max(pairs, key=lambda pair: pair[0].width + pair[1].width, default=None)


def _refused(missing: str, stretches: list[Stretch]) -> SeamError:
    seen = ', '.join(f'{s.width / _MM:.1f} mm at {np.degrees(s.line.angle):.0f} deg' for s in stretches)
    return SeamError(
        f'The profile shows {missing}; its straight stretches are {seen}.',
        'Check the joint type, and that both plates are in the field of view.')
