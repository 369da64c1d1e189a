"""The walk: which files below some folders may be pictures, each once and in a fixed order.

Owns what is skipped and why. Opens no file: a candidate is told by its name, its content is the
decoder's business.
"""

import fnmatch
import os
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from photoclust.core import reasons
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.pages import VIDEO_EXTENSIONS
from photoclust.core.paths import LIBRARY_FILE, PORTABLE_FOLDER, THUMBNAILS, absolute_path
from photoclust.core.progress import JobControl
from photoclust.core.types import Failure, FileStat
from photoclust.media import answering, pdf, raw, video
from photoclust.media.files import is_placeholder, reason_of
from photoclust.media.formats import PDF_EXTENSION, PICTURE_EXTENSIONS, RAW_EXTENSIONS
from photoclust.media.picasa import INI_NAMES
from photoclust.media.xmp.packets import SIDECAR_EXTENSION

_STUB_SUFFIXES = (".icloud", ".nextcloud", ".owncloud")
"""Files that stand for one in the cloud: `.name.jpg.icloud`, `name.jpg.nextcloud`."""

_MOTION_EXTENSIONS = frozenset((".mov", ".mp4"))
_MOTION_BYTES = 16 * 2**20
"""More than 3 seconds take that a phone keeps of what moved before and after a photo."""

FolderKey = tuple[int, int] | str


