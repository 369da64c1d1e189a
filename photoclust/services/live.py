"""Taking in what changes in the folders while the program runs, without scanning them again."""

import queue
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import LibraryChanges
from photoclust.media import answering
from photoclust.services import browse, places, power, roots
from photoclust.services.embedding_model import current_model
from photoclust.services.grouping import group
from photoclust.services.ingest import ScanReport, ingest, is_absent
from photoclust.services.recognition import catch_up
from photoclust.services.watching import FolderChange, FolderWatcher
from photoclust.store import files as file_store
from photoclust.store.database import Library

_POLL_S = 0.1
_START_S = 30.0


def take_in(
    library: Library,
    change: FolderChange,
    settings: Settings,
    *,
    control: JobControl | None = None,
    on_changes: Callable[[LibraryChanges], None] = lambda _: None,
) -> ScanReport:
    """Bring the library up to date with `change`: read what is new or was written, note what is
    gone, group and recognise where there are new faces.

    Raises what `ingest` and `group` raise.
    """
    gone = places.note_gone(library, sorted(change.gone), sorted(change.folders))
    if gone.photos:
        on_changes(gone)
    here = {path for path in change.changed if not is_absent(path)}
    here |= _came_back_elsewhere(library, change)
    here |= {folder for folder in change.folders if answering.is_folder(folder)}
    report = ScanReport()
    if here:
        report = ingest(
            library,
            sorted(here),
            settings,
            remember=False,
            control=control,
            on_changes=on_changes,
        )
    if report.faces:
        group(
            library,
            method=settings.grouping_method,
            model=current_model(library, settings),
            control=control,
        )
        catch_up(library, settings, control=control)
        on_changes(LibraryChanges())
    return report


def _came_back_elsewhere(library: Library, change: FolderChange) -> set[Path]:
    """The folders of the library whose drive is there again at another place, where one of those
    that are told of is not there.
    """
    with library.read() as tx:
        known = set(file_store.folders(tx))
    if all(answering.is_folder(folder) for folder in known & change.folders):
        return set()
    there, _ = roots.find_roots(library)
    return set(there) - known


class Watching:
    """Watches the folders of a library from a terminal; `say` gets a sentence for each change."""

    def __init__(self, library: Library, settings: Settings, say: Callable[[str], None]) -> None:
        self._library = library
        self._settings = settings
        self._say = say

    def run(self, control: JobControl) -> None:
        """Take in changes until `control` is cancelled, which raises CancelledError.

        Raises UserError when the library has no folders.
        """
        folders = list(browse.overview(self._library).folders)
        if not folders:
            raise UserError("the library has no folders yet; photoclust scan FOLDER adds one")
        changes: queue.SimpleQueue[FolderChange] = queue.SimpleQueue()
        skip = self._settings.skip_patterns
        with FolderWatcher(folders, changes.put, skip_patterns=skip) as watcher:
            watcher.wait_until_watching(_START_S)
            for problem in watcher.problems:
                self._say(problem)
            self._say(f"Watching {', '.join(map(str, folders))}; Ctrl-C ends it.")
            while True:
                control.checkpoint()
                with suppress(queue.Empty):
                    self._take_in(changes.get(timeout=_POLL_S), control)

    def _take_in(self, change: FolderChange, control: JobControl) -> None:
        # To watch needs no power and may go on for weeks; what it finds is work as any other.
        with power.attended(control, lambda: self._settings.on_battery):
            report = take_in(self._library, change, self._settings, control=control)
        parts = [f"{report.photos} read, {report.faces} faces found"] if report.photos else []
        if change.gone:
            parts.append(f"{len(change.gone)} gone")
        parts += [f"{failure.path}: {failure.reason}" for failure in report.failed]
        if parts:
            self._say("; ".join(parts))
