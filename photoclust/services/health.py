"""The checks of a library that is whole as a file: each gives sentences, and whether mending helps.

Nothing is changed here, save by `close_permissions`.
"""

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from photoclust.core.errors import LibraryError, ModelError
from photoclust.core.paths import (
    BACKUPS,
    LIBRARY_FILE,
    LIBRARY_PARTS,
    make_library_folder,
)
from photoclust.media.volumes import RootState, is_fat, volume_of
from photoclust.services import embedding_model, forgetting, leftovers, roots
from photoclust.services.archive import free_bytes
from photoclust.store import backups, checks, contents, takeover
from photoclust.store.database import Library
from photoclust.store.lock import WriterLock
from photoclust.vision import models, own_models

Problem = tuple[str, bool]
"""What is wrong, in a sentence, and whether it can be mended."""
_STALE_S = 3600
"""A temporary file that is older was left by a process that is gone."""
_FAULTS = 3
"""Of what SQLite finds wrong with the file, so much is told."""
_OPEN_TO_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: the check that found it, a sentence, whether it can be mended."""

    check: str
    text: str
    mendable: bool


def dimensions(library: Library) -> dict[str, int]:
    """How long the vectors of the models are, those of sound own ones too."""
    own = own_models.sound(embedding_model.own_models_of(library))
    return {spec.id: spec.dimension for spec in (*models.list_models(), *own) if spec.dimension}


def damaged_asides(library: Library) -> list[Path]:
    """The folders of damaged files that nothing was taken over from yet, the oldest first."""
    with library.read() as tx:
        done = takeover.taken_over(tx)
    places = sorted((library.folder / BACKUPS).glob(f"{backups.DAMAGED}-*"))
    return [path for path in places if path.name not in done and (path / LIBRARY_FILE).exists()]


def close_permissions(folder: Path) -> None:
    """Make every file of the library in `folder` its owner's alone."""
    make_library_folder(folder)
    for path in _open_to_others(folder):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OPEN_TO_OTHERS)


