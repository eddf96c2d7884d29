"""The look of a weld as a whole: the mean of each feature over each ring about its middle.

It is the coarsest of the scales. A cold weld differs from a good one a little everywhere: no place of it is unlike
all good places, but its rings together are unlike those of all good welds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.spot_weld.roi_align import Float32Array

_LEAST_SHARE = 0.05  # of the median deviation, below which a mean hardly differs by chance


@dataclass(frozen=True, eq=False)
class ProfileBank:
    """Profiles of good welds.

    Attributes:
        profiles: (m, r, c) mean of each of c features over each of r rings.
        deviation: (r, c) of the good welds.
    """

    profiles: Float32Array
    deviation: Float32Array

    @classmethod
    def of(cls, profiles: Float32Array) -> 'ProfileBank':
        """Of good welds (m, r, c), m at least 2."""
        deviation = profiles.std(axis=0, ddof=1)
        return cls(profiles, np.maximum(deviation, _LEAST_SHARE * np.median(deviation) + 1e-9).astype(np.float32))

    def compared(self, profiles: Float32Array) -> tuple[FloatArray, FloatArray]:
        """How far welds (n, r, c) are from the most similar good one.

        Returns:
            (n,) root mean square over rings and features in deviations of the good welds, and (n, r) that of each
            ring.
        """
        apart = np.empty(profiles.shape[:2])
        for number, profile in enumerate(profiles):
            of_rings = np.mean(((self.profiles - profile) / self.deviation) ** 2, axis=2)
            apart[number] = of_rings[of_rings.mean(axis=1).argmin()]
        return np.sqrt(apart.mean(axis=1)), np.sqrt(apart)


def profiles_of(features: Float32Array, ring: NDArray[np.intp]) -> Float32Array:
    """(n, r, c) means of features (n, p, c) over the rings in which their places (p,) lie."""
    return np.stack([features[:, ring == number].mean(axis=1) for number in range(int(ring.max()) + 1)], axis=1)
