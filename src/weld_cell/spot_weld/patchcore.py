"""Plain PatchCore on the same features and bank, for comparison."""

import numpy as np

from weld_cell.spot_weld.bank import FeatureBank
from weld_cell.spot_weld.describe import Places
from weld_cell.spot_weld.features import Features
from weld_cell.spot_weld.judgement import Compared, compare
from weld_cell.spot_weld.nearest import Nearest
from weld_cell.spot_weld.roi_align import Float32Array

_AT_ONCE = 4


def exhaustive_nearest(queries: Float32Array, bank: Float32Array) -> Nearest:
    """The nearest vector of a bank (m, d) to each query (n, d), by the differences of all pairs."""
    index = np.empty(len(queries), np.intp)
    for first in range(0, len(queries), _AT_ONCE):
        apart = queries[first : first + _AT_ONCE, None] - bank[None]
        index[first : first + _AT_ONCE] = (apart**2).sum(axis=2).argmin(axis=1)
    return Nearest(np.linalg.norm(queries.astype(float) - bank[index], axis=1), index)


def plain_patchcore(crops: Float32Array, features: Features, bank: FeatureBank) -> Compared:
    """What `weld_cell.spot_weld.judgement.compare` gives, for crops (n, g, g) of grey values."""
    return compare(Places.of(crops, features), bank.settings, bank.good, exhaustive_nearest)
