"""What each group of features brings: the paper's seven first, then one group after the other, and all but one.

Every subset gets the paper's machine, tuned on a part of its grid that holds the best pairs of all of them: the whole
grid for each would take longer than it tells.
"""

from functools import partial

import numpy as np

from weld_cell.evaluation.chains import RIDGE, Chain, Features, learn_tuned_machine, our_features
from weld_cell.joint_type.feature_sets import FEATURE_GROUPS, feature_names
from weld_cell.records import FloatArray, StripeProfile

PAPERS = "paper's seven"
GROUPS = {PAPERS if group == 'paper' else group: names for group, names in FEATURE_GROUPS.items()}
LOG2_C, LOG2_GAMMA = (1, 5, 11), (-11, -7, -5)


def group_chains() -> dict[str, Chain]:
    """A chain for each subset of features by its name: the paper's, '+ GROUP' with all before it, 'all but GROUP'."""
    names, learn = feature_names('extended'), partial(learn_tuned_machine, log2_c=LOG2_C, log2_gamma=LOG2_GAMMA)
    chains, members = {}, []
    for group, features in GROUPS.items():
        members += [names.index(name) for name in features]
        chains[group if group == PAPERS else f'+ {group}'] = Chain(RIDGE, _only(np.array(members)), learn)
    for group, features in GROUPS.items():
        kept = [k for k, name in enumerate(names) if name not in features]
        chains[f'all but {group}'] = Chain(RIDGE, _only(np.array(kept)), learn)
    return chains


def _only(columns: 'np.ndarray') -> Features:
    def features(profile: StripeProfile) -> FloatArray:
        chosen: FloatArray = our_features(profile)[columns]
        return chosen
    return features
