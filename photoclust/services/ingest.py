"""Scanning: folders in, photos, faces and vectors in the library.

Whatever is written is written with the file that it came from, in transactions of about a second,
so that a scan can be cut off anywhere and goes on where it was. A file is looked at again only
when its size or time has changed, or the user says that it is a film negative, or none after all.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import count, zip_longest
from pathlib import Path

from photoclust.core import reasons
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.language import marked, tr
from photoclust.core.paths import absolute_path
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import (
    Engine,
    EntryId,
    EntryStatus,
    Failure,
    FileStat,
    LibraryChanges,
    ModelId,
)
from photoclust.media import answering
from photoclust.media.scan import SkipPatterns, WalkReport, walk
from photoclust.services import computing, embedding_model, negatives, places, stacking
from photoclust.services.analysis import AnalysisOptions
from photoclust.services.names_in import NamesReport
from photoclust.services.names_in_sidecars import take_changed
from photoclust.services.roots import find_roots
from photoclust.services.scan_writer import Names, ScanWriter, gone
from photoclust.services.worker_pool import analyse
from photoclust.store import files as file_store
from photoclust.store import journal
from photoclust.store import photos as photo_store
from photoclust.store.database import Library, Transaction

STAGE_WALK = marked("Looking for photos")
STAGE_SCAN = marked("Finding faces")


@dataclass(slots=True)
class ScanReport:
    """What a scan did. `failed` also lists the files known to be unreadable and unchanged since;
    `deleted` files are gone from folders that are there, `offline` ones are with a drive or folder
    that is not, `returned` ones were gone before. `silent` are the places that did not answer;
    `went` files went away before they were read, as with a drive that is unplugged. `raw` files,
    `videos` and `pdfs` were passed over because the extra that reads them is not installed,
    `documents` because they hold no photos. `names` tells of those that were taken over from the
    files and from what lies beside them. `engines` ran the networks, where these were needed.
    """

    photos: int = 0
    unchanged: int = 0
    faces: int = 0
    deleted: int = 0
    offline: int = 0
    returned: int = 0
    failed: list[Failure] = field(default_factory=list)
    silent: list[Path] = field(default_factory=list)
    went: int = 0
    placeholders: int = 0
    skipped: int = 0
    raw: int = 0
    videos: int = 0
    pdfs: int = 0
    documents: int = 0
    names: NamesReport = field(default_factory=NamesReport)
    engines: dict[ModelId, Engine] = field(default_factory=dict)
    seconds: float = 0.0

    def add_failure(self, failure: Failure) -> None:
        """Take in a file that gave no picture."""
        if failure.reason == reasons.NO_PHOTOS:
            self.documents += 1
        else:
            self.failed.append(failure)

    @property
    def photos_per_second(self) -> float:
        """Photos looked at, per second."""
        return self.photos / self.seconds if self.seconds > 0 else 0.0


def is_absent(root: Path) -> bool:
    """Whether `root` is not there; one that does not answer may be."""
    try:
        return not answering.ask(root, root.exists, limit_s=answering.PATIENT_S)
    except TimeoutError:
        return False


def require_roots(roots: Sequence[Path]) -> None:
    """Raise UserError for the first of `roots` that is not there, before anything is made."""
    for root in roots:
        if is_absent(root):
            raise UserError(
                tr("cannot scan {root}: there is no such file or folder; check the path", root=root)
            )


def ingest(
    library: Library,
    roots: Sequence[Path],
    settings: Settings,
    *,
    remember: bool = True,
    workers: int | None = None,
    control: JobControl | None = None,
    on_changes: Callable[[LibraryChanges], None] = lambda _: None,
) -> ScanReport:
    """Scan `roots` into the library; `on_changes` hears of every batch that was written.

    With `remember`, those that are folders become folders of the library, save for those within
    another one, with which they are scanned anyway. Raises UserError when a
    root does not exist or the library cannot be written, ModelError when a model is damaged,
    CancelledError when cancelled: what was written until then stays, and nothing is written after.
    """
    library.require_writable()
    control = control or JobControl()
    start = time.monotonic()
    find_roots(library)
    report = ScanReport()
    walked = WalkReport()
    stats = []
    for stat in walk(roots, settings.skip_patterns, report=walked, control=control):
        stats.append(stat)
        control.report(STAGE_WALK, len(stats))
    absolute = [absolute_path(root) for root in roots]
    folders = [root for root in absolute if answering.is_folder(root)]
    moved = places.note_places(library, folders, stats, walked)
    report.offline, report.returned = moved.offline, moved.returned
    todo = _changed_files(library, stats, report)
    report.placeholders, report.skipped = walked.placeholders, walked.skipped
    report.raw, report.videos, report.pdfs = walked.raw, walked.videos, walked.pdfs
    report.silent += dict.fromkeys(walked.silent)
    report.failed += walked.unreadable
    with library.write() as tx:
        if remember:
            known = [*file_store.folders(tx), *folders]
            file_store.add_folders(tx, _outermost(folders, known, settings.skip_patterns))
        recorded = file_store.paths_without_picture(tx)
        readable_again = [
            path
            for path in recorded
            if answering.is_folder(path) and not {path, *path.parents}.isdisjoint(folders)
        ]
        file_store.forget_files(tx, [*gone(recorded), *readable_again])
        for failure in walked.unreadable:
            file_store.write_failure(tx, failure)
        unfinished = _unfinished(tx)
        run = None
        if todo:
            run = journal.start_run(
                tx, "scan", {"roots": [str(absolute_path(root)) for root in roots]}
            )
    names = Names()
    if run is not None:
        names = _analyse_all(
            library,
            todo,
            run=run,
            since=run if unfinished is None else unfinished,
            settings=settings,
            workers=workers,
            report=report,
            control=control,
            on_changes=on_changes,
        )
    elif moved.gone or moved.returned or unfinished is not None:
        _stack(library, unfinished, control, on_changes)
    negatives.look_again(library, settings, control=control, on_changes=on_changes)
    if settings.names_from_files and walked.beside:
        unread = (stat.path for stat in stats if stat.path not in names.read)
        taken = take_changed(
            library,
            walked.beside,
            unread,
            names.taken,
            control=control,
            on_changes=on_changes,
        )
        report.names = taken.report
    report.deleted = places.count_left(library, moved.gone)
    report.failed.sort(key=lambda failure: failure.path)
    report.seconds = time.monotonic() - start
    return report


def _unfinished(tx: Transaction) -> EntryId | None:
    """The last scan, where it did not get to its end and to the stacks."""
    last = journal.last_run(tx, "scan")
    return None if last is None or last.status is EntryStatus.DONE else last.id


def _stack(
    library: Library,
    since: EntryId | None,
    control: JobControl,
    on_changes: Callable[[LibraryChanges], None],
) -> None:
    """Make the stacks anew, and carry names over to what the scan `since` and later ones found."""
    changed = stacking.rebuild(library, control=control)
    carried = LibraryChanges()
    if since is not None:
        carried = stacking.carry_names_to_new(library, since)
    if changed or carried.photos:
        on_changes(replace(carried, photos=carried.photos | changed))


def _analyse_all(
    library: Library,
    todo: Sequence[FileStat],
    *,
    run: EntryId,
    since: EntryId,
    settings: Settings,
    workers: int | None,
    report: ScanReport,
    control: JobControl,
    on_changes: Callable[[LibraryChanges], None],
) -> Names:
    """Look at all files `todo`; gives what names in and beside them came to."""
    options = AnalysisOptions(
        detector=ModelId(settings.detector),
        embedder=embedding_model.current_model(library, settings),
        own_models=embedding_model.own_models_of(library),
        names=settings.names_from_files,
        pages=True,
        compute=computing.compute_of(settings),
    )
    options = computing.decided(options, files=len(todo), control=control)
    report.engines = dict(options.engines)
    stats = {stat.path: stat for stat in todo}
    writer = ScanWriter(
        library, run=run, options=options, stats=stats, report=report, on_changes=on_changes
    )
    control.report(STAGE_SCAN, 0, len(todo))
    done = count(1)
    paths = [stat.path for stat in todo]
    ended = EntryStatus.FAILED
    try:
        while paths:
            outcomes = analyse(
                paths,
                options,
                workers=workers or settings.workers,
                is_known=writer.is_known,
                is_known_picture=writer.is_known_picture,
                control=control,
            )
            with closing(outcomes):  # no worker outlives an error raised here
                for outcome in outcomes:
                    writer.add(outcome)
                    control.report(STAGE_SCAN, min(next(done), len(todo)), len(todo))
            control.checkpoint()
            writer.commit()
            paths = writer.take_undone()
        _stack(library, since, control, on_changes)
        ended = EntryStatus.DONE
    except CancelledError:
        ended = EntryStatus.CANCELLED
        raise
    finally:
        counts = {"photos": report.photos, "faces": report.faces, "failed": len(report.failed)}
        # Where nothing can be written any more, the next start closes the run as interrupted.
        with contextlib.suppress(UserError), library.write() as tx:
            journal.end_run(tx, run, ended, counts)
    return writer.names


def _outermost(
    folders: Sequence[Path], known: Sequence[Path], skip_patterns: Iterable[str]
) -> list[Path]:
    """Those of `folders` that no scan of the `known` ones looks at."""
    skipped = SkipPatterns(skip_patterns)
    return [
        folder
        for folder in folders
        if not any(
            other in folder.parents and not skipped.leave_out(folder, other) for other in known
        )
    ]


def _changed_files(
    library: Library, stats: Sequence[FileStat], report: ScanReport
) -> list[FileStat]:
    """Those of `stats` that the library does not hold as they are; the others go into `report`.

    They are spread over the folders, so that the first groups are of people from all of them. But
    files at new places come first: of those that changed places with one another, or with a new
    file under the old name, each must be known again before its old name is given away.
    """
    todo = []
    with library.read() as tx:
        known = file_store.unchanged(tx, stats)
        for stat in stats:
            if stat.path not in known:
                todo.append(stat)
            elif known[stat.path] is None:
                report.unchanged += 1
        for failure in known.values():
            if failure is not None:
                report.add_failure(failure)
        there = photo_store.photos_at(tx, [stat.path for stat in todo])
    return sorted(_spread(todo), key=lambda stat: stat.path in there)


def _spread(stats: Sequence[FileStat]) -> list[FileStat]:
    """`stats` with one file of each folder in turn, in the order of the folders and files."""
    by_folder: dict[Path, list[FileStat]] = {}
    for stat in stats:
        by_folder.setdefault(stat.path.parent, []).append(stat)
    rounds = zip_longest(*by_folder.values())
    return [stat for each in rounds for stat in each if stat is not None]
