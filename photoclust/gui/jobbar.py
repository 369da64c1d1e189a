"""The bar at the bottom: what is being done, how far it is, and pause and cancel."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout

from photoclust.core.progress import Progress
from photoclust.gui import text
from photoclust.gui.tasks import Job
from photoclust.gui.widgets import Button, ElidedLabel, label


class JobBar(QFrame):
    """Watches one job at a time; hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("jobBar")
        self._job: Job | None = None
        self._last: Progress | None = None
        self.stage: QLabel = label("")
        self.stage.setStyleSheet("font-weight: 600;")
        self.details = ElidedLabel("muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.pause_button = Button("Pause", "", "pause")
        self.pause_button.setMinimumWidth(108)
        self.cancel_button = Button("Cancel", "", "close")
        words = QHBoxLayout()
        words.setSpacing(12)
        words.addWidget(self.stage)
        words.addWidget(self.details, 1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(words)
        left.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 12, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(left, 1)
        layout.addWidget(self.pause_button)
        layout.addWidget(self.cancel_button)
        self.pause_button.clicked.connect(self.toggle_pause)
        self.cancel_button.clicked.connect(self.cancel)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.timeout.connect(self.show)
        self.hide()

    def watch(self, job: Job, *, after_ms: int = 0, pausable: bool = True) -> None:
        """Show `job` from `after_ms` ms from now until it is finished; one that is not `pausable`
        can only be cancelled.
        """
        self._job, self._last = job, None
        self.stage.setText(f"{job.title}…")
        self.details.setText("")
        self.bar.setRange(0, 0)
        self.cancel_button.setEnabled(True)
        self.pause_button.setVisible(pausable)
        self._show_pause()
        job.progressed.connect(self._progress)
        job.finished.connect(self._finished)
        if after_ms:
            self._delay.start(after_ms)
        else:
            self.show()

    def toggle_pause(self) -> None:
        """Pause the job, or let it go on."""
        if self._job is None:
            return
        if self._job.control.paused:
            self._job.control.resume()
        else:
            self._job.control.pause()
        self._show_pause()

    def cancel(self) -> None:
        """Cancel the job."""
        if self._job is not None:
            self._job.cancel()
            self.stage.setText("Cancelling…")
            self.details.setText("")
            self.pause_button.setEnabled(False)
            self.cancel_button.setEnabled(False)

    def refresh_icon(self) -> None:
        """Draw the icons in the colours of the theme."""
        self.pause_button.refresh_icon()
        self.cancel_button.refresh_icon()

    def _progress(self, progress: Progress) -> None:
        if self.sender() is not self._job or self._job is None or self._job.control.cancelled:
            return
        self._last = progress
        known = progress.total is not None and 0 < progress.done < progress.total
        self.bar.setRange(0, progress.total or 0 if known else 0)
        self.bar.setValue(progress.done if known else 0)
        self._show_pause()

    def _show_pause(self) -> None:
        paused = self._job is not None and self._job.control.paused
        self.pause_button.setEnabled(True)
        self.pause_button.setText("Resume" if paused else "Pause")
        self.pause_button.setAccessibleName("Resume" if paused else "Pause")
        self.pause_button.refresh_icon("resume" if paused else "pause")
        if self._last is None:
            return
        self.stage.setText(f"{self._last.stage} (paused)" if paused else self._last.stage)
        self.details.setText(text.progress_details(self._last))

    def _finished(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._delay.stop()
            self.hide()
