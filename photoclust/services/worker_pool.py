"""Worker processes that read photos, each with its own models; the parent only hands out paths.

A worker does everything for a file, from reading to vectors, so that no pixels cross a process
boundary and each core works undisturbed. It tells what it is doing, so that a file that kills or
hangs its worker is known by name: that file becomes a failure, a new worker takes the rest.
Only pipes are used: they need no semaphores and break cleanly when a side dies.
"""

import contextlib
import logging
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path

from photoclust.core import logs, memory
from photoclust.core.errors import ModelError, UnreadableFileError
from photoclust.core.progress import JobControl
from photoclust.core.types import FileStat
from photoclust.media.files import OriginalFile
from photoclust.services import child
from photoclust.services.analysis import AnalysisOptions, Analyst, Pending, PhotoAnalysis

BATCH_FACES = 16
BATCH_PHOTOS = 8
AHEAD = 3
"""Paths that lie ready for a worker, so that it never waits for the parent; the fewer, the more
evenly the last photos are shared out.
"""
MAX_WORKERS = 3
"""A worker takes up to 450 MB; more cores serve as threads instead."""
FILE_TIMEOUT_S = 180.0
NICENESS = 10
"""Whatever else the user does with the machine comes first."""
_POLL_S = 0.05

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that gave no picture, and why; `try_again` where something else may be to blame, such
    as a reader that ran out of memory.
    """

    path: Path
    reason: str
    try_again: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A file whose content the library has already; nothing was detected again."""

    path: Path
    stat: FileStat
    digest: str


@dataclass(frozen=True, slots=True)
class _Started:
    path: Path


@dataclass(frozen=True, slots=True)
class _Hashed:
    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class _Broken:
    """The worker cannot work at all, for instance because a model file is damaged."""

    message: str


Outcome = PhotoAnalysis | Unreadable | Known


