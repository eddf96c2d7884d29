"""Which features a model is made of: the paper's seven, or these and ours after them."""

import numpy as np

from weld_cell.joint_type.curve import continuous_curve
from weld_cell.joint_type.extended_features import EXTENDED_FEATURE_NAMES, extended_features
from weld_cell.joint_type.features import PAPER_FEATURE_NAMES, curve_paper_features
from weld_cell.joint_type.settings import FEATURE_SETS
from weld_cell.records import FloatArray, StripeProfile


def feature_names(feature_set: str) -> tuple[str, ...]:
    """Names of the features of a set, in order.

    Raises:
        ValueError: no such set.
    """
    if feature_set not in FEATURE_SETS:
        raise ValueError(f'feature_set: expected one of {", ".join(FEATURE_SETS)}, got {feature_set!r}')
    return PAPER_FEATURE_NAMES + (EXTENDED_FEATURE_NAMES if feature_set == 'extended' else ())


def feature_vector(profile: StripeProfile, feature_set: str, rule: str = 'class_change') -> FloatArray:
    """The features of one profile, not normalised; V1..V7 come first.

    Args:
        profile: The stripe.
        feature_set: 'paper' (7 features) or 'extended' (the same and ours).
        rule: How the paper's feature points are found, see `features.feature_points`.

    Returns:
        (k,) in the order of `feature_names`.

    Raises:
        JointTypeError: the stripe covers too few rows.
        ValueError: no such set or rule.
    """
    names = feature_names(feature_set)
    curve = continuous_curve(profile)
    paper = curve_paper_features(curve, rule)
    if len(names) == len(paper):
        return paper
    return np.concatenate([paper, extended_features(curve)])
