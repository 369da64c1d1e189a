"""The walk: which files below some folders may be pictures, each once and in a fixed order.

Owns what is skipped and why. Opens no file: a candidate is told by its name, its content is the
decoder's business.
"""

import fnmatch
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photoclust.core import reasons
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.paths import LIBRARY_FILE, PORTABLE_FOLDER, THUMBNAILS
from photoclust.core.progress import JobControl
from photoclust.core.types import Failure, FileStat
from photoclust.media import raw
from photoclust.media.files import is_placeholder, reason_of
from photoclust.media.formats import PICTURE_EXTENSIONS, RAW_EXTENSIONS
from photoclust.media.picasa import INI_NAMES
from photoclust.media.xmp.packets import SIDECAR_EXTENSION

_STUB_SUFFIXES = (".icloud", ".nextcloud", ".owncloud")
"""Files that stand for one in the cloud: `.name.jpg.icloud`, `name.jpg.nextcloud`."""

FolderKey = tuple[int, int] | str


@dataclass(slots=True)
class WalkReport:
    """What a walk left out; complete when the walk has ended.

    `placeholders`: files (and, on macOS, folders) that lie in the cloud only. `skipped`: files and
    folders that a skip pattern names. `unreadable`: folders that could not be listed, and why.
    `mounts`: folders below the roots where another file system begins. `raw`: camera raw files,
    where the extra that reads them is not installed; beside a JPEG each, they would be thousands of
    failures that tell one thing. `beside`: files that lie beside pictures and may tell of them, XMP
    and Picasa's, by folder.
    """

    placeholders: int = 0
    raw: int = 0
    skipped: int = 0
    unreadable: list[Failure] = field(default_factory=list)
    mounts: list[Path] = field(default_factory=list)
    beside: list[FileStat] = field(default_factory=list)


def walk(
    roots: Sequence[Path],
    skip_patterns: Iterable[str],
    *,
    report: WalkReport | None = None,
    control: JobControl | None = None,
) -> Iterator[FileStat]:
    """Every candidate picture in `roots`, as absolute paths: the files given as roots first,
    then folder by folder its files by name and its sub-folders by name.

    A file is a candidate by its extension; one that is itself a root always is. Links are followed;
    a folder reached twice, by a link or through overlapping roots, is walked once. `skip_patterns`
    are shell patterns for the name of a file or folder below a root; a pattern with slashes is
    matched against as many last parts of the path. Case does not matter, nor does Unicode form.

    Raises UserError at once when a root does not exist, CancelledError when `control` says so.
    """
    # Absolute, but not resolved: the user's own path is what they will look for.
    absolute = [Path(os.path.abspath(root)) for root in roots]  # noqa: PTH100 - resolve() follows links
    for root in absolute:
        try:
            root.stat()
        except OSError as error:
            raise UserError(
                tr("cannot scan {root}: {reason}", root=root, reason=_root_reason(error))
            ) from error
    patterns = SkipPatterns(skip_patterns)
    return _Walk(patterns, report or WalkReport(), control or JobControl()).run(absolute)


class SkipPatterns:
    """Compiled skip patterns: `@eaDir`, `._*`, `*.photoslibrary/resources`."""

    def __init__(self, patterns: Iterable[str]) -> None:
        split = [pattern.strip("/").split("/") for pattern in patterns if pattern.strip("/")]
        # One expression for all last parts: most names of a large walk fit none of them.
        self._last = _any_of(parts[-1] for parts in split)
        self._patterns = [
            [re.compile(fnmatch.translate(_fold(part))) for part in parts] for parts in split
        ]

    def match(self, path: Path) -> bool:
        """Whether the last parts of `path` fit one of the patterns."""
        if not self._last.fullmatch(_fold(path.name)):
            return False
        parts = [_fold(part) for part in path.parts]
        return any(
            len(pattern) <= len(parts)
            and all(
                part.fullmatch(name)
                for part, name in zip(pattern, parts[-len(pattern) :], strict=True)
            )
            for pattern in self._patterns
        )


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """An expression that what fits one of the shell patterns fits, and nothing where there is
    none.
    """
    return re.compile("|".join(fnmatch.translate(_fold(part)) for part in patterns) or r"(?!)")


