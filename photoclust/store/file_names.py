"""Photos by the names of their files and folders, as people type them.

SQLite folds no accents, and a function of Python's called by it for each of 100 000 files takes
several times as long as reading their names. So they are read at once, and what hundreds of files
share, the name of their folder, is folded once.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from photoclust.core.folding import spellings
from photoclust.core.query.tree import Place, Where
from photoclust.core.types import PhotoId
from photoclust.store import files, schema
from photoclust.store.database import Transaction, driver_connection


def photos_named(tx: Transaction, places: Sequence[Place]) -> dict[Place, set[PhotoId]]:
    """The photos that are meant by each of `places`: those with a file, there or not, which is
    called so.

    A folder counts from the folder of the library that it is in: what leads there is in every name.
    """
    found: dict[Place, set[PhotoId]] = {place: set() for place in places}
    looks = [_Look(place) for place in found]
    if not looks:
        return found
    inside: dict[str, tuple[tuple[str, ...], list[bool]]] = {}
    roots = _roots(tx)
    for photo, path in _files(tx):
        folder, _, name = path.rpartition(os.sep)
        if (known := inside.get(folder)) is None:
            folded = spellings(_from_root(folder, roots))
            known = inside[folder] = folded, [look.in_folder(folded) for look in looks]
        folders, hits = known
        names = (name.lower(),) if name.isascii() else spellings(name)
        for look, hit in zip(looks, hits, strict=True):
            if hit or look.in_name(names, folders):
                found[look.place].add(photo)
    return found


def folder_names(tx: Transaction) -> Counter[str]:
    """The name of each folder that is, or is within, one of the library, and how many files are in
    all folders of this name.
    """
    files_in = Counter(path.rpartition(os.sep)[0] for _, path in _files(tx))
    roots = _roots(tx)
    counts: Counter[str] = Counter()
    for folder, number in files_in.items():
        for name in set(PurePath(_from_root(folder, roots)).parts):
            if name != os.sep:
                counts[name] += number
    return counts


class _Look:
    """One place that is looked for."""

    def __init__(self, place: Place) -> None:
        self.place = place
        text = place.text.replace("\\", "/") if os.sep == "\\" else place.text
        self._wanted = spellings(text)
        self._anywhere = place.where is not Where.FILE
        # A folder and the file in it: parted where the folder ends.
        self._parted = [
            (head, tail)
            for each in self._wanted
            for head, _, tail in [each.rpartition("/")]
            if head
        ]

    def in_folder(self, folders: Sequence[str]) -> bool:
        """Whether a folder, spelled so, is meant with all that is in it."""
        return self._anywhere and any(each in folder for each in self._wanted for folder in folders)

    def in_name(self, names: Sequence[str], folders: Sequence[str]) -> bool:
        """Whether a file, spelled so, in such a folder is meant."""
        if self.place.where is Where.FOLDER:
            return False
        return any(each in name for each in self._wanted for name in names) or any(
            name.startswith(tail) and folder.endswith(head)
            for head, tail in self._parted
            for name in names
            for folder in folders
        )


def _files(tx: Transaction) -> Iterator[tuple[PhotoId, str]]:
    """Every file, by the driver: SQLAlchemy would make a Path of each."""
    rows = driver_connection(tx).execute(f"SELECT photo_id, path FROM {schema.file.name}")  # noqa: S608
    for photo, path in rows:
        yield photo, path if isinstance(path, str) else os.fsdecode(path)


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
