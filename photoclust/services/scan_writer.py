"""Writing what a scan finds into the library, in transactions of about a second.

Owns which outcome becomes what: a new photo, another file of a known one, a failure.
"""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.pages import PARTED_EXTENSIONS, VIDEO_EXTENSIONS, file_of, is_part
from photoclust.core.regions import FoundNames
from photoclust.core.types import EntryId, FaceId, Failure, FileStat, LibraryChanges, PhotoId
from photoclust.media import answering
from photoclust.services.analysis import AnalysisOptions, PhotoAnalysis, SamePicture
from photoclust.services.names_in_scanning import Taken, take
from photoclust.services.thumbnail_care import photo_thumbnail_key, thumbnails
from photoclust.services.worker import Known, Outcome, Unreadable
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import parts
from photoclust.store import photos as photo_store
from photoclust.store.database import Library, Transaction

if TYPE_CHECKING:
    from photoclust.services.ingest import ScanReport

COMMIT_INTERVAL_S = 1.0
COMMIT_PHOTOS = 64


@dataclass(frozen=True, slots=True)
class Names:
    """What a scan has taken over, and the files in and beside which it has read names."""

    taken: Taken = field(default_factory=Taken)
    read: frozenset[Path] = frozenset()


class ScanWriter:
    """Collects outcomes and writes them a batch at a time."""

    def __init__(
        self,
        library: Library,
        *,
        run: EntryId,
        options: AnalysisOptions,
        stats: dict[Path, FileStat],
        report: "ScanReport",
        on_changes: Callable[[LibraryChanges], None],
    ) -> None:
        self._library = library
        self._run = run
        self._options = options
        self._stats = stats
        self._report = report
        self._on_changes = on_changes
        self._batch: list[Outcome] = []
        self._waiting: set[str] = set()
        self._undone: list[Path] = []
        self._pages: dict[Path, set[Path]] = {}
        self._unlisted: set[str] = set()  # contents of videos of which no moments are known
        self._faces: set[FaceId] = set()
        self._last_commit = time.monotonic()
        self._thumbnails = thumbnails(library)
        self._taken = Taken()
        self._read: set[Path] = set()

    @property
    def names(self) -> Names:
        """What came of names so far."""
        return Names(self._taken, frozenset(self._read))

    def is_known(self, digest: str) -> bool:
        """Whether a photo of this content is in the library or waits to be written to it."""
        if digest in self._waiting:
            return True
        if digest in self._unlisted:
            return False
        with self._library.read() as tx:
            return photo_store.find_by_hash(tx, digest) is not None

    def is_known_picture(self, picture_digest: str) -> bool:
        """Whether a photo with these pixels is in the library or waits to be written to it."""
        if picture_digest in self._waiting:
            return True
        with self._library.read() as tx:
            return photo_store.find_by_picture(tx, picture_digest) is not None

    def add(self, outcome: Outcome) -> None:
        """Take an outcome; commits when it is time."""
        self._batch.append(outcome)
        if isinstance(outcome, PhotoAnalysis):
            self._waiting.update((outcome.digest, outcome.picture_digest))
        late = time.monotonic() - self._last_commit >= COMMIT_INTERVAL_S
        if late or len(self._batch) >= COMMIT_PHOTOS:
            self.commit()

    def commit(self) -> None:
        """Write what was collected: all of it, or nothing when the library refuses."""
        self._last_commit = time.monotonic()
        batch = self._without_away()
        photos: set[PhotoId] = set()
        whole: list[tuple[PhotoId, bytes]] = []
        faces: list[FaceId] = []
        pictures: list[tuple[FaceId, bytes]] = []
        failed: list[Failure] = []
        names: dict[PhotoId, FoundNames] = {}
        named = LibraryChanges()
        taken = self._taken
        done = 0
        with self._library.write() as tx:
            for outcome in batch:
                stat = self._stats[file_of(outcome.path)]
                self._keep_to_pages(tx, outcome)
                if isinstance(outcome, Unreadable):
                    failed.append(Failure(outcome.path, outcome.reason, stat.size, stat.mtime_ns))
                    file_store.write_failure(tx, failed[-1], try_again=outcome.try_again)
                    continue
                if isinstance(outcome, PhotoAnalysis):
                    photo, ids = self._write_photo(tx, outcome)
                    whole.append((photo, outcome.photo_thumbnail))
                    faces += ids
                    pictures += zip(ids, outcome.thumbnails, strict=True)
                elif (known := self._known_photo(tx, outcome)) is not None:
                    photo = known
                    _write_same_photo(tx, photo, outcome)
                else:  # the only file of that content was overwritten in the meantime, or is gone
                    self._undone.append(outcome.path)
                    continue
                photos.add(photo)
                done += 1
                if isinstance(outcome, Known):
                    continue
                self._read.add(outcome.path)
                if outcome.names:
                    names[photo] = names.get(photo, FoundNames()).with_others(outcome.names)
            if names:
                taken, named = take(tx, names, taken)
        self._taken = taken
        self._faces.update(faces)
        self._tell(done, failed)
        self._batch = []
        self._waiting.clear()
        self._keep_thumbnails(whole, pictures)
        if photos:
            written = LibraryChanges(frozenset(photos), frozenset(faces))
            self._on_changes(LibraryChanges.joined((written, named)))

    def _without_away(self) -> list[Outcome]:
        """What was collected, but for files that are away: that is no fault of theirs, and no
        reason never to look again.
        """
        there = [each for each in self._batch if not _is_away(each)]
        self._report.went += len(self._batch) - len(there)
        return there

    def _tell(self, done: int, failed: Iterable[Failure]) -> None:
        self._report.names = self._taken.report
        self._report.photos += done
        self._report.faces = len(self._faces)
        for failure in failed:
            self._report.add_failure(failure)

    def _keep_thumbnails(
        self, photos: Iterable[tuple[PhotoId, bytes]], faces: Iterable[tuple[FaceId, bytes]]
    ) -> None:
        """Also that of an edited photo, which showed what it was. A drive that is away later is
        shown by these.
        """
        for photo, jpeg in photos:
            self._thumbnails.put(photo_thumbnail_key(photo), jpeg)
        for face, jpeg in faces:
            self._thumbnails.put(str(face), jpeg)

    def take_undone(self) -> list[Path]:
        """Files taken for known ones whose photo was gone when they were to be written."""
        undone, self._undone = self._undone, []
        return undone

    def _keep_to_pages(self, tx: Transaction, outcome: Outcome) -> None:
        """Forget the further pictures that the file held, and does not hold any more.

        Those that it holds come before it; a known video is not looked at again for them.
        """
        path = outcome.path
        extension = path.suffix.lower()
        if is_part(path):
            self._pages.setdefault(file_of(path), set()).add(path)
        elif extension in PARTED_EXTENSIONS:
            held = self._pages.pop(path, set())
            if isinstance(outcome, Unreadable):
                return  # what is known of it stays
            if isinstance(outcome, Known) and extension in VIDEO_EXTENSIONS:
                copies = parts.copy_parts(tx, outcome.stat, outcome.digest)
                if copies is None:
                    self._unlisted.add(outcome.digest)
                    return
                self._unlisted.discard(outcome.digest)
                for photo in copies.values():
                    _forget_old_places(tx, photo)
                held.update(copies)
            parts.drop_parts(tx, path, but=held)

    def _known_photo(self, tx: Transaction, outcome: Known | SamePicture) -> PhotoId | None:
        """The photo whose picture was found again; None where it must be looked at after all."""
        if isinstance(outcome, SamePicture):
            return photo_store.find_by_picture(tx, outcome.picture_digest)
        if outcome.digest in self._unlisted:
            return None
        return photo_store.find_by_hash(tx, outcome.digest)

    def _write_photo(
        self, tx: Transaction, analysis: PhotoAnalysis
    ) -> tuple[PhotoId, list[FaceId]]:
        size = (analysis.width, analysis.height)
        model = self._options.embedder
        photo = photo_store.photo_to_update(tx, analysis.path, analysis.digest)
        # A picture under an old name is an edit of the one before as far as it shows the same
        # people; names do not go over to strangers.
        if photo is not None and face_store.is_other_picture(
            tx, photo, analysis.faces, size, model
        ):
            photo = None
        photo = photo_store.write_photo(
            tx,
            photo=photo,
            size=size,
            turn=analysis.turn,
            metadata=analysis.metadata,
            stat=analysis.stat,
            detector=self._options.detector,
            run=self._run,
            look=analysis.look,
            negative=analysis.negative,
        )
        ids = face_store.replace_faces(tx, photo, analysis.faces, size, model)
        file_store.write_file(tx, analysis.stat, photo, analysis.digest, analysis.picture_digest)
        return photo, ids


