"""A path's ends, prolonged to where both sides of the joint are last seen.

The laser plane is seldom square to the seam. At an end of the plates it leaves one side of the joint before the
other, and a deep groove's plates before its root: such images show a part of the cross-section, in which no rule
finds a seam point. But each of their points tells that its surface is still there. Where points beyond an end lie on
the cross-section that is seen before it, on both sides of the seam, the joint goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial import cKDTree
from scipy.stats import siegelslopes

from weld_cell.errors import SeamPathError
from weld_cell.geometry.transforms import unit
from weld_cell.records import FloatArray, SeamPath
from weld_cell.seam.ends import Profile, told_unread

_MOST_M = 10e-3  # a path is not prolonged further
_LEAST_M = 0.1e-3  # less is not worth it
_INSIDE_M, _BEYOND_M = 12e-3, 30e-3  # of an end: what is looked at
_WHOLE_M = 1e-3  # so far inside of it the cross-section is whole
_STRIPS_M = np.arange(0.5e-3, 21e-3, 1e-3)  # beside the seam, on either side: bounds of the strips that are looked at
_HIGH_M = 30e-3  # over and under the seam
_NEAR_M = 0.3e-3  # in the cross-section: points of one surface
_WITNESSES = 4  # of the surface for each point
_STRIP_POINTS = 6  # fewer show no surface
_LEAST_STRIPS = 5
_SQUARE_M = 1e-3  # half of the strips end within so much: it comes of images that lie apart
_HOLE_M = 5e-3  # beyond a longer one a strip shows something else, or a single image is misread
_BEND_M = 12e-3  # by this last stretch of a path it is prolonged


@dataclass(frozen=True, eq=False)
class _End:
    """An end of a path, and how it would go on.

    Attributes:
        place_m: (3,) in base_link.
        axes: (3, 3) columns: unit vectors outwards along the path, beside it, out of the joint.
        bend: (2, 2) how far beside and above the first axis it runs: per distance, and per distance squared.
    """

    place_m: FloatArray
    axes: FloatArray
    bend: FloatArray

    def off_axis(self, along: FloatArray) -> FloatArray:
        """(n, 2) beside and above the first axis at distances (n,), metres."""
        off: FloatArray = np.column_stack([along, along**2]) @ self.bend
        return off

    def ahead(self, along: FloatArray) -> FloatArray:
        """(n, 3) positions in base_link at distances (n,) beyond the end."""
        positions: FloatArray = self.place_m + np.column_stack([along, self.off_axis(along)]) @ self.axes.T
        return positions


def prolonged(path: SeamPath, profiles: Sequence[Profile]) -> SeamPath:
    """The path to where both sides of the joint are last seen.

    Args:
        path: In the order of scanning.
        profiles: Of the scan, with those in which no seam point was found.

    Raises:
        SeamPathError: that is further from an end of the path than it is prolonged.
    """
    if not profiles:
        return path
    points_m = np.concatenate([of_image for _, of_image in profiles])
    start = _end(path.positions_m[::-1], -path.tangents[0], path.normals[0])
    end = _end(path.positions_m, path.tangents[-1], path.normals[-1])
    before_m, after_m = (_seen_m(name, each, points_m) for name, each in (('start', start), ('end', end)))
    if max(before_m, after_m) < _LEAST_M:
        return path
    before, after = (_steps(seen_m, path.spacing_m) for seen_m in (before_m, after_m))
    return _resampled(path, start.ahead(before)[::-1], end.ahead(after))


def _end(positions_m: FloatArray, outwards: FloatArray, normal: FloatArray) -> _End:
    """The last one of some positions (n, 3)."""
    axes = np.column_stack([outwards, np.cross(normal, outwards), normal])
    along, *off = ((positions_m - positions_m[-1]) @ axes).T
    last = along > -_BEND_M
    terms = np.column_stack([along, along**2])[last]
    return _End(positions_m[-1], axes, np.linalg.lstsq(terms, np.column_stack(off)[last], rcond=None)[0])


def _seen_m(name: str, end: _End, points_m: FloatArray) -> float:
    """How far beyond an end of the path both sides of the joint are seen in points (n, 3) of the profiles."""
    along, *off = ((points_m - end.place_m) @ end.axes).T
    near = (along > -_INSIDE_M) & (along < _BEYOND_M)
    along = along[near]
    section = np.column_stack(off)[near] - end.off_axis(along)  # beside and above the path
    near = (np.abs(section[:, 0]) < _STRIPS_M[-1]) & (np.abs(section[:, 1]) < _HIGH_M)
    along, section = along[near], section[near]
    inside = along < -_WHOLE_M
    if np.count_nonzero(inside) < _WITNESSES:
        return 0.0
    apart = np.asarray(cKDTree(section[inside]).query(section, _WITNESSES)[0])[:, -1]
    same = apart < _NEAR_M
    seen_m = min(_side_m(along[same], side * section[same, 0]) for side in (-1.0, 1.0))
    if seen_m > _MOST_M:
        raise SeamPathError(*told_unread(name, 1e3 * seen_m, 1e3 * _MOST_M))
    return max(seen_m, 0.0)


def _side_m(along: FloatArray, beside: FloatArray) -> float:
    """How far one side of the joint is seen at the seam, by points (n,) on its surfaces.

    Strips end where most of them do: a shadow hides some, and a backing goes on alone. Of plates that are not cut
    square to the seam the ends lie on a line (Siegel, Robust regression using repeated medians, 1982).
    """
    strips = np.digitize(beside, _STRIPS_M)
    lasts = [
        (_STRIPS_M[strip], _last_m(np.sort(along[strips == strip])))
        for strip in range(1, len(_STRIPS_M))
        if np.count_nonzero(along[strips == strip] < -_WHOLE_M) >= _STRIP_POINTS
    ]
    if len(lasts) < _LEAST_STRIPS:
        return 0.0
    places, ends = np.array(lasts).T
    square = np.median(np.abs(ends - np.median(ends))) < _SQUARE_M
    return float(np.median(ends) if square else siegelslopes(ends, places).intercept)


def _last_m(along: FloatArray) -> float:
    """The last of some ascending places (n,) before a hole."""
    return float(along[: 1 + int(np.argmax(np.diff(along, append=np.inf) > _HOLE_M))][-1])


def _steps(length_m: float, spacing_m: float) -> FloatArray:
    """(n,) distances up to a length, about evenly spaced; none for a length of 0."""
    count = int(np.ceil(length_m / spacing_m))
    return np.linspace(0.0, length_m, count + 1)[1:]


def _resampled(path: SeamPath, before: FloatArray, after: FloatArray) -> SeamPath:
    """The path with positions (n, 3) before its start and after its end, evenly spaced again."""
    line = np.concatenate([before, path.positions_m, after])
    places = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    curve = CubicSpline(places, line)
    count = max(round(places[-1] / path.spacing_m), 1)
    at = np.linspace(0.0, places[-1], count + 1)
    tangents = unit(curve(at, 1))
    of_path = places[len(before) : len(before) + len(path.positions_m)]
    normals = np.column_stack([np.interp(at, of_path, path.normals[:, k]) for k in range(3)])
    normals = unit(normals - np.sum(normals * tangents, axis=1, keepdims=True) * tangents)
    length_m = float(places[-1])
    return replace(
        path, positions_m=curve(at), tangents=tangents, normals=normals, spacing_m=length_m / count, length_m=length_m
    )
