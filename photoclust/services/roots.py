"""The folders of a library: which are there, which are away, and which do not answer.

A folder is away with its drive, its server or whoever renamed it. Its photos are offline until it
comes back, also at another place; nothing of them is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photoclust.core import foreign
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import FileStat, Photo, PhotoId
from photoclust.media import answering
from photoclust.media.volumes import (
    RootState,
    Volume,
    drive_name,
    find_moved_root,
    mounted_volumes,
    root_state,
)
from photoclust.store import files as file_store
from photoclust.store import relocation
from photoclust.store.database import Library
from photoclust.store.files import FileState

_SAMPLE = 20
"""Known files by which a drive is recognised that came back at another place."""


@dataclass(frozen=True, slots=True)
class Away:
    """A folder of which `photos` are known but cannot be looked at now. `drive` is what its drive
    is called, where it lies on one that comes and goes; it is `silent` where something is there
    that does not answer.
    """

    folder: Path
    photos: int
    drive: str | None
    silent: bool


@dataclass(frozen=True, slots=True)
class AllAway:
    """The folders that are away, and the photos of which no other file is there."""

    folders: tuple[Away, ...] = ()
    photos: frozenset[PhotoId] = frozenset()


def states(library: Library, *, limit_s: float | None = None) -> dict[Path, RootState | None]:
    """How each folder of the library is; None where it does not answer within `limit_s`."""
    with library.read() as tx:
        folders = file_store.folders(tx)
    return states_of(library, folders, limit_s=limit_s)


def states_of(
    library: Library, folders: Sequence[Path], *, limit_s: float | None = None
) -> dict[Path, RootState | None]:
    """As `states`, of folders that need not be the library's."""
    with library.read() as tx:
        had_files = {folder: file_store.has_files(tx, folder) for folder in folders}
    asked = {
        folder: partial(root_state, folder, had_files=had)
        for folder, had in had_files.items()
        if not foreign.is_foreign(folder)
    }
    found: dict[Path, RootState | None] = dict.fromkeys(folders, RootState.OFFLINE)
    for folder, state in answering.ask_all(asked, limit_s=limit_s or answering.PATIENT_S).items():
        if isinstance(state, Exception) and not isinstance(state, TimeoutError):
            raise state
        found[folder] = None if isinstance(state, TimeoutError) else state
    return found


def find_roots(
    library: Library, volumes: Sequence[Volume] | None = None
) -> tuple[list[Path], list[Path]]:
    """The folders of the library that are there, and those that are not, or do not answer.

    A folder whose drive came back under another letter or mount point is written down there
    first; the files of one that is not there are offline.
    """
    there: list[Path] = []
    missing: list[Path] = []
    for folder, state in states(library).items():
        if state is RootState.PRESENT:
            there.append(folder)
            continue
        moved = None
        if state is RootState.OFFLINE:
            volumes = mounted_volumes() if volumes is None else volumes
            moved = _moved(library, folder, volumes)
        if moved is not None and library.read_only is None:
            with library.write() as tx:
                relocation.relocate(tx, folder, moved)
            there.append(moved)
            continue
        missing.append(folder)
        if library.read_only is None:
            with library.write() as tx:
                file_store.set_state_below(tx, folder, FileState.OFFLINE)
    return there, missing


def all_away(library: Library) -> AllAway:
    """What is away, as far as it was noted; no file system is asked."""
    with library.read() as tx:
        photos = frozenset(file_store.offline_photos(tx))
        counts = [
            (folder, file_store.count_photos_below(tx, folder, FileState.OFFLINE))
            for folder in (file_store.folders(tx) if photos else ())
        ]
    away = tuple(
        Away(folder, count, drive_name(folder), answering.is_silent(folder))
        for folder, count in counts
        if count
    )
    return AllAway(away, photos)


def say_missing(folder: Path) -> str:
    """A clause that says of a folder that cannot be looked at why, and what to do."""
    if answering.is_silent(folder):
        return tr(
            "{folder} does not answer; check the network or the drive, its photos are kept",
            folder=folder,
        )
    drive = drive_name(folder)
    if drive is not None:
        return tr(
            "the drive {drive} with {folder} is not there now; plug it in, its photos are kept",
            drive=drive,
            folder=folder,
        )
    return tr(
        "{folder} is not there now, or is empty; connect its drive or say where it is now, its "
        "photos are kept",
        folder=folder,
    )


def say_away(library: Library, path: Path) -> str:
    """A clause that says of a file that cannot be looked at where it is, and what to do."""
    folder = answering.place_of(path, _folders(library))
    if answering.is_silent(path):
        return tr("the photo is in {folder}, which does not answer now; try again", folder=folder)
    drive = drive_name(folder)
    if drive is not None:
        return tr(
            "the photo is on the drive {drive}, which is not there now; plug it in", drive=drive
        )
    return tr("the photo is in {folder}, which is not there now; bring it back", folder=folder)


def first_file(library: Library, photo: Photo) -> FileStat | None:
    """The first of the files of `photo` that is there and answers."""
    found = answering.first_file(photo.paths, _folders(library))
    if found is None:
        return None
    path, status = found
    return FileStat(path, status.st_size, status.st_mtime_ns)


def require_file(library: Library, photo: Photo) -> Path:
    """A file of `photo` that is there. Raises UserError that says where it is, when none is."""
    found = first_file(library, photo)
    if found is not None:
        return found.path
    with library.read() as tx:
        deleted = photo.id in file_store.deleted_photos(tx)
    if deleted or not photo.paths:
        raise UserError(tr("the file of this photo is no longer there; scan again"))
    raise UserError(say_away(library, photo.paths[0]))


def _folders(library: Library) -> list[Path]:
    with library.read() as tx:
        return file_store.folders(tx)


def _moved(library: Library, folder: Path, volumes: Sequence[Volume]) -> Path | None:
    """Where a folder is whose drive came back at another place, if that is known."""
    with library.read() as tx:
        sample = file_store.sample_below(tx, folder, _SAMPLE)
    if not sample:
        return None
    try:
        return answering.ask(
            folder,
            lambda: find_moved_root(folder, sample, volumes),
            limit_s=answering.PATIENT_S,
        )
    except TimeoutError:
        return None
