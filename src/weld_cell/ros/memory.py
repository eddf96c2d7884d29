"""Keeps freed image memory in the process.

A message with an image passes through three to six blocks of its size on its way between two processes. glibc gets a
block of more than 128 KiB from the kernel and gives it back each time, and the kernel clears it page by page: 1.5 MB
take longer to clear than to send.
"""

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # malloc.h
_LARGEST_BLOCK = 32 * 1024 * 1024  # more is refused on 64 bits
_KEPT = 64 * 1024 * 1024
_AHEAD = 16 * 1024 * 1024


def keep_large_blocks() -> bool:
    """Let this process keep freed blocks of images for the next ones; whether its C library can (glibc).

    To be called before anything large is allocated, and before threads start.
    """
    if not sys.platform.startswith('linux'):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, 'gnu_get_libc_version'):
        return False
    settings = ((_MMAP_THRESHOLD, _LARGEST_BLOCK), (_TRIM_THRESHOLD, _KEPT), (_TOP_PAD, _AHEAD))
    return all([library.mallopt(name, value) == 1 for name, value in settings])
