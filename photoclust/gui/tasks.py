"""Jobs: service calls that run off the main thread and come back as signals.

A job ends with exactly one of `succeeded`, `failed` and `cancelled`, and then always with
`finished`. All of them arrive in the main thread. Connect first, then start.

There are five lanes. Scans follow one another in one; what the user decides has another, so that a
name can be given while a scan runs, and what is recognised by it a third; all write in short
transactions of the library. Copies of
photos, which may take long and write no library, have their own. Reads share a lane of two threads.
"""

import contextlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from photoclust.core.errors import CancelledError, PhotoclustError, UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl, Progress
from photoclust.core.types import LibraryChanges

log = logging.getLogger(__name__)

Attend = Callable[[JobControl], AbstractContextManager[None]]
"""What is around the work of a job: it may hold its control meanwhile."""


def _unattended(_control: JobControl) -> AbstractContextManager[None]:
    return nullcontext()


class Lane(Enum):
    """Where a job waits for its turn; the value is how many run at the same time."""

    SCAN = "scan"
    ACT = "act"
    RECOGNITION = "recognition"
    COPY = "copy"
    READ = "read"

    @property
    def threads(self) -> int:
        """How many jobs of this lane run at the same time."""
        return 2 if self is Lane.READ else 1


class Job(QObject):
    """One service call and what becomes of it. `work` gets the job, for its control and signals;
    `title` is English, marked to be translated.

    With `on_page` the page that asked for it says that it goes on, and nobody else need.
    """

    started = Signal()
    progressed = Signal(object)
    held = Signal()
    """Somebody holds it, or does not hold it any more: `control.holds`."""
    changed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, title: str, work: Callable[["Job"], Any], *, on_page: bool = False) -> None:
        super().__init__()
        self.title = title
        self.on_page = on_page
        self.control = JobControl(self._report, self.held.emit)
        self.attend: Attend = _unattended
        self._work = work

    def cancel(self) -> None:
        """End the job at its next checkpoint, or before it begins."""
        self.control.cancel()

    def tell(self, changes: LibraryChanges) -> None:
        """Emit `changed`; for services that ask for an `on_changes`."""
        if not self.control.cancelled:
            self._emit("changed", changes)

    def run(self) -> None:
        """Do the work; called in a thread of the lane."""
        end = "cancelled"
        values: tuple[Any, ...] = ()
        try:
            self.control.checkpoint()
            self._emit("started")
            with self.attend(self.control):
                end, values = "succeeded", (self._work(self),)
        except CancelledError:
            pass
        except UserError as error:
            end, values = "failed", (str(error),)
        except PhotoclustError:
            log.exception("the job %r failed", self.title)
            end, values = "failed", (self._bug(),)
        except Exception:
            log.exception("the job %r failed", self.title)
            end, values = "failed", (self._bug(),)
        finally:
            self._emit(end, *values)
            self._emit("finished")

    def _emit(self, signal: str, *values: Any) -> None:
        """Emit `signal`; the program may have ended meanwhile, and Qt's half of this with it."""
        with contextlib.suppress(RuntimeError):
            getattr(self, signal).emit(*values)

    def _report(self, progress: Progress) -> None:
        if not self.control.cancelled:
            self._emit("progressed", progress)

    def _bug(self) -> str:
        return tr(
            "{job} failed because of a fault in photoclust; nothing of yours was lost. "
            "Start photoclust from a terminal to see the details",
            job=tr(self.title),
        )


class Desk(QObject):
    """Runs jobs in their lanes and knows which are not finished; `attend` is around those in the
    lane of the scans, which may take hours.
    """

    added = Signal(object, object)
    """A Job was started, or waits for its turn, in a Lane."""
    idle = Signal()
    """The last job of all lanes is finished."""

    def __init__(self, parent: QObject | None = None, attend: Attend = _unattended) -> None:
        super().__init__(parent)
        self._attend = attend
        self._pools = {lane: QThreadPool(self) for lane in Lane}
        for lane, pool in self._pools.items():
            pool.setMaxThreadCount(lane.threads)
        self._jobs: dict[Job, Lane] = {}

    def start(self, job: Job, lane: Lane) -> None:
        """Let `job` run as soon as its lane is free. Whatever listens to it is connected before."""
        self._jobs[job] = lane
        if lane is Lane.SCAN:
            job.attend = self._attend
        job.finished.connect(self._forget)
        self.added.emit(job, lane)
        self._pools[lane].start(job.run)

    def jobs(self, lane: Lane) -> list[Job]:
        """The jobs of `lane` that are not finished, the first started first."""
        return [job for job, where in self._jobs.items() if where is lane]

    def shut_down(self, timeout_ms: int = 10_000) -> bool:
        """Cancel every job and wait until the threads are done; False if one did not end."""
        for job in self._jobs:
            job.cancel()
        ended = [pool.waitForDone(timeout_ms) for pool in self._pools.values()]
        return all(ended)

    def _forget(self) -> None:
        job = self.sender()
        if isinstance(job, Job):
            self._jobs.pop(job, None)
        if not self._jobs:
            self.idle.emit()
