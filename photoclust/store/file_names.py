"""Photos by the names of their files and folders, as people type them.

SQLite folds no accents, and a function of Python's called by it for each of 100 000 files takes
several times as long as reading their names. So they are read at once, and what hundreds of files
share, the name of their folder, is folded once.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from photoclust.core.folding import spellings
from photoclust.core.pages import is_part_of
from photoclust.core.query.tree import Place, Where
from photoclust.core.types import PhotoId
from photoclust.store import files, schema
from photoclust.store.database import Transaction, driver_connection


def photos_named(tx: Transaction, places: Sequence[Place]) -> dict[Place, set[PhotoId]]:
    """The photos that are meant by each of `places`: those with a file, there or not, which is
    called so.

    A further picture in a file is called `album.tif/page 2`, and lies in the folder of the file. A
    folder counts from the folder of the library that it is in: what leads there is in every name.
    """
    found: dict[Place, set[PhotoId]] = {place: set() for place in places}
    looks = [_Look(place) for place in found]
    if not looks:
        return found
    roots = _roots(tx)
    for path, held in _by_folder(tx).items():
        folders = spellings(f"/{_from_root(path, roots)}/")
        # The names of a folder are looked through as one text.
        names = spellings("\n".join(name for _, name in held))
        for look in looks:
            if look.in_folder(folders):
                found[look.place].update(photo for photo, _ in held)
            elif look.in_names(names, folders):
                found[look.place].update(
                    photo for photo, name in held if look.in_names(spellings(name), folders)
                )
    return found


def folder_names(tx: Transaction) -> Counter[str]:
    """The name of each folder that is, or is within, one of the library, and how many files are in
    all folders of this name.
    """
    roots = _roots(tx)
    counts: Counter[str] = Counter()
    for folder, held in _by_folder(tx).items():
        for name in set(_from_root(folder, roots).split("/")) - {""}:
            counts[name] += len(held)
    return counts


class _Look:
    """One place that is looked for."""

    def __init__(self, place: Place) -> None:
        self.place = place
        text = place.text.replace("\\", "/") if os.sep == "\\" else place.text
        self._wanted = spellings(text)
        self._anywhere = place.where is not Where.FILE
        # A folder and what is in it: parted where the folder may end.
        self._parted = [
            (each[: at + 1], each[at + 1 :])
            for each in self._wanted
            for at, letter in enumerate(each)
            if letter == "/"
        ]

    def in_folder(self, folders: Sequence[str]) -> bool:
        """Whether a folder, spelled so, is meant with all that is in it."""
        return self._anywhere and any(each in folder for each in self._wanted for folder in folders)

    def in_names(self, names: Sequence[str], folders: Sequence[str]) -> bool:
        """Whether one of some files is meant: `names` are spellings of them, one a line, and
        `folders` of the folder that they are in.
        """
        if self.place.where is Where.FOLDER:
            return False
        return any(each in name for each in self._wanted for name in names) or any(
            folder.endswith(head) and f"\n{tail}" in f"\n{name}"
            for head, tail in self._parted
            for name in names
            for folder in folders
        )


def _by_folder(tx: Transaction) -> dict[str, list[tuple[PhotoId, str]]]:
    """The files of each folder: the photos that they hold, and their names. A further picture in a
    file has a name that begins with that of the file.
    """
    found: dict[str, list[tuple[PhotoId, str]]] = defaultdict(list)
    # By the driver, since SQLAlchemy would make a Path of each.
    rows = driver_connection(tx).execute(f"SELECT photo_id, path FROM {schema.file.name}")  # noqa: S608
    for photo, path in rows:
        # A name that is not UTF-8 is kept as bytes.
        text = path if path.__class__ is str else os.fsdecode(path)
        folder, _, name = text.rpartition(os.sep)
        if is_part_of(folder, name):
            folder, _, file = folder.rpartition(os.sep)
            name = f"{file}/{name}"
        found[folder].append((photo, name))
    return found


def _roots(tx: Transaction) -> Mapping[str, str]:
    """The folders of the library, the innermost first, each with the name it goes by."""
    paths = sorted(files.folders(tx), key=lambda path: len(path.parts), reverse=True)
    return {str(path): path.name for path in paths}


def _from_root(folder: str, roots: Mapping[str, str]) -> str:
    """A folder from that of the library on, with `/` between names; a folder in none as it is."""
    for root, name in roots.items():
        rest = folder.removeprefix(root)
        if rest != folder and (not rest or rest.startswith(os.sep) or root.endswith(os.sep)):
            folder = os.path.join(name, rest.lstrip(os.sep)).rstrip(os.sep)  # noqa: PTH118 - texts
            break
    return folder.replace(os.sep, "/")