def usable_cores() -> int:
    """Processor cores that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return usable or 1


def crew_size(workers: int | None = None) -> tuple[int, int]:
    """How many workers, and how many threads each: by default one worker a core up to MAX_WORKERS,
    which share the other cores.
    """
    cores = usable_cores()
    workers = max(1, workers or min(cores, MAX_WORKERS))
    return workers, max(1, cores // workers)


def analyse(
    paths: Iterable[Path],
    options: AnalysisOptions,
    *,
    workers: int | None = None,
    is_known: Callable[[str], bool] = lambda _: False,
    control: JobControl | None = None,
) -> Generator[Outcome, None, None]:
    """What is in each file of `paths`, in the order in which it is found out.

    `workers` is how many processes read (see `crew_size`). `is_known` is asked in this process with
    the hash of a file's content; where it says yes the file is not looked at. Raises ModelError
    when a model cannot be loaded, CancelledError when cancelled: the workers are then ended at
    once, whatever they are doing.
    """
    control = control or JobControl()
    workers, threads = crew_size(workers)
    options = replace(options, threads=threads)
    context = multiprocessing.get_context("spawn")
    queue = deque(paths)
    crew: list[_Worker] = []
    try:
        while queue or any(worker.in_hand for worker in crew):
            before = time.monotonic()
            control.checkpoint()
            for worker in crew:  # time spent paused is nobody's fault
                worker.since += time.monotonic() - before
            while len(crew) < workers and queue:
                crew.append(_Worker.start(context, options))
            for worker in crew:
                worker.feed(queue)
            ready = wait([worker.pipe for worker in crew], timeout=_POLL_S)
            for worker in list(crew):
                if worker.pipe in ready:
                    yield from worker.receive(is_known)
                if (reason := worker.why_lost()) is None:
                    continue
                crew.remove(worker)
                worker.kill()
                culprit, rest = worker.culprit_and_rest()
                queue.extendleft(reversed(rest))
                if culprit is not None:
                    yield Unreadable(culprit, f"the file {reason}", try_again=worker.ended)
                elif not worker.proved:
                    # Died before it did anything: a new one would die as well.
                    raise ModelError("the face models cannot be run on this machine")
    finally:
        for worker in crew:
            worker.process.kill()  # all of them before waiting for the first
        for worker in crew:
            worker.kill()


@dataclass(eq=False)
class _Worker:
    """The parent's side of one worker."""

    process: multiprocessing.process.BaseProcess
    pipe: Connection
    in_hand: dict[Path, None] = field(default_factory=dict)
    ready: int = 0
    current: Path | None = None
    since: float = 0.0
    proved: bool = False
    ended: bool = False

    @classmethod
    def start(
        cls, context: multiprocessing.context.SpawnContext, options: AnalysisOptions
    ) -> "_Worker":
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, options), daemon=True)
        child.start(process)
        theirs.close()
        return cls(process, ours)

    def feed(self, queue: deque[Path]) -> None:
        with contextlib.suppress(OSError):  # a dead worker is noticed when it is read from
            while queue and self.ready < AHEAD:
                path = queue.popleft()
                self.in_hand[path] = None
                self.ready += 1
                self.pipe.send(path)

    def receive(self, is_known: Callable[[str], bool]) -> Iterator[Outcome]:
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                self.proved = True
                match message:
                    case _Started(path):
                        self.current, self.since = path, time.monotonic()
                        self.ready -= 1
                    case _Hashed(_, digest):
                        self.pipe.send(not is_known(digest))
                    case _Broken(text):
                        raise ModelError(text)
                    case _:
                        self.in_hand.pop(message.path, None)
                        if message.path == self.current:
                            self.current = None
                        yield message
        except (EOFError, OSError):  # the latter when it died in the middle of a message
            self.ended = True

    def why_lost(self) -> str | None:
        """What became of a worker that no more is to be expected from, None for a sound one."""
        if self.ended:
            return "made the reader crash"
        late = self.current is not None and time.monotonic() - self.since > FILE_TIMEOUT_S
        # Whoever takes the outcomes may have taken long: then there is news to be read first.
        return "took too long to read" if late and not self.pipe.poll() else None

    def culprit_and_rest(self) -> tuple[Path | None, list[Path]]:
        rest = [path for path in self.in_hand if path != self.current]
        return self.current, rest

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection, options: AnalysisOptions) -> None:
    """The worker: read, ask whether it is wanted, look, and embed a few photos at a time."""
    logs.attach()
    memory.return_large_pieces()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        try:
            analyst = Analyst(options)
        except ModelError as error:
            pipe.send(_Broken(str(error)))
            return
        _Desk(pipe, analyst).run()


class _Desk:
    """What a worker has before it: paths to do, photos that wait for their vectors."""

    def __init__(self, pipe: Connection, analyst: Analyst) -> None:
        self.pipe = pipe
        self.analyst = analyst
        self.paths: deque[Path] = deque()
        self.pending: list[Pending] = []

    def run(self) -> None:
        while True:
            if not self.paths and self.pending and not self.pipe.poll():
                self.finish_pending()
            path = self.paths.popleft() if self.paths else self.pipe.recv()
            self.pipe.send(_Started(path))
            try:
                self.read(path)
            except UnreadableFileError as error:
                self.pipe.send(Unreadable(path, error.reason))
            except MemoryError:
                self.pipe.send(
                    Unreadable(path, "there is not enough memory to read it", try_again=True)
                )
            except (EOFError, OSError):
                raise
            except Exception as error:
                log.exception("analysing %s", path)
                self.pipe.send(
                    Unreadable(path, f"photoclust failed on it ({type(error).__name__})")
                )
            faces = sum(len(item.crops) for item in self.pending)
            if faces >= BATCH_FACES or len(self.pending) >= BATCH_PHOTOS:
                self.finish_pending()

    def read(self, path: Path) -> None:
        with OriginalFile(path) as original:
            digest = original.content_hash()
            self.pipe.send(_Hashed(path, digest))
            if self.wanted():
                self.pending.append(self.analyst.look(original, digest))
            else:
                self.pipe.send(Known(path, original.stat, digest))

    def wanted(self) -> bool:
        # Paths may arrive ahead of the answer.
        while not isinstance(message := self.pipe.recv(), bool):
            self.paths.append(message)
        return message

    def finish_pending(self) -> None:
        for analysis in self.analyst.embed(self.pending):
            self.pipe.send(analysis)
        self.pending.clear()
