"""Names from other programs: asked for, taken over as an act, and what follows that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from photoclust.core.language import marked, tr
from photoclust.gui.jobbar import JobBar
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import names as operations
from photoclust.gui.operations.acts import Acted
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.gui.operations.names import Found
    from photoclust.services.names_in import NamesReport

_QUIET_MS = 1000


class TakingNames(QObject):
    """Opens the dialog, and does what was asked for there once that is closed."""

    def __init__(self, shared: Shared, job_bar: JobBar, window: QWidget) -> None:
        super().__init__(window)
        self._shared = shared
        self._job_bar = job_bar
        self._window = window

    def ask(self) -> None:
        """Ask where the names are."""
        if self._shared.library is None:
            return
        if (why := self._shared.read_only) is not None:
            self._shared.complained.emit(tr("no names can be taken over: {why}", why=why))
            return
        # What it is made of takes too long to load for the start of the window.
        from photoclust.gui.dialogs.names import NamesDialog  # noqa: PLC0415

        dialog = NamesDialog(self._window, self._shared)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._take_over(dialog.found))
        dialog.open()

    def _take_over(self, found: Found | None) -> None:
        if found is None:
            return
        reports: list[NamesReport] = []

        def work(library: OpenLibrary) -> Acted:
            acted, report = operations.take_over(library, found)
            reports.append(report)
            return acted

        self._shared.act(marked("Taking over names"), work, lambda _: self._follow(reports[0]))

    def _follow(self, report: NamesReport) -> None:
        """Let faces that came along be compared with others."""
        library, settings = self._shared.library, self._shared.settings
        if library is None or not report.drawn:
            return
        job = Job(
            marked("Looking at faces again"),
            lambda job: operations.look_at_drawn(library, settings, job.control),
        )
        job.started.connect(lambda: self._job_bar.watch(job, after_ms=_QUIET_MS))
        job.failed.connect(self._shared.complained)
        self._shared.desk.start(job, Lane.SCAN)
