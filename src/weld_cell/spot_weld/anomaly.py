"""From feature distances to an anomaly map and a score of the weld.

Source: Roth et al. 2022 (PatchCore), section 3.3 and equation 7.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.records import BoolArray, FloatArray
from weld_cell.spot_weld.nearest import Nearest
from weld_cell.spot_weld.roi_align import Float32Array

NEIGHBOURS = 9
"""Of the nearest good place, that weigh how unusual it is itself."""
SMOOTHING = 0.8
"""Standard deviation of the Gaussian filter of a map, in places."""


@dataclass(frozen=True, eq=False)
class Anomaly:
    """How unlike good welds some welds are.

    Attributes:
        maps: (n, rows, columns) smoothed distance of each place to its nearest good one.
        scores: (n,) greatest distance of each, weighed by how unusual the good place itself is.
    """

    maps: FloatArray
    scores: FloatArray


def of_distances(vectors: Float32Array, inside: BoolArray, found: Nearest, bank: Float32Array) -> Anomaly:
    """Compare welds with a bank in which their nearest vectors are known.

    Args:
        vectors: (n, p, d) of their places.
        inside: (rows, columns) True at these p places.
        found: Nearest vector to each, all welds in one row.
        bank: (m, d).
    """
    maps = np.zeros((len(vectors), *inside.shape))
    maps[:, inside] = found.distance.reshape(len(vectors), -1)
    weight = _smooth(inside.astype(float))[inside]
    smoothed = np.zeros_like(maps)
    for number, each in enumerate(maps):
        smoothed[number][inside] = _smooth(each)[inside] / weight
    return Anomaly(smoothed, reweighted(vectors, smoothed[:, inside], found, bank))


def _smooth(values: FloatArray) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), SMOOTHING, borderType=cv2.BORDER_REFLECT), float)


def reweighted(vectors: Float32Array, maps: FloatArray, found: Nearest, bank: Float32Array) -> FloatArray:
    """(n,) the greatest value of each map (n, p) times 1 - exp(d) / sum of exp(d'), by equation 7.

    d is the distance of that place to its nearest good one, d' its distances to the NEIGHBOURS good places nearest to
    that one, itself among them.
    """
    scores = np.empty(len(maps))
    index = found.index.reshape(len(maps), -1)
    for number, each in enumerate(maps):
        place = int(each.argmax())
        good = bank[index[number, place]]
        among = np.linalg.norm(bank - good, axis=1).argsort(kind='stable')[:NEIGHBOURS]
        apart = np.linalg.norm(bank[among].astype(float) - vectors[number, place], axis=1)
        weight = 1.0 - np.exp(apart[0] - apart.max()) / np.exp(apart - apart.max()).sum()
        scores[number] = each.max() * (weight if len(among) > 1 else 1.0)
    return scores
