"""One watched folder: notices of the operating system where it gives them, else repeated looks.

The only module that knows watchdog's observers. What an event means for photos is not its business.
"""

import errno
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import cast

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, EventEmitter, EventQueue, ObservedWatch
from watchdog.observers.polling import PollingEmitter

from photoclust.media.scan import is_candidate

_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
"""Not among them: a file opened or read, which a scan does to all of them, and "something changed
in this folder", which every event of a file comes with."""

_IDLE_PER_LOOK = 9
"""A network drive is looked through for a tenth of the time at most: a look at 50 000 files may
take a minute, during which the drive has little time for others."""

_LIMITS = {
    errno.ENOSPC: "the system watches no more folders at a time (fs.inotify.max_user_watches)",
    errno.EMFILE: "the system has no more watchers to give (fs.inotify.max_user_instances)",
}

OnEvent = Callable[["RootWatch", FileSystemEvent], None]


class RootWatch:
    """A folder and all below it under observation, from construction to `close`.

    `on_event` is called in threads of watchdog and must return at once. `left_out` tells the
    folders and files that a look passes over. A `remote` folder is polled. `on_ready` is called
    from another thread once changes are seen; it may be called before the constructor returns.

    Raises OSError when the folder is not there or cannot be listed.
    """

    def __init__(
        self,
        root: Path,
        on_event: OnEvent,
        left_out: Callable[[Path], bool],
        *,
        remote: bool,
        poll_interval_s: float,
        on_ready: Callable[[], None],
    ) -> None:
        self.root = root
        self.ready = threading.Event()
        self.problem: str | None = None
        self._folders_came = False
        self._ended = False
        self._identity = _identity(root)
        with os.scandir(root):
            pass

        def changes_are_seen() -> None:
            self.ready.set()
            on_ready()

        handler = _Handler(partial(on_event, self))
        native = None if remote else self._native(handler, poll_interval_s)
        if native is not None:
            self._observer = native
            changes_are_seen()
            return
        if remote:
            self.problem = (
                f"{root} is on a network drive, which does not tell of changes; "
                f"it is looked through every {poll_interval_s:g} s or less often"
            )

        emitter = partial(_Poller, left_out=left_out, on_ready=changes_are_seen)
        observer = BaseObserver(cast("type[EventEmitter]", emitter), timeout=poll_interval_s)
        self._observer = _started(observer, handler, root)

    def close(self) -> None:
        """End the watching and its threads."""
        _close(self._observer)

    def end(self) -> None:
        """Take note that the folder was deleted, be there another of its name or not."""
        self._ended = True

    def note_new_folder(self) -> None:
        """Take note that there is more to be watched than there was."""
        self._folders_came = True

    def holds(self) -> bool:
        """Whether changes are still seen: the path leads to the folder that is watched (not to the
        mount point that an unplugged drive left, nor to another drive on it), and all below it is.
        """
        try:
            if self._ended or _identity(self.root) != self._identity:
                return False
            if self._folders_came:
                self._folders_came = False
                if self.problem is None:
                    _need_a_free_watch(self.root)
        except OSError:
            return False
        return all(emitter.is_alive() for emitter in self._observer.emitters)

    def _native(self, handler: FileSystemEventHandler, interval_s: float) -> BaseObserver | None:
        """None, and a problem, when the system cannot watch the folder."""
        try:
            with ExitStack() as undo:
                observer = _started(Observer(), handler, self.root)
                undo.callback(_close, observer)
                _need_a_free_watch(self.root)
                undo.pop_all()
                return observer
        except OSError as error:
            reason = _LIMITS.get(error.errno or 0, error.strerror or "unknown error")
            self.problem = (
                f"{self.root} cannot be watched: {reason}; "
                f"it is looked through every {interval_s:g} s or less often instead"
            )
            return None


class _Handler(FileSystemEventHandler):
    def __init__(self, on_event: Callable[[FileSystemEvent], None]) -> None:
        self._on_event = on_event

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._on_event(event)


class _Poller(PollingEmitter):
    """watchdog's polling, kept from what the walk would not look at, and from looking all the time.

    Links are not followed, as the native observers do not: one that leads up would never end.
    """

    def __init__(
        self,
        event_queue: EventQueue,
        watch: ObservedWatch,
        *,
        timeout: float,
        event_filter: list[type[FileSystemEvent]] | None = None,
        left_out: Callable[[Path], bool],
        on_ready: Callable[[], None],
    ) -> None:
        super().__init__(
            event_queue,
            watch,
            timeout=timeout,
            event_filter=event_filter,
            stat=os.lstat,
            listdir=self._entries,
        )
        self._left_out = left_out
        self._on_ready = on_ready
        self._look_s = 0.0

    def on_thread_start(self) -> None:
        """Nothing yet: the first look can take long, and belongs into the thread."""

    def run(self) -> None:
        """Look, and look again; ends when the folder is no longer there."""
        begun = time.monotonic()
        try:
            super().on_thread_start()
        except OSError:
            return
        self._look_s = time.monotonic() - begun
        self._on_ready()
        super().run()

    def queue_events(self, timeout: float) -> None:
        """Wait, look, and queue what is different."""
        wait_s = max(timeout, _IDLE_PER_LOOK * self._look_s)
        begun = time.monotonic()
        super().queue_events(wait_s)
        self._look_s = time.monotonic() - begun - wait_s

    def _entries(self, folder: str | None) -> Iterator[os.DirEntry[str]]:
        if not self.should_keep_running():
            raise FileNotFoundError  # the one error at which watchdog ends a look without a word
        with os.scandir(folder) as entries:
            return iter([entry for entry in entries if self._is_wanted(entry)])

    def _is_wanted(self, entry: os.DirEntry[str]) -> bool:
        if not is_candidate(entry.name) and not entry.is_dir():
            return False
        return not self._left_out(Path(entry.path))


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _started(observer: BaseObserver, handler: FileSystemEventHandler, root: Path) -> BaseObserver:
    """The observer, running. Raises OSError, and leaves nothing, when it cannot be started."""
    # Said, and of no harm, whenever a folder is made while the one above it is taken up; where
    # warnings are errors, it would end watchdog's thread.
    warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning, r"watchdog\.")
    with ExitStack() as undo:
        undo.callback(_close, observer)
        observer.schedule(handler, str(root), recursive=True, event_filter=_EVENTS)
        observer.start()
        undo.pop_all()
    return observer


def _close(observer: BaseObserver) -> None:
    observer.stop()
    if observer.ident is not None:
        observer.join()


def _need_a_free_watch(root: Path) -> None:
    """Raise OSError when inotify's limit is reached: watchdog does so for the root only, and passes
    over the folders below it that it could not watch.
    """
    if sys.platform == "linux":
        probe = Observer()
        try:
            probe.schedule(FileSystemEventHandler(), str(root))
            probe.start()
        finally:
            _close(probe)
