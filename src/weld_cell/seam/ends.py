"""Whether a path ends where the joint does, by the profiles beyond its ends.

A rule may refuse profiles that show the joint: the foot of an edge in a shadow, a corner under spatter. Inside the
path such a stretch is a hole; at an end of it nobody would notice. So profiles beyond an end are compared with those
before it: one that shows the same cross-section at the same place beside the path shows the joint.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import SeamPathError
from weld_cell.geometry.transforms import unit
from weld_cell.records import FloatArray, SeamPath, SeamPoint
from weld_cell.seam.prediction import predict_ahead
from weld_cell.seam.settings import PathSettings

Profile = tuple[int, FloatArray]
"""Stamp in ns and points (n, 3) in base_link, in the order of the rows."""
_KEPT_POINTS = 250
_INSIDE_M, _BEYOND_M = 12e-3, 40e-3  # profiles this far from the end are looked at
_FAR_M = 0.1  # along the path: a profile whose middle lies there does not cross it near its end
_OF_JOINT_M = 8e-3  # a profile that keeps further from the path shows the table
_STEP_M = 1e-3
_BESIDE_M = 1.5e-3, 10e-3  # of the seam: where the cross-sections are compared
_SAMPLES = 18  # on each side
_NEAR_M = 0.5e-3  # the same surface
_SAME_SHARE = 0.7  # of either side
_SIDEWAYS_M = np.array([0.0, -0.3e-3, 0.3e-3, -0.6e-3, 0.6e-3])  # a path foretold further aside is compared in vain
_REFERENCES_M = -1e-3, -4e-3, -7e-3, -10e-3  # from the end
_WITNESSES = 3  # profiles that must show the joint: a single one may look alike by chance


def thinned(points_m: FloatArray) -> FloatArray:
    """Of the points (n, 3) of a profile as many as are needed here."""
    return points_m[:: 1 + len(points_m) // _KEPT_POINTS]


@dataclass(frozen=True, eq=False)
class _Section:
    """A profile in the frame of the path's end: where along it, and (n,) beside and above it, metres."""

    along: float
    beside: FloatArray
    above: FloatArray


def require_ends(
    path: SeamPath, points: Sequence[SeamPoint], profiles: Sequence[Profile], settings: PathSettings
) -> None:
    """Refuse a path beyond whose ends profiles show the joint.

    Args:
        path: In the order of scanning.
        points: Of the scan.
        profiles: Of the scan, with those in which no seam point was found.
        settings: max_unread_mm, and those of the prediction, take part.

    Raises:
        SeamPathError: they do.
    """
    along = [SeamPoint(at, up, 0) for at, up in zip(path.positions_m, path.normals, strict=True)]
    stamps_ns = {point.stamp_ns for point in points}
    for end, outwards in (('start', along[::-1]), ('end', along)):
        unread_mm = 1e3 * _unread_m(outwards, stamps_ns, profiles, settings)
        if unread_mm > settings.max_unread_mm:
            raise SeamPathError(*told_unread(end, unread_mm, settings.max_unread_mm))


def told_unread(end: str, unread_mm: float, allowed_mm: float) -> tuple[str, str]:
    """Message and remedy for an end of the seam, `start` or `end`, beyond which the joint goes on."""
    return (
        f'The {end} of the seam is missing: the joint is seen {unread_mm:.1f} mm beyond the {_which(end)} seam point '
        f'on the path; {allowed_mm:g} mm are allowed.',
        'Look at seam/overlay and seam/status there for why points are refused: a shadow, spatter, over-exposure? '
        'Scan again.',
    )


def _which(end: str) -> str:
    return 'first' if end == 'start' else 'last'


def unread_m(points: Sequence[SeamPoint], profiles: Sequence[Profile], settings: PathSettings) -> float:
    """How far beyond the last of some seam points profiles show the joint, in metres; 0 where none does.

    Args:
        points: From within the path to the end in question.
        profiles: As of `require_ends`.
        settings: Those of the prediction take part.
    """
    return _unread_m(points, {point.stamp_ns for point in points}, profiles, settings)


def _unread_m(
    points: Sequence[SeamPoint], stamps_ns: Container[int], profiles: Sequence[Profile], settings: PathSettings
) -> float:
    """As `unread_m`, with the stamps of all images that show the seam."""
    try:
        places = np.arange(-_INSIDE_M, _BEYOND_M, _STEP_M)
        line, tangents, normals = predict_ahead(points, places, settings)
    except SeamPathError:  # too few points to tell
        return 0.0
    end = int(np.searchsorted(places, 0.0))
    sections = [
        (stamp_ns, section)
        for stamp_ns, points_m in profiles
        if (section := _section(points_m, places, line, tangents[end], normals[end], line[end])) is not None
    ]
    inside = [each for stamp_ns, each in sections if each.along <= 0.0 and stamp_ns in stamps_ns]
    beyond = [each for _, each in sections if each.along > 0.0]
    references = [min(inside, key=lambda each: abs(each.along - at)) for at in _REFERENCES_M] if inside else []
    seen = sorted(each.along for each in beyond if any(_same(each, reference) for reference in references))[::-1]
    return seen[_WITNESSES - 1] if len(seen) >= _WITNESSES else 0.0


def _section(
    points_m: FloatArray,
    places: FloatArray,
    line: FloatArray,
    tangent: FloatArray,
    normal: FloatArray,
    end_m: FloatArray,
) -> _Section | None:
    """A profile in the frame of the line (k, 3) at places (k,); None where it does not cross it there."""
    if not len(points_m) or abs(tangent @ (points_m[len(points_m) // 2] - end_m)) > _FAR_M:
        return None
    across = unit(np.cross(normal, tangent))
    axes = np.stack([tangent, across, np.cross(tangent, across)], axis=1)
    along, beside, above = ((points_m - end_m) @ axes).T
    near = np.abs(beside) < _BESIDE_M[1]
    if near.sum() < _SAMPLES:
        return None
    crossing = float(np.median(along[near]))
    if not places[0] <= crossing <= places[-1]:
        return None
    aside, lift = ((line - end_m) @ axes[:, 1:]).T
    beside, above = beside - np.interp(crossing, places, aside), above - np.interp(crossing, places, lift)
    if np.hypot(beside, above).min() > _OF_JOINT_M:
        return None
    order = np.argsort(beside)
    return _Section(crossing, beside[order], above[order])


def _same(section: _Section, other: _Section) -> bool:
    """Whether two profiles show the same surfaces on both sides of the seam."""
    places = np.linspace(*_BESIDE_M, _SAMPLES)
    return any(
        all(_share(section, other, side * places, shift) >= _SAME_SHARE for side in (-1.0, 1.0))
        for shift in _SIDEWAYS_M
    )


def _share(section: _Section, other: _Section, beside: FloatArray, shift: float) -> float:
    """Of places beside the seam the share at which both show something, at about the same height."""
    mine, its = _height(section, beside + shift), _height(other, beside)
    return float(np.mean(np.abs(mine - its) < _NEAR_M))  # NaN is not near


def _height(section: _Section, beside: FloatArray) -> FloatArray:
    """(k,) metres above the line; NaN where nothing is seen nearby."""
    after = np.clip(np.searchsorted(section.beside, beside), 1, len(section.beside) - 1)
    hole = section.beside[after] - section.beside[after - 1] > 2.0 * _NEAR_M
    outside = (beside < section.beside[0]) | (beside > section.beside[-1])
    heights = np.interp(beside, section.beside, section.above)
    return np.where(hole | outside, np.nan, heights)
