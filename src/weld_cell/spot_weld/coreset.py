"""Coreset selection: greedy k-centre after a random projection.

Source: Sener and Savarese 2018, algorithm 1; Roth et al. 2022 (PatchCore), algorithm 1 and section 3.2, where a
random linear projection (Johnson and Lindenstrauss 1984) makes the distances cheap.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.spot_weld.roi_align import Float32Array

PROJECTED = 16
MOST_CANDIDATES = 20_000


def greedy_coreset(vectors: Float32Array, count: int, rng: Generator) -> NDArray[np.intp]:
    """Choose vectors so that the greatest distance of any to its nearest chosen one is small.

    Args:
        vectors: (n, d), n at least 1; of more than MOST_CANDIDATES so many are drawn at random first.
        count: How many; all are taken where there are no more.
        rng: Where draw and projection come from.

    Returns:
        (count,) indices, each once, in the order in which they were chosen.

    Raises:
        ValueError: no vectors, or a count below 1.
    """
    if not len(vectors) or count < 1:
        raise ValueError(f'expected vectors and a count of 1 at least, got {len(vectors)} and {count}')
    drawn = np.arange(len(vectors))
    if len(vectors) > MOST_CANDIDATES:
        drawn = np.sort(rng.choice(len(vectors), MOST_CANDIDATES, replace=False))
    candidates = _projected(vectors[drawn], rng)
    norms = np.einsum('nd,nd->n', candidates, candidates)
    chosen = np.empty(min(count, len(drawn)), np.intp)
    chosen[0] = rng.integers(len(drawn))
    distance = np.full(len(drawn), np.inf, np.float32)
    for number in range(1, len(chosen)):
        last = chosen[number - 1]
        to_last = norms + norms[last] - 2.0 * (candidates @ candidates[last])
        np.minimum(distance, to_last, out=distance)
        distance[last] = -np.inf
        chosen[number] = int(distance.argmax())
    return np.asarray(drawn[chosen], np.intp)


def _projected(vectors: Float32Array, rng: Generator) -> Float32Array:
    """(n, at most PROJECTED): lengths are kept on the average."""
    width = vectors.shape[1]
    if width <= PROJECTED:
        return np.ascontiguousarray(vectors, np.float32)
    projection = rng.standard_normal((width, PROJECTED), dtype=np.float32) / np.float32(np.sqrt(PROJECTED))
    return np.asarray(vectors @ projection, np.float32)
