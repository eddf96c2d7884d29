"""Root gap of an open v joint from the light around its root in all images of a scan.

Lens and motion blur the walls' lower ends, a shallow backing looks much like the walls themselves, and second
reflections, bloom and saturation move the stripe's centres there, each by more than the gap may be wrong. So the
light itself is fitted: the median of all images, by what `weld_cell.seam.rules.v.root_image` draws, in which all of
these have their part. The median of many images is free of speckle and spatter, and where half of them are saturated
so is it, as is a picture drawn of their median light; a mean would be neither.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.seam.rules.v.evidence import RootView
from weld_cell.seam.rules.v.root_image import FINE, FINE_SHAPE, LEFT_PX, PAD_ROWS, REACH_ROWS, SHAPE, draw_root
from weld_cell.seam.rules.v.root_sight import RootSight

_MIN_VIEWS = 20  # of more views, the brighter half is used
_SIDE_ROWS = slice(2, 10)  # from the picture's edge: where a wall shows whether it is lit
_DARK_COLUMNS = 6  # the deepest of the picture: below what any wall shows
_WALL_NODES = 6  # nodes of a wall's free brightness profile
(_GAP, _FACE, _OFFSET, _SIGMA, _BACKING, _SHARE, _MOTION, _BLOOM, _LEVEL, _BY_ROW, _BY_COLUMN) = range(11)
_LEFT, _RIGHT = slice(11, 11 + _WALL_NODES), slice(11 + _WALL_NODES, 11 + 2 * _WALL_NODES)
_UNCONSTRAINED = np.inf
# The backing's and the walls' light are logarithms. Rolled steel mirrors less than a fifth of the light; a backing is
# as dull as a plate that was never machined.
_PRIORS = np.array(
    [
        # expected, deviation, least, greatest, scale
        [0.5, _UNCONSTRAINED, 0.0, 2.9, 0.1],  # gap, mm
        [1.0, _UNCONSTRAINED, 0.0, 3.0, 0.2],  # root face, mm
        [0.0, 0.075, -1.0, 1.0, 0.2],  # offset, columns
        [2.3, 0.1, 1.8, 3.4, 0.2],  # stripe's sigma, columns
        [-1.25, 0.125, -2.5, 1.5, 0.3],  # light of the backing
        [0.08, 0.025, 0.0, 0.25, 0.05],  # of second reflections
        [2.0, 0.75, 0.0, 6.5, 0.5],  # longest motion during an exposure, rows
        [0.4, 0.15, 0.0, 1.0, 0.2],  # bloom
        [0.1, _UNCONSTRAINED, -0.05, 0.9, 0.05],  # ambient light
        [0.0, _UNCONSTRAINED, -0.5, 0.5, 0.1],
        [0.0, _UNCONSTRAINED, -0.5, 0.5, 0.1],
        *[[0.3, 1.5, -4.0, 3.0, 0.3]] * (2 * _WALL_NODES),
    ]
)
_LIGHT_STEP = 0.125  # of the logarithm, from node to node
_NOISE = 0.03  # of the median image, as a share of saturation
_HUBER_SIGMAS = 2.0  # beyond this, residuals count linearly
_BACKING_COST = 10.0  # by which a backing must improve the fit
_GAPS_MM = np.arange(0.0, 2.6, 0.15)
_FACES_MM = (0.05, 0.25, 0.5, 0.75, 1.0, 1.4, 1.8)
_MOTIONS_ROWS = (1.0, 3.5)
_CORRELATED_PIXELS = 8.0  # pixels with correlated errors count as one
_MIN_GAP_DIFFERENCE_MM = 0.2  # between two explanations
_STARTS, _WALL_ROUNDS, _ROUNDS = 4, 15, 20
_LENS_ROWS = 0.8  # sigma of the lens, and of taking rows between rows
_MOTION_STEP, _MOST_MOTION = 0.25, 7.0
_ALL_ROWS = np.arange(SHAPE[0])
_FAR_ROWS = 9  # from the apex on: there no gap of a weld reaches
_ROW_PART, _COLUMN_PART = np.linspace(-1.0, 1.0, SHAPE[0])[:, None], np.linspace(-1.0, 1.0, SHAPE[1])
_HALO_COMPONENTS = ((8.0, 1.0), (14.0, 0.5))  # sigma in pixels and weight of the bloom
_HALO_LIGHT = 0.25
_HALO_PAD = 40


@dataclass(frozen=True, eq=False)
class _MedianView:
    """What all views show.

    Attributes:
        light: SHAPE, the median image; 1 is what saturates the camera.
        geometry: (7,) as of a view.
        halos: (2, SHAPE) bloom of either wall for a light of 1.
        fine: FINE_SHAPE, scratch.
    """

    light: FloatArray
    geometry: FloatArray
    halos: FloatArray
    fine: FloatArray


@dataclass(frozen=True, eq=False)
class _Fit:
    """Parameters, as of _PRIORS, how badly they explain the image, and whether with a backing."""

    parameters: FloatArray
    cost: float
    backed: bool


def root_gap_mm(views: Sequence[RootView]) -> float:
    """The root gap that explains all views of a scan best.

    Args:
        views: At least one.
    """
    sight = _median_view(views)
    return _mean_gap_mm([_fit(sight, start, _ROUNDS) for start in _starts(sight, _fit_walls(sight))])


def root_sight(views: Sequence[RootView]) -> RootSight:
    """What all views show, for the fit of one image's light.

    Args:
        views: At least one.
    """
    sight = _median_view(views)
    y_up, z_up, tangent, mismatch, columns, rows, rows_z = sight.geometry
    per_mm = [rows * z_up - rows_z * y_up, rows * y_up + rows_z * z_up, -columns * y_up, columns * z_up]
    geometry = np.array([REACH_ROWS, LEFT_PX, *per_mm, tangent, mismatch])
    return RootSight(np.ascontiguousarray(255.0 * sight.light), geometry)


def _mean_gap_mm(fits: list[_Fit]) -> float:
    """The mean of fits by their likelihoods.

    A narrow gap over nothing and a wider one over a shallow backing may explain the views alike: between them the
    mean is the least wrong.
    """
    fits = _apart(fits)
    costs = np.array([fit.cost + _BACKING_COST * fit.backed for fit in fits])
    return float(
        np.average([fit.parameters[_GAP] for fit in fits], weights=np.exp((costs.min() - costs) / _CORRELATED_PIXELS))
    )


def _median_view(views: Sequence[RootView]) -> _MedianView:
    """The median of the views in which both walls are bright."""
    pictures = np.array([view.light for view in views])
    crests = pictures.max(axis=2).astype(float)
    sides = [crests[:, rows].mean(axis=1) for rows in (_SIDE_ROWS, slice(-_SIDE_ROWS.stop, -_SIDE_ROWS.start))]
    brightness = np.minimum(*sides) - np.median(pictures[:, :, -_DARK_COLUMNS:], axis=(1, 2))
    chosen = np.argsort(-brightness)[: max(len(views) // 2, min(_MIN_VIEWS, len(views)))]
    geometry = np.median([view.geometry for view in views], axis=0)
    light = np.median(pictures[chosen], axis=0) / 255.0
    return _MedianView(light, geometry, _halos(geometry), np.empty(FINE_SHAPE))


def _halos(geometry: FloatArray) -> FloatArray:
    """(2, SHAPE) bloom of the left and of the right wall, both to the apex, for a light of 1."""
    y_up, z_up, tangent, _, columns, rows, rows_z = geometry
    up = np.arange(0.0, 25.0, 0.01)
    halos = np.empty((2, *SHAPE))
    for side, sign in enumerate((-1.0, 1.0)):
        across = sign * tangent * up
        y, z = across * z_up + up * y_up, up * z_up - across * y_up
        row = np.rint(rows * y + rows_z * z).astype(int) + REACH_ROWS + _HALO_PAD
        column = np.rint(columns * z).astype(int) + LEFT_PX + _HALO_PAD
        wide = np.zeros((SHAPE[0] + 2 * _HALO_PAD, SHAPE[1] + 2 * _HALO_PAD))
        inside = (row >= 0) & (row < len(wide)) & (column >= 0) & (column < wide.shape[1])
        np.add.at(wide, (row[inside], column[inside]), 1.0)
        wide *= math.sqrt(2.0 * math.pi) * _PRIORS[_SIGMA, 0] / np.maximum(wide.sum(axis=1, keepdims=True), 1.0)
        bloom = sum(weight * np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma)) for sigma, weight in _HALO_COMPONENTS)
        halos[side] = _HALO_LIGHT * np.asarray(bloom)[_HALO_PAD:-_HALO_PAD, _HALO_PAD:-_HALO_PAD]
    return halos


@functools.lru_cache(maxsize=1)
def _blurs() -> FloatArray:
    """(m, b) weights of fine rows 0, 1, ... away for longest motions of 0, _MOTION_STEP, ...

    The sensor moves evenly during an exposure, in some images by a fifth of the longest motion, in others by all
    of it.
    """
    away = np.arange(FINE * PAD_ROWS + 1) / FINE
    blurs = np.zeros((round(_MOST_MOTION / _MOTION_STEP) + 1, len(away)))
    for k, part in ((k, part) for k in range(len(blurs)) for part in np.linspace(0.2, 1.0, 5)):
        half = 0.5 * max(k * _MOTION_STEP * part, 0.05)
        edges = np.array(
            [[math.erf((row + end) / (_LENS_ROWS * math.sqrt(2.0))) for row in away] for end in (half, -half)]
        )
        blurs[k] += (edges[0] - edges[1]) / half
    weights: FloatArray = blurs / (blurs[:, :1] + 2.0 * blurs[:, 1:].sum(axis=1, keepdims=True))
    return weights


def _blur(motion: float) -> FloatArray:
    """(b,) between the two nearest of _blurs."""
    k = min(int(motion / _MOTION_STEP), len(_blurs()) - 2)
    part = motion / _MOTION_STEP - k
    blur: FloatArray = (1.0 - part) * _blurs()[k] + part * _blurs()[k + 1]
    return blur


def _picture(sight: _MedianView, parameters: FloatArray, backed: bool) -> FloatArray:
    """(SHAPE) what the camera would see."""
    shape = parameters[: _SHARE + 1].copy()
    shape[_BACKING] = math.exp(shape[_BACKING]) if backed else 0.0
    left, right = parameters[_LEFT], parameters[_RIGHT]
    picture = draw_root(shape, left, right, _blur(parameters[_MOTION]), sight.geometry, sight.fine)
    bloom = parameters[_BLOOM] * np.exp(np.array([left[1], right[1]]))
    picture += bloom[0] * sight.halos[0] + bloom[1] * sight.halos[1] + parameters[_LEVEL]
    picture += parameters[_BY_ROW] * _ROW_PART + parameters[_BY_COLUMN] * _COLUMN_PART
    return np.minimum(picture, 1.0, out=picture)


def _residuals(
    sight: _MedianView, parameters: FloatArray, backed: bool, rows: NDArray[np.intp] = _ALL_ROWS
) -> FloatArray:
    """(k,) of the image's rows and of what is expected of the parameters, in sigmas."""
    misses = ((_picture(sight, parameters, backed) - sight.light)[rows] / _NOISE).ravel()
    expected = (parameters - _PRIORS[:, 0]) / _PRIORS[:, 1]
    left, right = parameters[_LEFT], parameters[_RIGHT]
    return np.concatenate(
        [misses, expected, (left[1:] - left[:-1]) / _LIGHT_STEP, (right[1:] - right[:-1]) / _LIGHT_STEP]
    )