def is_candidate(name: str) -> bool:
    """Whether a file of this name may be a picture that can be read, told by its extension."""
    extension = _extension(name)
    return extension in PICTURE_EXTENSIONS or (extension in RAW_EXTENSIONS and raw.is_readable())


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - no Path per name


class _Walk:
    def __init__(self, patterns: SkipPatterns, report: WalkReport, control: JobControl) -> None:
        self._patterns = patterns
        self._report = report
        self._control = control
        self._folders_seen: set[FolderKey] = set()
        self._files_given: set[tuple[FolderKey, str]] = set()

    def run(self, roots: Sequence[Path]) -> Iterator[FileStat]:
        folders = [root for root in roots if root.is_dir()]
        # Files first: asked for by name, they count even where a pattern would skip them.
        for path in roots:
            if path not in folders:
                yield from self._given_file(path)
        for folder in folders:
            yield from self._folders(folder)

    def _given_file(self, path: Path) -> Iterator[FileStat]:
        self._control.checkpoint()
        try:
            key = _folder_key(path.parent), path.name
            if key not in self._files_given:
                self._files_given.add(key)
                yield from self._file(path, path.stat())
        except OSError:
            return  # it vanished since the roots were checked

    def _folders(self, root: Path) -> Iterator[FileStat]:
        pending = [root]
        while pending:
            folder = pending.pop()
            try:
                key = _folder_key(folder)
                if key in self._folders_seen:
                    continue
                self._folders_seen.add(key)
                if folder != root and os.path.ismount(folder):
                    self._report.mounts.append(folder)
                entries = self._entries(folder)
            except OSError as error:
                self._report.unreadable.append(Failure(folder, reason_of(error)))
                continue
            below: list[Path] = []
            # A library among the photos: its pictures of faces are no photos.
            is_library = any(entry.name == LIBRARY_FILE for entry in entries)
            for entry in entries:
                if (is_library and entry.name == THUMBNAILS) or entry.name == PORTABLE_FOLDER:
                    continue
                self._control.checkpoint()
                path = folder / entry.name
                if self._patterns.match(path):
                    self._report.skipped += 1
                    continue
                try:
                    if entry.is_dir():
                        below.append(path)
                    elif is_candidate(entry.name) and (key, entry.name) not in self._files_given:
                        yield from self._file(path, entry.stat())
                    else:
                        self._no_picture(path, entry)
                except OSError:
                    continue  # vanished, or a link that leads nowhere or in a circle
            pending.extend(reversed(below))

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """The folder's entries by name; a folder that lies in the cloud is not opened either."""
        if _is_dataless(folder):
            self._report.placeholders += 1
            return []
        entries: list[os.DirEntry[str]] = []
        with os.scandir(folder) as found:
            for entry in found:
                self._control.checkpoint()
                entries.append(entry)
        return sorted(entries, key=lambda entry: entry.name)

    def _file(self, path: Path, status: os.stat_result) -> Iterator[FileStat]:
        if is_placeholder(status):
            self._report.placeholders += 1
        else:
            yield FileStat(path, status.st_size, status.st_mtime_ns)

    def _no_picture(self, path: Path, entry: os.DirEntry[str]) -> None:
        if _is_stub(entry.name):
            self._report.placeholders += 1
        elif _tells_of_pictures(entry.name):
            status = entry.stat()
            if not is_placeholder(status):
                beside = FileStat(path, status.st_size, status.st_mtime_ns)
                self._report.beside.append(beside)
        elif _extension(entry.name) in RAW_EXTENSIONS and not raw.is_readable():
            self._report.raw += 1


def _tells_of_pictures(name: str) -> bool:
    return _extension(name) == SIDECAR_EXTENSION or name in INI_NAMES


def _folder_key(folder: Path) -> FolderKey:
    """What tells a folder from every other, by whatever path it is reached."""
    status = folder.stat()
    # Some network and FAT volumes number nothing; there, the resolved path has to do.
    return (status.st_dev, status.st_ino) if status.st_ino else str(folder.resolve())


def _is_dataless(folder: Path) -> bool:
    # Only macOS marks folders reliably; Windows puts recall attributes on folders it can list.
    return hasattr(os, "chflags") and is_placeholder(folder.stat())


def _is_stub(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    return f"{dot}{suffix}".lower() in _STUB_SUFFIXES and is_candidate(stem)


def _fold(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", name).casefold()


def _root_reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return tr("there is no such file or folder")
    return reasons.said(reason_of(error))
