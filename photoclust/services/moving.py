"""A library that moved to another computer, or its photos to another place: which folders are not
there, and where their photos lie now. They are known by name and size; nothing is read.
"""

import math
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import platformdirs

from photoclust.core import foreign
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.media import answering
from photoclust.media.volumes import is_network, mounted_volumes
from photoclust.store import files as file_store
from photoclust.store import relocation
from photoclust.store.database import Library

STAGE = marked("Looking for the photos")
SAMPLE = 40
"""Known files of a folder by which its photos are recognised."""
SHARE_FOUND = 0.8
"""Of these, how many must be there: some may have been deleted or edited since."""
DEPTH = 6
LONGEST_S = 5.0
"""How deep below a place, and how long, is looked."""
NEAR = 3
"""Of how many folders above a missing one all is looked through."""


@dataclass(frozen=True, slots=True)
class MissingFolder:
    """A folder of the library that is not there, with how many files are known below it, and some
    of them: their path below it and their size in bytes.
    """

    folder: Path
    files: int
    sample: tuple[tuple[PurePath, int], ...]


def missing_folders(library: Library) -> list[MissingFolder]:
    """The folders of the library that are not there, in the order they were added; one that does
    not answer may be.
    """
    found = []
    with library.read() as tx:
        folders = file_store.folders(tx)
    missing = [folder for folder in folders if not _may_be_there(folder)]
    with library.read() as tx:
        for folder in missing:
            above = foreign.read(folder)
            sample = tuple(
                (foreign.read(file.path).relative_to(above), file.size)
                for file in file_store.sample_below(tx, folder, SAMPLE)
            )
            count = len(relocation.files_below(tx, folder))
            found.append(MissingFolder(folder, count, sample))
    return found


def holds(place: Path, missing: MissingFolder) -> bool:
    """Whether the photos of `missing` lie below `place`, by the names and sizes of the sample."""
    needed = math.ceil(SHARE_FOUND * len(missing.sample))
    names = foreign.ActualNames()
    hits = 0
    for number, (rest, size) in enumerate(missing.sample):
        path = names.find(place, rest)
        hits += path is not None and _size(path) == size
        if hits + len(missing.sample) - number - 1 < needed:
            return False
    return bool(missing.sample)


def find(
    missing: MissingFolder, places: Sequence[Path], *, control: JobControl | None = None
) -> Path | None:
    """The folder at or below one of `places` where the photos of `missing` lie now; None where it
    is not found within LONGEST_S.

    The nearest is looked at first. Raises CancelledError.
    """
    if not missing.sample:
        return None
    control = control or JobControl()
    end = time.monotonic() + LONGEST_S
    beginnings = {foreign.folded(rest.parts[0]) for rest, _ in missing.sample}
    for number, folder in enumerate(_folders(places)):
        control.checkpoint()
        control.report(STAGE, number)
        if time.monotonic() > end:
            return None
        names = {foreign.folded(name) for name in _names(folder)}
        if beginnings & names and holds(folder, missing):
            return folder
    return None


def usual_places(folder: Path) -> list[Path]:
    """Where the photos of the missing `folder` may be: near it, then where photos mostly are, in
    the user's folder of pictures, the home folder, and on drives.
    """
    home = Path.home()
    drives = [
        volume.mount_point
        for volume in mounted_volumes()
        # The system's own lie in the root of the file system; a network may hang.
        if not is_network(volume) and volume.mount_point.parts[1:2] in (("media",), ("Volumes",))
    ]
    usual = [platformdirs.user_pictures_path(), home, *drives, Path("/run/media") / home.name]
    places = [*_near(folder), *(place for place in usual if place.is_dir())]
    return list(dict.fromkeys(places))


def _near(folder: Path) -> list[Path]:
    """The folders above a missing one in which it may have another name now, or one above it may;
    not the root of the file system, in which all is.
    """
    if foreign.is_foreign(folder):
        return []
    above = [place for place in folder.parents[:NEAR] if place.parent != place]
    return [place for place in above if answering.is_folder(place)]


def _may_be_there(folder: Path) -> bool:
    if foreign.is_foreign(folder):
        return False
    return answering.is_folder(folder) or answering.is_silent(folder)


def _folders(places: Sequence[Path]) -> Iterator[Path]:
    """Folders at and below `places`, the nearest first, each once; no hidden ones."""
    seen: set[tuple[int, int] | Path] = set()
    waiting = deque((place, 0) for place in places)
    while waiting:
        folder, depth = waiting.popleft()
        try:
            status = folder.stat()
            key = (status.st_dev, status.st_ino) if status.st_ino else folder
            if key in seen:
                continue
            seen.add(key)
            with os.scandir(folder) as entries:
                below = sorted(
                    entry.name
                    for entry in entries
                    if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
                )
        except OSError:
            continue
        yield folder
        if depth < DEPTH:
            waiting.extend((folder / name, depth + 1) for name in below)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are wanted
    except OSError:
        return []


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