def _cost(residuals: FloatArray) -> float:
    """As of least_squares with the loss soft_l1."""
    return float(_HUBER_SIGMAS**2 * np.sum(np.sqrt(1.0 + (residuals / _HUBER_SIGMAS) ** 2) - 1.0))


def _solve(
    sight: _MedianView, start: _Fit, free: NDArray[np.intp], rounds: int, rows: NDArray[np.intp] = _ALL_ROWS
) -> _Fit:
    """The best fit over some of the parameters, from a start."""
    scale, least, greatest = _PRIORS[free, 4], _PRIORS[free, 2], _PRIORS[free, 3]

    def residuals(values: FloatArray) -> FloatArray:
        parameters = start.parameters.copy()
        parameters[free] = values
        return _residuals(sight, parameters, start.backed, rows)

    from scipy.optimize import least_squares  # half a second, see LaserScan.prepare

    inside = np.clip(start.parameters[free], least + 1e-3 * scale, greatest - 1e-3 * scale)
    found = least_squares(
        residuals,
        inside,
        bounds=(least, greatest),
        x_scale=scale,
        loss='soft_l1',
        f_scale=_HUBER_SIGMAS,
        diff_step=np.array(2e-3),
        max_nfev=rounds,
    )
    parameters = start.parameters.copy()
    parameters[free] = found.x
    return _Fit(parameters, float(found.cost), start.backed)


