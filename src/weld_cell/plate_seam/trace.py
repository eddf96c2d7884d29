"""From an image region to measurements along each candidate line, in pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import PlateSeamAbsentError
from weld_cell.plate_seam.denoise import denoise
from weld_cell.plate_seam.edges import edge_map
from weld_cell.plate_seam.evidence import LEVEL_GAP_PX, levels, line_evidence
from weld_cell.plate_seam.fit import Curve, fit_curve
from weld_cell.plate_seam.follow import follow_lines
from weld_cell.plate_seam.gap_fit import GapReadings, blur_and_share, read_gaps
from weld_cell.plate_seam.lap_fit import read_edges
from weld_cell.plate_seam.lines import hough_segments, segment_points
from weld_cell.plate_seam.profiles import ALONG, Profiles, take_profiles
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import BoolArray, FloatArray, ImageArray

LEAST_READINGS = 12
_COARSE_FLOOR_PX = 0.7  # of followed lines, which are whole pixels
_FINE_FLOOR_PX = 0.15
_PAD_SHARE, _PAD_PX = 0.15, 24  # how far beyond the region a seam is followed
_BEYOND_PX = 60  # beyond a line's ends, where it is looked whether it goes on
_OUTSIDE_PX = 8.0  # of the image, up to which there are stations
_COARSE_DEGREE = 5
_HIDDEN_PX, _LEAST_PX = 110.0, 24.0
_CANDIDATES = 6
_GAP_APART_PX, _EDGE_APART_PX, _SHARED = 2.5, 8.0, 0.6
_EDGE_REACH_PX, _EDGE_BESIDE_PX = 14.0, 5.0
_LEAST_SEEN_SHARE = 0.25
_COARSE_STATIONS, _MOST_STEP = 100, 4  # so many readings along a candidate, every so many pixels, come first
_BLURRED = 1.5  # over the usual blur, from which all is read again
_LOOK = 'Check that the region shows the seam, and the light.'


@dataclass(frozen=True, eq=False)
class Candidate:
    """A line that could be the seam.

    Attributes:
        course: In pixels, about.
        most_gap_px: Widest gap that it could be.
        support: How much speaks for it.
    """

    course: Curve
    most_gap_px: float
    support: float


@dataclass(frozen=True, eq=False)
class Trace:
    """Readings along a line at n stations a pixel apart, and a little beyond its ends.

    Attributes:
        centres_px: (n, 2) u, v of the seam.
        left_px: (n, 2) of the gap's edge on one side; where it is not seen, the station itself, as the other two.
        right_px: (n, 2) on the other side.
        depth: (n,) how much darker the gap is than the plates, as a part of them.
        contrast: (n,) the same over the scatter about it.
        seen: (n,) whether the seam is seen there.
        left_light: (n,) brightness beside the line on one side.
        right_light: (n,) on the other.
        in_image: (n,) whether the station lies in the image.
    """

    centres_px: FloatArray
    left_px: FloatArray
    right_px: FloatArray
    depth: FloatArray
    contrast: FloatArray
    seen: BoolArray
    left_light: FloatArray
    right_light: FloatArray
    in_image: BoolArray


def clipped_box(box_xyxy: FloatArray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a box in whole pixels within an image (h, w).

    Raises:
        ValueError: not four finite numbers, or less than 8 x 8 pixels lie in the image.
    """
    box = np.asarray(box_xyxy, dtype=float)
    if box.shape != (4,) or not np.isfinite(box).all():
        raise ValueError(f'expected a box of 4 finite numbers, got {box_xyxy}')
    left, top = np.clip(np.floor(box[:2]), 0, shape[1::-1]).astype(int).tolist()
    right, bottom = np.clip(np.ceil(box[2:]), 0, shape[1::-1]).astype(int).tolist()
    if right - left < 8 or bottom - top < 8:
        raise ValueError(f'expected a box of 8 x 8 px at least in an image of {shape[1::-1]}, got {box.tolist()}')
    return left, top, right, bottom


