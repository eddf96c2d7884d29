"""From seam points to a seam path: ordered along the seam, without outliers, smoothed, evenly spaced.

Which points belong to the seam is decided by weld_cell.seam.consistency, the curve is fitted by weld_cell.seam.curve.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from weld_cell.errors import SeamPathError
from weld_cell.geometry.transforms import unit
from weld_cell.records import BoolArray, FloatArray, SeamPath, SeamPoint
from weld_cell.seam.consistency import consistent
from weld_cell.seam.curve import Curve, fit_curve
from weld_cell.seam.settings import PathSettings

_COARSE_M = 0.010  # length of seam that one coarse node stands for
_FINE_M = 0.0005  # sampling of the curve for lengths and projections
_MEASURING_STIFFNESS_M = (0.012,)  # stiffness of the curve along which the points' places are measured
_MAX_BACKWARD_M = 0.003  # a point further behind an earlier one was seen on the return
_MIN_PIECE_POINTS = 3  # a smaller separate group is taken as outliers
_MIN_CONTINUATION = 3  # points beyond a hole that prove that the seam continues
_ISLAND_SPACING_M = 0.010  # points without another within this distance on either side form an island
_ON_PLATES_M = 0.010  # out of the joint: beyond lies the table
_ONE_POINT_M = 0.002  # along the seam: at most so far apart are points of a scan
_MAX_DISCARDED_POINTS = 4  # an island at an end of the path with more points is kept
_MAX_TACK_WELD_M = 0.030  # a longer island is not a tack weld
_MIN_OTHERS_RATIO = 2.0  # other inliers for each point of the island, to predict its position
_MAX_OFFSET_M = 0.5e-3  # of an island from the position predicted by the other inliers
_CONTINUATION_SLOPE = 0.1  # lateral offset of such points, as a share of their distance


def fit_seam_path(points: Sequence[SeamPoint], settings: PathSettings) -> SeamPath:
    """The seam from its first to its last supported point.

    Args:
        points: In any order; their stamps give the direction of the path.
        settings: Of the path.

    Raises:
        SeamPathError: too few points, too many outliers, too much scatter, too short, a hole, a stretch that stands
            aside, or too many points beyond the ends.
    """
    if len(points) < settings.min_points:
        raise SeamPathError(
            f'{len(points)} seam points were collected; a path needs {settings.min_points}.',
            'Scan more of the seam, and look at the seam status for why points were refused.',
        )
    ordered = sorted(points, key=lambda point: point.stamp_ns)
    positions = np.array([point.position_m for point in ordered])
    normals = np.array([point.normal for point in ordered])
    gaps_mm = np.array([point.gap_mm for point in ordered])
    chained, excess = consistent(positions, gaps_mm, np.array([point.stamp_ns for point in ordered]), settings)
    kept, gap_excess = positions[chained], excess[chained]
    up = unit(np.median(normals[chained], axis=0))
    fit = fit_curve(
        kept, gap_excess, up, _places_along(_coarse_polyline(_forward(kept)), kept), settings, _MEASURING_STIFFNESS_M
    )
    fit = fit_curve(kept, gap_excess, up, _places_along(_sample(fit), kept), settings)
    sound = ~_stray_ends(fit, kept, gap_excess, up, settings)
    if not sound.all():
        chained[chained] = sound
        kept, gap_excess = kept[sound], gap_excess[sound]
        fit = fit_curve(kept, gap_excess, up, fit.places[sound], settings)
    start, end = _supported_range(fit, settings)
    fitted = chained.copy()
    _refuse_island(fit, kept, gap_excess, up, settings)
    chained[chained] = fit.inliers
    _refuse_continuation(fit, positions[~chained], start, end, settings)
    _refuse_part(fit, positions, up, start, end, settings)
    return _resample(fit, normals[fitted], start, end, len(points), settings)


def _refuse_island(
    fit: Curve, positions: FloatArray, gap_excess: FloatArray, up: FloatArray, settings: PathSettings
) -> None:
    """Refuse a path that goes aside for points with nothing seen on either side of them: is it the seam that goes
    aside there, or has the rule taken the edge of a tack weld for it? The others foretell where it should be.
    """
    islands = _islands(fit)
    for island in islands[1:-1]:
        begin = fit.places[island[0]] - fit.places[islands[0][0]]
        aside = _offset_from_others(fit, island, positions, gap_excess, up, settings)
        if aside > _MAX_OFFSET_M:
            raise SeamPathError(
                f'{len(island)} seam points {1e3 * begin:.0f} mm after the start of the path stand '
                f'{1e3 * aside:.1f} mm aside of where the others foretell it.',
                'Scan this stretch again; look there for a tack weld, spatter or a shadow.',
            )


def _stray_ends(
    fit: Curve, positions: FloatArray, gap_excess: FloatArray, up: FloatArray, settings: PathSettings
) -> BoolArray:
    """(n,) True for the few points beyond a hole at an end of the path for which it goes aside: it ends before."""
    stray, islands = np.zeros(len(fit.places), bool), _islands(fit)
    for island in (islands[0], islands[-1]) if len(islands) > 1 else ():
        if (
            len(island) <= _MAX_DISCARDED_POINTS
            and _offset_from_others(fit, island, positions, gap_excess, up, settings) > _MAX_OFFSET_M
        ):
            stray[island] = True
    return stray


def _islands(fit: Curve) -> list[NDArray[np.intp]]:
    """Inliers in the order of the path, divided where nothing is seen between them."""
    inliers = np.flatnonzero(fit.inliers)
    inliers = inliers[np.argsort(fit.places[inliers])]
    return np.split(inliers, np.flatnonzero(np.diff(fit.places[inliers]) > _ISLAND_SPACING_M) + 1)


def _offset_from_others(
    fit: Curve,
    island: NDArray[np.intp],
    positions: FloatArray,
    gap_excess: FloatArray,
    up: FloatArray,
    settings: PathSettings,
) -> float:
    """How many metres a path goes aside for some points from where the other inliers foretell it; 0 where they are
    too few to foretell it."""
    others = np.setdiff1d(np.flatnonzero(fit.inliers), island)
    if np.ptp(fit.places[island]) > _MAX_TACK_WELD_M or len(others) < _MIN_OTHERS_RATIO * len(island):
        return 0.0
    curve = fit_curve(positions[others], gap_excess[others], up, fit.places[others], settings)
    apart = np.median(fit.position(fit.places[island]) - curve.position(fit.places[island]), axis=0)
    return float(np.linalg.norm(apart))


def _refuse_continuation(fit: Curve, others: FloatArray, start: float, end: float, settings: PathSettings) -> None:
    """Refuse a path that plainly goes on beyond a hole: many of the points beyond its end lie on its prolongation."""
    for place, outwards in ((start, -1.0), (end, 1.0)):
        edge, tangent = fit.position(place), outwards * unit(fit.position.derivative()(place))
        ahead = (others - edge) @ tangent
        aside = np.linalg.norm(others - edge - ahead[:, None] * tangent, axis=1)
        further = ahead[(ahead > 0.0) & (aside < _CONTINUATION_SLOPE * ahead)]
        if len(further) >= max(_MIN_CONTINUATION, settings.min_inlier_share * np.count_nonzero(ahead > 0.0)):
            raise SeamPathError(
                f'The path has a hole: {len(further)} seam points go on {1e3 * further.min():.0f} mm beyond its '
                f'{"end" if outwards > 0 else "start"}.',
                'Scan this stretch again; look there for a tack weld, spatter or a shadow.',
            )


def _refuse_part(
    fit: Curve, positions: FloatArray, up: FloatArray, start: float, end: float, settings: PathSettings
) -> None:
    """Refuse a path beyond whose ends many points lie on the plates: a shadow goes on like a seam for a while."""
    first, last = fit.position((start, end))
    tangent = unit(last - first)
    out = unit(up - (up @ tangent) * tangent)
    on_plates = positions[np.abs((positions - first) @ out) < _ON_PLATES_M]
    places = fit.position.t[0] + _places_along(_sample(fit), on_plates)
    between = np.mean((places > start - _ONE_POINT_M) & (places < end + _ONE_POINT_M))
    if between < settings.min_between_share:
        raise SeamPathError(
            f'Only {100 * between:.0f} % of {len(on_plates)} seam points lie between the ends of the longest path '
            f'that they make; {100 * settings.min_between_share:.0f} % are needed.',
            'Look at the overlay: what looks like the seam, but is a shadow?',
        )


def _forward(positions: FloatArray) -> FloatArray:
    """Points in the order of scanning; where the scan went back over the seam, in the order along its main direction.

    In the order of a scan that went back, the medians of neighbours would lead to and fro along the seam.
    """
    axis = np.linalg.svd(positions - positions.mean(axis=0), full_matrices=False)[2][0]
    along = positions @ axis
    along = along * (1.0 if np.polyfit(np.arange(len(along)), along, 1)[0] >= 0.0 else -1.0)
    behind = np.flatnonzero(np.maximum.accumulate(along) - along > _MAX_BACKWARD_M)
    again = [k for k in behind if np.linalg.norm(positions[:k] - positions[k], axis=1).min() < _MAX_BACKWARD_M]
    if len(again) < _MIN_PIECE_POINTS or 2 * len(again) < len(
        behind
    ):  # a bow leads back too, but over no place again
        return positions
    ordered: FloatArray = positions[np.argsort(along, kind='stable')]
    return ordered


def _coarse_polyline(positions: FloatArray) -> FloatArray:
    """(m, 3) medians of neighbouring points in the order of scanning, m at least 2."""
    extent = float(np.linalg.norm(np.ptp(positions, axis=0)))
    groups = int(np.clip(extent / _COARSE_M, 2, len(positions) // 2))
    medians = np.array([np.median(group, axis=0) for group in np.array_split(positions, groups)])
    if groups >= 5:
        medians[1:-1] = median_filter(medians, size=(3, 1))[1:-1]
    apart = np.concatenate([[True], np.linalg.norm(np.diff(medians, axis=0), axis=1) > 0.1 * _COARSE_M])
    nodes: FloatArray = medians[apart]
    if len(nodes) < 2:
        raise SeamPathError(
            f'All seam points lie within {1e3 * extent:.1f} mm.', 'Scan along the seam before the path is made.'
        )
    return nodes


def _places_along(polyline: FloatArray, positions: FloatArray) -> FloatArray:
    """(n,) metres along a polyline of the places nearest to points; the first and last pieces are prolonged."""
    steps = np.diff(polyline, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    relative = positions[:, None] - polyline[:-1]
    along = np.einsum('nmk,mk->nm', relative, steps / lengths[:, None])
    low, high = np.zeros_like(lengths), lengths.copy()
    low[0], high[-1] = -np.inf, np.inf
    along = np.clip(along, low, high)
    distances = np.linalg.norm(relative - along[..., None] * (steps / lengths[:, None]), axis=2)
    nearest = np.argmin(distances, axis=1)
    before = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    places: FloatArray = before[nearest] + along[np.arange(len(positions)), nearest]
    return places


def _sample(fit: Curve) -> FloatArray:
    """(m, 3) polyline of the fitted curve over all its places."""
    first, last = fit.position.t[0], fit.position.t[-1]
    samples: FloatArray = fit.position(np.linspace(first, last, max(round((last - first) / _FINE_M / 4), 2)))
    return samples


def _supported_range(fit: Curve, settings: PathSettings) -> tuple[float, float]:
    """Places of the first and the last inlier: the path ends where the seam was last seen, not beyond."""
    if fit.sigma > settings.max_scatter_mm * 1e-3:
        raise SeamPathError(
            f'The seam points scatter by {1e3 * fit.sigma:.2f} mm about the path; '
            f'{settings.max_scatter_mm:g} mm are allowed.',
            'Check the joint type, hand-eye calibration and stamps, or scan slower.',
        )
    share = float(fit.inliers.mean())
    if share < settings.min_inlier_share:
        raise SeamPathError(
            f'Only {100 * share:.0f} % of {len(fit.places)} seam points lie on one path; '
            f'{100 * settings.min_inlier_share:.0f} % are needed.',
            'Check the joint type and the stripe overlay.',
        )
    places = _main_piece(np.sort(fit.places[fit.inliers]), settings)
    length = places[-1] - places[0]
    if length < settings.min_length_mm * 1e-3:
        raise SeamPathError(
            f'The path is {1e3 * length:.1f} mm long; {settings.min_length_mm:g} mm are needed.',
            'Scan more of the seam.',
        )
    return float(places[0]), float(places[-1])


def _main_piece(places: FloatArray, settings: PathSettings) -> FloatArray:
    """Sorted places without stragglers that lie apart; holes inside the path are an error."""
    gap = settings.max_gap_mm * 1e-3
    pieces = [
        piece
        for piece in np.split(places, np.flatnonzero(np.diff(places) > gap) + 1)
        if len(piece) >= _MIN_PIECE_POINTS
    ]
    if not pieces:
        raise SeamPathError('The seam points lie too far apart to make a path.', 'Scan slower.')
    if len(pieces) > 1:
        hole = float(pieces[1][0] - pieces[0][-1])
        raise SeamPathError(
            f'The path has a hole of {1e3 * hole:.0f} mm, {1e3 * (pieces[0][-1] - places[0]):.0f} mm after its '
            f'start; {settings.max_gap_mm:g} mm are allowed.',
            'Scan this stretch again; look there for a tack weld, spatter or a shadow.',
        )
    return pieces[0]


def _resample(
    fit: Curve, normals: FloatArray, start: float, end: float, collected: int, settings: PathSettings
) -> SeamPath:
    """The curve from start to end as evenly spaced points."""
    fine = np.linspace(start, end, max(int((end - start) / _FINE_M), 2))
    steps = np.linalg.norm(np.diff(fit.position(fine), axis=0), axis=1)
    lengths = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(round(lengths[-1] / (settings.spacing_mm * 1e-3)), 1)
    places = np.interp(np.linspace(0.0, lengths[-1], count + 1), lengths, fine)
    tangents = unit(fit.position.derivative()(places))
    outwards = fit.smooth(normals)(places)
    across = outwards - np.sum(outwards * tangents, axis=1, keepdims=True) * tangents
    return SeamPath(
        positions_m=fit.position(places),
        tangents=tangents,
        normals=unit(across),
        spacing_m=float(lengths[-1] / count),
        length_m=float(lengths[-1]),
        rejected=collected - int(np.count_nonzero(fit.inliers)),
    )
