"""Giving freed memory back to the system, where the C library (glibc) can be asked to.

Pictures and networks come and go in pieces of megabytes. By default glibc keeps ever larger ones
for later, and a scan of thousands of photos grows by what lies unused between them.
"""

import contextlib
import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>
_LARGE_BYTES = 2**20


def return_large_pieces() -> None:
    """From now on, hand every piece of 1 MiB or more back as soon as it is freed."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def return_freed() -> None:
    """Hand back what was freed until now."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
