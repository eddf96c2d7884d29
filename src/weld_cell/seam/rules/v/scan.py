"""Refinement of a scan of an open v joint: one root gap for all images."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from weld_cell.records import FloatArray, SeamPoint
from weld_cell.seam.row_loops import MAD_TO_SIGMA, TUKEY
from weld_cell.seam.rules.v.evidence import GAP_STEP_MM, GapEvidence, RootView
from weld_cell.seam.rules.v.root_gap import root_gap_mm, root_sight
from weld_cell.seam.rules.v.root_sight import gap_by_light

_GAP_CUT = 9.0  # in squared sigmas: an image says no more of any gap
_TAPERS_STEPS = np.linspace(-5.0, 5.0, 11)  # change of the gap from start to end of the scan, in GAP_STEP_MM
_TAPER_COST = 20.0  # in squared sigmas
_GAP_NOISE_MM = 0.1  # of the gap that one image tells
_DENSEST_ROUNDS = 20
_MOST_APART_MM = 0.4  # more, and either the sensor has other optics or most images are misleading


def refine_v(points: Sequence[SeamPoint]) -> list[SeamPoint]:
    """The points of a scan, moved along their normals to where the root lies by the gap that all images share.

    What an image had misread of its gap is mended with that, so the gap of the points is 0. Where one of them has no
    evidence, or other gaps were asked of it, they stay as they are.

    Args:
        points: In the order of scanning.
    """
    evidence = [point.evidence for point in points if isinstance(point.evidence, GapEvidence)]
    if len(evidence) < len(points) or len({len(of_image.gap_costs) for of_image in evidence}) != 1:
        return list(points)
    positions, normals = np.array([(point.position_m, point.normal) for point in points]).swapaxes(0, 1)
    gaps_mm = np.array([point.gap_mm for point in points])
    lifts = np.array([point.gap_lift for point in points])
    moved = positions + 1e-3 * ((_shared_gap_mm(evidence, gaps_mm) - gaps_mm) * lifts)[:, None] * normals
    return [
        replace(point, position_m=position, gap_mm=0.0, evidence=None)
        for point, position in zip(points, moved, strict=True)
    ]


def _shared_gap_mm(evidence: Sequence[GapEvidence], gaps_mm: FloatArray) -> FloatArray:
    """(n,) root gap at each point by all images: their rows tell how it tapers, their light how wide it is."""
    shared_mm = common_gap(np.array([of_image.gap_costs for of_image in evidence]))
    views = [of_image.view for of_image in evidence if of_image.view is not None]
    if views:
        shared_mm += _gap_by_light_mm(views, densest(gaps_mm)) - shared_mm.mean()
    return np.maximum(shared_mm, 0.0)


def _gap_by_light_mm(views: Sequence[RootView], each_mm: float) -> float:
    """The root gap by the light of all images, and by each alone (each_mm, where they agree most).

    All of it together is read by a drawing that presumes the optics, which sees through the blur and the reflections
    of a usual sensor; each image alone presumes none, but hard effects mislead it. Where the two are plainly apart,
    the one counts that is nearer to what all of the light says without presumed optics.
    """
    together_mm = root_gap_mm(views)
    if abs(together_mm - each_mm) <= _MOST_APART_MM:
        return together_mm
    free_mm = 1e3 * gap_by_light(root_sight(views), 1e-3 * each_mm)[0]
    return together_mm if abs(free_mm - together_mm) < abs(free_mm - each_mm) else each_mm


def densest(gaps_mm: FloatArray) -> float:
    """Where root gaps (n,) lie most densely: Tukey's biweight from the middle of the shortest half of them."""
    ascending, half = np.sort(gaps_mm), len(gaps_mm) // 2
    first = int(np.argmin(ascending[half:] - ascending[: len(ascending) - half]))
    centre = float(np.median(ascending[first : first + half + 1]))
    reach = TUKEY * max(float(np.median(np.abs(gaps_mm - centre))) * MAD_TO_SIGMA, _GAP_NOISE_MM)
    for _ in range(_DENSEST_ROUNDS):
        weights = np.clip(1.0 - ((gaps_mm - centre) / reach) ** 2, 0.0, None) ** 2
        centre = float(np.average(gaps_mm, weights=weights))
    return centre


def common_gap(costs: FloatArray) -> FloatArray:
    """Root gap (n,) in mm by the rows of all images: the taper that explains them best.

    Costs of one image are cut, so that shadows and tack welds, in which walls end anywhere, are outvoted.

    Args:
        costs: (n, k) how badly gaps explain each image (GapEvidence).
    """
    excess = np.minimum(costs - costs.min(axis=1, keepdims=True), _GAP_CUT)
    order, steps = np.linspace(-0.5, 0.5, len(costs)), costs.shape[1]
    each, gaps = np.arange(len(excess))[:, None], np.arange(steps)
    totals = np.array(
        [
            excess[each, np.clip(np.rint(gaps + taper * order[:, None]).astype(np.intp), 0, steps - 1)].sum(axis=0)
            for taper in _TAPERS_STEPS
        ]
    )
    totals += _TAPER_COST * (_TAPERS_STEPS != 0.0)[:, None]
    taper, best = np.unravel_index(np.argmin(totals), totals.shape)
    fine = float(best)
    if 0 < best < steps - 1:  # the vertex of the parabola through the least and its neighbours
        before, least, after = totals[taper, best - 1 : best + 2]
        fine += 0.5 * (before - after) / max(before - 2.0 * least + after, 1e-9)
    common: FloatArray = np.maximum(fine + _TAPERS_STEPS[taper] * order, 0.0) * GAP_STEP_MM
    return common
