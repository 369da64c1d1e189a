"""The dock at the bottom: every job that takes longer than a moment, with pause and cancel."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from photoclust.core.language import tr, tr_n
from photoclust.core.progress import Hold, Progress
from photoclust.gui import text
from photoclust.gui.remembered import JOBS_FOLDED, remembered
from photoclust.gui.tasks import Desk, Job, Lane
from photoclust.gui.widgets import Button, ElidedLabel, label

MOMENT_MS = 1000
"""What takes no longer than this is not shown, unless it was asked for."""


class JobRow(QFrame):
    """One job: what it does, how far it is, how long yet."""

    failures_wanted = Signal()

    due = Signal()
    """It is time to show it."""

    def __init__(self, job: Job, parent: QWidget) -> None:
        super().__init__(parent)
        self.job = job
        self.reads_photos = False
        """Whether files may turn out to be unreadable by it."""
        self.failures_before: int | None = None
        """How many were unreadable when it began."""
        self._delay = QTimer(self, singleShot=True)
        self._delay.timeout.connect(self.due)
        self._last: Progress | None = None
        self._runs = False
        self._pausable = True
        self.stage: QLabel = label("")
        self.stage.setStyleSheet("font-weight: 600;")
        self.details = ElidedLabel("muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr(job.title))
        self.failed_button = Button("", "flat", name=tr("Show the files that could not be read"))
        self.failed_button.hide()
        self.pause_button = Button(tr("Pause"), "", "pause")
        self.pause_button.setMinimumWidth(108)
        self.cancel_button = Button(tr("Cancel"), "", "close")
        words = QHBoxLayout()
        words.setSpacing(12)
        words.addWidget(self.stage)
        words.addWidget(self.details, 1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(words)
        left.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(left, 1)
        for button in (self.failed_button, self.pause_button, self.cancel_button):
            layout.addWidget(button)
        self.pause_button.clicked.connect(self.toggle_pause)
        self.cancel_button.clicked.connect(self.cancel)
        self.failed_button.clicked.connect(self.failures_wanted)
        job.started.connect(self.begin)
        job.progressed.connect(self._progress)
        job.held.connect(self._show)
        self._show()
        self.hide()

    @property
    def runs(self) -> bool:
        """Whether the job has its turn."""
        return self._runs

    def show_after(self, after_ms: int, *, pausable: bool, cancellable: bool) -> None:
        """Be shown from `after_ms` ms from now, with the buttons that serve this job."""
        self._pausable = pausable
        self._show()
        self.cancel_button.setVisible(cancellable)
        if after_ms:
            self._delay.start(after_ms)
        elif self.isHidden():
            self._delay.stop()
            self.due.emit()

    def toggle_pause(self) -> None:
        """Pause the job, or let it go on, though it be on battery."""
        control = self.job.control
        if Hold.USER in control.holds:
            control.resume()
        elif control.paused:
            control.overrule(Hold.BATTERY)
        else:
            control.pause()

    def cancel(self) -> None:
        """Cancel the job."""
        self.job.cancel()
        for button in (self.pause_button, self.cancel_button):
            button.setEnabled(False)
        self._show()

    def refresh_icon(self) -> None:
        """Draw the icons in the colours of the theme."""
        self.pause_button.refresh_icon()
        self.cancel_button.refresh_icon()

    def set_failed(self, number: int) -> None:
        """Tell that so many files could not be read so far."""
        self.failed_button.setText(tr_n(number, "{n} file not readable", "{n} files not readable"))
        self.failed_button.setAccessibleName(self.failed_button.text())
        self.failed_button.setVisible(number > 0)

    @property
    def summary(self) -> str:
        """The row in one line."""
        return " · ".join(filter(None, (self.stage.text(), self.details.text())))

    def begin(self) -> None:
        """Show that the job has its turn."""
        self._runs = True
        self._show()

    def _progress(self, progress: Progress) -> None:
        self._last, self._runs = progress, True
        self._show()

    def _show(self) -> None:
        control, last = self.job.control, self._last
        by_user, spares = (hold in control.holds for hold in (Hold.USER, Hold.BATTERY))
        stage = f"{tr(self.job.title)}…" if last is None else tr(last.stage)
        details = "" if last is None else text.progress_details(last)
        if control.cancelled:
            stage, details = tr("Cancelling…"), ""
        elif control.paused:
            stage = tr("{job} (paused)", job=stage)
            if spares and not by_user:
                details = tr("on battery; goes on when it is plugged in")
        elif not self._runs:
            details = tr("waits for its turn")
        self.stage.setText(stage)
        self.details.setText(details)
        words = tr("Go on anyway") if spares else tr("Pause")
        self.pause_button.setText(tr("Resume") if by_user else words)
        self.pause_button.setAccessibleName(self.pause_button.text())
        self.pause_button.refresh_icon("resume" if control.paused else "pause")
        self.pause_button.setVisible(self._pausable or spares)
        self._show_bar()

    def _show_bar(self) -> None:
        last, total = self._last, 0
        if last is not None and last.total is not None and 0 < last.done < last.total:
            total = last.total
        elif self.job.control.paused or not self._runs:
            total = 1  # nothing moves while it waits
        self.bar.setRange(0, total)
        self.bar.setValue(last.done if last is not None and total > 1 else 0)


class JobBar(QFrame):
    """The jobs of all lanes but those that read for the pages; hidden while there is none.

    It folds to one line, and remembers that.
    """

    failures_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("jobBar")
        self._rows: dict[Job, JobRow] = {}
        self._folded = bool(remembered().value(JOBS_FOLDED, False, bool))
        self._failures = 0
        self.title = ElidedLabel("muted")
        self.fold_button = Button("", "flat", "down", tr("Show the jobs in one line"))
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(12)
        jobs = QVBoxLayout()
        jobs.setSpacing(8)
        jobs.addStretch()
        jobs.addWidget(self.title)
        jobs.addWidget(self._list)
        jobs.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 10, 8, 10)
        layout.setSpacing(8)
        layout.addLayout(jobs, 1)
        layout.addWidget(self.fold_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.fold_button.clicked.connect(self.toggle_fold)
        self._arrange()

    @property
    def rows(self) -> list[JobRow]:
        """What is shown, the first started first."""
        return [row for row in self._rows.values() if not row.isHidden()]

    def follow(self, desk: Desk) -> None:
        """Show what is started at `desk` from now on, as soon as it takes longer than a moment."""
        desk.added.connect(self._added)

    def watch(self, job: Job, *, after_ms: int = 0, pausable: bool = True) -> None:
        """Show `job`, which has its turn now, from `after_ms` ms from now until it is finished; one
        that is not `pausable` can only be cancelled.
        """
        row = self._row(job)
        row.begin()
        row.failures_before = self._failures
        row.show_after(after_ms, pausable=pausable, cancellable=True)

    def set_failures(self, number: int) -> None:
        """Tell how many files of the library cannot be read; those that come while a scan runs are
        shown with it.
        """
        self._failures = number
        for row in self._rows.values():
            if row.reads_photos and row.runs:
                if row.failures_before is None:
                    row.failures_before = number
                row.set_failed(number - row.failures_before)

    def toggle_fold(self) -> None:
        """Show one line, or everything."""
        self._folded = not self._folded
        remembered().setValue(JOBS_FOLDED, self._folded)
        self._arrange()

    def refresh_icon(self) -> None:
        """Draw the icons in the colours of the theme."""
        self._arrange()
        for row in self._rows.values():
            row.refresh_icon()

    def _added(self, job: Job, lane: Lane) -> None:
        if lane is Lane.READ or job.on_page:
            return
        # What users decide, and what is recognised by it, is over soon and not to be held.
        long = lane in (Lane.SCAN, Lane.COPY)
        row = self._row(job)
        row.reads_photos = lane is Lane.SCAN
        row.show_after(MOMENT_MS, pausable=long, cancellable=long)

    def _row(self, job: Job) -> JobRow:
        if job not in self._rows:
            row = self._rows[job] = JobRow(job, self._list)
            self._lines.addWidget(row)
            row.due.connect(partial(self._show_row, row))
            row.failures_wanted.connect(self.failures_wanted)
            job.progressed.connect(self._sum_up)
            job.held.connect(self._sum_up)
            job.finished.connect(partial(self._finished, job))
        return self._rows[job]

    def _show_row(self, row: JobRow) -> None:
        row.show()
        self._arrange()

    def _finished(self, job: Job) -> None:
        row = self._rows.pop(job, None)
        if row is not None:
            row.hide()
            row.deleteLater()
            self._arrange()

    def _arrange(self) -> None:
        self.setVisible(bool(self.rows))
        self._list.setVisible(not self._folded)
        words = tr("Show all of the jobs") if self._folded else tr("Show the jobs in one line")
        self.fold_button.setAccessibleName(words)
        self.fold_button.setToolTip(words)
        self.fold_button.refresh_icon("up" if self._folded else "down")
        self._sum_up()

    def _sum_up(self) -> None:
        rows = self.rows
        first = rows[0].summary if rows and self._folded else ""
        several = tr_n(len(rows), "{n} job", "{n} jobs") if len(rows) > 1 else ""
        self.title.setText(" · ".join(filter(None, (several, first))))
        self.title.setVisible(bool(self.title.text()))