def _fit(sight: _MedianView, start: _Fit, rounds: int) -> _Fit:
    """All parameters."""
    free = np.array([k for k in range(len(_PRIORS)) if start.backed or k != _BACKING])
    return _solve(sight, start, free, rounds)


def _fit_walls(sight: _MedianView) -> FloatArray:
    """Parameters (11 + 2 _WALL_NODES,) by the rows far from the root, which know nothing of it."""
    far = np.flatnonzero(np.abs(_ALL_ROWS - REACH_ROWS) >= _FAR_ROWS)
    nodes = [k for side in (_LEFT, _RIGHT) for k in range(side.start + 2, side.stop)]
    free = np.array([_SHARE, _SIGMA, _BLOOM, _LEVEL, _BY_ROW, _BY_COLUMN, _OFFSET, *nodes])
    walls = _solve(sight, _Fit(_PRIORS[:, 0].copy(), np.inf, False), free, _WALL_ROUNDS, far).parameters
    for side in (_LEFT, _RIGHT):
        walls[side.start : side.start + 2] = walls[side.start + 2]
    return walls


def _starts(sight: _MedianView, walls: FloatArray) -> list[_Fit]:
    """The best of many gaps, faces and motions, with and without a backing, that differ from each other."""
    grounds = [(False, float(_PRIORS[_FACE, 0])), *((True, face) for face in _FACES_MM)]
    starts = []
    for motion, (backed, face), gap in itertools.product(_MOTIONS_ROWS, grounds, _GAPS_MM):
        parameters = walls.copy()
        parameters[[_GAP, _FACE, _MOTION]] = gap, face, motion
        starts.append(_Fit(parameters, _cost(_residuals(sight, parameters, backed)), backed))
    return _apart(starts)[:_STARTS]


def _apart(fits: list[_Fit]) -> list[_Fit]:
    """The best of those that are alike, the best first."""
    chosen: list[_Fit] = []
    for fit in sorted(fits, key=lambda fit: fit.cost):
        if all(
            fit.backed is not other.backed
            or abs(fit.parameters[_GAP] - other.parameters[_GAP]) > _MIN_GAP_DIFFERENCE_MM
            for other in chosen
        ):
            chosen.append(fit)
    return chosen
