"""Watched folders: tells of pictures that came, changed or went, soon after they did.

Owns the thread that collects what the observers report, and says when it is settled. Changes
nothing itself and knows no library: the receiver compares with what it knows, for a change may be
told twice, and one to what lies behind a link to another folder is not told.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from watchdog.events import FileSystemEvent

from photoclust.core.paths import LIBRARY_FILE, PORTABLE_FOLDER, THUMBNAILS, absolute_path
from photoclust.media import answering
from photoclust.media.files import reason_of
from photoclust.media.scan import SkipPatterns, is_candidate
from photoclust.media.volumes import is_network, mounted_volumes, volume_of
from photoclust.services.observers import RootWatch
from photoclust.services.settling import FolderChange, Settling

__all__ = ["FolderChange", "FolderWatcher"]

_STOP_S = 2.0
_TELLS_NO_KIND = os.name == "nt"
"""Windows does not tell whether what was deleted was a file or a folder."""

_log = logging.getLogger(__name__)


def _is_remote(root: Path) -> bool:
    return is_network(volume_of(root))


class FolderWatcher:
    """Calls `on_change` for what changes below `roots`, between `start` and `stop`.

    A change is told when nothing new happened to the file for `settle_s` seconds. `skip_patterns`
    are those of the walk. Roots for which `is_remote` holds are polled, and so are those that the
    system cannot watch; `poll_interval_s` is the time between two looks at them, and at a root that
    is not there. A root that comes, goes, or is another drive than before is told as a folder.

    `on_change` is called in the watcher's own thread, one call at a time; what it raises is logged.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        on_change: Callable[[FolderChange], None],
        *,
        skip_patterns: Iterable[str] = (),
        settle_s: float = 1.0,
        poll_interval_s: float = 3.0,
        is_remote: Callable[[Path], bool] = _is_remote,
    ) -> None:
        self._roots = _absolute(roots)
        self._new_loop = partial(
            _Loop,
            on_change,
            patterns=SkipPatterns(skip_patterns),
            settle_s=settle_s,
            poll_interval_s=poll_interval_s,
            is_remote=is_remote,
        )
        self._loop: _Loop | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each root that is polled, and why, or that is not there."""
        return () if self._loop is None else self._loop.problems

    def start(self) -> None:
        """Begin to watch, and return at once; see `wait_until_watching`."""
        if self._loop is None:
            self._loop = self._new_loop(roots=self._roots)
            self._loop.thread.start()

    def stop(self) -> None:
        """End the watching within 2 s. What was not told by then no longer is."""
        if self._loop is not None:
            self._loop.stop()
            self._loop = None

    def set_roots(self, roots: Sequence[Path]) -> None:
        """Watch these from now on. What lies in a root that is new here is not told."""
        self._roots = _absolute(roots)
        if self._loop is not None:
            self._loop.set_roots(self._roots)

    def wait_until_watching(self, timeout_s: float) -> bool:
        """Wait until a change to any root that is there is sure to be seen; whether it is.

        A scan that begins after this misses nothing together with the watcher.
        """
        return self._loop is not None and self._loop.watching.wait(timeout_s)


class _Loop:
    """One run of a watcher. All but `set_roots` and `stop` happens in its thread."""

    def __init__(
        self,
        on_change: Callable[[FolderChange], None],
        *,
        patterns: SkipPatterns,
        settle_s: float,
        poll_interval_s: float,
        is_remote: Callable[[Path], bool],
        roots: tuple[Path, ...],
    ) -> None:
        self.thread = threading.Thread(target=self._run, name="folder watcher", daemon=True)
        self.watching = threading.Event()
        self.problems: tuple[str, ...] = ()
        self._on_change = on_change
        self._patterns = patterns
        self._poll_interval_s = poll_interval_s
        self._is_remote = is_remote
        self._lock = threading.Lock()
        self._roots = roots
        self._tended: tuple[Path, ...] | None = None
        self._next_tending = 0.0
        self._watches: dict[Path, RootWatch | None] = {}
        self._mounted: frozenset[Path] | None = None
        self._settling = Settling(settle_s)
        self._stopping = threading.Event()
        self._events: queue.SimpleQueue[tuple[RootWatch, FileSystemEvent] | None]
        self._events = queue.SimpleQueue()

    def set_roots(self, roots: tuple[Path, ...]) -> None:
        with self._lock:
            self._roots = roots
            self.watching.clear()
        self._wake()

    def stop(self) -> None:
        self._stopping.set()
        self._wake()
        if self.thread is not threading.current_thread():
            self.thread.join(_STOP_S)

    def _wake(self) -> None:
        self._events.put(None)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                if self._roots is not self._tended or time.monotonic() >= self._next_tending:
                    self._tend()
                self._say_when_watching()
                self._receive()
                due = self._settling.due
                if due is not None and time.monotonic() >= due:
                    self._tell()
        finally:
            for root in list(self._watches):
                self._unwatch(root)

    def _say_when_watching(self) -> None:
        with self._lock:
            if self._roots is self._tended and all(
                watch is None or watch.ready.is_set() for watch in self._watches.values()
            ):
                self.watching.set()

    def _receive(self) -> None:
        """Note the events that are there; wait for one when there are none and nothing is due."""
        due = self._settling.due
        until = self._next_tending if due is None else min(due, self._next_tending)
        with suppress(queue.Empty):
            items = [self._events.get(timeout=max(0.0, until - time.monotonic()))]
            items += [self._events.get_nowait() for _ in range(self._events.qsize())]
            for item in filter(None, items):
                self._note(*item)

    def _note(self, watch: RootWatch, event: FileSystemEvent) -> None:
        if self._watches.get(watch.root) is not watch:
            return  # of a drive that was unplugged since, all files seem to be deleted
        now = time.monotonic()
        for name in (event.src_path, event.dest_path):
            path = Path(os.fsdecode(name))
            if not name:  # only a move has a destination
                continue
            if path == watch.root:
                watch.end()
                self._next_tending = now
            elif not path.is_relative_to(watch.root) or self._is_left_out(watch.root, path):
                continue
            elif event.is_directory or _may_be_folder(event, path):
                watch.note_new_folder()
                self._settling.note_folder(path, now)
            elif is_candidate(path.name):
                self._settling.note_file(path, now)

    def _tend(self) -> list[Path]:
        """See to it that every root that is there is watched; the roots that were lost."""
        roots = self._roots
        lost, problems = [], []
        for root in self._watches.keys() - set(roots):
            self._unwatch(root)
        for root in roots:
            watch = self._watches.get(root)
            if watch is not None and not (_answers(root) and watch.holds()):
                lost.append(root)
                self._unwatch(root)
                self._settling.forget_below(root)
                self._settling.note_folder(root, time.monotonic())
                self._watches[root] = watch = None
            if watch is None:
                problems.append(self._watch(root))
            else:
                problems.append(watch.problem)
        self._look_for_drives()
        self.problems = tuple(filter(None, problems))
        self._tended = roots
        self._next_tending = time.monotonic() + self._poll_interval_s
        return lost

    def _look_for_drives(self) -> None:
        """Tell the roots that are not there when another drive is: it may be theirs, elsewhere."""
        missing = [root for root, watch in self._watches.items() if watch is None]
        mounted = frozenset(volume.mount_point for volume in mounted_volumes()) if missing else None
        if mounted is not None and self._mounted is not None and mounted - self._mounted:
            for root in missing:
                self._settling.note_folder(root, time.monotonic())
        self._mounted = mounted

    def _unwatch(self, root: Path) -> None:
        watch = self._watches.pop(root)
        if watch is not None:
            # One that polls what does not answer cannot end before that does.
            closing = threading.Thread(target=watch.close, name=f"leaving {root}", daemon=True)
            closing.start()
            closing.join(_STOP_S)

    def _watch(self, root: Path) -> str | None:
        """Watch the root if it is there; the problem with that."""
        try:
            if not _answers(root):
                raise answering.silence(root)
            watch = RootWatch(
                root,
                lambda *event: self._events.put(event),
                partial(self._is_left_out, root),
                remote=self._is_remote(root),
                poll_interval_s=self._poll_interval_s,
                on_ready=self._wake,
            )
        except OSError as error:
            self._watches[root] = None
            gone = isinstance(error, FileNotFoundError)
            reason = "is not there" if gone else f"cannot be watched: {reason_of(error)}"
            return f"{root} {reason}; it is looked for again every {self._poll_interval_s:g} s"
        if root in self._watches:
            self._settling.note_folder(root, time.monotonic())
        self._watches[root] = watch
        return watch.problem

    def _tell(self) -> None:
        change = self._settling.take(time.monotonic())
        # Asked after the files were found to be gone: with their drive, they are not deleted.
        lost = self._tend() if change.gone else []
        change = FolderChange(
            frozenset(filter(self._is_inside, change.changed)),
            frozenset(path for path in change.gone if self._is_inside(path, lost)),
            frozenset(filter(self._is_inside, change.folders)),
        )
        if self._stopping.is_set() or change == FolderChange():
            return
        try:
            self._on_change(change)
        except Exception:
            _log.exception("a change in the watched folders was not taken in")

    def _is_inside(self, path: Path, lost: Sequence[Path] = ()) -> bool:
        """Whether `path` lies below a root, and below none that is lost."""
        return any(map(path.is_relative_to, self._watches)) and not any(
            map(path.is_relative_to, lost)
        )

    def _is_left_out(self, root: Path, path: Path) -> bool:
        """Whether a walk of `root` would not come by `path`."""
        step = root
        for part in path.relative_to(root).parts:
            if part == PORTABLE_FOLDER:
                return True
            if part == THUMBNAILS and (step / LIBRARY_FILE).exists():
                return True
            step /= part
            if self._patterns.match(step):
                return True
        return False


def _may_be_folder(event: FileSystemEvent, path: Path) -> bool:
    """Whether what is told as a file is a folder: a link to one, or any where no kind is told."""
    if is_candidate(path.name):
        return False
    if event.event_type == "deleted":
        return _TELLS_NO_KIND
    return event.event_type in ("created", "moved") and path.is_dir()


def _answers(root: Path) -> bool:
    """Whether what is at `root`, be it nothing, can be looked at."""
    try:
        answering.ask(root, root.exists)
    except TimeoutError:
        return False
    return True


def _absolute(roots: Sequence[Path]) -> tuple[Path, ...]:
    # Not resolved: a change is told by the path under which the user added the folder.
    return tuple(dict.fromkeys(absolute_path(root) for root in roots))
