"""Long work on a library in a process of its own, so that it does not hold up who asked for it.

A thread beside a window would do the same work, but only one thread of a process runs Python at a
time: while a scan writes or groups, nothing is painted. The deputy opens the library itself and
writes it under the lock of the process that started it; what it writes it tells, so that this one
can show it. It ends when it is done, is told to, or finds that nobody listens any more.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
import traceback
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import psutil

from photoclust.core import logs
from photoclust.core.errors import CancelledError, InternalError, PhotoclustError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import LibraryChanges
from photoclust.services import child, priority
from photoclust.store import journal
from photoclust.store.database import Library

Result = TypeVar("Result")
GRACE_S = 0.1
"""How long a deputy that is told to end may take; then it is ended, and what it had not written yet
is not written.
"""
_POLL_S = 0.02
_BUGS = "the process that worked on the library ended without a result"


def call(
    library: Library,
    work: Callable[..., Result],
    *args: Any,
    control: JobControl,
    on_changes: Callable[[LibraryChanges], None],
) -> Result:
    """`work(library, *args, control=…, on_changes=…)` done by a deputy, which finds it by its name;
    `control` and `on_changes` are as if it were done here. Only for who holds the library for
    writing. Where one connection alone may use its file, it is done here.

    Raises what `work` raises if it is a PhotoclustError, InternalError for anything else or when
    the process dies, CancelledError within GRACE_S of being cancelled: nothing is written then.
    """
    library.require_writable()
    if library.shared_disk:
        return work(library, *args, control=control, on_changes=on_changes)
    control.checkpoint()
    deputy = _Deputy(library.folder, work, args)
    try:
        ok, value = _follow(deputy, control, on_changes)
    finally:
        if deputy.end():
            # Where nothing can be written any more, the next start closes the run.
            with contextlib.suppress(UserError), library.write() as tx:
                journal.close_unfinished(tx)
    if ok:
        result: Result = value
        return result
    if control.cancelled:
        raise CancelledError
    raise value


class _Deputy:
    """This side of the process."""

    def __init__(self, folder: Path, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        # No daemon: it starts processes of its own. It ends when this side of the pipe is closed.
        self._process: BaseProcess = context.Process(
            target=_serve, args=(theirs, folder, work, args), daemon=False
        )
        child.start(self._process)
        theirs.close()
        self._has_answered = False

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def answers(self) -> Generator[tuple[Any, ...], None, None]:
        """What it has said and nobody heard yet."""
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                self._has_answered = message[0] == "end"
                yield message
        except (EOFError, OSError):
            return  # it died

    def end(self) -> bool:
        """Wait for it where it has answered, else end it and its processes at once; whether it was
        cut off.
        """
        if self._has_answered:
            self._process.join(GRACE_S)
        if self._process.is_alive():
            _kill_all(self._process)
        self._process.join()
        self.pipe.close()
        return not self._has_answered


def _kill_all(process: BaseProcess) -> None:
    """Kill a process and those that it started."""
    below: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        below = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    for each in below:
        with contextlib.suppress(psutil.Error):
            each.kill()


def _follow(
    deputy: _Deputy, control: JobControl, on_changes: Callable[[LibraryChanges], None]
) -> tuple[bool, Any]:
    """Pass on what the deputy says, and to it what `control` says, until it ends."""
    end_by: float | None = None
    tell = child.Teller(deputy.pipe, control)
    while True:
        there = deputy.pipe.poll(_POLL_S) or not deputy.is_alive
        tell()
        if control.cancelled:
            end_by = end_by or time.monotonic() + GRACE_S
            if time.monotonic() > end_by:
                raise CancelledError
        heard = False
        for kind, *values in deputy.answers() if there else ():
            heard = True
            if kind == "end":
                return values[0], values[1]
            if control.cancelled:
                continue
            if kind == "changes":
                on_changes(*values)
            else:
                control.report(*values)
        if there and not heard:
            return False, InternalError(_BUGS)


# --- in the process of the deputy -----------------------------------------------------------------


def _serve(pipe: Connection, folder: Path, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    logs.attach()  # what is logged here is not for the user's terminal
    priority.lower_writer()
    lock = threading.Lock()

    def say(*message: Any) -> None:
        with lock, contextlib.suppress(OSError):  # who does not listen any more ends this process
            pipe.send(message)

    control = JobControl(
        lambda progress: say("progress", progress.stage, progress.done, progress.total)
    )
    child.obey(pipe, control)
    try:
        with Library(folder, deputy=True) as library:
            value = work(
                library,
                *args,
                control=control,
                on_changes=lambda changes: say("changes", changes),
            )
        say("end", True, value)
    except PhotoclustError as error:
        say("end", False, error)
    except Exception:
        say("end", False, InternalError(traceback.format_exc()))
