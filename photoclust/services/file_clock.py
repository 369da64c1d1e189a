"""How long a worker has been at a file, and when that is too long for any.

A worker stands back for whatever else the user does, so on a busy machine a sound file may be with
it for many minutes. That is not too long as long as it computes now and then and has not computed
for as long as a file may take; one that hangs does not compute.
"""

import time
from collections.abc import Callable


class FileClock:
    """The time of one file after another of a worker, which has `limit_s` for each, and once these
    are over may stand still for `still_s`; `processor_s` tells the seconds for which its process
    has computed so far.
    """

    def __init__(self, limit_s: float, still_s: float, processor_s: Callable[[], float]) -> None:
        self._limit_s = limit_s
        self._still_s = still_s
        self._processor_s = processor_s
        self._begun = self._moved = 0.0
        self._before_s = self._last_s = 0.0

    def start(self) -> None:
        """A file begins, or goes on after what counts against none."""
        self._begun = self._moved = time.monotonic()
        self._before_s = self._last_s = self._processor_s()

    def leave_out(self, seconds: float) -> None:
        """That much of the time so far was nobody's fault."""
        self._begun += seconds
        self._moved += seconds

    @property
    def is_over(self) -> bool:
        """Whether the file took too long."""
        now = time.monotonic()
        if now - self._begun <= self._limit_s:
            return False
        computed_s = self._processor_s()
        if computed_s > self._last_s:
            self._last_s, self._moved = computed_s, now
        # It was not looked at before.
        still_s = now - max(self._moved, self._begun + self._limit_s)
        return computed_s - self._before_s > self._limit_s or still_s > self._still_s
