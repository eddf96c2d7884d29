"""What each group of features brings: the paper's seven first, then one group after the other, and all but one.

Every subset gets the paper's machine, tuned on a part of its grid that holds the best pairs of all of them: the whole
grid for each would take longer than it tells.
"""

from functools import partial

from weld_cell.evaluation.chains import RIDGE, Chain, learn_tuned_machine, some_of_ours
from weld_cell.joint_type.feature_sets import FEATURE_GROUPS, feature_names

PAPERS = "paper's seven"
GROUPS = {PAPERS if group == 'paper' else group: names for group, names in FEATURE_GROUPS.items()}
LOG2_C, LOG2_GAMMA = (1, 5, 11), (-11, -7, -5)


def group_chains() -> dict[str, Chain]:
    """A chain for each subset of features by its name: the paper's, '+ GROUP' with all before it, 'all but GROUP'."""
    learn = partial(learn_tuned_machine, log2_c=LOG2_C, log2_gamma=LOG2_GAMMA)
    chains: dict[str, Chain] = {}
    members: list[str] = []
    for group, features in GROUPS.items():
        members += features
        chains[group if group == PAPERS else f'+ {group}'] = Chain(RIDGE, some_of_ours(members), learn)
    for group, features in GROUPS.items():
        kept = [name for name in feature_names('extended') if name not in features]
        chains[f'all but {group}'] = Chain(RIDGE, some_of_ours(kept), learn)
    return chains
