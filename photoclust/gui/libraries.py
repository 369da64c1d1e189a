"""Which library the window shows: one of the user's, or the demo album beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from photoclust.core.language import marked, tr
from photoclust.core.paths import cache_folder, resource
from photoclust.gui.keeper import Keeper
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import libraries as operations
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane


class Libraries(QObject):
    """Opens libraries off the main thread, and remembers what is to be scanned until one is open.

    `may_stop` is asked before a library with running jobs is closed.
    """

    opened = Signal(object)
    """The OpenLibrary that is shown now."""
    failed = Signal(str)
    switching = Signal()
    """The library that was shown is closed; another one is opened."""
    complained = Signal(str)

    def __init__(
        self, shared: Shared, keeper: Keeper, own_folder: Path, may_stop: Callable[[], bool]
    ) -> None:
        super().__init__(shared)
        self._shared = shared
        self._keeper = keeper
        self._may_stop = may_stop
        self._own_folder = self._folder = own_folder
        self._opening: Job | None = None
        self._to_scan: list[Path] = []

    @property
    def folder(self) -> Path:
        """Where the library lies that is shown, or being opened."""
        return self._folder

    @property
    def is_demo(self) -> bool:
        """Whether that is the demo album."""
        return self._folder == _demo_folder()

    def show(self, folder: Path) -> None:
        """Show the library in `folder`, which is made where there is none, as the user's own."""
        self._switch(folder, ())
        if self._folder == folder:
            self._own_folder = folder

    def open_own(self) -> None:
        """Open the user's library."""
        self._open(self._own_folder)

    def show_own(self, to_scan: Sequence[Path] = ()) -> None:
        """Show the user's library instead of another, and scan `to_scan` into it."""
        self._switch(self._own_folder, to_scan)

    def show_demo(self) -> None:
        """Show the demo album, in a library of its own that can be deleted at any time."""
        self._switch(_demo_folder(), [resource("demo", "album")])

    def scan(self, roots: Sequence[Path] | None) -> None:
        """Scan `roots`, or with None the library's folders, after the scans that are asked for
        already. Before the library is open it is remembered.
        """
        library = self._shared.library
        if library is None:
            self._to_scan += roots or []
        else:
            self._keeper.scan(library, roots)

    def scan_into_own(self, roots: Sequence[Path]) -> None:
        """Scan `roots` into the user's library, which is shown then."""
        if self.is_demo:
            self.show_own(roots)
        else:
            self.scan(roots)

    def _open(self, folder: Path) -> None:
        self._folder = folder
        job = Job(marked("Opening the library"), lambda _: OpenLibrary.open(folder))
        job.succeeded.connect(lambda library: self._opened(job, library))
        job.failed.connect(lambda message: self._failed(job, message))
        self._opening = job
        self._shared.desk.start(job, Lane.ACT)

    def _failed(self, job: Job, message: str) -> None:
        if job is self._opening:
            self.failed.emit(message)

    def _opened(self, job: Job, library: OpenLibrary) -> None:
        if job is not self._opening:
            # Another one was wanted meanwhile; what is to be scanned is for that one.
            library.close()
            return
        self._shared.set_library(library)
        if not self.is_demo:
            self._keeper.keep(library)
            operations.remember(library.folder)
        self.opened.emit(library)
        roots, self._to_scan = self._to_scan, []
        if roots:
            self.scan(roots)

    def _switch(self, folder: Path, roots: Sequence[Path]) -> None:
        if not self._may_stop():
            return
        if not self._shared.shut_down():
            self.complained.emit(tr("The scan does not end; close photoclust and start it again."))
            return
        self._shared.set_library(None)
        self.switching.emit()
        self._to_scan = list(roots)
        self._open(folder)


def _demo_folder() -> Path:
    return cache_folder() / "demo-library"
