"""The paper's features of a stripe profile: slope classes V1..V5 and feature point interval V6, V7.

Source: Zeng et al. 2020, section 3.2, equations 6 to 9. The slope K is not divided by the lag, so a curve that
moves by one column a row has K = 3; a sensor rolled by 10 degrees stays below the first class.
"""

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.errors import JointTypeError
from weld_cell.joint_type.curve import StripeCurve, continuous_curve
from weld_cell.records import FloatArray, StripeProfile

SLOPE_LAGS = (1, 2, 3, 4, 5)
CLASS_EDGES = (0.6, 1.5, 2.5, 3.5, 4.5)
PAPER_FEATURE_NAMES = (
    'V1_rows_of_class_1',
    'V2_rows_of_class_2',
    'V3_rows_of_class_3',
    'V4_rows_of_class_4',
    'V5_rows_of_class_5',
    'V6_feature_points_dx',
    'V7_feature_points_dy',
)

_MARGIN_ROWS = SLOPE_LAGS[-1]


@compiled('float64[::1](float64[::1])')
def slopes(columns_px: FloatArray) -> FloatArray:
    """K_i of equation 6 for the rows 5 to n - 6: mean over the lags 1..5 of half the change of column.

    Args:
        columns_px: (n,) stripe centre in successive rows, n at least 10.

    Returns:
        (n - 10,) slopes, never negative.
    """
    slope = np.zeros(len(columns_px) - 2 * _MARGIN_ROWS)
    for i in range(len(slope)):
        total = 0.0
        for lag in SLOPE_LAGS:
            total += abs(columns_px[i + _MARGIN_ROWS + lag] - columns_px[i + _MARGIN_ROWS - lag])
        slope[i] = total / (2 * len(SLOPE_LAGS))
    return slope


@compiled('int64[::1](float64[::1])')
def slope_classes(slope: FloatArray) -> NDArray[np.int64]:
    """Class 0 to 5 of each slope (equation 7; the upper edge belongs to the class)."""
    classes = np.zeros(len(slope), np.int64)
    for i in range(len(slope)):
        for edge in CLASS_EDGES:
            classes[i] += slope[i] > edge
    return classes


@compiled('UniTuple(int64, 2)(float64[::1], int64[::1], boolean)')
def _jump_ends(slope: FloatArray, classes: NDArray[np.int64], by_class: bool) -> tuple[int, int]:
    """Rows, counted from the stripe's first, of the first and the last jump; (-1, -1) where the slope never jumps."""
    first = last = -1
    for i in range(len(slope)):
        changes = i + 1 < len(slope) and abs(classes[i + 1] - classes[i]) == 1
        if changes if by_class else slope[i] > 1.0:
            last = i + _MARGIN_ROWS
            first = last if first < 0 else first
    return first, last


@compiled('float64[::1](float64[::1], boolean)')
def _columns_features(columns_px: FloatArray, by_class: bool) -> FloatArray:
    """V1..V7 of the stripe's columns (n,), n at least 10."""
    slope = slopes(columns_px)
    classes = slope_classes(slope)
    features = np.zeros(7)
    for slope_class in classes:
        if slope_class > 0:
            features[slope_class - 1] += 1
    first, last = _jump_ends(slope, classes, by_class)
    if first >= 0:
        features[5] = abs(columns_px[last] - columns_px[first])
        features[6] = last - first
    return features


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
    return _columns_features(curve.columns_px, _by_class(rule))


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
    ends = _jump_ends(slope, slope_classes(slope), _by_class(rule))
    if ends[0] < 0:
        raise JointTypeError(
            f'The slope of the stripe has no jump (largest slope {slope.max():.2f}): it shows no joint.',
            'Move the sensor so that the stripe crosses the joint.',
        )
    rows = np.array(ends)
    return np.column_stack([curve.columns_px[rows], curve.first_row_px + rows])


def _by_class(rule: str) -> bool:
    """Whether a jump is a change of class; else it is a slope above one."""
    if rule not in ('class_change', 'slope_above_one'):
        raise ValueError(f'feature point rule: expected class_change or slope_above_one, got {rule!r}')
    return rule == 'class_change'
