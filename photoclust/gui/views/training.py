"""The Training page: from who is trained with to a verdict, and to what was trained before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from photoclust.core.language import marked, tr
from photoclust.gui import text
from photoclust.gui.dialogs import training as dialogs
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.tasks import Job, Lane
from photoclust.gui.trainings import Trainings
from photoclust.gui.views.training_outcome import TrainingOutcome
from photoclust.gui.views.training_progress import TrainingProgress
from photoclust.gui.views.training_setup import TrainingSetup
from photoclust.gui.widgets import EmptyState

if TYPE_CHECKING:
    from photoclust.gui.library import OpenLibrary
    from photoclust.gui.views.curves import Looks
    from photoclust.services.training_health import TrainingHealth
    from photoclust.services.training_runs import Run


class TrainingPage(QWidget):
    """Shows one of three: what to train, a training on its way, what came of one."""

    TITLE = marked("Training")
    KEYS = (
        PageKey(marked("Space"), marked("Choose somebody to train with, or leave them out")),
        PageKey(marked("Enter"), marked("Open an earlier training")),
        PageKey(marked("Esc"), marked("Back to what can be trained")),
    )

    def __init__(self, shared: Shared, trainings: Trainings) -> None:
        super().__init__()
        self._shared = shared
        self._trainings = trainings
        self._shown: Path | None = None
        self.setup = TrainingSetup()
        self.progress = TrainingProgress()
        self.outcome = TrainingOutcome()
        self.nobody = EmptyState(
            "training",
            tr("Nobody has a name yet"),
            tr(
                "Training teaches the face model the people you know. Name at least five of them, "
                "and say of which photos they are; then come back."
            ),
        )
        self._stack = QStackedLayout(self)
        for part in (self.setup, self.progress, self.outcome, self.nobody):
            self._stack.addWidget(part)
        self._connect()

    def begin(self) -> None:
        """Take the keyboard and read what there is."""
        self._read()
        self._take_keyboard()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape goes back to the start, unless a training runs."""
        if event.key() == Qt.Key.Key_Escape and not self._is_at_start:
            if not self._trainings.is_running:
                self.show_setup()
        else:
            super().keyPressEvent(event)

    def show_setup(self) -> None:
        """Show what to train, and the earlier trainings."""
        self._show(self.setup)
        self._read()

    def show_run(self, run: Run) -> None:
        """Show an earlier training."""
        self._shown = run.folder
        if run.state in {"accepted", "refused"}:
            self.outcome.show_run(run)
            self._show(self.outcome)
            return
        if run.state == "failed":
            self.progress.show_failed(run.reason, is_kept=True)
        else:
            self.progress.show_cut_off(is_kept=True)
        self._read_curves()
        self._show(self.progress)

    def _connect(self) -> None:
        shared, trainings = self._shared, self._trainings
        setup, progress, outcome = self.setup, self.progress, self.outcome
        shared.library_changed.connect(self._forget)
        shared.overview_changed.connect(self._follow)
        setup.started.connect(trainings.start)
        setup.opened.connect(self.show_run)
        setup.doubts_wanted.connect(self._count_doubtful)
        trainings.queued.connect(self._wait)
        trainings.begun.connect(progress.show_begun)
        trainings.prepared.connect(progress.show_prepared)
        trainings.done.connect(self._done)
        trainings.failed.connect(self._failed)
        trainings.cancelled.connect(self._cancelled)
        progress.cancelled.connect(trainings.cancel)
        progress.gone_on.connect(self._go_on)
        progress.curves_wanted.connect(self._read_curves)
        outcome.use_wanted.connect(self._use)
        trainings.switching.connect(outcome.use_button.setDisabled)
        for part in (progress, outcome):
            part.back_wanted.connect(self.show_setup)
            part.discarded.connect(self._discard)

    @property
    def _is_at_start(self) -> bool:
        return self._stack.currentWidget() in (self.setup, self.nobody)

    def _show(self, part: QWidget) -> None:
        if part is not self.progress:
            self.progress.stop()
        if part is not self._stack.currentWidget():
            self._stack.setCurrentWidget(part)
            self._take_keyboard()

    def _take_keyboard(self) -> None:
        part = self._stack.currentWidget()
        if self.isVisible() and isinstance(
            part, TrainingSetup | TrainingProgress | TrainingOutcome
        ):
            part.begin()

    def _forget(self) -> None:
        """Another library is shown, or none."""
        self._shown = None
        self.setup.clear()
        self._show(self.setup)
        if self.isVisible():
            self._read()

    def _follow(self) -> None:
        if self.isVisible() and self._is_at_start:
            self._read()

    def _read(self) -> None:
        """Read what there is to train with, and what was trained."""

        def read(library: OpenLibrary) -> tuple[TrainingHealth, list[Run]]:
            return library.training_health(), library.training_runs()

        def show(found: tuple[TrainingHealth, list[Run]]) -> None:
            health, runs = found
            self.setup.set_health(health)
            self.setup.set_runs(runs)
            if self._is_at_start:
                self._show(self.setup if health.people or runs else self.nobody)

        self._shared.read(read, show)

    def _count_doubtful(self) -> None:
        settings = self._shared.settings
        self._shared.read(
            lambda library: library.count_doubtful(settings),
            self.setup.set_doubtful,
            failed=lambda: self.setup.set_doubtful(None),
        )

    def _wait(self) -> None:
        self.progress.show_waiting()
        self._show(self.progress)

    def _read_curves(self) -> None:
        folder = self._folder()
        if folder is None:
            return

        def show(looks: Looks) -> None:
            if folder == self._folder():
                self.progress.show_curves(looks)

        self._shared.read(lambda library: library.training_curves(folder), show)

    def _folder(self) -> Path | None:
        """Of the run that goes on, or is shown."""
        return self._trainings.folder if self._trainings.is_running else self._shown

    def _done(self, folder: Path) -> None:
        self._tell_elsewhere(tr("The training is done; Training tells what came of it."))
        self._shared.read(lambda library: library.training_run(folder), self.show_run)

    def _failed(self, message: str) -> None:
        self._shown = self._trainings.folder
        self.progress.show_failed(message, is_kept=self._shown is not None)
        self._read_curves()
        self._tell_elsewhere(tr("The training failed: {reason}", reason=text.sentence(message)))

    def _cancelled(self) -> None:
        self._shown = self._trainings.folder
        if self._shown is None:
            self.show_setup()
        else:
            self.progress.show_cut_off(is_kept=True)
            self._read_curves()

    def _tell_elsewhere(self, words: str) -> None:
        if not self.isVisible():
            self._shared.told.emit(words)

    def _go_on(self) -> None:
        if self._shown is not None:
            self._trainings.go_on(self._shown)

    def _use(self) -> None:
        """Let the library use the model that is shown."""
        run = self.outcome.run
        if run is not None and run.model is not None:
            self._trainings.use(run.model)

    def _discard(self) -> None:
        folder, run = self._shown, self.outcome.run
        if folder is None:
            return
        with_model = (
            self._stack.currentWidget() is self.outcome
            and run is not None
            and run.model is not None
        )
        if not dialogs.may_discard(self, with_model=with_model):
            return
        library = self._shared.library
        if library is None:
            return
        job = Job(marked("Discarding"), lambda _: library.discard_training(folder))
        job.succeeded.connect(self._discarded)
        job.failed.connect(self._shared.complained)
        self._shared.desk.start(job, Lane.ACT)

    def _discarded(self) -> None:
        self._shared.told.emit(tr("The training was deleted."))
        self.show_setup()
