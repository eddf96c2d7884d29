"""Exact nearest neighbours by matrix products.

The squared distance |q|^2 + |b|^2 - 2 q b of all pairs is one matrix product, in single precision. Where more than
one vector of the bank is as near as its rounding can hide, these few are compared again in double precision.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.spot_weld.roi_align import Float32Array

_AT_ONCE = 2_000_000  # products that are kept at a time: they fit the processor's cache


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest vector of a bank to each query.

    Attributes:
        distance: (n,) to it.
        index: (n,) which one.
    """

    distance: FloatArray
    index: NDArray[np.intp]


def nearest(queries: Float32Array, bank: Float32Array) -> Nearest:
    """Look up every query.

    Args:
        queries: (n, d).
        bank: (m, d), m at least 1.

    Raises:
        ValueError: an empty bank, or vectors of other length.
    """
    if not len(bank) or queries.shape[1:] != bank.shape[1:]:
        raise ValueError(f'expected vectors of one length and a bank, got {queries.shape} and {bank.shape}')
    half_norms = 0.5 * np.einsum('md,md->m', bank, bank)
    index = np.empty(len(queries), np.intp)
    step = max(_AT_ONCE // len(bank), 1)
    turned = np.ascontiguousarray(bank.T)
    for first in range(0, len(queries), step):
        part = queries[first : first + step]
        index[first : first + step] = _of_part(part, bank, turned, half_norms)
    apart = queries.astype(float) - bank[index]
    return Nearest(np.sqrt(np.einsum('nd,nd->n', apart, apart)), index)


def _of_part(
    queries: Float32Array, bank: Float32Array, turned: Float32Array, half_norms: Float32Array
) -> NDArray[np.intp]:
    """(n,) of a few queries; half the squared distance less half the query's own square is compared."""
    products = queries @ turned
    np.subtract(half_norms, products, out=products)
    index = products.argmin(axis=1)
    least = np.take_along_axis(products, index[:, None], axis=1)[:, 0]
    longest = float(half_norms.max()) + 0.5 * np.einsum('nd,nd->n', queries, queries)
    hidden = 4.0 * (queries.shape[1] + 2) * np.finfo(np.float32).eps * longest
    close = products <= (least + hidden)[:, None]
    for row in np.flatnonzero(np.count_nonzero(close, axis=1) > 1):
        candidates = np.flatnonzero(close[row])
        apart = bank[candidates].astype(float) - queries[row]
        index[row] = candidates[np.einsum('nd,nd->n', apart, apart).argmin()]
    return np.asarray(index, np.intp)
