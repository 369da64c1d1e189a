"""Giving freed memory back to the system, where the C library (glibc) can be asked to.

Pictures and networks come and go in pieces of megabytes. By default glibc keeps ever larger ones
for later, and a scan of thousands of photos grows by what lies unused between them.
"""

import contextlib
import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>
_LARGE_BYTES = (64 * 2**20, 32 * 2**20)
"""Pieces above go back. Smaller ones are used again: to map each of a photo's pictures anew took a
seventh of a scan, and what lies unused between them goes with `return_freed`. Old versions of glibc
take no more than the second.
"""


def return_large_pieces() -> None:
    """From now on, hand every large piece back as soon as it is freed."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        for large in _LARGE_BYTES:
            if library.mallopt(_M_MMAP_THRESHOLD, large):
                library.mallopt(_M_TRIM_THRESHOLD, large)
                return


def return_freed() -> None:
    """Hand back what was freed until now."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
