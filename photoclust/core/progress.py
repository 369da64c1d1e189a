"""Progress, pause and cancel of a long job, the same for a terminal, a window and a test.

A job calls `checkpoint` at least every 200 ms and `report` as often as it likes: reports are
throttled here, at the source. The other side calls `pause`, `resume` and `cancel` from any thread.
Whoever pauses a job resumes it: it goes on when nobody holds it any more.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

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


class Hold(Enum):
    """Who holds a job."""

    USER = "user"
    BATTERY = "battery"


class JobControl:
    """The line between a running job and whoever watches it.

    `on_hold` is called, in the thread of whoever did it, when another set of holds counts.
    """

    def __init__(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        on_hold: Callable[[], None] | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._on_hold = on_hold
        self._holds: frozenset[Hold] = frozenset()
        self._overruled: frozenset[Hold] = frozenset()
        self._held_since = 0.0
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
        """True while anybody holds the job."""
        return bool(self._holds)

    @property
    def holds(self) -> frozenset[Hold]:
        """Who holds the job."""
        return self._holds

    def pause(self, by: Hold = Hold.USER) -> None:
        """Hold the job at its next checkpoint, unless `by` was overruled."""
        with self._lock:
            changed = self._hold(self._holds | ({by} - self._overruled))
        self._tell_holds(changed)

    def resume(self, by: Hold = Hold.USER) -> None:
        """Let the job go on as far as `by` is concerned."""
        with self._lock:
            changed = self._hold(self._holds - {by})
        self._tell_holds(changed)

    def overrule(self, by: Hold) -> None:
        """As `resume`, and `by` cannot hold the job any more."""
        with self._lock:
            self._overruled |= {by}
            changed = self._hold(self._holds - {by})
        self._tell_holds(changed)

    def cancel(self) -> None:
        """Make the next checkpoint raise `CancelledError`, also in a held job."""
        self._cancelled.set()
        self._go.set()

    def checkpoint(self) -> None:
        """Wait while paused; raise `CancelledError` once cancelled."""
        self._go.wait()
        if self._cancelled.is_set():
            raise CancelledError

    def report(self, stage: str, done: int, total: int | None = None) -> None:
        """Tell how far `stage` is; the first call of a stage and one with `done` equal to `total`
        always get through.
        """
        now = time.monotonic()
        with self._lock:
            if self._holds:  # the last of it comes when it is held already
                self._count_pause(now)
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

    def _hold(self, holds: frozenset[Hold]) -> bool:
        """Let `holds` count from now on; whether they are others than before. Takes the lock."""
        before, self._holds = self._holds, holds
        if before and not holds:
            self._count_pause(time.monotonic())
            self._go.set()
        elif holds and not before:
            self._held_since = time.monotonic()
            self._go.clear()
            if self.cancelled:  # by another thread, which sees to it when it is so later
                self._go.set()
        return holds != before

    def _count_pause(self, now: float) -> None:
        """Leave the time until `now` out of what the stage took."""
        self._paused_s += now - self._held_since
        self._held_since = now

    def _tell_holds(self, changed: bool) -> None:
        if changed and self._on_hold is not None:
            self._on_hold()
