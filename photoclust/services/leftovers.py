"""What lies in a library's folder and belongs to nothing: thumbnails of faces and photos that are
gone, and files that a process which was cut off was still writing.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from photoclust.core.paths import BACKUPS, INDEXES, OWN_MODELS, THUMBNAILS, TRAINING
from photoclust.media.thumbnails import ThumbnailCache
from photoclust.store import checks
from photoclust.store.database import Library

_PHOTO = "photo-"


def orphan_thumbnails(library: Library) -> list[str]:
    """The keys of thumbnails whose face or photo the library does not hold."""
    with library.read() as tx:
        faces, photos = checks.face_ids(tx), checks.photo_ids(tx)
    return [
        key
        for key in ThumbnailCache(library.folder / THUMBNAILS).every_key()
        if not _is_id_of(key, "", faces) and not _is_id_of(key, _PHOTO, photos)
    ]


def sweep_thumbnails(library: Library) -> int:
    """Delete these; gives how many there were."""
    keys = orphan_thumbnails(library)
    ThumbnailCache(library.folder / THUMBNAILS).remove(keys)
    return len(keys)


def temporary_files(folder: Path) -> list[Path]:
    """Unfinished files and folders of the library in `folder`; those of processes at work too."""
    places = (folder, folder / BACKUPS, folder / INDEXES, folder / OWN_MODELS)
    found = [path for place in places for path in place.glob(".*.tmp")]
    found += (folder / TRAINING).rglob(".*.tmp")
    return sorted([*found, *(folder / THUMBNAILS).glob("*/.*.tmp")])


def remove(paths: Iterable[Path]) -> None:
    """Delete files, and folders with all that is in them; what is gone already is passed over."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _is_id_of(key: str, prefix: str, ids: set[int]) -> bool:
    number = key.removeprefix(prefix)
    return key.startswith(prefix) and number.isdecimal() and int(number) in ids
