"""Running one computation in a process of its own, so that it can be cancelled at any moment.

hdbscan, scikit-learn and FAISS cannot be interrupted; a process can.
"""

import contextlib
import multiprocessing
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import psutil

from photoclust.core import logs
from photoclust.core.errors import InternalError, PhotoclustError
from photoclust.core.progress import JobControl
from photoclust.services import priority

Result = TypeVar("Result")
_POLL_S = 0.05
_DIED = (False, InternalError("the computation ended without a result"))


def call(
    function: Callable[..., Result],
    *args: Any,
    control: JobControl | None = None,
    reporting: bool = False,
    **options: Any,
) -> Result:
    """`function(*args, **options)` computed in a new process; all of it must pickle.

    A `reporting` function works for long: it is given a `control` too, which reports to `control`
    and is paused with it, and its process stands back for whatever else the user does.

    Raises what the function raises if it is a PhotoclustError, InternalError for anything else or
    when the process dies, CancelledError when cancelled: the process is then gone.
    """
    control = control or JobControl()
    control.checkpoint()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    ok: bool
    value: Any
    served = (theirs, function, args, options, reporting)
    process = context.Process(target=_serve, args=served, daemon=True)
    start(process)
    theirs.close()
    tell = Teller(ours, control)

    def attend() -> None:
        if reporting and not control.cancelled:
            tell()
        else:  # one that does not report cannot be held half-way; who waits for it can
            control.checkpoint()

    try:
        ended = False
        while not ended:
            # A dead process may have left the pipe open with one that it started itself.
            while not ours.poll(_POLL_S) and process.is_alive():
                attend()
            ended, message = ours.recv() if ours.poll() else (True, _DIED)
            if not ended:
                control.report(*message)
                attend()
        ok, value = message
    except (EOFError, OSError):  # the latter when it died in the middle of its answer
        ok, value = _DIED
    finally:
        process.kill()
        process.join()
        ours.close()
    control.checkpoint()
    if ok:
        result: Result = value
        return result
    raise value


def measured(function: Callable[..., Result], *args: Any, **options: Any) -> tuple[Result, float]:
    """`function(*args, **options)` and the most memory that this process has held so far, in MB of
    2**20 bytes: for `call`, to tell what a computation needs.
    """
    result = function(*args, **options)
    return result, _peak_memory() / 2**20


def _peak_memory() -> float:
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset)
    if sys.platform == "darwin":
        import resource  # noqa: PLC0415 - not on Windows

        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    # What getrusage tells here includes the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return float(found[1]) * 2**10 if found else float(psutil.Process().memory_info().rss)


def start(process: BaseProcess) -> None:
    """Start a process that Ctrl-C in a terminal does not reach: whoever started it ends it.

    A process inherits the signals that are blocked in the thread that starts it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        process.start()
        return
    # It unblocks SIGINT when it is started, so it must be running before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Teller:
    """Tells the process at the other end of a pipe, which obeys, what becomes of `control`."""

    def __init__(self, pipe: Connection, control: JobControl) -> None:
        self._pipe = pipe
        self._control = control
        self._told = "resume"

    def __call__(self) -> None:
        """Send the word, once in a row; one that has ended is noticed when it is read from."""
        if self._control.cancelled:
            word = "cancel"
        else:
            word = "pause" if self._control.paused else "resume"
        if word != self._told:
            self._told = word
            with contextlib.suppress(OSError):
                self._pipe.send(word)


# --- in the process -------------------------------------------------------------------------------


def obey(pipe: Connection, control: JobControl) -> None:
    """From now on do what a Teller says with `control`, which nothing else pauses here; where that
    is gone, end this process: nobody waits for it, and its lock is gone.
    """
    words = {"pause": control.pause, "resume": control.resume, "cancel": control.cancel}

    def listen() -> None:
        try:
            while True:
                words[pipe.recv()]()
        except (EOFError, OSError):
            os._exit(1)

    threading.Thread(target=listen, daemon=True).start()


def _serve(
    pipe: Connection,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: dict[str, Any],
    reporting: bool,
) -> None:
    logs.attach()  # what is logged here is not for the user's terminal
    if reporting:
        priority.lower_fully()
        control = options["control"] = JobControl(
            lambda progress: pipe.send((False, (progress.stage, progress.done, progress.total)))
        )
        obey(pipe, control)
    with contextlib.suppress(OSError, KeyboardInterrupt):
        try:
            message = (True, function(*args, **options))
        except PhotoclustError as error:
            message = (False, error)
        except Exception:
            message = (False, InternalError(traceback.format_exc()))
        pipe.send((True, message))
