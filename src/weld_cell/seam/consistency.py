"""Selection of the seam points that are consistent with each other, before a curve is fitted to them.

A scan has points that are none of the seam: a shadow taken for the root gap, a spatter for a notch, the table beyond
the plates. They lie anywhere, while the seam's points go on from each other: what belongs to the seam is the chain
with the most points in which each goes on from the one before (dynamic programming). A robust fit alone needs
more than half of the points to be good; the chain needs them only to be more than those of any other chain.
"""

import math

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.errors import SeamPathError
from weld_cell.records import BoolArray, FloatArray
from weld_cell.seam.curve import fit_curve
from weld_cell.seam.row_loops import TUKEY
from weld_cell.seam.settings import PathSettings

_MAX_SLOPE = 0.1  # between the seam and the local scan direction
_CUBIC_ROUNDS = 3  # each goes along the chain of the one before
_BENDING_ROUNDS = 4  # after them: at once a curve that bends more would follow outliers
_SCAN_DEGREE = 3
_SCAN_STIFFNESS_M = 0.008  # length over which the bending curve averages
_SCAN_ROUNDS = 10
_STEP_M = 0.3e-3  # a link that leaps this far aside costs as much as the point that it wins
_BACK_M = -1.0e-3  # a robot that stands still seems to go back by the noise of the points
_GAP_AS_M = 0.5e-3  # a millimetre that the root gap changes counts as so much of a leap aside
_NEAR_M = 1.0e-3  # points this near to the chain are judged by the robust fit
_END_M = 10.0e-3  # and beyond its ends so far: a leap to the last points costs more than they win
_MAX_PREDECESSORS = 120  # number of preceding points that a link may start from; bounds the outliers within a hole
_GAP_NOISE_MM = 0.1  # the gap of one image; a row is 0.15 mm
_GAP_ROUNDS = 20  # from the median to where the gaps are densest
_MOST_TAPER_MM = 0.25  # from the scan's middle to its ends: more comes of a shadow along a part of it
_NORMAL_QUARTER = 0.3186  # a quarter of normal deviates lie within so many sigma


def consistent(
    positions: FloatArray,
    gaps_mm: FloatArray,
    stamps_ns: NDArray[np.int64],
    settings: PathSettings,
) -> tuple[BoolArray, FloatArray]:
    """Which points make up the seam.

    Args:
        positions: (n, 3) metres, in the order of scanning.
        gaps_mm: (n,) root gap seen with each of them.
        stamps_ns: (n,) of their images, ascending.
        settings: max_gap_mm, min_inlier_share and outlier_sigma take part.

    Returns:
        (n,) True for points of the seam, further outliers among them are left to the fit; and by how many mm (n,)
        the gap of each differs from the joint's.

    Raises:
        SeamPathError: the points that go on from each other are few among the others.
    """
    each = np.arange(len(positions))
    chain, directions = _chain_along_scan(positions, gaps_mm, stamps_ns, settings)
    off = positions - np.column_stack([np.interp(each, chain, positions[chain, k]) for k in range(3)])
    along = np.sum(off * directions, axis=1)  # beyond the chain's ends, from there
    off -= along[:, None] * directions
    within = ((each >= chain[0]) & (each <= chain[-1])) | (np.abs(along) < _END_M)
    near: BoolArray = within & (np.linalg.norm(off, axis=1) < _NEAR_M)
    if near.sum() < max(settings.min_inlier_share * len(near), settings.min_points):
        raise SeamPathError(
            f'Only {near.sum()} of {len(near)} seam points go on from each other; {settings.min_points} and '
            f'{100 * settings.min_inlier_share:.0f} % are needed.',
            'Check the joint type and the stripe overlay.',
        )
    excess, sigma = _gap_excess(gaps_mm, near)
    return near & (np.abs(excess) < settings.outlier_sigma * sigma), excess


def _chain_along_scan(
    positions: FloatArray, gaps_mm: FloatArray, stamps_ns: NDArray[np.int64], settings: PathSettings
) -> tuple[NDArray[np.intp], FloatArray]:
    """Numbers of the points of the longest chain, and the directions (n, 3) of the scan that led to it."""
    gaps_m, hole_m = gaps_mm * _GAP_AS_M, settings.max_gap_mm * 1e-3
    chain = np.arange(len(positions))
    progress = (stamps_ns - stamps_ns[0]).astype(float)
    for _ in range(_CUBIC_ROUNDS):
        directions = _directions(positions, progress, chain)
        chain = _longest_chain(positions, gaps_m, directions, hole_m)
        progress = _progress(positions, directions, chain)
    if not _is_path(progress[chain], settings):
        return chain, directions
    chains = [(chain, directions)]
    for _ in range(_BENDING_ROUNDS):  # they may come to and fro between two chains
        directions = _bending_directions(positions, progress, chain, settings)
        chain = _longest_chain(positions, gaps_m, directions, hole_m)
        progress = _progress(positions, directions, chain)
        chains.append((chain, directions))
    return max(chains, key=lambda found: len(found[0]))


