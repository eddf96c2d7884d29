"""From readings in pixels to the seam on the work plane: its path, length, straightness and gap, in mm."""

import numpy as np
from scipy.ndimage import median_filter

from weld_cell.errors import PlateSeamAbsentError
from weld_cell.geometry.transforms import transform_points
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.plate_seam.fit import Curve, fit_curve
from weld_cell.plate_seam.profiles import ALONG_PX
from weld_cell.plate_seam.refusals import refuse_doubtful
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
        PlateSeamAbsentError: the readings do not form a seam.
        PlateSeamDoubtfulError: they do, but not certainly enough.
        CalibrationError: the camera does not see the plane there.
    """
    points = 1e3 * plane.points(trace.centres_px)
    seen = trace.seen.copy()
    fitted = fit_curve(
        points[seen], settings.max_degree, settings.outlier_sigma, settings.noise_floor_mm, len(ALONG_PX)
    )
    on_curve = seen.copy()
    on_curve[seen] = fitted.on_curve
    places = fitted.curve.places(points)
    first, last = _ends(places, on_curve, settings)
    first, last = _to_the_plates_ends(places, trace.on_plates, first, last, settings.max_end_mm)
    inside = (places >= first) & (places <= last)
    x, length = _even_places(fitted.curve, first, last, settings.spacing_mm)
    path_mm = fitted.curve.points(x)
    seam = PlateSeam(
        path_m=transform_points(plane.T_base_plane, np.column_stack([1e-3 * path_mm, np.zeros(len(x))])),
        path_px=plane.pixels(1e-3 * path_mm),
        gap_mm=_gaps(trace, plane, fitted.curve, on_curve & inside, x),
        degree=fitted.curve.degree,
        length_mm=length,
        straightness_mm=straightness(path_mm),
        seen_share=float(seen[inside].mean()),
        scatter_mm=fitted.scatter,
        confidence=float(on_curve[inside].mean()),
    )
    refuse_doubtful(seam, float(np.diff(np.sort(places[on_curve & inside])).max()), settings)
    return _from_left_or_top(seam)


def straightness(path_mm: FloatArray) -> float:
    """Width of the strip about the least-squares line of points (n, 2) that holds them all."""
    away = path_mm - path_mm.mean(axis=0)
    across = np.linalg.svd(away, full_matrices=False)[2][1]
    return float(np.ptp(away @ across))


def _ends(places: FloatArray, on_curve: BoolArray, settings: PlateSeamSettings) -> tuple[float, float]:
    """Places of the seam's ends: the longest row of readings without too long a break, its ragged ends cut off."""
    order = np.argsort(places, kind='stable')
    dense = [_dense(on_curve[numbers]) for numbers in (order, order[::-1])]
    kept = places[order[dense[0] & dense[1][::-1] & on_curve[order]]]
    rows = np.split(kept, np.flatnonzero(np.diff(kept) > settings.max_unseen_mm) + 1)
    row = max(rows, key=len)
    if len(row) < LEAST_READINGS or row[-1] - row[0] < settings.min_length_mm:
        raise PlateSeamAbsentError(
            f'No seam of {settings.min_length_mm} mm in the region: {len(row)} readings form the longest row.',
            'Check that the region shows the seam, and the light.',
        )
    return float(row[0]), float(row[-1])


def _to_the_plates_ends(
    places: FloatArray, on_plates: BoolArray, first: float, last: float, most_mm: float
) -> tuple[float, float]:
    """A seam goes on, where it is no longer seen, as far as there are plates on both sides, but not too far."""
    before = places[(places < first) & ~on_plates].max(initial=-np.inf)
    after = places[(places > last) & ~on_plates].min(initial=np.inf)
    inside = places[(places > before) & (places < after)]
    return max(first - most_mm, float(inside.min())), min(last + most_mm, float(inside.max()))


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
    return PlateSeam(
        **{
            **vars(seam),
            'path_m': seam.path_m[::-1],
            'path_px': seam.path_px[::-1],
            'gap_mm': seam.gap_mm[::-1],
        }
    )
