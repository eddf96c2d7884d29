"""Feature sets of a model: the paper's seven features, or these followed by the extended ones."""

from collections.abc import Sequence

import numpy as np

from weld_cell.joint_type.curve import continuous_curve
from weld_cell.joint_type.extended_features import EXTENDED_FEATURE_GROUPS, EXTENDED_FEATURE_NAMES, extended_features
from weld_cell.joint_type.features import PAPER_FEATURE_NAMES, curve_paper_features
from weld_cell.joint_type.settings import FEATURE_SETS, JointTypeSettings
from weld_cell.records import FloatArray, StripeProfile

FEATURE_GROUPS = {'paper': PAPER_FEATURE_NAMES, **EXTENDED_FEATURE_GROUPS}
"""Names of the features by group, in the order of the extended set."""


def feature_names(feature_set: str) -> tuple[str, ...]:
    """Names of the features of a set, in order.

    Raises:
        ValueError: no such set.
    """
    if feature_set not in FEATURE_SETS:
        raise ValueError(f'feature_set: expected one of {", ".join(FEATURE_SETS)}, got {feature_set!r}')
    return PAPER_FEATURE_NAMES + (EXTENDED_FEATURE_NAMES if feature_set == 'extended' else ())


def feature_vector(profile: StripeProfile, settings: JointTypeSettings) -> FloatArray:
    """The features of one profile, not normalised; V1..V7 come first.

    Args:
        profile: The stripe.
        settings: Which features, by which rule, seen by which sensor.

    Returns:
        (k,) in the order of `feature_names`.

    Raises:
        JointTypeError: the stripe covers too few rows.
    """
    curve = continuous_curve(profile)
    paper = curve_paper_features(curve, settings.feature_point_rule)
    if settings.feature_set == 'paper':
        return paper
    if settings.deeper == 'smaller_columns':
        curve = curve.mirrored()
    return np.concatenate([paper, extended_features(curve)])


def feature_matrix(profiles: Sequence[StripeProfile], settings: JointTypeSettings) -> FloatArray:
    """(n, k) features of n profiles, see `feature_vector`."""
    width = len(feature_names(settings.feature_set))
    return np.array([feature_vector(profile, settings) for profile in profiles]).reshape(-1, width)
