"""Exports from the window: a dialog, then a job that tells what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from photoclust.core.language import marked, tr
from photoclust.gui.dialogs.exporting import ExportDialog
from photoclust.gui.jobbar import JobBar
from photoclust.gui.operations import exporting as operations
from photoclust.gui.operations.exporting import Exported, ExportWish, What
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services.names_out import Counted


class Exporting(QObject):
    """Asks what is to be exported, and does it."""

    def __init__(self, shared: Shared, job_bar: JobBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._shared = shared
        self._job_bar = job_bar
        self._window = parent

    def ask(self) -> None:
        """Open the dialog, where there is a library."""
        if self._shared.library is None:
            return
        dialog = ExportDialog(self._window, self._shared.people())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.export(dialog.wish))
        dialog.asked.connect(lambda wish: self._count(dialog, wish))
        self._count(dialog, dialog.wish)
        dialog.open()

    def export(self, wish: ExportWish) -> None:
        """Export as `wish`, and tell what became of it."""
        library = self._shared.library
        if library is None:
            return
        if wish.what is What.FILES and self._shared.read_only is not None:
            self._shared.complained.emit(
                tr("nothing can be written into photos: {why}", why=self._shared.read_only)
            )
            return
        settings = self._shared.settings
        job = Job(
            marked("Exporting"),
            lambda job: operations.export(library, wish, settings, job.control),
        )
        job.succeeded.connect(self._tell)
        job.failed.connect(self._shared.complained)
        job.cancelled.connect(
            lambda: self._shared.told.emit(
                tr("Export cancelled. What was written until then stays.")
            )
        )
        job.started.connect(lambda: self._job_bar.watch(job))
        self._shared.desk.start(job, Lane.COPY)

    def _count(self, dialog: ExportDialog, wish: ExportWish) -> None:
        open_ = [dialog]
        dialog.destroyed.connect(open_.clear)

        def show(counted: Counted) -> None:
            for each in open_:
                each.show_count(wish, counted)

        self._shared.read(lambda library: operations.count(library, wish), show)

    def _tell(self, exported: Exported) -> None:
        if exported.problems:
            self._shared.complained.emit(f"{exported.done} {exported.problems}")
        else:
            self._shared.told.emit(exported.done)
