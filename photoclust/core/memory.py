"""Giving freed memory back to the system, where the C library (glibc) can be asked to.

Pictures and networks come and go in pieces of megabytes. By default glibc keeps ever larger ones
for later, and a process grows by what lies unused between them.
"""

import contextlib
import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>
_LARGE_BYTES = 2**20
_KEPT_BYTES = (2**26, 2**25)
"""Before glibc 2.35 no more than 32 MiB was taken."""
_KEPT_TOP_BYTES = 2**28
"""What lies free at the end may be larger: a photo takes more than 64 MiB, one after another."""


def return_large_pieces() -> None:
    """From now on, hand every piece of 1 MiB or more back as soon as it is freed."""
    _set_limits(_LARGE_BYTES, top=_LARGE_BYTES)


def keep_large_pieces() -> None:
    """From now on, keep freed pieces of up to 64 MiB for the next that are asked for.

    To map every picture anew and have the system fill it with zeros takes a fifth of a scan's time.
    """
    _set_limits(*_KEPT_BYTES, top=_KEPT_TOP_BYTES)


def _set_limits(*in_bytes: int, top: int) -> None:
    """Hand back pieces of so many bytes, the first of `in_bytes` that the library takes, and what
    lies free at the end of the heap from `top` bytes on.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        for limit in in_bytes:
            if library.mallopt(_M_MMAP_THRESHOLD, limit):
                library.mallopt(_M_TRIM_THRESHOLD, top)
                return


def return_freed() -> None:
    """Hand back what was freed until now."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
