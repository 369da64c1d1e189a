"""What keeps the library up to date: scans that are asked for, a look at the folders when it is
opened, and what the watched folders tell. All of it takes turns in one lane.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photoclust.core.language import marked, tr
from photoclust.gui import scan_text
from photoclust.gui.jobbar import JobBar
from photoclust.gui.library import OpenLibrary
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services.browse import Overview
    from photoclust.services.session import CaughtUp
    from photoclust.services.watching import FolderChange

QUIET_MS = 3000
"""What nobody asked for is shown in the job bar when it takes longer than this: a look at folders
in which nothing has changed seldom does.
"""
_WATCHING_S = 2.0
"""How long the look at the folders waits for the watching of them to begin."""


class Keeper(QObject):
    """Starts the jobs that read the folders, and tells what came of them."""

    asked = Signal()
    """Somebody asked for a scan."""
    scanning = Signal(bool)
    """A scan has begun, or ended."""
    scanned = Signal(object)
    """SessionReport of a scan that was asked for."""
    told = Signal(str)
    """A sentence for the user."""
    complained = Signal(str)
    """A reason why something could not be done."""
    _changed_on_disk = Signal(object, object)

    def __init__(self, shared: Shared, job_bar: JobBar) -> None:
        super().__init__(shared)
        self._shared = shared
        self._job_bar = job_bar
        self._asked_for: list[Job] = []
        self._kept: OpenLibrary | None = None
        self._folders: tuple[Path, ...] | None = None
        self._pending: FolderChange | None = None
        self._lock = threading.Lock()
        self._changed_on_disk.connect(self._note)
        shared.library_changed.connect(lambda: self.keep(None))
        shared.overview_changed.connect(self._follow)

    def scan(self, library: OpenLibrary, roots: Sequence[Path] | None) -> None:
        """Scan `roots`, or with None the library's folders, after the scans asked for already."""
        if library.read_only is not None:
            self.complained.emit(tr("nothing can be scanned: {why}", why=library.read_only))
            return
        settings = self._shared.settings
        job = Job(
            marked("Scanning"),
            lambda job: library.scan(roots, settings, job.control, job.tell),
        )
        job.succeeded.connect(self.scanned)
        if self._asked_for:
            self.told.emit(tr("This is scanned as soon as the scan that runs is done."))
        self._asked_for.append(job)
        self.asked.emit()
        self._start_scan(job)

    def watch_anew(self) -> None:
        """Watch the folders again: something else is to be left out of them."""
        library, folders = self._kept, self._folders
        if library is not None and folders:
            watch = self._watching(library, folders)
            self._shared.read(lambda _: watch(), lambda _: None)

    def keep(self, library: OpenLibrary | None) -> None:
        """Keep `library`, which was just opened, up to date from now on: as soon as it is known
        what is in it, a copy is made where one is due, what changed while it was closed is taken
        in, and its folders are watched. One that cannot be changed is left alone.
        """
        self._kept = None if library is None or library.read_only is not None else library
        self._folders = None
        with self._lock:
            self._pending = None

    def _follow(self, overview: Overview) -> None:
        """Begin to keep a library, or watch the folders that it has now."""
        library, folders = self._kept, overview.folders
        if library is None or folders == self._folders:
            return
        first, self._folders = self._folders is None, folders
        watch = self._watching(library, folders)
        if first and folders:
            self._catch_up(library, watch)
        elif folders:
            self._shared.read(lambda _: watch(), lambda _: None)

    def _watching(self, library: OpenLibrary, folders: tuple[Path, ...]) -> Callable[..., None]:
        tell = partial(self._changed_on_disk.emit, library)
        return partial(library.watch, folders, self._shared.settings.skip_patterns, tell)

    def _catch_up(self, library: OpenLibrary, watch: Callable[..., None]) -> None:
        def work(job: Job) -> CaughtUp:
            library.keep_daily_copy()
            watch(wait_s=_WATCHING_S)
            return library.catch_up(self._shared.settings, job.control, job.tell)

        job = Job(marked("Looking for changes"), work)
        job.succeeded.connect(self._caught_up)
        if library.was_interrupted:
            self.told.emit(tr("The scan that was interrupted goes on."))
        self._start_scan(job)

    def _caught_up(self, report: CaughtUp) -> None:
        parts = scan_text.catch_up_summary(report)
        if parts:
            self.told.emit(" ".join(parts))

    def _note(self, library: OpenLibrary, change: FolderChange) -> None:
        """Take in a change, together with those that come before its turn."""
        if library is not self._kept:
            return
        with self._lock:
            waits, self._pending = self._pending is not None, (self._pending or change) | change
        if not waits:
            job = Job(marked("Taking in changes"), lambda job: self._take_in(library, job))
            self._start(job)

    def _take_in(self, library: OpenLibrary, job: Job) -> None:
        with self._lock:
            change, self._pending = self._pending, None
        if change is not None:
            library.take_in(change, self._shared.settings, job.control, job.tell)

    def _start_scan(self, job: Job) -> None:
        job.started.connect(self._scan_started)
        job.cancelled.connect(self._tell_cancelled)
        job.finished.connect(self._scan_finished)
        self._start(job)

    def _start(self, job: Job) -> None:
        job.started.connect(self._show)
        job.changed.connect(self._shared.wrote)
        job.failed.connect(self.complained)
        job.finished.connect(self._shared.refresh)
        self._shared.desk.start(job, Lane.SCAN)

    def _show(self) -> None:
        job = self._sender()
        self._job_bar.watch(job, after_ms=0 if job in self._asked_for else QUIET_MS)

    def _scan_started(self) -> None:
        self.scanning.emit(True)

    def _scan_finished(self) -> None:
        job = self._sender()
        if job in self._asked_for:
            self._asked_for.remove(job)
        self.scanning.emit(False)

    def _sender(self) -> Job:
        job = self.sender()
        assert isinstance(job, Job)
        return job

    def _tell_cancelled(self) -> None:
        self.told.emit(
            tr("Scan cancelled. What was found until then is in the library; scan again to go on.")
        )
