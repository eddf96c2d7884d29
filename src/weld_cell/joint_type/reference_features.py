"""The reference features of the paper's comparison: distances from the weld's ends to its bottom.

Source: reference 23 of Zeng et al. 2020 (Fan, Jing and Fang 2017), as far as the paper tells (section 5.2: "the
vertical distance from the groove to the surface"). Our reading: the ends are the paper's feature points, the
bottom is the point between them that lies farthest from the line through them.
"""

import numpy as np

from weld_cell.errors import JointTypeError
from weld_cell.joint_type.curve import continuous_curve
from weld_cell.joint_type.features import feature_points
from weld_cell.records import FloatArray, StripeProfile

REFERENCE_FEATURE_NAMES = (
    'end_1_to_bottom_dx',
    'end_1_to_bottom_dy',
    'end_2_to_bottom_dx',
    'end_2_to_bottom_dy',
    'depth_px',
)


def reference_features(profile: StripeProfile) -> FloatArray:
    """Distances from both ends of the weld to its bottom, along the image's axes, and the bottom's depth.

    Returns:
        (5,) in pixels; zeros where the stripe is straight and shows no weld.

    Raises:
        JointTypeError: the stripe covers too few rows.
    """
    curve = continuous_curve(profile)
    try:
        ends = feature_points(profile)
    except JointTypeError:
        return np.zeros(len(REFERENCE_FEATURE_NAMES))
    first, last = (ends[:, 1] - curve.first_row_px).astype(int)
    rows = np.arange(first, last + 1)
    columns = curve.columns_px[first : last + 1]
    depths = np.abs(columns - np.interp(rows, (first, last), ends[:, 0]))
    deepest = int(depths.argmax())
    bottom = np.array([columns[deepest], curve.first_row_px + rows[deepest]])
    return np.concatenate([np.abs(bottom - ends).ravel(), depths[deepest : deepest + 1]])
