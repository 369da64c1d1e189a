"""What one press of "scan" does: find the faces of folders, group and recognise them, with early
results; and what is done at the start of the program without one.

Faces are grouped while the scan goes on, each time their number has doubled, so that the work spent
on it stays a small part of the whole. In a library that had no groups they are grouped anew each
time, so that in the end all are grouped together; groups that were there before stay. Where people
are known, faces are recognised as they come.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import EntryStatus, LibraryChanges
from photoclust.services import browse, reembedding, thumbnail_care
from photoclust.services.embedding_model import current_model
from photoclust.services.grouping import GroupingReport, group, has_groups
from photoclust.services.ingest import ScanReport, ingest
from photoclust.services.recognition import RecognitionReport
from photoclust.services.recognition import catch_up as catch_up_recognition
from photoclust.services.roots import find_roots, say_missing
from photoclust.store import journal
from photoclust.store.database import Library

FIRST_GROUPING_FACES = 50
"""New faces that are worth a grouping while the scan goes on."""
RECOGNIZING_S, RECOGNIZING_SHARE = 5.0, 20
"""Faces are recognised at most every few seconds, and as rarely as makes it one part of so many of
the time.
"""


@dataclass(frozen=True, slots=True)
class SessionReport:
    """What a scan and what came after it did; `recognition` is None where nobody is known.
    `missing` are folders that were not there.
    """

    scan: ScanReport
    grouping: GroupingReport
    recognition: RecognitionReport | None = None
    missing: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What had changed in the folders of a library; `missing` are those that were not there."""

    scan: ScanReport
    missing: tuple[Path, ...] = ()


def scan_and_group(
    library: Library,
    roots: Sequence[Path],
    settings: Settings,
    *,
    control: JobControl | None = None,
    on_changes: Callable[[LibraryChanges], None] = lambda _: None,
) -> SessionReport:
    """Scan `roots` into the library, group and recognise its faces, also now and then in between.

    `on_changes` hears of every batch of photos that was written, and with empty changes of every
    grouping or recognition. Raises what `ingest` and `group` raise; CancelledError leaves what was
    written.
    """
    control = control or JobControl()
    first = not has_groups(library)
    scan = _scan(library, roots, settings, control, on_changes, first=first)
    reembedding.catch_up(library, settings, control=control)
    grouping = _group(library, settings, control, anew=first)
    recognized = catch_up_recognition(library, settings, control=control)
    on_changes(LibraryChanges())
    thumbnail_care.keep_bounded(library, settings, control=control)
    return SessionReport(scan, grouping, recognized)


def scan_again(
    library: Library,
    settings: Settings,
    *,
    control: JobControl | None = None,
    on_changes: Callable[[LibraryChanges], None] = lambda _: None,
) -> SessionReport:
    """As `scan_and_group` for every folder of the library that is there now.

    Raises UserError when none of them is.
    """
    there, missing = known_roots(library)
    report = scan_and_group(library, there, settings, control=control, on_changes=on_changes)
    return replace(report, missing=tuple(missing))


def known_roots(library: Library) -> tuple[list[Path], list[Path]]:
    """The folders of the library that are there, also at another place than before, and those that
    are not. Raises UserError when none is there.
    """
    library.require_writable()
    there, missing = find_roots(library)
    if not there:
        raise UserError(
            say_missing(missing[0])
            if missing
            else tr("the library has no folders yet; add one first")
        )
    return there, missing


def catch_up(
    library: Library,
    settings: Settings,
    *,
    control: JobControl | None = None,
    on_changes: Callable[[LibraryChanges], None] = lambda _: None,
) -> CaughtUp:
    """Take in what changed in the folders of the library while nobody looked, and finish what a
    scan before left undone. Faces are grouped only where there are new ones.

    Folders that are not there are no error. Raises and tells as `scan_and_group`.
    """
    library.require_writable()
    control = control or JobControl()
    there, missing = find_roots(library)
    first = not has_groups(library)
    scan = ScanReport()
    if there:
        scan = _scan(library, there, settings, control, on_changes, first=first)
    again = reembedding.catch_up(library, settings, control=control)
    if (
        scan.faces
        or scan.names.names
        or (again is not None and again.converted + again.embedded)
        or _has_ungrouped(library)
    ):
        _group(library, settings, control, anew=first)
        catch_up_recognition(library, settings, control=control)
        on_changes(LibraryChanges())
    thumbnail_care.keep_bounded(library, settings, control=control)
    return CaughtUp(scan, tuple(missing))


def _scan(
    library: Library,
    roots: Sequence[Path],
    settings: Settings,
    control: JobControl,
    on_changes: Callable[[LibraryChanges], None],
    *,
    first: bool,
) -> ScanReport:
    """Find the faces of `roots`, and group what there is each time it has doubled; recognise it
    more often.
    """
    quiet = _WithoutProgress(control)
    grouped = browse.counts(library)[1]
    new = 0
    next_s = 0.0

    def after_batch(changes: LibraryChanges) -> None:
        nonlocal grouped, new, next_s
        on_changes(changes)
        new += len(changes.faces)
        start = time.monotonic()
        if new >= max(FIRST_GROUPING_FACES, grouped):
            grouped, new = grouped + new, 0
            _group(library, settings, quiet, anew=first)
        elif start < next_s or not changes.faces:
            return
        catch_up_recognition(library, settings, control=quiet)
        end = time.monotonic()
        next_s = end + max(RECOGNIZING_SHARE * (end - start), RECOGNIZING_S)
        on_changes(LibraryChanges())

    return ingest(library, roots, settings, control=control, on_changes=after_batch)


def _has_ungrouped(library: Library) -> bool:
    """Whether a scan found something after the last grouping that was carried to its end."""
    with library.read() as tx:
        scan, grouping = journal.last_run(tx, "scan"), journal.last_run(tx, "group")
    if scan is None or scan.ended_at is None:
        return False
    if grouping is None or grouping.ended_at is None or grouping.status is not EntryStatus.DONE:
        return True
    return grouping.ended_at < scan.ended_at


def _group(
    library: Library, settings: Settings, control: JobControl, *, anew: bool
) -> GroupingReport:
    return group(
        library,
        method=settings.grouping_method,
        model=current_model(library, settings),
        anew=anew,
        control=control,
    )


class _WithoutProgress(JobControl):
    """Held and cancelled with another control, but silent: the stage shown stays the scan's."""

    def __init__(self, outer: JobControl) -> None:
        super().__init__()
        self._outer = outer

    def checkpoint(self) -> None:
        """As the outer control's."""
        self._outer.checkpoint()

    def report(self, stage: str, done: int, total: int | None = None) -> None:
        """Keep it to oneself."""
