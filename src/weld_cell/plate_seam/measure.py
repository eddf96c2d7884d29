"""From pixels to the seam on the work plane: path, length, straightness and gap, in mm."""

from dataclasses import replace

import numpy as np
from scipy.ndimage import median_filter

from weld_cell.errors import PlateSeamAbsentError
from weld_cell.geometry.transforms import transform_points
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.plate_seam.ends import certainty, find_ends
from weld_cell.plate_seam.fit import Curve, Fitted, fit_curve
from weld_cell.plate_seam.profiles import ALONG
from weld_cell.plate_seam.refusals import confidence, refuse_doubtful, refuse_no_plates, refuse_wide
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.trace import LEAST_READINGS, Trace
from weld_cell.records import BoolArray, FloatArray, PlateSeam

_FINE = 20  # points to one of the path, from which its length is summed
_END_STATIONS = 11
_END_SHARE = 0.6  # of the stations from an end inwards must see the seam
_GAP_STATIONS = 31  # over which the median of the gap's width is taken
_RAGGED_STATIONS = 4  # at each end, whose profiles reach beyond the plates


def measure_seam(trace: Trace, plane: WorkPlane, settings: PlateSeamSettings) -> PlateSeam:
    """Fit the seam on the work plane and measure it there.

    Args:
        trace: Readings in pixels.
        plane: What the camera sees, the upper side of the plates; the lens is taken out of the pixels here.
        settings: Limits.

    Raises:
        PlateSeamAbsentError: the readings do not form a seam, or it does not lie between two plates.
        PlateSeamDoubtfulError: they do, but not certainly enough.
        CalibrationError: the camera does not see the plane there.
    """
    points = 1e3 * plane.points(trace.centres_px)
    fitted, on_curve = _fitted(points, trace.seen, settings)
    first, last, along = _well_seen(fitted.curve.places(points), on_curve, settings)
    places = np.maximum.accumulate(fitted.curve.places(points))
    ends = find_ends(trace, along, first, last, places, settings.max_end_mm)
    sure = 1.0 if settings.method == 'paper' else certainty(ends)
    refuse_no_plates(sure > 0.0)
    inside = np.zeros_like(along)
    inside[ends[0].station : ends[1].station + 1] = True
    fitted, along = _fitted(points, trace.seen & inside, settings)
    places = fitted.curve.places(points)
    first_mm, last_mm = np.interp([end.place for end in ends], np.arange(len(places)), places)
    x, length = _even_places(fitted.curve, first_mm, last_mm, settings.spacing_mm)
    path_mm = fitted.curve.points(x)
    seam = PlateSeam(
        path_m=transform_points(plane.T_base_plane, np.column_stack([1e-3 * path_mm, np.zeros(len(x))])),
        path_px=plane.pixels(1e-3 * path_mm),
        gap_mm=_gaps(trace, plane, fitted.curve, along, x),
        degree=fitted.curve.degree,
        length_mm=length,
        straightness_mm=straightness(path_mm),
        seen_share=float(trace.seen[inside].mean()),
        scatter_mm=fitted.scatter,
        contrast=float(np.median(trace.contrast[along])),
        confidence=float(along[inside].mean()),
        ends=(ends[0].kind, ends[1].kind),
    )
    refuse_wide(seam, settings)
    depth = float(np.median(trace.depth[along]))
    seam = replace(seam, confidence=sure * confidence(seam, depth, settings))
    refuse_doubtful(seam, float(np.diff(np.sort(places[along])).max()), settings)
    return _from_left_or_top(seam)


def straightness(path_mm: FloatArray) -> float:
    """Width of the strip about the least-squares line of points (n, 2) that holds them all."""
    away = path_mm - path_mm.mean(axis=0)
    across = np.linalg.svd(away, full_matrices=False)[2][1]
    return float(np.ptp(away @ across))


def _fitted(points: FloatArray, seen: BoolArray, settings: PlateSeamSettings) -> tuple[Fitted, BoolArray]:
    """The curve through what is seen, its x growing along the stations, and which of all stations lie on it."""
    fitted = fit_curve(points[seen], settings.max_degree, settings.outlier_sigma, settings.noise_floor_mm, ALONG)
    if (points[seen][-1] - points[seen][0]) @ fitted.curve.along < 0.0:
        fitted = replace(fitted, curve=fitted.curve.turned())
    on_curve = seen.copy()
    on_curve[seen] = fitted.on_curve
    return fitted, on_curve


def _well_seen(places: FloatArray, on_curve: BoolArray, settings: PlateSeamSettings) -> tuple[int, int, BoolArray]:
    """First and last station of the longest row of readings without too long a break, and which are its readings."""
    dense = _dense(on_curve) & _dense(on_curve[::-1])[::-1] & on_curve
    kept = np.flatnonzero(dense)
    rows = np.split(kept, np.flatnonzero(np.diff(places[kept]) > settings.max_unseen_mm) + 1)
    row = max(rows, key=len)
    if len(row) < LEAST_READINGS or places[row[-1]] - places[row[0]] < settings.min_length_mm:
        raise PlateSeamAbsentError(
            f'No seam of {settings.min_length_mm} mm in the region: {len(row)} readings form the longest row.',
            'Check that the region shows the seam, and the light.',
        )
    along = on_curve.copy()
    along[: row[0]] = along[row[-1] + 1 :] = False
    return int(row[0]), int(row[-1]), along


def _dense(good: BoolArray) -> BoolArray:
    """(n,) whether from a station onwards most are good, or have been: True from the first such station on."""
    ahead = np.convolve(np.concatenate([good, np.zeros(_END_STATIONS - 1)]), np.ones(_END_STATIONS), 'valid')
    starts: BoolArray = np.logical_or.accumulate(good & (ahead >= _END_SHARE * _END_STATIONS))
    return starts


def _even_places(curve: Curve, first: float, last: float, spacing_mm: float) -> tuple[FloatArray, float]:
    """Places x (n,) that divide the curve evenly by arc length, and its length in mm."""
    fine = np.linspace(first, last, _FINE * max(int(np.ceil((last - first) / spacing_mm)), 1) + 1)
    steps = np.linalg.norm(np.diff(curve.points(fine), axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(int(np.ceil(arc[-1] / spacing_mm)), 1) + 1
    return np.interp(np.linspace(0.0, arc[-1], count), arc, fine), float(arc[-1])


def _gaps(trace: Trace, plane: WorkPlane, curve: Curve, good: BoolArray, x: FloatArray) -> FloatArray:
    """(n,) width of the gap across the curve at places x."""
    left, right = (1e3 * plane.points(edge[good]) for edge in (trace.left_px, trace.right_px))
    places = curve.places(0.5 * (left + right))
    widths = np.abs(((left - right) * curve.normals(places)).sum(axis=1))
    order = np.argsort(places, kind='stable')[_RAGGED_STATIONS:-_RAGGED_STATIONS]
    smooth = median_filter(widths[order], size=_GAP_STATIONS, mode='nearest')
    return np.interp(x, places[order], smooth)


def _from_left_or_top(seam: PlateSeam) -> PlateSeam:
    """The seam so that it starts at the image's left, or at its top where it runs up and down."""
    chord = seam.path_px[-1] - seam.path_px[0]
    if chord[np.abs(chord).argmax()] > 0.0:
        return seam
    turned = {name: getattr(seam, name)[::-1] for name in ('path_m', 'path_px', 'gap_mm', 'ends')}
    return replace(seam, **turned)