def _file(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        faults = checks.file_faults(tx)
    for fault in faults[:_FAULTS]:
        yield f"{library.path} is damaged: {fault}", False
    if len(faults) > _FAULTS:
        yield f"{library.path} has {len(faults) - _FAULTS} more such faults, or more", False


def _references(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        for table, count in sorted(checks.broken_references(tx).items()):
            yield f"{_rows(count)} of {table} refer to something that is gone", True
        lost = checks.lost_subjects(tx)
    if lost:
        yield f"{_rows(lost)} of the journal speak of something that is gone", True


def _decisions(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        count = checks.unlike_journal(tx)
    if count:
        yield f"{count:,} decisions are not what the journal says", True


def _counts(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        count = checks.stale_guesses(tx)
    if count:
        yield f"{count:,} shown people or counts are out of date", True


def _vectors(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        count = len(checks.bad_vectors(tx, dimensions(library)))
    if count:
        text = (
            f"{count:,} face vectors are unusable; without them, and until their photos are "
            "scanned again, these faces are in no group"
        )
        yield text, True


def _photos(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        count = len(checks.idle_photos(tx))
    if count:
        yield f"{count:,} photos have no file, and nothing was decided about them", True


def _duplicates(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        found = checks.duplicates(tx)
    if found.spare:
        yield f"{len(found.spare):,} faces are in the library twice", True
    if found.decided:
        text = (
            f"{found.decided:,} faces are in the library twice, with decisions about both; say of "
            "one that it is no face"
        )
        yield text, False


def _runs(library: Library) -> Iterator[Problem]:
    if library.read_only is not None:
        with WriterLock(library.folder) as lock:
            if lock.refused is not None:
                return  # whoever writes may be in the middle of one
            yield from _unfinished(library)
    else:
        yield from _unfinished(library)


def _unfinished(library: Library) -> Iterator[Problem]:
    with library.read() as tx:
        count = checks.running(tx)
    if count:
        yield f"{count:,} runs were cut off; what they had written stays", True
    if forgetting.is_unfinished(library):
        yield "somebody was to be forgotten, which was cut off before the end", True


def _models(_: Library) -> Iterator[Problem]:
    for spec in models.list_models():
        try:
            models.verify(spec)
        except ModelError as error:
            yield str(error), False


def _own_models(library: Library) -> Iterator[Problem]:
    folder = embedding_model.own_models_of(library)
    own = {path.name: path for path in folder.glob("[!.]*") if path.is_dir()}
    bundled = {str(spec.id) for spec in models.list_models()}
    with library.read() as tx:
        used = checks.model_names(tx)
    for name in used:
        if name not in bundled and name not in own:
            yield f"the model {name}, of which the library has vectors, is not there", False
    for name, path in sorted(own.items()):
        if name in bundled:
            yield f"{path} is called as a bundled model is, which serves instead; delete it", False
        elif not any(file.is_file() and file.stat().st_size for file in path.iterdir()):
            yield f"the model {name} in {path} is empty; delete it, or restore a backup", False
        else:
            try:
                models.verify(own_models.read(path))
            except ModelError as error:
                yield str(error), False


def _thumbnails(library: Library) -> Iterator[Problem]:
    count = len(leftovers.orphan_thumbnails(library))
    if count:
        yield f"{count:,} thumbnails belong to nothing", True


def _temporary(library: Library) -> Iterator[Problem]:
    newest = time.time() - _STALE_S
    left = [
        path
        for path in leftovers.temporary_files(library.folder)
        if path.exists() and path.stat().st_mtime < newest
    ]
    if left:
        yield f"{len(left):,} unfinished files were left behind, such as {left[0]}", True


def _folders(library: Library) -> Iterator[Problem]:
    for root, state in roots.states(library).items():
        if state is None:
            yield f"the folder {root} does not answer; check the network or the drive", False
        elif state is not RootState.PRESENT:
            yield f"the folder {root} is not there; connect its drive, or scan its new place", False


def _permissions(library: Library) -> Iterator[Problem]:
    found = list(_open_to_others(library.folder))
    if found:
        yield f"others can read {found[0]}{_and_more(found)}", not is_fat(volume_of(found[0]))


def _room(library: Library) -> Iterator[Problem]:
    needed, free = library.path.stat().st_size, free_bytes(library.folder)
    if free < needed:
        text = (
            f"the daily copy needs {needed / 1e6:,.0f} MB on the disk of {library.folder}, which "
            f"has {free / 1e6:,.0f} MB left; make room"
        )
        yield text, False


def _backups(library: Library) -> Iterator[Problem]:
    kept = backups.listed(library.folder)
    if not kept:
        yield f"the library {library.folder} has no backup", True
        return
    try:
        contents.inspect(kept[0], thorough=False)
    except LibraryError as error:
        yield f"the newest backup is of no use: {error}; delete it", False


def _asides(library: Library) -> Iterator[Problem]:
    for place in damaged_asides(library):
        yield f"decisions in the damaged file in {place} may be missing here", True


CHECKS: Mapping[str, Callable[[Library], Iterator[Problem]]] = {
    "file": _file,
    "references": _references,
    "decisions": _decisions,
    "counts": _counts,
    "vectors": _vectors,
    "photos": _photos,
    "duplicates": _duplicates,
    "runs": _runs,
    "models": _models,
    "own models": _own_models,
    "thumbnails": _thumbnails,
    "temporary files": _temporary,
    "folders": _folders,
    "permissions": _permissions,
    "room": _room,
    "backups": _backups,
    "damaged files": _asides,
}


def _open_to_others(folder: Path) -> Iterator[Path]:
    """What is the library's and others can read; its folder too, unless other things are in it."""
    if os.name != "posix":
        return
    mine = [
        path
        for path in sorted(folder.iterdir())
        if path.name in LIBRARY_PARTS or path.name.startswith(LIBRARY_FILE)
    ]
    if len(mine) == sum(1 for _ in folder.iterdir()):
        mine.insert(0, folder)
    for path in mine:
        inside = sorted(path.rglob("*")) if path != folder and path.is_dir() else []
        for each in (path, *inside):
            if not each.is_symlink() and stat.S_IMODE(each.stat().st_mode) & _OPEN_TO_OTHERS:
                yield each


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _and_more(found: list[Path]) -> str:
    return f" and {len(found) - 1:,} more" if len(found) > 1 else ""
