"""Opening a library the way the program uses it: where it lies decides how, and it is kept safe.

What an earlier process left unfinished is closed, and once a day a copy of the library is kept.
"""

# ruff: noqa: PLC0415 - what few libraries need takes as long to load as all the rest

import contextlib
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from photoclust.core.errors import LibraryError, UserError
from photoclust.core.language import tr
from photoclust.core.types import JournalEntry
from photoclust.media import answering
from photoclust.media.volumes import Volume, is_fat, is_network, volume_of
from photoclust.services import portable
from photoclust.store import backups, embeddings, journal
from photoclust.store.database import Library
from photoclust.store.wiping import FORGETTING

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A library and what there is to say of it: runs that were cut off, sentences for the user."""

    library: Library
    interrupted: tuple[JournalEntry, ...] = ()
    notes: tuple[str, ...] = ()


def open_library(folder: Path, *, look_only: bool = False) -> Opened:
    """Open the library in `folder`, make it where there is none.

    A forgetting that was cut off is brought to its end. Raises LibraryError when any of that cannot
    be done.
    """
    try:
        answering.ask(folder, folder.exists, limit_s=answering.PATIENT_S)
    except TimeoutError as error:
        raise LibraryError(
            tr(
                "the library {folder} does not answer; check the network or the drive",
                folder=folder,
            )
        ) from error
    volume = volume_of(folder)
    if look_only and portable.has_moved(folder):
        with contextlib.suppress(LibraryError):  # what cannot be written is looked at as it is
            open_library(folder).library.close()
    library = Library(folder, look_only=look_only, shared_disk=is_shared(volume))
    notes = []
    if is_fat(volume):
        notes.append(
            tr(
                "the library {folder} lies on a {kind} drive, which keeps no permissions: whoever "
                "has the drive can read the names and faces in it",
                folder=folder,
                kind=volume.file_system,
            )
        )
    interrupted: list[JournalEntry] = []
    try:
        portable.follow(library)
    except BaseException:
        library.close()
        raise
    if library.read_only is None:
        try:
            with library.write() as tx:
                interrupted = journal.close_unfinished(tx)
            if any(entry.kind in FORGETTING for entry in interrupted):
                from photoclust.services import forgetting

                forgetting.finish(library)
        except BaseException:
            library.close()
            raise
    elif not look_only:
        notes.append(
            tr(
                "the library {folder} can be looked at but not changed: {reason}",
                folder=folder,
                reason=library.read_only,
            )
        )
    notes += _about_model(library)
    return Opened(library, tuple(interrupted), tuple(notes))


def _about_model(library: Library) -> list[str]:
    """Why the model that the library was told to use does not serve, if it does not."""
    with library.read() as tx:
        if not embeddings.chosen(tx):
            return []
    from photoclust.services import embedding_model

    reason = embedding_model.complaint(library)
    return [] if reason is None else [reason]


def is_shared(volume: Volume) -> bool:
    """Whether SQLite's shared memory may not work there."""
    return is_network(volume) or is_fat(volume)


def keep_daily_copy(library: Library) -> Path | None:
    """Copy the library into its backups where a copy is due.

    Gives the copy. One that cannot be written, on a full disk for instance, is logged and None:
    it must not keep anybody from working.
    """
    if library.read_only is not None:
        return None
    made: list[Path] = []

    def rotate(connection: sqlite3.Connection) -> None:
        if backups.is_due(connection, library.folder):
            made.append(backups.rotate(connection, library.folder))

    try:
        library.run_outside(rotate)
    except UserError as error:
        log.warning("no daily copy: %s", error)
        return None
    return made[0] if made else None
