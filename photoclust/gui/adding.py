"""Adding folders and photos: what a long scan takes is told before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from photoclust.core.language import marked
from photoclust.gui.dialogs.first_scan import ScanDialog
from photoclust.gui.jobbar import JobBar
from photoclust.gui.libraries import Libraries
from photoclust.gui.operations import forecast as operations
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services.forecast import Forecast

LONG_S = 120
"""A scan that takes longer than this is asked about."""
_QUIET_MS = 500


class Adding(QObject):
    """Counts off the main thread what is to be added, and scans it."""

    def __init__(
        self,
        shared: Shared,
        libraries: Libraries,
        job_bar: JobBar,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._shared = shared
        self._libraries = libraries
        self._job_bar = job_bar
        self._window = parent

    def add(self, roots: Sequence[Path]) -> None:
        """Scan `roots` into the user's library, after a question where that takes long."""
        library = self._shared.library
        if not roots:
            return
        if library is None or self._libraries.is_demo or library.read_only is not None:
            self._libraries.scan_into_own(roots)
            return
        wanted, settings = list(roots), self._shared.settings
        job = Job(
            marked("Counting photos"),
            lambda job: operations.forecast(library, wanted, settings, job.control),
        )
        job.started.connect(lambda: self._job_bar.watch(job, after_ms=_QUIET_MS, pausable=False))
        job.succeeded.connect(lambda expected: self._counted(wanted, expected))
        job.failed.connect(self._shared.complained)
        self._shared.desk.start(job, Lane.READ)

    def _counted(self, roots: Sequence[Path], expected: Forecast) -> None:
        if expected.seconds <= LONG_S and expected.fits:
            self._libraries.scan(roots)
            return
        dialog = ScanDialog(self._window, expected)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._libraries.scan(roots))
        dialog.open()
