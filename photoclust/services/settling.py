"""What was noted of a folder, held until it is quiet: the debouncing of a watched folder.

Files are noted without what happened to them. Whether one is there is asked of the disk when it is
told, so that the order in which an operating system reports does not matter, nor whether a program
saves by writing over the old file or by putting a new one in its place.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LATEST_S = 3.0
"""However much goes on, what is settled is told this long after the first event."""

_Look = tuple[int, int] | None
"""Size and time of a file, in bytes and ns; None when it is not there."""


@dataclass(frozen=True, slots=True)
class FolderChange:
    """What changed below the watched folders.

    `changed`: candidate pictures that are new or were written. `gone`: candidates that were deleted
    or moved away. `folders`: folders that came, were moved or deleted as a whole, the topmost of
    them only; what lies in them, or was known to, has to be looked through by the receiver.
    """

    changed: frozenset[Path] = frozenset()
    gone: frozenset[Path] = frozenset()
    folders: frozenset[Path] = frozenset()

    def __or__(self, other: "FolderChange") -> "FolderChange":
        """Both changes as one."""
        return FolderChange(
            self.changed | other.changed, self.gone | other.gone, self.folders | other.folders
        )


@dataclass(frozen=True, slots=True)
class _Noted:
    at: float
    look: _Look


class Settling:
    """Collects paths, and hands out those that have been quiet for `settle_s` seconds.

    Every `now` is a time in seconds of one monotonic clock. Not thread-safe.
    """

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._files: dict[Path, _Noted] = {}
        self._folders: dict[Path, float] = {}
        self._first = self._last = 0.0

    @property
    def due(self) -> float | None:
        """When to `take` next; None when nothing waits."""
        if not self._files and not self._folders:
            return None
        return min(self._last + self._settle_s, self._first + max(LATEST_S, self._settle_s))

    def note_file(self, path: Path, now: float) -> None:
        """Something happened to a file, or may have."""
        self._wait(now)
        look: _Look = None
        with suppress(OSError):
            look = _look(path)
        self._files[path] = _Noted(now, look)

    def note_folder(self, path: Path, now: float) -> None:
        """A folder came or went, with all that is in it."""
        self._wait(now)
        self._folders[path] = now

    def forget_below(self, root: Path) -> None:
        """Drop what waits below `root`."""
        self._files = {
            path: noted for path, noted in self._files.items() if not path.is_relative_to(root)
        }
        self._folders = {
            path: at for path, at in self._folders.items() if not path.is_relative_to(root)
        }

    def take(self, now: float) -> FolderChange:
        """What is settled, which waits no longer. A file that differs from the last look is still
        being written and stays, and so does a folder above it.
        """
        changed: set[Path] = set()
        gone: set[Path] = set()
        for path, noted in list(self._files.items()):
            try:
                look = _look(path)
            except OSError:  # its drive fails, or it may not be asked for: no news of the file
                del self._files[path]
                continue
            if look != noted.look:
                self._files[path] = _Noted(now, look)
            elif noted.at + self._settle_s <= now:
                del self._files[path]
                (gone if look is None else changed).add(path)
        folders = self._take_folders(now)
        self._first = self._last = now
        return FolderChange(frozenset(changed), frozenset(gone), frozenset(folders))

    def _take_folders(self, now: float) -> set[Path]:
        busy = {folder for path in self._files for folder in path.parents}
        settled = {
            path
            for path, at in self._folders.items()
            if at + self._settle_s <= now and path not in busy
        }
        for path in settled:
            del self._folders[path]
        return {path for path in settled if settled.isdisjoint(path.parents)}

    def _wait(self, now: float) -> None:
        if self.due is None:
            self._first = now
        self._last = now


def _look(path: Path) -> _Look:
    """Raises OSError when it cannot be told whether the file is there."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size, status.st_mtime_ns
