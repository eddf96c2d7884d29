"""Features of our own beside the paper's, in groups: the two plates, the groove between them, dark stretches, and
what a small network says of the whole stripe.

All but the network's are the same when the profile is mirrored along its rows and when the sensor is rolled (a
constant slope), so that the model need not learn it; the network's hardly differ.
"""

import math

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.groove import GROOVE_FEATURE_NAMES, groove_features
from weld_cell.joint_type.plates import JointShape, joint_shape, median
from weld_cell.joint_type.stripe_net import NET_FEATURE_NAMES, net_features
from weld_cell.joint_type.walls import WALL_FEATURE_NAMES, wall_features
from weld_cell.records import BoolArray, FloatArray

PLATE_FEATURE_NAMES = (
    'bend',  # difference of the plates' slopes, columns a row; a fillet has the most
    'step_px',  # height of one plate over the other where they meet
    'steepest_wall',  # largest slope against the plates over a few rows
    'log_scatter_px',  # scatter of the stripe on the plates
)
LIGHT_FEATURE_NAMES = (
    'log_dark_rows',  # longest stretch without a bright stripe
    'missing_share',  # share of the rows without stripe
    'joint_brightness',  # brightness of the joint over that of the whole stripe
)
EXTENDED_FEATURE_GROUPS = {
    'plates': PLATE_FEATURE_NAMES,
    'groove': GROOVE_FEATURE_NAMES,
    'walls': WALL_FEATURE_NAMES,
    'light': LIGHT_FEATURE_NAMES,
    'network': NET_FEATURE_NAMES,
}
EXTENDED_FEATURE_NAMES = tuple(name for names in EXTENDED_FEATURE_GROUPS.values() for name in names)

_WALL_LAG = 3
_DARK_SHARE = 0.6  # a row darker than this part of the usual one says little about its column
_AROUND_JOINT_ROWS = 12
_LEAST_SCATTER_PX = 0.05


def extended_features(curve: StripeCurve) -> FloatArray:
    """Our features, in the order of EXTENDED_FEATURE_NAMES.

    Args:
        curve: The stripe, one centre a row, larger columns deeper.

    Returns:
        (24,) values, not normalised.
    """
    shape = joint_shape(curve.columns_px)
    usual_intensity = median(curve.intensity)
    return np.concatenate(
        [
            _plate_features(shape),
            groove_features(curve, shape, usual_intensity),
            wall_features(curve, shape),
            _light_features(curve, shape, usual_intensity),
            net_features(curve, shape.plates),
        ]
    )


def _plate_features(shape: JointShape) -> FloatArray:
    first, last = shape.plates
    scatter = max(first.scatter_px, last.scatter_px) + _LEAST_SCATTER_PX
    steepest = _steepest(shape.columns_px, shape.mean_slope)
    return np.array([first.slope - last.slope, shape.step_px, steepest, math.log(scatter)])


def _light_features(curve: StripeCurve, shape: JointShape, usual_intensity: float) -> FloatArray:
    features = np.empty(len(LIGHT_FEATURE_NAMES))
    _fill_light_features(
        curve.missing,
        curve.intensity,
        _DARK_SHARE * usual_intensity,
        shape.groove.start,
        shape.groove.stop,
        shape.split,
        features,
    )
    return features


@compiled('float64(float64[::1], float64)')
def _steepest(columns: FloatArray, level: float) -> float:
    """Largest slope against the plates' mean slope, over a few rows, of columns (n,)."""
    steepest = 0.0
    for i in range(len(columns) - 2 * _WALL_LAG):
        steepest = max(steepest, abs((columns[i + 2 * _WALL_LAG] - columns[i]) / (2 * _WALL_LAG) - level))
    return steepest


@compiled_helper()
def _longest_dark_run(missing: BoolArray, intensity: FloatArray, least: float) -> tuple[int, int]:
    """First and end row of the longest run of rows (n,) without stripe or darker; (0, 0) where there is none."""
    best_first = best_stop = first = 0
    for i in range(len(missing)):
        if not (missing[i] or intensity[i] < least):
            first = i + 1
        elif i + 1 - first > best_stop - best_first:
            best_first, best_stop = first, i + 1
    return best_first, best_stop


@compiled_helper()
def _brightness(intensity: FloatArray, first: int, stop: int) -> float:
    """Mean grey value of some rows over that of the whole stripe; 1 where the stripe has no brightness."""
    whole = intensity.mean()
    return intensity[first:stop].mean() / whole if whole > 0 else 1.0


@compiled('void(boolean[::1], float64[::1], float64, int64, int64, int64, float64[::1])')
def _fill_light_features(
    missing: BoolArray, intensity: FloatArray, least: float, first: int, stop: int, split: int, features: FloatArray
) -> None:
    """Fill in LIGHT_FEATURE_NAMES.

    The joint's brightness is taken of the groove, else of the longest dark run, else of where the plates meet, and of
    a few rows on both sides.

    Args:
        missing: (n,).
        intensity: (n,).
        least: Of a bright row.
        first: Row of the groove.
        stop: Its end row; the first one where there is no groove.
        split: Row where the plates meet.
        features: (3,) to be filled.
    """
    dark_first, dark_stop = _longest_dark_run(missing, intensity, least)
    features[0] = math.log1p(dark_stop - dark_first)
    features[1] = missing.sum() / len(missing)
    if stop == first:
        first, stop = (dark_first, dark_stop) if dark_stop > dark_first else (split, split + 1)
    features[2] = _brightness(
        intensity, max(0, first - _AROUND_JOINT_ROWS), min(stop + _AROUND_JOINT_ROWS, len(intensity))
    )
