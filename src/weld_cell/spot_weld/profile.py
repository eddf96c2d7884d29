"""The radial profile of a weld: the mean of each feature in each ring about its centre.

It is the coarsest of the scales. A cold weld differs from a good one a little everywhere: no place of it is unlike
all good places, but its rings together are unlike those of all good welds.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.spot_weld.roi_align import Float32Array

_MOST_AXES = 20
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
        """How far welds (n, r, c) are from good ones.

        Returns:
            (n,) of each as a whole: the root of the mean square along the principal axes of the good welds, in
            deviations, plus the square of what no axis explains, in medians of that of good welds. And (n, r) of each
            ring: root mean square over the features, in deviations, from the most similar good weld.
        """
        apart = np.empty(profiles.shape[:2])
        for number, profile in enumerate(profiles):
            of_rings = np.mean(((self.profiles - profile) / self.deviation) ** 2, axis=2)
            apart[number] = of_rings[of_rings.mean(axis=1).argmin()]
        along, unexplained = self._axes.split(self._scaled(profiles))
        return np.sqrt((along**2).mean(axis=1) + unexplained**2), np.sqrt(apart)

    def _scaled(self, profiles: Float32Array) -> FloatArray:
        """(n, r c) of profiles (n, r, c), in deviations."""
        return np.asarray((profiles / self.deviation).reshape(len(profiles), -1), float)

    @cached_property
    def _axes(self) -> '_Axes':
        return _Axes.of(self._scaled(self.profiles))


@dataclass(frozen=True, eq=False)
class _Axes:
    """Along which good welds differ from each other.

    Source: Jackson and Mudholkar 1979, "Control procedures for residuals associated with principal component
    analysis".

    Attributes:
        mean: (d,) of good welds.
        axes: (k, d) unit vectors.
        deviation: (k,) along them.
        residual: Median length of what they do not explain of a good weld.
    """

    mean: FloatArray
    axes: FloatArray
    deviation: FloatArray
    residual: float

    @classmethod
    def of(cls, scaled: FloatArray) -> '_Axes':
        """Of good welds (m, d), m at least 2; fewer axes than a quarter of the welds."""
        mean = scaled.mean(axis=0)
        away = scaled - mean
        _, values, axes = np.linalg.svd(away, full_matrices=False)
        count = min(_MOST_AXES, max(len(scaled) // 4, 1))
        left = np.linalg.norm(away - (away @ axes[:count].T) @ axes[:count], axis=1)
        deviation = np.maximum(values[:count] / np.sqrt(len(scaled) - 1), 1e-9)
        return cls(mean, axes[:count], deviation, max(float(np.median(left)), 1e-9))

    def split(self, scaled: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(n, k) deviations along the axes of welds (n, d), and (n,) the rest."""
        away = scaled - self.mean
        along = away @ self.axes.T
        return along / self.deviation, np.linalg.norm(away - along @ self.axes, axis=1) / self.residual


def profiles_of(features: Float32Array, ring: NDArray[np.intp]) -> Float32Array:
    """(n, r, c) means of features (n, p, c) over the rings in which their places (p,) lie."""
    return np.stack([features[:, ring == number].mean(axis=1) for number in range(int(ring.max()) + 1)], axis=1)
