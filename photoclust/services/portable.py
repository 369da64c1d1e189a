"""A library beside its photos, in a hidden folder of theirs, on a drive that goes from one computer
to another.

The library keeps whole paths, as every library does, and beside them where its photos were when it
was opened last. Opened elsewhere, under another letter or mount point or by another operating
system, its paths are written anew first: a moment's work, and no photo is read.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from photoclust.core import foreign
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.paths import (
    LIBRARY_FILE,
    PORTABLE_FILE,
    PORTABLE_FOLDER,
    absolute_path,
    private,
)
from photoclust.core.progress import JobControl
from photoclust.store import files as file_store
from photoclust.store import relocation
from photoclust.store.database import Library


def make(photos: Path) -> Path:
    """Make an empty library beside the photos in `photos`; gives its folder.

    Raises UserError where there is one already, or `photos` is no folder that can be written.
    """
    photos = absolute_path(photos)
    folder = photos / PORTABLE_FOLDER
    if not photos.is_dir():
        raise UserError(
            tr("{folder} is no folder; give the one that the photos are in", folder=photos)
        )
    if (folder / LIBRARY_FILE).exists():
        raise UserError(
            tr("there is a library beside the photos in {folder} already", folder=photos)
        )
    with Library(folder) as library:
        with library.write() as tx:
            file_store.add_folders(tx, [photos])
        _write(folder, photos)
    return folder


def holds_photos(folder: Path, skip_patterns: Iterable[str], control: JobControl) -> bool:
    """Whether photos or videos lie in `folder`, among which a library would lie openly."""
    from photoclust.media.scan import walk  # noqa: PLC0415 - whoever opens a library walks nothing

    found = walk([folder], skip_patterns, control=control)
    return any(stat.path.suffix.lower() != ".pdf" for stat in found)


def is_portable(folder: Path) -> bool:
    """Whether the library in `folder` lies beside its photos."""
    return folder.name == PORTABLE_FOLDER and (folder / PORTABLE_FILE).is_file()


def has_moved(folder: Path) -> bool:
    """Whether the photos of the portable library in `folder` were at another place when it was
    opened last.
    """
    folder = absolute_path(folder)
    before = _read(folder) if is_portable(folder) else None
    return before is not None and before != str(folder.parent)


def follow(library: Library) -> int:
    """Write the paths anew where the drive of a portable library came back at another place; gives
    how many files that concerned. Where it cannot be written they are only shown so.
    """
    folder = absolute_path(library.folder)
    before, now = _read(folder), folder.parent
    if before is None or not has_moved(folder):
        return 0
    if library.read_only is not None:
        library.show_moved(foreign.read(before), now)
        return 0
    names = foreign.ActualNames()
    with library.write() as tx:
        moved = relocation.relocate(
            tx,
            foreign.read(before),
            now,
            lambda rest: names.find(now, rest) or now.joinpath(*rest.parts),
        )
    # Cut off before this, the next start finds nothing below the old place and comes here again.
    _write(folder, now)
    return moved


def _read(folder: Path) -> str | None:
    try:
        said = json.loads((folder / PORTABLE_FILE).read_text(encoding="utf-8"))
        return str(said["photos"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(folder: Path, photos: Path) -> None:
    text = json.dumps({"photos": str(photos)}) + "\n"
    temporary = folder / f".{PORTABLE_FILE}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8", opener=private) as file:
            file.write(text)
        temporary.replace(folder / PORTABLE_FILE)
    except OSError as error:
        raise UserError(
            tr(
                "{folder} cannot be written ({reason}); make room and check the permissions",
                folder=folder,
                reason=error.strerror or error,
            )
        ) from error
