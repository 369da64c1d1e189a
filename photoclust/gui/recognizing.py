"""Recognising faces by what users just said: after every act, off the main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photoclust.core.language import tr, tr_n
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services.recognition import RecognitionReport

AFTER_MS = 150
"""How long after an act it begins: several acts in a row are heeded together."""


class Recognizing(QObject):
    """Keeps what is recognised up to date with what is decided; `tell` gets a sentence for the user
    where that gave names.
    """

    def __init__(self, shared: Shared, tell: Callable[[str], None]) -> None:
        super().__init__(shared)
        self._shared = shared
        self._tell_user = tell
        self._runs = False
        self._again = False
        self._timer = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._timer.timeout.connect(self._start)
        shared.decided.connect(self._timer.start)
        shared.library_changed.connect(self._timer.stop)

    def begin(self) -> None:
        """Recognise faces soon, for a reason other than an act."""
        self._timer.start()

    def _start(self) -> None:
        library = self._shared.library
        if library is None or library.read_only is not None:
            return
        if self._runs:
            self._again = True
            return
        self._runs = True
        settings = self._shared.settings

        def done(report: RecognitionReport | None) -> None:
            if report is not None and self._shared.library is library:
                self._tell(report)

        job = Job(tr("Recognising faces"), lambda job: library.recognize(settings, job.control))
        job.succeeded.connect(done)
        job.failed.connect(self._shared.fail)
        job.finished.connect(self._finished)
        self._shared.desk.start(job, Lane.RECOGNITION)

    def _tell(self, report: RecognitionReport) -> None:
        if report.changes.faces:
            self._shared.wrote(report.changes)
        if report.newly_named:
            self._tell_user(
                tr_n(
                    len(report.newly_named),
                    "{n} more face recognised and named automatically.",
                    "{n} more faces recognised and named automatically.",
                )
            )

    def _finished(self) -> None:
        self._runs = False
        if self._again:
            self._again = False
            self._timer.start()
