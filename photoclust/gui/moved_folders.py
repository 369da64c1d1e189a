"""Folders of a library that came from another computer: one question each, where it lies now."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from photoclust.core.language import marked, tr, tr_n
from photoclust.core.types import LibraryChanges
from photoclust.gui import text
from photoclust.gui.dialogs.moved_folder import MovedFolderDialog
from photoclust.gui.jobbar import JobBar
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import libraries as operations
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services.moving import MissingFolder

_QUIET_MS = 500


class MovedFolders(QObject):
    """Looks for such folders when a library was opened, and asks when the user wants it to."""

    noticed = Signal(int)
    """So many folders are to be asked about, none any more."""

    def __init__(self, shared: Shared, job_bar: JobBar, window: QWidget) -> None:
        super().__init__(shared)
        self._shared = shared
        self._job_bar = job_bar
        self._window = window
        self._waiting: deque[MissingFolder] = deque()
        self._has_noticed = False

    def look(self) -> None:
        """Find out whether the open library has folders to ask about."""
        self._waiting.clear()
        if self._shared.library is not None and self._shared.read_only is None:
            self._shared.read(operations.to_ask_about, self._note)

    def ask(self) -> None:
        """Ask about the first folder that nobody was asked about yet, and then about the next."""
        if self._waiting:
            self._search(self._waiting.popleft(), None)
        else:
            self.look()

    def ask_about(self, folder: Path) -> None:
        """Ask where a folder that is not there lies now; nothing where it is there again."""

        def ask(missing: MissingFolder | None) -> None:
            if missing is not None:
                self._search(missing, None)
            else:
                self._shared.refresh()

        self._waiting.clear()
        self._shared.read(lambda library: operations.missing(library, folder), ask)

    def _note(self, missing: Sequence[MissingFolder]) -> None:
        self._waiting = deque(missing)
        if missing or self._has_noticed:
            self._has_noticed = bool(missing)
            self.noticed.emit(len(missing))

    def _search(self, missing: MissingFolder, places: Sequence[Path] | None) -> None:
        library = self._shared.library
        job = Job(
            marked("Looking for the photos"),
            lambda job: operations.find(missing, places, job.control),
        )
        job.started.connect(lambda: self._job_bar.watch(job, after_ms=_QUIET_MS, pausable=False))
        job.failed.connect(self._shared.complained)

        def searched(found: Path | None) -> None:
            if library is None or library is not self._shared.library:
                return  # another library is shown by now
            if places is None:
                self._show(library, missing, found)
            elif found is None:
                self._complain(missing, places[0])
                self._show(library, missing, None)
            else:
                self._relocate(library, missing, found)

        job.succeeded.connect(searched)
        self._shared.desk.start(job, Lane.READ)

    def _show(self, library: OpenLibrary, missing: MissingFolder, found: Path | None) -> None:
        dialog = MovedFolderDialog(self._window, missing, found)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def choose() -> None:
            title = tr("Choose the folder with these photos")
            if chosen := QFileDialog.getExistingDirectory(dialog, title):
                dialog.done(MovedFolderDialog.DialogCode.Rejected)
                self._search(missing, [Path(chosen)])

        dialog.choosing.connect(choose)
        if found is not None:
            dialog.accepted.connect(lambda: self._relocate(library, missing, found))
        dialog.later_button.clicked.connect(self.ask)
        dialog.open()

    def _complain(self, missing: MissingFolder, chosen: Path) -> None:
        self._shared.complained.emit(
            tr(
                "{chosen} does not hold the photos of {folder}; choose the folder that they are in "
                "now",
                chosen=text.shown_path(chosen),
                folder=text.shown_path(missing.folder),
            )
        )

    def _relocate(self, library: OpenLibrary, missing: MissingFolder, found: Path) -> None:
        def done(files: int) -> None:
            self._shared.wrote(LibraryChanges())
            self._shared.told.emit(
                tr_n(
                    files,
                    "{n} photo is known in {folder} now.",
                    "{n} photos are known in {folder} now.",
                    folder=text.shown_path(found),
                )
            )
            self.ask()

        job = Job(
            marked("Finding a folder again"),
            lambda _: operations.relocate(library, missing.folder, found),
        )
        job.succeeded.connect(done)
        job.failed.connect(self._shared.fail)
        self._shared.desk.start(job, Lane.ACT)
