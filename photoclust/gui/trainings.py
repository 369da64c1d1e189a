"""Training in the background: prepared and run as one job, cancelled, gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photoclust.core.language import marked, tr, tr_n
from photoclust.core.types import LibraryChanges, PersonId
from photoclust.gui.jobbar import JobBar
from photoclust.gui.library import OpenLibrary
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services.switching import Switched
    from photoclust.services.training import Prepared
    from photoclust.training.options import Kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: whose faces, by which recipe, and whether doubtful ones are left out."""

    people: tuple[PersonId, ...]
    recipe: Kind
    without_doubtful: bool = False


class Trainings(QObject):
    """One training at a time. It waits for its turn in the lane of the scans: each of the two would
    take the processor from the other.
    """

    queued = Signal()
    """A training was asked for, and begins as soon as the lane is free."""
    begun = Signal()
    prepared = Signal(object)
    """It is known what is trained with: `services.training.Prepared`."""
    done = Signal(object)
    """It came to a verdict: the Path of its folder."""
    failed = Signal(str)
    cancelled = Signal()
    switching = Signal(bool)
    """The library is being brought to another model, or no longer is."""
    told = Signal(str)
    """A sentence for the user."""
    complained = Signal(str)

    def __init__(self, shared: Shared, job_bar: JobBar) -> None:
        super().__init__(shared)
        self._shared = shared
        self._job_bar = job_bar
        self._job: Job | None = None
        self._has_begun = False
        self._switch: Job | None = None
        self.folder: Path | None = None
        """Of the run that goes on, or went on last; None before it is prepared."""
        self.prepared.connect(self._note)
        shared.library_changed.connect(self._forget)

    @property
    def is_running(self) -> bool:
        """Whether a training goes on, or waits for its turn."""
        return self._job is not None

    @property
    def has_begun(self) -> bool:
        """Whether the training that goes on had its turn."""
        return self._has_begun

    def start(self, wanted: Wanted) -> None:
        """Train as is `wanted`."""
        settings = self._shared.settings

        def work(library: OpenLibrary, job: Job) -> Path:
            prepared = library.prepare_training(wanted, settings, job.control)
            self.prepared.emit(prepared)
            library.train(prepared.folder, job.control)
            return prepared.folder

        self.folder = None
        self._start(work)

    def go_on(self, folder: Path) -> None:
        """Go on with the run in `folder`, which was cut off."""

        def work(library: OpenLibrary, job: Job) -> Path:
            library.train(folder, job.control)
            return folder

        self.folder = folder
        self._start(work)

    def use(self, model: str) -> None:
        """Let the library use `model`; groups and automatic names are made anew."""
        library, settings = self._shared.library, self._shared.settings
        if library is None or self._switch is not None:
            return
        job = Job(
            marked("Changing the model"),
            lambda job: library.use_model(model, settings, job.control),
        )
        job.started.connect(self._switch_begins)
        job.succeeded.connect(self._switched)
        job.failed.connect(self._shared.complained)
        job.finished.connect(self._switch_ends)
        self._switch = job
        self.switching.emit(True)
        self._shared.desk.start(job, Lane.SCAN)

    def cancel(self) -> None:
        """Cut the training off; what it learnt until its last checkpoint is kept."""
        job = self._job
        if job is None:
            return
        job.cancel()
        if not self._has_begun:
            # It would only be told once the lane is free, and nothing is there to be awaited.
            self._forget()
            self.cancelled.emit()

    def _start(self, work: Callable[[OpenLibrary, Job], Path]) -> None:
        library = self._shared.library
        if library is None or self._job is not None:
            return
        job = Job(marked("Training"), lambda job: work(library, job))
        job.started.connect(self._begin)
        job.succeeded.connect(self._succeed)
        job.failed.connect(self._fail)
        job.cancelled.connect(self._cancel)
        self._job, self._has_begun = job, False
        self.queued.emit()
        self._shared.desk.start(job, Lane.SCAN)

    def _switch_begins(self) -> None:
        if self._switch is not None:
            self._job_bar.watch(self._switch)

    def _switched(self, done: Switched) -> None:
        # Who is in which group may be another for every face.
        self._shared.wrote(LibraryChanges())
        failed = len(done.reembedding.failed)
        said = [tr("The library uses this model now; Undo takes that back.")]
        if failed:
            said.append(
                tr_n(
                    failed,
                    "{n} photo could not be read; their faces wait for the next scan.",
                    "{n} photos could not be read; their faces wait for the next scan.",
                )
            )
        self._shared.told.emit(" ".join(said))

    def _switch_ends(self) -> None:
        self._switch = None
        self.switching.emit(False)

    def _note(self, prepared: Prepared) -> None:
        if self._job is not None:
            self.folder = prepared.folder

    def _begin(self) -> None:
        if self.sender() is self._job and self._job is not None:
            self._has_begun = True
            self._job_bar.watch(self._job)
            self.begun.emit()

    def _succeed(self, folder: Path) -> None:
        if self._end():
            self.done.emit(folder)

    def _fail(self, message: str) -> None:
        if self._end():
            self.failed.emit(message)

    def _cancel(self) -> None:
        if self._end():
            self.cancelled.emit()

    def _end(self) -> bool:
        """Whether what ended is the training that goes on; it is over then."""
        mine = self.sender() is self._job
        if mine:
            self._forget()
        return mine

    def _forget(self) -> None:
        self._job, self._has_begun = None, False
