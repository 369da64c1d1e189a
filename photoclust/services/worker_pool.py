"""Worker processes that read photos, each with its own models; the parent only hands out paths.

A worker does everything for a file, from reading to vectors, so that no picture crosses a process
boundary, at most the faces cut out of it, and each core works undisturbed. It tells what it is
doing, so that a file that kills or hangs its worker is known by name: that file becomes a failure,
a new worker takes the rest.
Only pipes are used: they need no semaphores and break cleanly when a side dies.
"""

import contextlib
import multiprocessing
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from photoclust.core.errors import ModelError
from photoclust.core.language import marked, tr
from photoclust.core.pages import file_of
from photoclust.core.progress import JobControl
from photoclust.media import answering
from photoclust.services import child, computing
from photoclust.services.analysis import AnalysisOptions, SamePicture
from photoclust.services.file_clock import FileClock
from photoclust.services.known_faces import CutFaces, Embedded, FacesToCut, KnownFaces
from photoclust.services.worker import (
    Broken,
    Decoded,
    Hashed,
    Known,
    Loading,
    NextPart,
    Outcome,
    Started,
    Unreadable,
    processor_meter,
    resident_meter,
    serve,
)

__all__ = [
    "CutFaces",
    "Embedded",
    "Known",
    "Outcome",
    "SamePicture",
    "Unreadable",
    "analyse",
    "crew_size",
    "cut_known",
    "embed_known",
    "usable_cores",
]

AHEAD = 3
"""Paths that lie ready for a worker, so that it never waits for the parent; the fewer, the more
evenly the last photos are shared out.
"""
MAX_WORKERS = 3
"""A worker takes up to 450 MB; more cores serve as threads instead."""
MAX_LOSSES = 3
"""How often a file may be with a worker that dies for an unknown reason."""
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker may take before its file is given up, so that no file stops a scan.

    `file_s`: seconds over one file, and `still_s`: those without computing after them; see
    FileClock. `allowance_bytes`: what it may allocate beyond its networks; then the file fails and
    the worker lives. `resident_bytes`: its own pages in memory; a worker with more is ended, which
    is all there is where the system knows no limit on allocation.
    """

    file_s: float = 180.0
    # One of the lowest priority has 1.5 % of a core that others want, so it never stands so long.
    still_s: float = 20.0
    # 300 megapixels in a single compressed strip of a TIFF: Pillow's copy takes 1.2 GB, the strip
    # up to the 2 GiB that libtiff allows; 2.9 GB measured. JPEG takes 1.0, WebP 1.7, AVIF 1.0.
    allowance_bytes: int = 4 * 2**30
    resident_bytes: int = 9 * 2**29


def usable_cores() -> int:
    """Processor cores that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return usable or 1


