"""Where files are: at their place, with a drive that is not there, or deleted.

An unplugged drive or an empty mount point takes nothing with it: its files are offline and come
back. A file that is gone from a folder that is there is deleted, and stays in the library with all
that was decided about it until the user purges it.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photoclust.core import foreign
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.pages import file_of
from photoclust.core.paths import THUMBNAILS
from photoclust.core.types import FileStat, LibraryChanges, PhotoId
from photoclust.media import answering
from photoclust.media.scan import WalkReport
from photoclust.media.thumbnails import ThumbnailCache
from photoclust.media.volumes import RootState
from photoclust.services import roots
from photoclust.store import files as file_store
from photoclust.store import journal, parts, relocation
from photoclust.store import photos as photo_store
from photoclust.store.chunks import chunks
from photoclust.store.database import Library, Transaction
from photoclust.store.files import FileState

_SAMPLE = 20
"""Known files by which a folder is recognised that lies somewhere else now."""


@dataclass(frozen=True, slots=True)
class Places:
    """The files that were found gone, how many are offline, and how many have returned."""

    gone: tuple[Path, ...] = ()
    offline: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Removed:
    """What went with a folder or with deleted photos; nothing with one that is `within` another
    folder of the library, with which its photos stay.
    """

    photos: int
    faces: int
    changes: LibraryChanges
    within: Path | None = None


def note_places(
    library: Library, folders: Sequence[Path], stats: Sequence[FileStat], walked: WalkReport
) -> Places:
    """Write down where the known files below `folders` are, after a walk that found `stats`."""
    seen = {stat.path for stat in stats}
    deleted: list[Path] = []
    offline = 0
    with library.read() as tx:
        known_mounts = [*file_store.mounts(tx), *walked.mounts]
    states = roots.states_of(library, folders)
    dead, unknown = _dead_mounts(known_mounts)
    unknown |= {failure.path for failure in walked.unreadable} | set(walked.silent)
    with library.write() as tx:
        back = _returned(tx, seen)
        file_store.set_state(tx, back, None)
        file_store.add_mounts(tx, walked.mounts)
        for folder in folders:
            if states[folder] is not RootState.PRESENT:
                file_store.set_state_below(tx, folder, FileState.OFFLINE)
                offline += file_store.count_below(tx, folder, FileState.OFFLINE)
                continue
            gone, away = _vanished(tx, folder, seen, unknown, dead)
            file_store.set_state(tx, gone, FileState.DELETED)
            file_store.set_state(tx, away, FileState.OFFLINE)
            deleted += gone
            offline += file_store.count_below(tx, folder, FileState.OFFLINE)
    return Places(tuple(deleted), offline, len(back))


def count_left(library: Library, gone: Sequence[Path]) -> int:
    """How many of the files `gone` are deleted; the others have turned up at another place."""
    with library.read() as tx:
        return len(photo_store.photos_at(tx, gone))


def note_gone(library: Library, paths: Sequence[Path], folders: Sequence[Path]) -> LibraryChanges:
    """Write down that the files `paths`, and those below the `folders` that are not there any
    more, are deleted; offline where the folder of the library that holds them is not there either,
    or does not answer.
    """
    with library.read() as tx:
        known_roots = file_store.folders(tx)
    missing = [root for root in known_roots if not answering.is_folder(root)]
    with library.read() as tx:
        inside = {
            folder: [path for path, state in file_store.known_below(tx, folder) if not state]
            for folder in folders
            if folder not in missing
        }
    gone: list[Path] = []
    for root in known_roots:
        if root in missing:
            continue
        gone += _gone(root, [path for path in paths if root in path.parents])
        for folder, known in inside.items():
            if folder.is_relative_to(root) and _gone(root, [folder]):
                gone += known
    with library.write() as tx:
        photos: set[PhotoId] = set()
        for root in missing:
            if root in folders:
                photos.update(file_store.set_state_below(tx, root, FileState.OFFLINE))
        gone = parts.with_parts(tx, gone)
        concerned = photo_store.photos_at(tx, gone)
        file_store.set_state(tx, list(concerned), FileState.DELETED)
        file_store.forget_failures(tx, gone)
    return LibraryChanges(photos=frozenset(photos | set(concerned.values())))


def relocate(library: Library, old: Path, new: Path) -> int:
    """Say that what lay below `old`, which may be a folder of another operating system, lies below
    `new` now; gives how many files that concerns. Names that are spelt in another way there, with
    other capitals or with letters that macOS took apart, are found.

    Raises UserError when `new` is no folder or holds none of the photos that are looked for, one
    lies in the other, or the library knows nothing below `old`.
    """
    old, new = foreign.absolute(old), foreign.absolute(new)
    if old == new or old in new.parents or new in old.parents:
        raise UserError(
            tr(
                "{old} and {new} are the same or one lies in the other; scan the folder, and "
                "files that moved within it are known again",
                old=old,
                new=new,
            )
        )
    if not new.is_dir():
        raise UserError(tr("{new} is no folder; give the one that the photos are in now", new=new))
    with library.write() as tx:
        rests = relocation.files_below(tx, old)
        if not rests:
            known = ", ".join(str(folder) for folder in file_store.folders(tx)) or tr("none")
            raise UserError(
                tr(
                    "the library knows no photos below {old}; its folders: {known}",
                    old=old,
                    known=known,
                )
            )
        sample = rests[:: len(rests) // _SAMPLE + 1]
        names = foreign.ActualNames()
        if sample and not any(names.find(new, rest) for rest in sample):
            raise UserError(
                tr(
                    "{new} does not hold the photos of {old}, such as {sample}; give the folder "
                    "that they are in now",
                    new=new,
                    old=old,
                    sample=sample[0],
                )
            )
        moved = relocation.relocate(
            tx, old, new, lambda rest: names.find(new, rest) or new.joinpath(*rest.parts)
        )
        journal.add_entry(tx, "relocate", {"from": str(old), "to": str(new), "files": moved})
        there = file_store.known_below(tx, new)
        back = [path for path, state in there if state and file_of(path).exists()]
        file_store.set_state(tx, back, None)
    return moved


def remove_folder(library: Library, folder: Path, *, forget_people: bool) -> Removed:
    """Take a folder out of the library. The files stay where they are.

    What was decided about its faces stays, so that people keep what is known of them, or goes with
    `forget_people`. Photos that lie in another folder of the library too are left alone: all of
    them, where it is within another. Raises UserError when it is no folder of the library.
    """
    folder = foreign.absolute(folder)
    with library.write() as tx:
        folders = file_store.folders(tx)
        if folder not in folders:
            known = ", ".join(map(str, folders)) or tr("none")
            raise UserError(
                tr(
                    "{folder} is no folder of the library; its folders: {known}",
                    folder=folder,
                    known=known,
                )
            )
        outer = next((other for other in folders if other in folder.parents), None)
        if outer is not None:
            file_store.remove_folder(tx, folder)
            journal.add_entry(tx, "remove folder", {"folder": str(folder), "photos": 0})
            return Removed(0, 0, LibraryChanges(), within=outer)
        before = photo_store.count(tx)
        # Folders of the library inside this one keep what is theirs.
        kept = [other for other in folders if folder in other.parents]
        only_here = file_store.photos_only_below(tx, folder, kept)
        faces: list[int] = []
        if forget_people:
            faces = photo_store.delete_photos(tx, only_here)
        file_store.forget_below(tx, folder, but=kept)
        file_store.remove_folder(tx, folder)
        photos = before - photo_store.count(tx)
        journal.add_entry(tx, "remove folder", {"folder": str(folder), "photos": photos})
    _remove_thumbnails(library, faces, only_here)
    return Removed(photos, len(faces), LibraryChanges(photos=frozenset(only_here)))


def count_deleted(library: Library) -> int:
    """How many photos `purge` would remove."""
    with library.read() as tx:
        return len(file_store.deleted_photos(tx))


def purge(library: Library) -> Removed:
    """Delete from the library the photos whose files were deleted, with their faces and all that
    was decided about these. People stay, also those who have no face left.
    """
    with library.write() as tx:
        photos = file_store.deleted_photos(tx)
        if not photos:
            return Removed(0, 0, LibraryChanges())
        faces = photo_store.delete_photos(tx, photos)
        journal.add_entry(tx, "purge", {"photos": len(photos), "faces": len(faces)})
    _remove_thumbnails(library, faces, photos)
    return Removed(len(photos), len(faces), LibraryChanges(photos=frozenset(photos)))


def _returned(tx: Transaction, seen: Collection[Path]) -> list[Path]:
    return [path for path in file_store.away(tx) if file_of(path) in seen]


def _dead_mounts(mounts: Sequence[Path]) -> tuple[set[Path], set[Path]]:
    """The mount points on which nothing is mounted, and those that do not answer."""
    asked = {mount: partial(_is_dead_mount, mount) for mount in mounts}
    answers = answering.ask_all(asked, limit_s=answering.PATIENT_S)
    silent = {mount for mount, dead in answers.items() if isinstance(dead, TimeoutError)}
    return {mount for mount, dead in answers.items() if dead is True}, silent


def _gone(root: Path, paths: Sequence[Path]) -> list[Path]:
    """Those of `paths`, below `root`, that lead to nothing; none more once it does not answer."""

    def look(some: Sequence[Path]) -> list[Path]:
        return [path for path in some if not os.path.lexists(file_of(path))]

    found: list[Path] = []
    for part in chunks(paths):
        try:
            found += answering.ask(root, partial(look, part), limit_s=answering.PATIENT_S)
        except TimeoutError:
            break
    return found


def _is_dead_mount(mount: Path) -> bool:
    """Whether no file system is mounted there now, save where photos lie in the folder itself."""
    try:
        return not os.path.ismount(mount) and not any(os.scandir(mount))
    except OSError:
        return True


def _vanished(
    tx: Transaction,
    folder: Path,
    seen: Collection[Path],
    unknown: Collection[Path],
    dead_mounts: Collection[Path],
) -> tuple[list[Path], list[Path]]:
    """The known files below `folder` that are deleted, and those that are offline."""
    gone: list[Path] = []  # until they are looked for
    away: list[Path] = []
    for path, state in file_store.known_below(tx, folder, but=seen):
        file = file_of(path)
        if file != path and file in seen:
            continue
        above = file.parents
        if any(parent in dead_mounts for parent in above):
            if state is not FileState.OFFLINE:
                away.append(path)
        elif (
            state is not FileState.DELETED
            # What could not be looked for stays as it is.
            and file not in unknown
            and not any(parent in unknown for parent in above)
        ):
            gone.append(path)
    # What is there but was left out stays as well.
    return _gone(folder, gone), away


def _remove_thumbnails(library: Library, faces: Sequence[int], photos: Sequence[PhotoId]) -> None:
    cache = ThumbnailCache(library.folder / THUMBNAILS)
    cache.remove([*map(str, faces), *(f"photo-{photo}" for photo in photos)])
