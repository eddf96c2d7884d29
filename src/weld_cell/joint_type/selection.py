"""The k-th smallest of some values, compiled: many times faster on a few hundred than numpy's median.

Compiled functions of other files have a copy of these in them, which numba renews when their own file changes.
"""

from weld_cell.compiled import compiled
from weld_cell.records import FloatArray


@compiled('float64(float64[::1], int64)')
def kth_smallest(values: FloatArray, k: int) -> float:
    """What would stand at index k if the values (n,), at least one, were sorted (Hoare's selection on a copy)."""
    rest = values.copy()
    first, last = 0, len(rest) - 1
    while first < last:
        pivot = rest[(first + last) // 2]
        low, high = first, last
        while low <= high:
            while rest[low] < pivot:
                low += 1
            while rest[high] > pivot:
                high -= 1
            if low <= high:
                rest[low], rest[high] = rest[high], rest[low]
                low, high = low + 1, high - 1
        if k <= high:
            last = high
        elif k >= low:
            first = low
        else:
            break
    found: float = rest[k]
    return found


@compiled('float64(float64[::1])')
def median(values: FloatArray) -> float:
    """The middle value of at least one (of an even count the upper one)."""
    return kth_smallest(values, len(values) // 2)