def candidates(
    grey: ImageArray, box: tuple[int, int, int, int], settings: PlateSeamSettings, lap: bool, least_share: float
) -> Iterator[Candidate]:
    """Lines that begin in a region and could be its seam, those for which most speaks first.

    Args:
        grey: (h, w) uint8.
        box: Left, top, right and bottom of the region.
        settings: Widths that are looked for.
        lap: Whether the edges of laps count.
        least_share: Least support, as a part of the first one's.
    """
    left, top, right, bottom = padded_box(box, grey.shape)
    region = grey[top:bottom, left:right]
    found = []
    for factor in levels(region.shape, settings.max_gap_px)[: 1 if lap else None]:
        evidence = line_evidence(region, factor, lap)
        seeds = np.zeros(evidence.strength.shape, bool)
        rows = slice((box[1] - top) // factor, -(-(box[3] - top) // factor))
        seeds[rows, (box[0] - left) // factor : -(-(box[2] - left) // factor)] = True
        lines = follow_lines(evidence, seeds, 3 * _CANDIDATES if lap else _CANDIDATES, _HIDDEN_PX, _LEAST_PX)
        found += [(line, factor) for line in lines]
    found.sort(key=lambda line_and_factor: -line_and_factor[0].support)
    apart = _EDGE_APART_PX if lap else _GAP_APART_PX
    kept: list[Curve] = []
    for line, factor in found:
        if line.support < least_share * found[0][0].support:
            return
        course = _course(line.points + [left, top], _COARSE_FLOOR_PX * factor)
        if all(_apart_px(course, better) > apart for better in kept):
            kept.append(course)
            yield Candidate(course, min(1.25 * LEVEL_GAP_PX * factor, settings.max_gap_px), line.support)


def _apart_px(course: Curve, other: Curve) -> float:
    """Median distance of a course from another one, where both run; infinite where they hardly do."""
    points = course.points(np.linspace(-0.95, 0.95, 39) * course.half)
    places = other.places(points)
    beside = np.abs(places) <= other.half
    if beside.mean() < _SHARED:
        return np.inf
    return float(np.median(np.abs(other.offsets(points[beside]))))


def padded_box(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The box and what lies about it in the image."""
    left, top, right, bottom = box
    wide, high = (int(_PAD_SHARE * side) + _PAD_PX for side in (right - left, bottom - top))
    return max(left - wide, 0), max(top - high, 0), min(right + wide, shape[1]), min(bottom + high, shape[0])


def trace_gap(grey: ImageArray, candidate: Candidate, settings: PlateSeamSettings) -> Trace:
    """Read the gap along a candidate: coarsely first, then along what that has shown.

    Raises:
        PlateSeamAbsentError: a gap is seen at too few places.
    """
    most, course = candidate.most_gap_px, candidate.course
    step = int(np.clip(2.0 * course.half / _COARSE_STATIONS, 1, _MOST_STEP))
    profiles = _profiles(grey, course, most + 6.0 * settings.blur_px + 6.0, step)
    readings = read_gaps(profiles, most, settings.blur_px, settings.dark_share)
    blur, share = blur_and_share(profiles, readings, readings.deep(most, settings), settings)
    if blur > _BLURRED * settings.blur_px:
        readings = read_gaps(profiles, most, blur, share)
        blur, share = blur_and_share(profiles, readings, readings.deep(most, settings), settings)
    seen = readings.seen(most, settings)
    _refuse_few(seen, course, step)
    points = profiles.stations_px + readings.offset_px[:, None] * profiles.normals
    width = float(np.median(readings.width_px[seen]))
    course = _course(points[seen], _FINE_FLOOR_PX, settings.max_degree, step)
    profiles = _profiles(grey, course, 0.5 * width + 4.0 * blur + 8.0)
    readings = read_gaps(profiles, most, blur, share, width)
    seen = readings.seen(most, settings)
    _refuse_few(seen, course)
    return _as_trace(profiles, readings, seen)


def trace_edge(grey: ImageArray, candidate: Candidate, settings: PlateSeamSettings) -> Trace:
    """Read the edge of a lap along a candidate, coarsely first; its gap has no width.

    Raises:
        PlateSeamAbsentError: an edge is seen at too few places.
    """
    course = candidate.course
    for _ in range(2):
        profiles = _profiles(grey, course, _EDGE_REACH_PX)
        readings = read_edges(profiles, settings)
        seen = readings.seen(settings)
        _refuse_few(seen, course)
        points = profiles.stations_px + readings.offset_px[:, None] * profiles.normals
        course = _course(points[seen], _FINE_FLOOR_PX, settings.max_degree)
    seen = seen & profiles.in_image
    centre = profiles.stations_px + (seen * readings.offset_px)[:, None] * profiles.normals
    lights = profiles.sides(-_EDGE_BESIDE_PX, _EDGE_BESIDE_PX)
    return Trace(centre, centre, centre, readings.depth, readings.contrast, seen, *lights, profiles.in_image)


def trace_paper(grey: ImageArray, box: tuple[int, int, int, int], settings: PlateSeamSettings) -> Trace:
    """The paper's own chain: a curve through the Hough transform's segments is the seam; its gap as it is read there.

    Raises:
        PlateSeamAbsentError: no segment is found.
    """
    left, top, right, bottom = box
    region = denoise(grey, settings.denoise, settings.denoise_px)[top:bottom, left:right]
    points = segment_points(hough_segments(edge_map(region, settings.operator), settings)) + [left, top]
    course = fit_curve(points, settings.max_degree, settings.outlier_sigma, _COARSE_FLOOR_PX, ALONG).curve
    profiles = _profiles(grey, course, settings.max_gap_px + 4.0 * settings.blur_px)
    readings = read_gaps(profiles, settings.max_gap_px, settings.blur_px, settings.dark_share)
    on_course = np.zeros_like(readings.offset_px)
    within = np.abs(course.places(profiles.stations_px)) <= course.half
    fixed = GapReadings(on_course, readings.width_px, readings.depth, readings.contrast, readings.blur_px, 0.0)
    return _as_trace(profiles, fixed, within)


def _as_trace(profiles: Profiles, readings: GapReadings, seen: BoolArray) -> Trace:
    seen = seen & profiles.in_image
    left, centre, right = (
        profiles.stations_px + (seen * (readings.offset_px + side * readings.width_px))[:, None] * profiles.normals
        for side in (0.5, 0.0, -0.5)
    )
    half = 0.5 * float(np.median(readings.width_px[seen])) + 2.0 * readings.blur_px
    lights = profiles.sides(-half, half)
    return Trace(centre, left, right, readings.depth, readings.contrast, seen, *lights, profiles.in_image)


def _course(points: FloatArray, floor_px: float, degree: int = _COARSE_DEGREE, step: int = 1) -> Curve:
    return fit_curve(points, degree, 4.0, floor_px, ALONG / step).curve


def _profiles(grey: ImageArray, course: Curve, reach_px: float, step: int = 1) -> Profiles:
    """Across a course and what lies beyond its ends, a profile every step pixels."""
    reach = course.half + _BEYOND_PX
    x = np.linspace(-reach, reach, int(2.0 * reach) + 1)
    stations = course.points(x)
    near = ((stations > -_OUTSIDE_PX) & (stations < np.array(grey.shape[::-1]) + _OUTSIDE_PX)).all(axis=1)
    return take_profiles(grey, stations[near], course.normals(x[near]), reach_px, step)


def _refuse_few(seen: BoolArray, course: Curve, step: int = 1) -> None:
    count = step * np.count_nonzero(seen)
    if count < max(LEAST_READINGS, _LEAST_SEEN_SHARE * 2.0 * course.half):
        raise PlateSeamAbsentError(
            f'No seam in the region: one is seen at {count} of {2.0 * course.half:.0f} places along a line.',
            _LOOK,
        )