@dataclass(slots=True)
class WalkReport:
    """What a walk left out; complete when the walk has ended.

    `placeholders`: files (and, on macOS, folders) that lie in the cloud only. `skipped`: files and
    folders that a skip pattern names. `unreadable`: folders that could not be listed, and why.
    `silent`: what did not answer, as a server that is gone: nothing is known of what is in it.
    `mounts`: folders below the roots where another file system begins. `raw`: camera raw files,
    where the extra that reads them is not installed; beside a JPEG each, they would be thousands of
    failures that tell one thing. `videos`, `pdfs`: the same of these. `beside`: files that
    lie beside pictures and may tell of them, XMP and Picasa's, by folder.
    """

    placeholders: int = 0
    raw: int = 0
    videos: int = 0
    pdfs: int = 0
    skipped: int = 0
    unreadable: list[Failure] = field(default_factory=list)
    silent: list[Path] = field(default_factory=list)
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

    What does not answer for `answering.PATIENT_S` is passed over, and told in `report`. Raises
    UserError at once when a root does not exist, CancelledError when `control` says so.
    """
    # Absolute, but not resolved: the user's own path is what they will look for.
    absolute = [absolute_path(root) for root in roots]
    report = report or WalkReport()
    for root in absolute:
        try:
            if root.parent != root:
                answering.ask(root.parent, root.parent.stat, limit_s=answering.PATIENT_S)
            answering.ask(root, root.stat, limit_s=answering.PATIENT_S)
        except TimeoutError:
            continue
        except OSError as error:
            raise UserError(
                tr("cannot scan {root}: {reason}", root=root, reason=_root_reason(error))
            ) from error
    report.silent += [root for root in absolute if answering.is_silent(root)]
    answer = [root for root in absolute if not answering.is_silent(root)]
    return _Walk(answer, SkipPatterns(skip_patterns), report).patiently(control or JobControl())


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

    def leave_out(self, path: Path, root: Path) -> bool:
        """Whether a walk of `root` passes over `path`, or over a folder between them."""
        above = [path, *path.parents]
        return any(map(self.match, above[: above.index(root)]))


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """An expression that what fits one of the shell patterns fits, and nothing where there is
    none.
    """
    return re.compile("|".join(fnmatch.translate(_fold(part)) for part in patterns) or r"(?!)")


def is_candidate(name: str) -> bool:
    """Whether a file of this name may be a picture that can be read, told by its extension."""
    extension = _extension(name)
    return (
        extension in PICTURE_EXTENSIONS
        or (extension in RAW_EXTENSIONS and raw.is_readable())
        or (extension == PDF_EXTENSION and pdf.is_readable())
        or (extension in VIDEO_EXTENSIONS and video.is_readable())
    )


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - no Path per name


@dataclass(slots=True)
class _Folder:
    """A folder that is being looked through; `left` are its entries to come, by name."""

    path: Path
    key: FolderKey = ""
    left: deque[os.DirEntry[str]] = field(default_factory=deque)
    below: list[Path] = field(default_factory=list)
    is_library: bool = False
    stills: frozenset[str] = frozenset()

    def is_motion(self, entry: os.DirEntry[str]) -> bool:
        """Whether a file is the moving part of a photo beside it: a phone writes `IMG_1.HEIC` and
        `IMG_1.MOV`, the latter of some 3 seconds.
        """
        if not self.stills:
            return False
        stem, extension = os.path.splitext(entry.name)  # noqa: PTH122 - no Path per name
        return (
            extension.lower() in _MOTION_EXTENSIONS
            and stem in self.stills
            and entry.stat().st_size <= _MOTION_BYTES
        )


class _Walk:
    """A walk that can be left where it does not get on, to go on behind that in another thread.

    `at` is what is looked at. What may hang is followed by a checkpoint before anything is changed,
    so that a thread which was left changes nothing when it gets on after all.
    """

    def __init__(self, roots: Sequence[Path], patterns: SkipPatterns, report: WalkReport) -> None:
        self.at = Path()
        self._patterns = patterns
        self._report = report
        self._roots = deque(roots)
        self._root = Path()
        self._folders: deque[Path] = deque()
        self._pending: list[Path] = []
        self._folder = _Folder(Path())
        self._folders_seen: set[FolderKey] = set()
        self._files_given: set[tuple[FolderKey, str]] = set()

    def patiently(self, control: JobControl) -> Iterator[FileStat]:
        """What is found, passing over what does not answer."""
        while True:
            try:
                yield from answering.items(self._run, lambda: self.at, control)
            except TimeoutError:
                self._pass_over()
            else:
                return

    def _pass_over(self) -> None:
        """Go on behind a folder that does not answer, or a file or link in one. With the second
        one, nothing more of its root is looked at.
        """
        silent = self._report.silent
        silent.append(self.at)
        again = sum(path.is_relative_to(self._root) for path in silent) > 1
        # Whoever was left has the folder still.
        folder = self._folder
        self._folder = replace(folder, left=folder.left.copy(), below=folder.below.copy())
        if again:
            self._folder, self._pending = _Folder(Path()), []
            silent.append(self._root)
        for waiting in (self._roots, self._folders):
            silent += [root for root in waiting if answering.is_silent(root)]
            answer = [root for root in waiting if not answering.is_silent(root)]
            waiting.clear()
            waiting.extend(answer)

    def _run(self, control: JobControl) -> Iterator[FileStat]:
        # Files first: asked for by name, they count even where a pattern would skip them.
        while self._roots:
            self._root = self.at = root = self._roots.popleft()
            is_folder = root.is_dir()
            control.checkpoint()
            if is_folder:
                self._folders.append(root)
            else:
                yield from self._given_file(root, control)
        while True:
            yield from self._entries(control)
            self._pending.extend(reversed(self._folder.below))
            self._folder = _Folder(Path())
            if not self._pending:
                if not self._folders:
                    return
                self._root = self._folders.popleft()
                self._pending.append(self._root)
            self._open(self._pending.pop(), control)

    def _given_file(self, path: Path, control: JobControl) -> Iterator[FileStat]:
        self.at = path.parent  # with which all other files in it are silent
        try:
            key, status = (_folder_key(path.parent), path.name), path.stat()
        except OSError:
            return  # it vanished since the roots were checked
        control.checkpoint()
        if key not in self._files_given:
            self._files_given.add(key)
            yield from self._file(path, status)

    def _open(self, folder: Path, control: JobControl) -> None:
        """Look at what is in a folder, unless it was looked through already."""
        self.at = folder
        try:
            key = _folder_key(folder)
            if key in self._folders_seen:
                return
            is_mount = folder != self._root and os.path.ismount(folder)
            entries = self._listed(folder, control)
            control.checkpoint()
        except OSError as error:
            control.checkpoint()
            self._report.unreadable.append(Failure(folder, reason_of(error)))
            return
        self._folders_seen.add(key)
        if is_mount:
            self._report.mounts.append(folder)
        # A library among the photos: its pictures of faces are no photos.
        is_library = any(entry.name == LIBRARY_FILE for entry in entries)
        self._folder = _Folder(
            folder, key, deque(entries), is_library=is_library, stills=_stills(entries)
        )

    def _entries(self, control: JobControl) -> Iterator[FileStat]:
        """The files in the folder that is looked through."""
        folder = self._folder
        while folder.left:
            entry = folder.left.popleft()
            if (folder.is_library and entry.name == THUMBNAILS) or entry.name == PORTABLE_FOLDER:
                continue
            control.checkpoint()
            self.at = path = folder.path / entry.name
            if self._patterns.match(path):
                self._report.skipped += 1
                continue
            try:
                if entry.is_dir():
                    folder.below.append(path)
                elif folder.is_motion(entry):
                    continue
                elif is_candidate(entry.name):
                    if (folder.key, entry.name) not in self._files_given:
                        yield from self._file(path, entry.stat())
                else:
                    self._no_picture(path, entry)
            except OSError:
                continue  # vanished, or a link that leads nowhere or in a circle

    def _listed(self, folder: Path, control: JobControl) -> list[os.DirEntry[str]]:
        """The folder's entries by name; a folder that lies in the cloud is not opened either."""
        if _is_dataless(folder):
            self._report.placeholders += 1
            return []
        entries: list[os.DirEntry[str]] = []
        with os.scandir(folder) as found:
            for entry in found:
                control.checkpoint()
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
        elif _extension(entry.name) in VIDEO_EXTENSIONS and not video.is_readable():
            self._report.videos += 1
        elif _extension(entry.name) == PDF_EXTENSION and not pdf.is_readable():
            self._report.pdfs += 1


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


def _stills(entries: Sequence[os.DirEntry[str]]) -> frozenset[str]:
    """The names, without extensions, of the photos in a folder in which there may be moving parts
    of photos.
    """
    split = [os.path.splitext(entry.name) for entry in entries]  # noqa: PTH122 - no Path per name
    if not any(extension.lower() in _MOTION_EXTENSIONS for _, extension in split):
        return frozenset()
    pictures = PICTURE_EXTENSIONS | RAW_EXTENSIONS
    return frozenset(stem for stem, extension in split if extension.lower() in pictures)


def _fold(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", name).casefold()


def _root_reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return tr("there is no such file or folder")
    return reasons.said(reason_of(error))
