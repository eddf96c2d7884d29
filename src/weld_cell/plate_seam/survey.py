"""All seams of one image, in order and without duplicates, and refusals with their reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from weld_cell.errors import PlateSeamAbsentError, PlateSeamError
from weld_cell.geometry.boxes import overlaps
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.plate_seam.measure import measure_seam
from weld_cell.plate_seam.refusals import refuse_fragment, refuse_rival
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.trace import Candidate, candidates, clipped_box, trace_edge, trace_gap, trace_paper
from weld_cell.records import FloatArray, ImageArray, PlateSeam

_BOX_MARGIN_PX = 12.0
_SAME_PX = 4.0
_SURE_CLAIM = 0.4  # of a seam on a box, from which a line with less than a part of its support is no rival
_RIVAL_SUPPORT = 0.5
_SHARE_OF_ONE, _SHARE_OF_MANY = (
    0.3,
    0.15,
)  # support of a line over that of the first, where one is looked for, or many


@dataclass(frozen=True, eq=False)
class Survey:
    """What is found in one image.

    Attributes:
        seams: By their middles from left to right in the image, those above each other from top to bottom.
        refusals: Of the regions without a seam that is certain enough, in the regions' order.
        refused: Numbers of these regions, from 0.
    """

    seams: tuple[PlateSeam, ...]
    refusals: tuple[PlateSeamError, ...]
    refused: tuple[int, ...]


def find_seam(grey: ImageArray, box_xyxy: FloatArray, plane: WorkPlane, settings: PlateSeamSettings) -> PlateSeam:
    """The seam in a region of an image, measured on the work plane.

    It begins in the region; how long it is says the image.

    Args:
        grey: (h, w) uint8.
        box_xyxy: (4,) left, top, right, bottom in pixels.
        plane: The upper side of the plates.
        settings: Method and limits.

    Raises:
        ValueError: the box is none, or lies outside the image.
        PlateSeamAbsentError: no seam is seen.
        PlateSeamAmbiguousError: two could be it.
        PlateSeamDoubtfulError: one is seen, but not certainly enough.
        CalibrationError: the camera does not see the plane there.
    """
    box = clipped_box(box_xyxy, grey.shape)
    if settings.method == 'paper':
        return measure_seam(trace_paper(grey, box, settings), plane, settings)
    seams, refusals = _measured(grey, box, plane, settings, one=True)
    if not seams:
        raise refusals[0]
    claims = [_claim(seam, np.array(box, float)) for seam in seams]
    best = int(np.argmax(claims))
    share = max((claim / claims[best] for n, claim in enumerate(claims) if n != best), default=0.0)
    refuse_rival(share, settings)
    return seams[best]


def find_all_seams(grey: ImageArray, plane: WorkPlane, settings: PlateSeamSettings) -> Survey:
    """All seams of an image of which no regions are known.

    Args:
        grey: (h, w) uint8.
        plane: The upper side of the plates.
        settings: Limits; the method "paper" finds one at most.

    Raises:
        CalibrationError: the camera does not see the plane there.
    """
    whole = np.array([0.0, 0.0, grey.shape[1], grey.shape[0]])
    if settings.method == 'paper':
        return find_seams(grey, whole[None], plane, settings)
    seams, refusals = _measured(grey, clipped_box(whole, grey.shape), plane, settings, one=False)
    if not seams:
        return Survey((), tuple(refusals[:1]), (0,))
    return Survey(tuple(sorted(seams, key=_place)), (), ())


def find_seams(
    grey: ImageArray, boxes_xyxy: FloatArray, plane: WorkPlane, settings: PlateSeamSettings, about: bool = False
) -> Survey:
    """The seams of an image in regions, one in each.

    Args:
        grey: (h, w) uint8.
        boxes_xyxy: (n, 4) regions in pixels, n from 0.
        plane: The upper side of the plates.
        settings: Method and limits.
        about: Whether each region lies closely about a whole seam: a line that does not fill it is none.

    Raises:
        ValueError: a box is none, or lies outside the image.
        CalibrationError: the camera does not see the plane there.
    """
    seams: list[PlateSeam] = []
    refusals: dict[int, PlateSeamError] = {}
    for number, box in enumerate(boxes_xyxy):
        try:
            seam = find_seam(grey, box, plane, settings)
            if about:
                refuse_fragment(seam, box, settings)
            seams.append(seam)
        except PlateSeamError as error:
            refusals[number] = error
    distinct = sorted(_distinct(seams, settings.same_seam_mm), key=_place)
    return Survey(tuple(distinct), tuple(refusals.values()), tuple(refusals))


def _measured(
    grey: ImageArray, box: tuple[int, int, int, int], plane: WorkPlane, settings: PlateSeamSettings, one: bool
) -> tuple[list[PlateSeam], list[PlateSeamError]]:
    """All distinct seams that begin in a box, and why the other lines are none; one of both is not empty.

    Where one is looked for, lines are left out that could not be meant beside the one that was found.
    """
    if settings.kind == 'auto':
        seams, refusals = _measured(grey, box, plane, replace(settings, kind='butt'), one)
        return (seams, refusals) if seams else _measured(grey, box, plane, replace(settings, kind='lap'), one)
    lap = settings.kind == 'lap'
    trace = trace_edge if lap else trace_gap
    seams, refusals, needed = [], [], 0.0
    for candidate in candidates(grey, box, settings, lap, _SHARE_OF_ONE if one else _SHARE_OF_MANY):
        if candidate.support < needed:
            break
        if any(_runs_along(candidate, seam) for seam in seams):
            continue
        try:
            seams.append(measure_seam(trace(grey, candidate, settings), plane, settings))
        except PlateSeamError as error:
            refusals.append(error)
            continue
        if one and _claim(seams[-1], np.array(box, float)) >= _SURE_CLAIM:
            needed = max(needed, _RIVAL_SUPPORT * candidate.support)
    if not seams and not refusals:
        refusals.append(
            PlateSeamAbsentError('No line in the region.', 'Check that the region shows the seam, and the light.')
        )
    return _distinct(seams, settings.same_seam_mm), refusals


def _runs_along(candidate: Candidate, seam: PlateSeam) -> bool:
    """Whether a candidate's middle part is a seam that was found already."""
    course = candidate.course
    middle = course.points(np.linspace(-0.6, 0.6, 7) * course.half)
    away = np.linalg.norm(middle[:, None] - seam.path_px[None], axis=2).min(axis=1)
    return bool(np.median(away) <= _SAME_PX)


def _claim(seam: PlateSeam, box: FloatArray) -> float:
    """How well a seam is what a box means: how certain it is, and how well it fills the box."""
    around = np.concatenate([seam.path_px.min(axis=0) - _BOX_MARGIN_PX, seam.path_px.max(axis=0) + _BOX_MARGIN_PX])
    return float(seam.confidence * overlaps(around, box[None])[0])


def _distinct(seams: Sequence[PlateSeam], apart_mm: float) -> list[PlateSeam]:
    """Of seams that run along each other, the one for which most speaks."""
    kept: list[PlateSeam] = []
    for seam in sorted(seams, key=lambda s: -s.confidence * s.length_mm):
        if all(_apart_mm(seam, other) > apart_mm for other in kept):
            kept.append(seam)
    return kept


def _apart_mm(seam: PlateSeam, other: PlateSeam) -> float:
    """Median distance of the shorter one's points to the nearest of the other's."""
    short, long = sorted((seam.path_m, other.path_m), key=len)
    return 1e3 * float(np.median(np.linalg.norm(short[:, None] - long[None], axis=2).min(axis=1)))


def _place(seam: PlateSeam) -> tuple[float, float]:
    u, v = seam.path_px[len(seam.path_px) // 2]
    return float(u), float(v)
