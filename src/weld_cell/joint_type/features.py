"""The paper's features of a stripe profile: slope classes V1..V5 and feature point interval V6, V7.

Source: Zeng et al. 2020, section 3.2, equations 6 to 9. The slope K is not divided by the lag, so a curve that
moves by one column a row has K = 3; a sensor rolled by 10 degrees stays below the first class.
"""

import numpy as np
from numpy.typing import NDArray

from weld_cell.errors import JointTypeError
from weld_cell.joint_type.curve import StripeCurve, continuous_curve
from weld_cell.records import FloatArray, StripeProfile

SLOPE_LAGS = (1, 2, 3, 4, 5)
CLASS_EDGES = np.array([0.6, 1.5, 2.5, 3.5, 4.5])
PAPER_FEATURE_NAMES = (
    'V1_rows_of_class_1', 'V2_rows_of_class_2', 'V3_rows_of_class_3', 'V4_rows_of_class_4',
    'V5_rows_of_class_5', 'V6_feature_points_dx', 'V7_feature_points_dy')

_MARGIN = SLOPE_LAGS[-1]


def slopes(columns_px: FloatArray) -> FloatArray:
    """K_i of equation 6 for the rows 5 to n - 6: mean over the lags 1..5 of half the change of column.

    Args:
        columns_px: (n,) stripe centre in successive rows.

    Returns:
        (n - 10,) slopes, never negative.
    """
    middle = len(columns_px) - _MARGIN
    total = np.zeros(middle - _MARGIN)
    for lag in SLOPE_LAGS:
        total += np.abs(columns_px[_MARGIN + lag:middle + lag] - columns_px[_MARGIN - lag:middle - lag])
    return total / (2 * len(SLOPE_LAGS))


def slope_classes(slope: FloatArray) -> NDArray[np.intp]:
    """Class 0 to 5 of each slope (equation 7; the upper edge belongs to the class)."""
    return np.searchsorted(CLASS_EDGES, slope, side='left')


def paper_features(profile: StripeProfile, rule: str = 'class_change') -> FloatArray:
    """V1..V7 of the paper, in rows and pixels, not normalised.

    Args:
        profile: The stripe.
        rule: How feature points are found, see `feature_points`.

    Returns:
        (7,). V6 and V7 are 0 where the profile is straight and has no feature points.

    Raises:
        JointTypeError: the stripe covers too few rows.
    """
    return curve_paper_features(continuous_curve(profile), rule)


def curve_paper_features(curve: StripeCurve, rule: str) -> FloatArray:
    """V1..V7 of a continuous curve, see `paper_features`."""
    slope = slopes(curve.columns_px)
    classes = slope_classes(slope)
    jumps = _jumps(slope, classes, rule)
    features = np.zeros(7)
    features[:5] = np.bincount(classes, minlength=6)[1:]
    if len(jumps):
        first, last = jumps[0] + _MARGIN, jumps[-1] + _MARGIN
        features[5] = abs(curve.columns_px[last] - curve.columns_px[first])
        features[6] = last - first
    return features


def feature_points(profile: StripeProfile, rule: str = 'class_change') -> FloatArray:
    """Feature points 1 and 2: the first and the last place where the slope jumps.

    Args:
        profile: The stripe.
        rule: 'class_change' (|difference of class to the next row| = 1, equation 9) or 'slope_above_one'
            (K > 1, the paper's words).

    Returns:
        (2, 2) pixels u, v.

    Raises:
        JointTypeError: the stripe is straight, or covers too few rows.
    """
    curve = continuous_curve(profile)
    slope = slopes(curve.columns_px)
    jumps = _jumps(slope, slope_classes(slope), rule)
    if not len(jumps):
        raise JointTypeError(
            f'The slope of the stripe never jumps (largest slope {slope.max():.2f}): it shows no joint.',
            'Move the sensor so that the stripe crosses the joint.')
    ends = jumps[[0, -1]] + _MARGIN
    return np.column_stack([curve.columns_px[ends], curve.first_row_px + ends])


def _jumps(slope: FloatArray, classes: NDArray[np.intp], rule: str) -> NDArray[np.intp]:
    """Indices into the slopes where the rule sees a jump, ascending."""
    if rule == 'class_change':
        return np.flatnonzero(np.abs(np.diff(classes)) == 1)
    if rule == 'slope_above_one':
        return np.flatnonzero(slope > 1.0)
    raise ValueError(f'feature point rule: expected class_change or slope_above_one, got {rule!r}')