def _progress(positions: FloatArray, directions: FloatArray, chain: NDArray[np.intp]) -> FloatArray:
    """(n,) metres along a chain: a scan that slows down or stands still is no cubic over time."""
    middle = 0.5 * (directions[chain[1:]] + directions[chain[:-1]])
    steps = np.maximum(np.sum(np.diff(positions[chain], axis=0) * middle, axis=1), 0.0)
    progress: FloatArray = np.interp(np.arange(len(positions)), chain, np.concatenate([[0.0], np.cumsum(steps)]))
    return progress


def _directions(positions: FloatArray, progress: FloatArray, chosen: NDArray[np.intp]) -> FloatArray:
    """(n, 3) unit vectors along the scan: the slope over its progress of a cubic through chosen points (least
    absolute distances); before the first and after the last of them it goes straight on."""
    whole = progress[-1] - progress[0]
    places = (progress - progress[0]) / (whole if whole > 0.0 else 1.0) * 2.0 - 1.0
    powers = np.vander(np.clip(places, places[chosen[0]], places[chosen[-1]]), _SCAN_DEGREE + 1, increasing=True)
    weights = np.ones((len(chosen), 1))
    for _ in range(_SCAN_ROUNDS):
        curve = np.linalg.lstsq(powers[chosen] * weights, positions[chosen] * weights, rcond=None)[0]
        misses = np.linalg.norm(positions[chosen] - powers[chosen] @ curve, axis=1, keepdims=True)
        weights = 1.0 / np.sqrt(np.maximum(misses, _STEP_M))
    slopes = powers[:, :-1] @ (curve[1:] * np.arange(1.0, _SCAN_DEGREE + 1)[:, None])
    return _unit_rows(slopes)


def _is_path(places: FloatArray, settings: PathSettings) -> bool:
    """Whether a curve can be fitted over places (n,) along a chain."""
    return len(places) >= settings.min_points and places[-1] - places[0] >= settings.min_length_mm * 1e-3


def _bending_directions(
    positions: FloatArray, progress: FloatArray, chosen: NDArray[np.intp], settings: PathSettings
) -> FloatArray:
    """As `_directions`, of a seam that bends more than a cubic: by a smoothing spline through the chosen points."""
    no_gaps, any_axis = np.zeros(len(chosen)), np.array([0.0, 0.0, 1.0])
    fit = fit_curve(positions[chosen], no_gaps, any_axis, progress[chosen], settings, (_SCAN_STIFFNESS_M,))
    return _unit_rows(fit.position.derivative()(np.clip(progress, progress[chosen[0]], progress[chosen[-1]])))


def _unit_rows(slopes: FloatArray) -> FloatArray:
    along: FloatArray = slopes / np.maximum(np.linalg.norm(slopes, axis=1, keepdims=True), 1e-12)
    return along


@compiled('int64[:](float64[:, :], float64[:], float64[:, :], float64)')
def _longest_chain(
    positions: FloatArray, gaps: FloatArray, directions: FloatArray, hole_m: float
) -> NDArray[np.intp]:
    """Numbers of the points of the chain with the most points, less the cost of its leaps aside and in the gap."""
    count = len(positions)
    best, previous = np.ones(count), np.full(count, -1)
    for j in range(1, count):
        most = 0.0
        for i in range(max(j - _MAX_PREDECESSORS, 0), j):
            step, square = 0.0, 0.0
            for k in range(3):
                link = positions[j, k] - positions[i, k]
                step += link * 0.5 * (directions[j, k] + directions[i, k])  # an arc's chord
                square += link * link
            if _BACK_M < step < hole_m:
                aside = max(math.sqrt(max(square - step**2, 0.0)) - _MAX_SLOPE * abs(step), 0.0)
                gain = best[i] - (math.hypot(aside, gaps[j] - gaps[i]) / _STEP_M) ** 2
                if gain > most:
                    most, previous[j] = gain, i
        best[j] += most
    chain, last = np.empty(count, np.int64), int(np.argmax(best))
    first = count
    while last >= 0:
        first -= 1
        chain[first] = last
        last = previous[last]
    return chain[first:]


def _gap_excess(gaps_mm: FloatArray, chained: BoolArray) -> tuple[FloatArray, float]:
    """By how much (n,) each root gap differs from the joint's, and the robust scatter of that in mm.

    The joint's gap may taper, but a shadow beside it makes it jump: its trend is a robust straight line over the
    chained points (Tukey's biweight from their median: it settles where they are densest). As most gaps may be
    misread the scatter is that of the better half.
    """
    order = np.linspace(-1.0, 1.0, len(gaps_mm))
    excess = gaps_mm - np.median(gaps_mm[chained])
    for _ in range(_GAP_ROUNDS):
        sigma = max(float(np.quantile(np.abs(excess[chained]), 0.25)) / _NORMAL_QUARTER, _GAP_NOISE_MM)
        weights = chained * np.clip(1.0 - (excess / (TUKEY * sigma)) ** 2, 0.0, None) ** 2
        taper = np.clip(np.polyfit(order, gaps_mm, 1, w=np.sqrt(weights))[0], -_MOST_TAPER_MM, _MOST_TAPER_MM)
        excess = gaps_mm - taper * order
        excess -= np.average(excess, weights=weights)
    return excess, sigma
