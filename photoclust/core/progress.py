"""Progress, pause and cancel of a long job, the same for a terminal, a window and a test.

A job calls `checkpoint` at least every 200 ms and `report` as often as it likes: reports are
throttled here, at the source. The other side calls `pause`, `resume` and `cancel` from any thread.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from photoclust.core.errors import CancelledError

REPORT_INTERVAL_S = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `total` is None while it is not known; `rate` is units per second."""

    stage: str
    done: int
    total: int | None
    rate: float
    remaining_s: float | None


class JobControl:
    """The line between a running job and whoever watches it."""

    def __init__(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        self._on_progress = on_progress
        self._go = threading.Event()
        self._go.set()
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._stage = ""
        self._stage_start = 0.0
        self._first_done = 0
        self._paused_s = 0.0
        self._last_report = 0.0

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._cancelled.is_set()

    @property
    def paused(self) -> bool:
        """True between `pause` and `resume`."""
        return not self._go.is_set()

    def pause(self) -> None:
        """Hold the job at its next checkpoint."""
        self._go.clear()

    def resume(self) -> None:
        """Let a held job go on."""
        self._go.set()

    def cancel(self) -> None:
        """Make the next checkpoint raise `CancelledError`, also in a held job."""
        self._cancelled.set()
        self._go.set()

    def checkpoint(self) -> None:
        """Wait while paused; raise `CancelledError` once cancelled."""
        if not self._go.is_set():
            held = time.monotonic()
            self._go.wait()
            self._paused_s += time.monotonic() - held
        if self._cancelled.is_set():
            raise CancelledError

    def report(self, stage: str, done: int, total: int | None = None) -> None:
        """Tell how far `stage` is; the first call of a stage and one with `done` equal to `total`
        always get through.
        """
        now = time.monotonic()
        with self._lock:
            if stage != self._stage:
                self._stage, self._stage_start, self._paused_s = stage, now, 0.0
                self._first_done = done
            elif now - self._last_report < REPORT_INTERVAL_S and done != total:
                return
            self._last_report = now
            busy = max(now - self._stage_start - self._paused_s, 1e-6)
            rate = (done - self._first_done) / busy
            remaining = None if total is None or rate <= 0 else (total - done) / rate
        if self._on_progress is not None:
            self._on_progress(Progress(stage, done, total, rate, remaining))
