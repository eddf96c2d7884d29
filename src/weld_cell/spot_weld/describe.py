"""Feature vectors of places, whitened by those of good welds, with the distance from the centre."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import BoolArray, FloatArray
from weld_cell.spot_weld.features import Features
from weld_cell.spot_weld.roi_align import Float32Array
from weld_cell.spot_weld.settings import BankSettings

_SHRUNK = 0.1  # share of the mean covariance of the rings in that of each, which few places may have shown
_LEAST_VARIANCE = 1e-3  # of the mean one, below which a direction holds rounding and no surface


@dataclass(frozen=True, eq=False)
class Whitening:
    """Takes features to coordinates that are uncorrelated, of mean 0 and variance 1, on good welds.

    A weld looks different in the middle and at its wall: each ring about the middle has coordinates of its own.

    Attributes:
        mean: (r, c) of each ring.
        matrix: (r, c, c) of each ring.
    """

    mean: Float32Array
    matrix: Float32Array

    @classmethod
    def of(cls, features: Float32Array, ring: NDArray[np.intp]) -> 'Whitening':
        """By the principal axes of each ring.

        Args:
            features: (n, p, c) of the p places of n welds.
            ring: (p,) in which each place lies, from 0; each has one place at least.
        """
        own = [features[:, ring == number].reshape(-1, features.shape[-1]) for number in range(int(ring.max()) + 1)]
        spreads = np.array([np.cov(part, rowvar=False).reshape(features.shape[-1], -1) for part in own])
        common = spreads.mean(axis=0)
        matrices = [_inverse_root((1.0 - _SHRUNK) * spread + _SHRUNK * common) for spread in spreads]
        means = [part.mean(axis=0, dtype=float) for part in own]
        return cls(np.array(means, np.float32), np.array(matrices, np.float32))

    def apply(self, features: Float32Array, ring: NDArray[np.intp]) -> Float32Array:
        """(n, p, c) of features (n, p, c) of places in rings (p,)."""
        whitened = np.empty_like(features)
        for number, (mean, matrix) in enumerate(zip(self.mean, self.matrix, strict=True)):
            chosen = ring == number
            whitened[:, chosen] = (features[:, chosen] - mean) @ matrix
        return whitened


def _inverse_root(covariance: FloatArray) -> FloatArray:
    """(c, c) by which vectors of this covariance are multiplied to have the unit one."""
    scale = np.sqrt(np.diag(covariance))
    scale = np.where(scale > 0.0, scale, 1.0)
    values, axes = np.linalg.eigh(covariance / scale / scale[:, None])
    root: FloatArray = axes / np.sqrt(np.maximum(values, _LEAST_VARIANCE * values.mean())) / scale[:, None]
    return root


@dataclass(frozen=True, eq=False)
class Places:
    """Features of the places of crops.

    Attributes:
        features: (n, rows, columns, c).
    """

    features: Float32Array

    @classmethod
    def of(cls, crops: Float32Array, features: Features) -> 'Places':
        """Of crops (n, g, g)."""
        return cls(np.ascontiguousarray(np.moveaxis(features.maps(crops), 1, -1)))

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, rows, columns)."""
        n, rows, columns, _ = self.features.shape
        return n, rows, columns

    def vectors(self, whitening: Whitening, settings: BankSettings) -> Float32Array:
        """(n, p, d) of the p places that count: whitened features, and the distance from the middle if it counts."""
        n, rows, columns = self.shape
        inside = places_that_count((rows, columns), settings)
        whitened = whitening.apply(self.features[:, inside], rings((rows, columns), settings)[inside])
        if not settings.place_weight:
            return whitened
        away = settings.place_weight * from_middle(rows, columns, settings.context)[inside]
        return np.dstack([whitened, np.tile(away.astype(np.float32), (n, 1))])


def places_that_count(shape: tuple[int, int], settings: BankSettings) -> BoolArray:
    """(rows, columns) those in the circle about a weld; all where there is no middle, so no weight of the place."""
    inside: BoolArray = from_middle(*shape, settings.context) <= settings.context
    return inside if settings.place_weight else np.ones(shape, bool)


def rings(shape: tuple[int, int], settings: BankSettings) -> NDArray[np.intp]:
    """(rows, columns) ring in which each place lies; a surface without a middle is one ring."""
    if not settings.place_weight:
        return np.zeros(shape, np.intp)
    ring = (from_middle(*shape, settings.context) / settings.context * settings.rings).astype(np.intp)
    return np.asarray(ring.clip(0, settings.rings - 1), np.intp)


def from_middle(rows: int, columns: int, context: float) -> FloatArray:
    """(rows, columns) distance of each place from the crop's middle in radii."""
    x = ((np.arange(columns) + 0.5) / columns - 0.5) * 2.0 * context
    y = ((np.arange(rows) + 0.5) / rows - 0.5) * 2.0 * context
    return np.hypot(x[None], y[:, None])
