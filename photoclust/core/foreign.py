"""Paths that another operating system wrote: a library that moves house brings them along.

`D:\\Bilder` is one relative name to Linux, and `/home/x` a folder without a drive to Windows; both
are read here as the system that wrote them reads them.
"""

import os
import re
import unicodedata
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from photoclust.core.pages import is_part
from photoclust.core.paths import absolute_path

_OF_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z]:$|\\\\[^\\]")


def read(path: PurePath | str) -> PurePath:
    """`path` with the parts and the comparison that it had where it was written."""
    text = str(path)
    if _OF_WINDOWS.match(text):
        return PureWindowsPath(text)
    # Windows turns the slashes of a path from elsewhere around.
    return PurePosixPath(text.replace("\\", "/") if os.name == "nt" else text)


def is_foreign(path: PurePath | str) -> bool:
    """Whether this system cannot have such a path."""
    return isinstance(read(path), PurePosixPath if os.name == "nt" else PureWindowsPath)


def absolute(path: Path) -> Path:
    """`path` as an absolute one, links not followed; a foreign one is left as it is."""
    return path if is_foreign(path) else absolute_path(path)


def folded(name: str) -> str:
    """What is alike in two spellings of a file's name: macOS takes letters apart, and neither
    it nor Windows tells capitals from small letters.
    """
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


class ActualNames:
    """Finds what is meant by a path whose names may be spelt in another way on this disk.

    Each folder that has to be looked through is read once.
    """

    def __init__(self) -> None:
        self._read: dict[Path, dict[str, list[str]]] = {}

    def find(self, folder: Path, relative: PurePath) -> Path | None:
        """The file or folder `relative` below `folder`, None where there is none, or where several
        may be meant.
        """
        if is_part(relative):
            file = self.find(folder, relative.parent)
            return None if file is None else file / relative.name
        plain = folder.joinpath(*relative.parts)
        if _is_there(plain):
            return plain
        found = folder
        for part in relative.parts:
            exact = found / part
            if _is_there(exact):
                found = exact
                continue
            alike = self._names(found).get(folded(part), [])
            if len(alike) != 1:
                return None
            found /= alike[0]
        return found

    def _names(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._read:
            names: dict[str, list[str]] = {}
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        names.setdefault(folded(entry.name), []).append(entry.name)
            except OSError:
                names = {}
            self._read[folder] = names
        return self._read[folder]


def _is_there(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a name that this system cannot have
        return False