def crew_size(workers: int | None = None, *, files: int | None = None) -> tuple[int, int]:
    """How many workers, and how many threads each: by default one worker a core up to MAX_WORKERS,
    which share the other cores. There are never more than `files`: to start one takes longer than
    to read a photo.
    """
    cores = usable_cores()
    workers = max(1, workers or min(cores, MAX_WORKERS))
    if files is not None:
        workers = min(workers, max(1, files))
    return workers, max(1, cores // workers)


def analyse(
    paths: Iterable[Path],
    options: AnalysisOptions,
    *,
    workers: int | None = None,
    is_known: Callable[[str], bool] = lambda _: False,
    is_known_picture: Callable[[str], bool] = lambda _: False,
    limits: WorkerLimits | None = None,
    control: JobControl | None = None,
) -> Generator[Outcome, None, None]:
    """What is in each file of `paths`, in the order in which it is found out.

    `workers` is how many processes read (see `crew_size`). `is_known` is asked in this process with
    the hash of a file's content; where it says yes the file is not looked at, and Known comes out.
    `is_known_picture` is then asked with the digest of the decoded picture; where it says yes no
    face is looked for, and SamePicture comes out. Raises ModelError when a model cannot be loaded,
    CancelledError when cancelled: the workers are then ended at once, whatever they are doing.
    """
    queue = deque(paths)
    yield from _share_out(
        queue,
        computing.decided(options, files=len(queue), control=control),
        workers=workers,
        is_known=is_known,
        is_known_picture=is_known_picture,
        limits=limits,
        control=control,
    )


def embed_known(
    faces: Iterable[KnownFaces],
    options: AnalysisOptions,
    *,
    workers: int | None = None,
    limits: WorkerLimits | None = None,
    control: JobControl | None = None,
) -> Generator[Embedded | Unreadable, None, None]:
    """The vectors of known faces of files, each file given once: Embedded or Unreadable for each,
    in the order in which it is found out. Ends and raises as `analyse` does.
    """
    tasks = {each.path: each for each in faces}
    options = computing.decided(options, files=len(tasks), control=control)
    yield from _share_out(
        deque(tasks), options, tasks=tasks, workers=workers, limits=limits, control=control
    )


def cut_known(
    faces: Iterable[KnownFaces],
    side: int,
    *,
    workers: int | None = None,
    limits: WorkerLimits | None = None,
    control: JobControl | None = None,
) -> Generator[CutFaces | Unreadable, None, None]:
    """Known faces of files as crops of `side` px, each file given once: CutFaces or Unreadable for
    each, in the order in which it is found out; no network is loaded. Ends and raises as `analyse`
    does.
    """
    tasks = {each.path: FacesToCut(each, side) for each in faces}
    yield from _share_out(
        deque(tasks),
        AnalysisOptions(),
        tasks=tasks,
        workers=workers,
        limits=limits,
        control=control,
    )


def _share_out(
    queue: deque[Path],
    options: AnalysisOptions,
    *,
    tasks: Mapping[Path, KnownFaces | FacesToCut] | None = None,
    workers: int | None,
    is_known: Callable[[str], bool] = lambda _: False,
    is_known_picture: Callable[[str], bool] = lambda _: False,
    limits: WorkerLimits | None,
    control: JobControl | None,
) -> Generator[Any, None, None]:
    """What comes of each file in `queue`, of which `tasks` may say what to do; see `analyse`."""
    control = control or JobControl()
    limits = limits or WorkerLimits()
    workers, threads = crew_size(workers, files=len(queue))
    options = replace(options, threads=threads)
    context = multiprocessing.get_context("spawn")
    lost: Counter[Path] = Counter()
    crew: list[_Worker] = []
    try:
        while queue or any(worker.in_hand for worker in crew):
            before = time.monotonic()
            control.checkpoint()
            for worker in crew:  # time spent paused is nobody's fault
                worker.clock.leave_out(time.monotonic() - before)
            while len(crew) < workers and queue:
                crew.append(_Worker.start(context, options, limits, tasks or {}))
            for worker in crew:
                worker.feed(queue)
            ready = wait([worker.pipe for worker in crew], timeout=_POLL_S)
            for worker in list(crew):
                if worker.pipe in ready:
                    yield from worker.receive(is_known, is_known_picture)
                if (reason := worker.why_lost()) is None:
                    continue
                crew.remove(worker)
                worker.kill()
                yield from worker.estate(reason, queue, lost)
                yield from _where_nothing_answers(worker.current, queue)
    finally:
        for worker in crew:
            worker.process.kill()  # all of them before waiting for the first
        for worker in crew:
            worker.kill()


def _where_nothing_answers(path: Path | None, queue: deque[Path]) -> Iterator[Unreadable]:
    """The files of `queue` that lie where the one at `path`, which took too long, does, if nothing
    answers there any more: to wait as long for each of them would take days.
    """
    if path is None:
        return
    for folder in reversed(file_of(path).parents):
        try:
            answering.ask(folder, folder.stat)
        except TimeoutError:
            break
        except OSError:
            return
    else:
        return
    for silent in [path for path in queue if answering.is_silent(path)]:
        queue.remove(silent)
        yield Unreadable(silent, marked("its folder does not answer"), try_again=True)


@dataclass(eq=False)
class _Worker:
    """The parent's side of one worker."""

    process: multiprocessing.process.BaseProcess
    pipe: Connection
    limits: WorkerLimits
    resident_bytes: Callable[[], int]
    clock: FileClock
    tasks: Mapping[Path, KnownFaces | FacesToCut] = field(default_factory=dict)
    in_hand: dict[Path, None] = field(default_factory=dict)
    ready: int = 0
    current: Path | None = None
    loading: bool = False
    proved: bool = False
    ended: bool = False

    @classmethod
    def start(
        cls,
        context: multiprocessing.context.SpawnContext,
        options: AnalysisOptions,
        limits: WorkerLimits,
        tasks: Mapping[Path, KnownFaces | FacesToCut],
    ) -> "_Worker":
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve, args=(theirs, options, limits.allowance_bytes), daemon=True
        )
        child.start(process)
        theirs.close()
        clock = FileClock(limits.file_s, limits.still_s, processor_meter(process.pid))
        return cls(process, ours, limits, resident_meter(process.pid), clock, tasks)

    def feed(self, queue: deque[Path]) -> None:
        with contextlib.suppress(OSError):  # a dead worker is noticed when it is read from
            while queue and self.ready < AHEAD:
                path = queue.popleft()
                self.in_hand[path] = None
                self.ready += 1
                self.pipe.send(self.tasks.get(path, path))

    def receive(
        self, is_known: Callable[[str], bool], is_known_picture: Callable[[str], bool]
    ) -> Iterator[Outcome]:
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                self.proved = True
                match message:
                    case Started(path):
                        self.current = path
                        self.clock.start()
                        self.ready -= 1
                    case NextPart():
                        self.clock.start()
                    case Hashed(digest):
                        self.pipe.send(is_known(digest))
                    case Decoded(picture_digest):
                        self.pipe.send(is_known_picture(picture_digest))
                    case Loading(begins):
                        self.loading = begins
                        self.clock.start()
                    case Broken(text):
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
            return marked("the file made the reader crash")
        if self.current is not None and not self.loading and self.clock.is_over:
            reason = marked("the file took too long to read")
        elif self.resident_bytes() > self.limits.resident_bytes:
            reason = marked("the file took too much memory to read")
        else:
            return None
        # Whoever takes the outcomes may have taken long: then there is news to be read first.
        return None if self.pipe.poll() else reason

    def estate(self, reason: str, queue: deque[Path], lost: Counter[Path]) -> Iterator[Unreadable]:
        """What a worker leaves that was lost for `reason`: the file it died of, if that is known;
        the others go back to `queue`. `lost` counts how often each did.
        """
        rest = [path for path in self.in_hand if path != self.current]
        if self.current is not None:
            yield Unreadable(self.current, reason, try_again=self.ended)
        elif not self.proved:
            # Died before it did anything: a new one would die as well.
            raise ModelError(tr("the face models cannot be run on this machine"))
        else:
            # Died while it embedded the faces of several photos; which of them it died of shows
            # when that happens again and again.
            lost.update(rest)
            for path in [path for path in rest if lost[path] >= MAX_LOSSES]:
                rest.remove(path)
                yield Unreadable(path, reason, try_again=self.ended)
        queue.extendleft(reversed(rest))

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()
