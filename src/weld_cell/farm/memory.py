"""Memory of a worker, kept for the images of a bag and released after it."""

import ctypes
import sys

MIB = 1 << 20
WORKER_ENVIRONMENT = {
    'MALLOC_ARENA_MAX': '1',
    'MALLOC_MMAP_THRESHOLD_': str(32 * MIB),
    'MALLOC_TRIM_THRESHOLD_': str(64 * MIB),
}
"""For glibc, in place of Dask's 64 KiB after which freed memory goes back to the kernel, which then clears the pages
of every image anew: a third of a replay's processor time."""


def give_back() -> bool:
    """Give freed memory back to the kernel; whether the C library can (glibc)."""
    if not sys.platform.startswith('linux'):
        return False
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    return trim is not None and bool(trim(0))