def _write_same_photo(tx: Transaction, photo: PhotoId, outcome: Known | SamePicture) -> None:
    """Write the file of a photo whose picture is known: moved, copied, or with other metadata."""
    if isinstance(outcome, SamePicture):
        file_store.write_file(tx, outcome.stat, photo, outcome.digest, outcome.picture_digest)
        photo_store.write_metadata(tx, photo, outcome.metadata, outcome.stat)
    else:
        file_store.write_file(tx, outcome.stat, photo, outcome.digest)
    _forget_old_places(tx, photo)


def _forget_old_places(tx: Transaction, photo: PhotoId) -> None:
    """Of a photo whose file was moved, the old path must not be the one that is shown."""
    (there,) = photo_store.photos(tx, [photo])
    left = [path for path in gone(there.paths) if answering.is_folder(file_of(path).parent)]
    file_store.set_state(tx, left, file_store.FileState.DELETED)
    file_store.drop_moved(tx, photo)


def _is_away(outcome: Outcome) -> bool:
    """Whether a file could not be read because it is not there, or nothing answers for it."""
    if not isinstance(outcome, Unreadable):
        return False
    file = file_of(outcome.path)
    try:
        answering.ask(file.parent, file.stat)
    except OSError:
        return True
    return False


def gone(paths: Iterable[Path]) -> list[Path]:
    """Those of `paths` that lead to nothing any more, and are not where nothing answers; looked
    for again, nothing is lost by it.
    """
    answer = (path for path in paths if not answering.is_silent(path))
    return [path for path in answer if not os.path.lexists(file_of(path))]
