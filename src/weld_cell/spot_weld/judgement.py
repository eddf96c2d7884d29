"""Judgement of welds by a bank: each place and each weld as a whole, combined."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import BoolArray, FloatArray
from weld_cell.spot_weld.anomaly import Anomaly, of_distances
from weld_cell.spot_weld.describe import Places, Whitening, from_middle, places_that_count, rings
from weld_cell.spot_weld.nearest import Nearest, nearest
from weld_cell.spot_weld.profile import ProfileBank, profiles_of
from weld_cell.spot_weld.roi_align import Float32Array
from weld_cell.spot_weld.settings import BankSettings
from weld_cell.spot_weld.threshold import Thresholds

Lookup = Callable[[Float32Array, Float32Array], Nearest]
"""Nearest vectors of a bank (m, d) to queries (n, d)."""
_WELD = 1.1  # radius within which a weld that is unlike good ones as a whole is called defective, in radii


@dataclass(frozen=True, eq=False)
class GoodLook:
    """What good welds look like.

    Attributes:
        vectors: (m, d) float32, whitened, of places of good welds.
        whitening: By which features become such vectors.
        profiles: Of good welds; None where the surface has no middle.
    """

    vectors: Float32Array
    whitening: Whitening
    profiles: ProfileBank | None


@dataclass(frozen=True, eq=False)
class Compared:
    """Welds beside good ones, before any threshold.

    Attributes:
        local: Of each place.
        whole: (n,) of each weld as a whole; 0 where the surface has no middle.
        whole_rings: (n, r) of each of its rings.
        ring: (rows, columns) in which each place lies.
        weld: (rows, columns) True where a weld is, its surroundings left out.
    """

    local: Anomaly
    whole: FloatArray
    whole_rings: FloatArray
    ring: NDArray[np.intp]
    weld: BoolArray

    @property
    def greatest(self) -> FloatArray:
        """(n,) greatest value of each map."""
        return np.asarray(self.local.maps.reshape(len(self.local.maps), -1).max(axis=1))

    def scores(self, limits: Thresholds) -> FloatArray:
        """(n,) of the welds; 1 is the threshold of a defective one."""
        return fused_scores(self.local.scores, self.whole, limits) / limits.fused

    def maps(self, limits: Thresholds) -> FloatArray:
        """(n, rows, columns); 1 is the threshold of a defective place.

        Where no place of a weld is unlike good ones, but the weld as a whole is, its rings are painted, by how far
        each is from the usual.
        """
        local = self.local.maps / limits.place
        share = self.whole_rings / np.maximum(self.whole_rings.max(axis=1, keepdims=True), 1e-9)
        whole = (self.whole / (limits.whole * limits.fused))[:, None] * share
        unexplained = (self.greatest < limits.place)[:, None, None]
        return np.maximum(local, np.where(self.weld & unexplained, whole[:, self.ring], 0.0))


def compare(places: Places, settings: BankSettings, good: GoodLook, lookup: Lookup = nearest) -> Compared:
    """Compare welds with good ones.

    Args:
        places: Of the welds.
        settings: With which the bank was made.
        good: What it holds.
        lookup: How nearest vectors are found.
    """
    shape = places.shape[1:]
    inside, ring = places_that_count(shape, settings), rings(shape, settings)
    vectors = places.vectors(good.whitening, settings)
    found = lookup(vectors.reshape(-1, vectors.shape[-1]), good.vectors)
    local = of_distances(vectors, inside, found, good.vectors)
    count = len(vectors)
    whole, whole_rings = np.zeros(count), np.zeros((count, int(ring.max()) + 1))
    if good.profiles is not None:
        whole, whole_rings = good.profiles.compared(profiles_of(places.features[:, inside], ring[inside]))
    weld = from_middle(*shape, settings.context) <= _WELD
    return Compared(local, whole, whole_rings, ring, weld)


def fused_scores(local: FloatArray, whole: FloatArray, limits: Thresholds) -> FloatArray:
    """(n,) the greater of both scores, each in units of its own threshold."""
    return np.maximum(local / limits.local, whole / limits.whole)
